/* SPDX-License-Identifier: MIT */
#include "pv_info.h"

#include "state.h"

bool xv_pv_info_body(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint8_t width = 0, levels = 0;

    if (!xv_get_u8(c, &width) || !xv_get_u8(c, &levels) || xv_left(c) != 6)
        return xv_reject_range(p, XV_RECORD_LENGTH, p->rec.offset + 4, p->rec.length, 8, 8);
    return xv_pv_info_take(p, width, levels, at) && (xv_rest_is_zero(c) || xv_reject(p, XV_PV_INFO_RESERVED, at + 2));
}

bool xv_pv_info_take(struct xv_parser *p, uint8_t width, uint8_t levels, uint64_t at) {
    if (!(width == 8 && levels == 4) && !(width == 4 && levels == 3)) /* (libxc 4.2) */
        return xv_reject_value(p, XV_PV_INFO, at, (uint64_t)levels << 8 | width);
    p->pv.width = width;
    p->pv.levels = levels;
    p->sum.guest = width == 8 ? XV_GUEST_PV64 : XV_GUEST_PV32;
    if (!(p->policy.guests & (uint32_t)p->sum.guest)) /* the domain header could not tell the widths apart */
        return xv_reject_value(p, XV_DOMAIN_REFUSED, at, width);
    return true;
}
