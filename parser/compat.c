/* SPDX-License-Identifier: MIT */
#include "compat.h"

#include "state.h"

/* Version 3 streams exist since 4.14, version 2 streams since 4.6 (compat 1). */
static bool check_saver(struct xv_parser *p, uint32_t saver, uint64_t at) {
    const uint32_t first = p->libxc.version == 3 ? XV_XEN(4, 14) : XV_XEN(4, 6);

    if (saver < first)
        return xv_reject_range(p, XV_COMPAT_IMAGE_VERSION, at, saver, first, p->policy.xen_max);
    if (p->libxc.version == 2 && saver >= XV_XEN(4, 14) && !xv_tolerates(p, XV_TOLERATE_V2_FROM_NEWER, at))
        return xv_reject_range(p, XV_COMPAT_IMAGE_VERSION, at, saver, XV_XEN(4, 6), XV_XEN(4, 13));
    if (saver < p->policy.xen_min || saver > p->policy.xen_max)
        return xv_reject_range(p, XV_COMPAT_SAVER, at, saver, p->policy.xen_min, p->policy.xen_max);
    return true;
}

bool xv_compat_image(struct xv_parser *p, uint64_t at) {
    uint32_t major = p->sum.xen_major, minor = p->sum.xen_minor, target = p->policy.target_xen;

    if (major > 0xffff || minor > 0xffff)
        return xv_reject_range(p, XV_COMPAT_SAVER, at, major > 0xffff ? major : minor, 0, 0xffff);
    p->sum.legacy_converted = major == 0;                               /* (libxc 2) */
    if (p->libxl.present && p->libxl.legacy != p->sum.legacy_converted) /* (libxl 1) */
        return xv_reject_range(p, XV_LIBXL_LEGACY, at, major, p->libxl.legacy ? 0 : 1, p->libxl.legacy ? 0 : 0xffff);
    if (major != 0 && !check_saver(p, XV_XEN(major, minor), at))
        return false;
    if (target && target < XV_XEN(4, p->libxc.version == 3 ? 14 : 6))
        return xv_reject_range(p, XV_COMPAT_TARGET_VERSION, at, target, XV_XEN(4, p->libxc.version == 3 ? 14 : 6),
                               0xffffffff);
    return true;
}

bool xv_compat_length(struct xv_parser *p, uint32_t length, uint64_t at) {
    const uint32_t max = 8u << 20; /* until 4.9 */

    if (p->policy.target_xen && p->policy.target_xen < XV_XEN(4, 10) && length > max)
        return xv_reject_range(p, XV_COMPAT_TARGET_LENGTH, at, length, 0, max);
    return true;
}
