/* SPDX-License-Identifier: MIT */
#include "utf8.h"

bool xv_utf8_lead(struct xv_utf8 *u, uint8_t c) {
    u->low = 0x80;
    u->high = 0xbf;
    u->more = 0;
    if (c >= 0xc2 && c <= 0xdf) {
        u->more = 1;
    } else if (c >= 0xe0 && c <= 0xef) {
        u->more = 2;
        if (c == 0xe0)
            u->low = 0xa0;
        if (c == 0xed)
            u->high = 0x9f;
    } else if (c >= 0xf0 && c <= 0xf4) {
        u->more = 3;
        if (c == 0xf0)
            u->low = 0x90;
        if (c == 0xf4)
            u->high = 0x8f;
    }
    return u->more != 0;
}

bool xv_utf8_more(struct xv_utf8 *u, uint8_t c) {
    uint32_t more = u->more;

    if (more == 0 || c < u->low || c > u->high)
        return false;
    u->low = 0x80;
    u->high = 0xbf;
    u->more = more - 1;
    return true;
}
