/* SPDX-License-Identifier: MIT */
#include "tsc.h"

#include "state.h"

#define MODE_NEVER_EMULATE 2u
#define MODE_PVRDTSCP      3u

bool xv_tsc_khz_valid(uint32_t khz) {
    return khz == 0 || (khz >= XV_TSC_KHZ_MIN && khz <= XV_TSC_KHZ_MAX);
}

/* Mode 3 went away in 4.12 (blobs 8); the legacy converter, major 0, hands it on from older releases. */
static bool check_mode(struct xv_parser *p, uint32_t mode, uint64_t at) {
    uint32_t major = p->sum.xen_major, minor = p->sum.xen_minor, target = p->policy.target_xen;
    bool old = major == 0 || (major == 4 && minor <= 11);

    if (mode > MODE_PVRDTSCP || (mode == MODE_PVRDTSCP && !old))
        return xv_reject_range(p, XV_TSC_MODE, at, mode, 0, old ? MODE_PVRDTSCP : MODE_NEVER_EMULATE);
    if (mode == MODE_PVRDTSCP && target >= XV_XEN(4, 12))
        return xv_reject_range(p, XV_COMPAT_TARGET_TSC, at, mode, 0, MODE_NEVER_EMULATE);
    return true;
}

bool xv_tsc_take(struct xv_parser *p, const struct xv_tsc *tsc, uint64_t at, uint64_t khz_at) {
    if (!check_mode(p, tsc->mode, at))
        return false;
    if (!xv_tsc_khz_valid(tsc->khz))
        return xv_reject_range(p, XV_TSC_KHZ, khz_at, tsc->khz, XV_TSC_KHZ_MIN, XV_TSC_KHZ_MAX);
    if (tsc->reserved != 0)
        return xv_reject_value(p, XV_TSC_RESERVED, at + 20, tsc->reserved);
    xv_tell(p, XV_FACT_TSC, at, tsc->mode, tsc->khz, tsc->nsec, NULL);
    return true;
}

bool xv_tsc_body(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    struct xv_tsc tsc = {0, 0, 0, 0};
    uint32_t incarnation = 0;

    if (p->rec.left != 0 || !xv_get_u32(c, &tsc.mode) || !xv_get_u32(c, &tsc.khz) || !xv_get_u64(c, &tsc.nsec) ||
        !xv_get_u32(c, &incarnation) || !xv_get_u32(c, &tsc.reserved) || xv_left(c) != 0)
        return xv_reject_value(p, XV_RECORD_LENGTH, at, p->rec.length);
    return xv_tsc_take(p, &tsc, at, at + 4);
}
