/* SPDX-License-Identifier: MIT */
/* The header of an xl image and its configuration, as one item. What follows is another source's. */
#include <string.h>

#include "convert.h"

#define FLAGS_AT 36u
#define STREAMV2 2u

/* A legacy image's flag says what its payload is now. An xl.cfg stays what it is, and the second parser refuses it. */
bool xv_source_xl(struct xv_convert *c, const uint8_t *item, size_t n) {
    c->length = 0;
    c->overflow = false;
    xv_make_octets(c, item, n);
    if (c->overflow || n < FLAGS_AT + 4)
        return xv_convert_refuse(c, XV_MISUSE);
    c->made[FLAGS_AT] |= STREAMV2;
    return xv_convert_config(c, c->made, n);
}
