/* SPDX-License-Identifier: MIT */
#include "pv_complete.h"

#include <string.h>

#include "p2m.h"
#include "start_info.h"
#include "state.h"

/*
 * The restorer gives memory to a page that a page table points to, contents or not. In a live migration an early copy
 * of a page table may point to what the guest freed since; a stream that sends each page once has no such excuse
 * (libxc 8.7).
 */
static bool check_dangling(struct xv_parser *p, uint64_t at) {
    if (p->memory.dangling == 0 || p->sum.resent > 0 || xv_tolerates(p, XV_TOLERATE_STALE_PTE, at))
        return true;
    return xv_reject_range(p, XV_PTE_UNSENT, at, p->memory.dangling, 0, 0);
}

/* A vCPU of the checkpoint before would be restored in its old state, whose tables and frames may be others' by now. */
static bool check_vcpus(struct xv_parser *p, uint64_t at) {
    const uint8_t *seen = p->pv.seen[XV_VCPU_BASIC];

    for (uint32_t i = 0; i < XV_MAX_VCPUS_PV / 8; i++) {
        if (p->pv.before[i] & ~seen[i])
            return xv_reject(p, XV_VCPU_MISSING, at);
    }
    return true;
}

bool xv_pv_complete(struct xv_parser *p, uint64_t at) {
    if (!(p->pv.seen[XV_VCPU_BASIC][0] & 1)) /* read without a check at the end of a restore (libxc 4.4) */
        return xv_reject(p, XV_VCPU_MISSING, at);
    return check_vcpus(p, at) && check_dangling(p, at) && xv_p2m_complete(p, at) && xv_start_info_complete(p);
}

void xv_pv_checkpoint(struct xv_parser *p) {
    memcpy(p->pv.before, p->pv.seen[XV_VCPU_BASIC], sizeof p->pv.before);
    memset(p->pv.seen, 0, sizeof p->pv.seen);
    p->pv.next_vcpu = 0;
    p->pv.vcpus = 0;
}
