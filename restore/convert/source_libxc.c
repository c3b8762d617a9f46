/* SPDX-License-Identifier: MIT */
/*
 * Records of a libxc stream. Version 3 stays as it is. Version 2 becomes version 3 (compat 4): the static data get
 * their end before the first record of guest memory, a parameter that version 3 does not carry is left out, and the
 * headers say that a converter made the stream, because no release that writes version 3 saved it.
 */
#include "convert.h"

#define HEADERS         40u
#define PAGE_DATA       0x1u
#define P2M_FRAMES      0x3u
#define HVM_PARAMS      0xau
#define STATIC_DATA_END 0x10u
#define PARAM_PAE       4u

static bool headers(struct xv_convert *c, const uint8_t *item, size_t n) {
    if (n != HEADERS)
        return xv_convert_refuse(c, XV_MISUSE);
    c->version = item[15];
    c->hvm = xv_read_u32(item + 24) == 2;
    return xv_convert_begin(c, c->version == 2 ? NULL : item);
}

/* PAE_ENABLED says what every guest has; version 3 dropped it. */
static bool params(struct xv_convert *c, const uint8_t *item, size_t n) {
    uint32_t count = 0;

    xv_make_begin(c, HVM_PARAMS);
    xv_make_u64(c, 0);
    for (size_t at = 16; n - at >= 16; at += 16) {
        if (xv_read_u64(item + at) == PARAM_PAE)
            continue;
        xv_make_octets(c, item + at, 16);
        count++;
    }
    if (count == 0)
        return true;
    xv_write_u32(c->made + 8, count);
    return xv_make_end(c);
}

static bool upgrade(struct xv_convert *c, uint32_t type, const uint8_t *item, size_t n) {
    if (!c->static_done && (type == PAGE_DATA || type == P2M_FRAMES)) {
        c->static_done = true;
        if (!xv_convert_record(c, STATIC_DATA_END, NULL, 0, NULL, 0))
            return false;
    }
    return type == HVM_PARAMS ? params(c, item, n) : xv_convert_libxc(c, item, n);
}

bool xv_source_libxc(struct xv_convert *c, const uint8_t *item, size_t n) {
    uint32_t type;

    if (!c->begun)
        return headers(c, item, n);
    type = xv_read_u32(item);
    if (type == 0)
        return xv_convert_record(c, type, NULL, 0, NULL, 0);
    return c->version == 2 ? upgrade(c, type, item, n) : xv_convert_libxc(c, item, n);
}
