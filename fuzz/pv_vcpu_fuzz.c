/* SPDX-License-Identifier: MIT */
/*
 * One vCPU record of each kind, for a PV guest whose memory is complete. Oracles: the same input twice has the same
 * verdict at the same offset; a second record of the kind is refused.
 *
 * Target: xv_vcpu_basic_body xv_vcpu_extended_body xv_vcpu_xsave_body xv_vcpu_msrs_body
 */
#include "body_fuzz.h"
#include "pv_vcpu.h"

static xv_body *const bodies[] = {xv_vcpu_basic_body, xv_vcpu_extended_body, xv_vcpu_xsave_body, xv_vcpu_msrs_body};

static struct xv_parser *begin(uint8_t kind) {
    struct xv_policy policy;
    struct xv_parser *p;

    xv_policy_strict(&policy);
    policy.max_guest_pages = FUZZ_PAGES;
    policy.tolerate = kind & 8 ? XV_TOLERATE_EMPTY_VCPU : 0;
    p = fuzz_begin_pv(&policy, kind & 4);
    memset(fuzz_arena, XV_PAGE_NOTAB * 0x11, 24); /* pages 0 to 47 are ordinary, 48 to 63 tables of the top level */
    memset(fuzz_arena + 24, (int)(XV_PAGE_L1 + p->pv.levels - 1) * 0x11, 8);
    p->pv.seen[XV_VCPU_BASIC][0] = kind & 3 ? 1 : 0;
    return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_verdict first, again;
    struct xv_parser *p;
    xv_body *body;

    if (size < 9)
        return 0;
    body = bodies[data[0] & 3];
    first = fuzz_body(begin(data[0]), body, data + 1, size - 1, size - 1, 8);
    p = begin(data[0]);
    again = fuzz_body(p, body, data + 1, size - 1, size - 1, 8);
    if (first.code != again.code || first.offset != again.offset)
        abort();
    if (first.code != XV_ACCEPTED || size == 9)
        return 0;
    if (fuzz_body(p, body, data + 1, size - 1, size - 1, 8).code != XV_VCPU_REPEATED)
        abort();
    return 0;
}
