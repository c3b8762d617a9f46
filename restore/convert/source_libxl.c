/* SPDX-License-Identifier: MIT */
/* Items of a libxl stream that are not of the libxc one: the device model's records matter, the frame is made anew. */
#include "convert.h"

#define EMULATOR_XENSTORE_DATA 2u
#define EMULATOR_CONTEXT       3u

/* The emulator's id is "unknown" exactly in a stream that a converter made (libxl 2.1). */
static bool emulator(struct xv_convert *c, const uint8_t *item, size_t n) {
    if (!c->converted || xv_read_u32(item + 8) == 0)
        return xv_convert_emulator(c, item, n);
    c->length = 0;
    c->overflow = false;
    xv_make_octets(c, item, n);
    if (c->overflow)
        return xv_convert_refuse(c, XV_MISUSE);
    xv_write_u32(c->made + 8, 0);
    return xv_convert_emulator(c, c->made, n);
}

bool xv_source_libxl(struct xv_convert *c, const uint8_t *item, size_t n) {
    uint32_t type = xv_parser_item(c->source);

    if (!c->begun || n < 16 || (type != EMULATOR_XENSTORE_DATA && type != EMULATOR_CONTEXT))
        return true;
    return emulator(c, item, n);
}
