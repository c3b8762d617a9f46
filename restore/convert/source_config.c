/* SPDX-License-Identifier: MIT */
/* The header of an image of xl or libvirt and its configuration, as one item. What follows is another source's. */
#include "convert.h"

#define XL_FLAGS_AT        36u
#define XL_STREAMV2        2u
#define LIBVIRT_VERSION_AT 16u

/* A legacy image says what its payload is now. An xl.cfg stays what it is, and the second parser refuses it. */
bool xv_source_config(struct xv_convert *c, const uint8_t *item, size_t n) {
    bool libvirt = xv_parser_summary(c->source)->format == XV_FORMAT_LIBVIRT;

    if (c->own_config || c->to != (libvirt ? XV_TO_LIBVIRT : XV_TO_XL))
        return true;
    c->length = 0;
    c->overflow = false;
    xv_make_octets(c, item, n);
    if (c->overflow || n < (libvirt ? LIBVIRT_VERSION_AT : XL_FLAGS_AT) + 4)
        return xv_convert_refuse(c, XV_MISUSE);
    if (libvirt)
        xv_write_u32(c->made + LIBVIRT_VERSION_AT, 2);
    else
        c->made[XL_FLAGS_AT] |= XL_STREAMV2;
    c->config_sent = true;
    return xv_convert_put(c, c->made, n);
}
