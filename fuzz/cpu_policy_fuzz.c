/* SPDX-License-Identifier: MIT */
/*
 * X86_CPUID_POLICY, X86_MSR_POLICY, X86_TSC_INFO, and the size of an XSAVE image under the policy. Input: one octet of
 * record and target, then the body. Oracles: the same twice; a cut record is never accepted; a size is never out of
 * bounds.
 *
 * Target: xv_cpuid_policy_body xv_msr_policy_body xv_tsc_body xv_xsave_area_size
 */
#include "body_fuzz.h"
#include "tsc.h"
#include "xsave.h"

static xv_body *const bodies[] = {xv_cpuid_policy_body, xv_msr_policy_body, xv_tsc_body, xv_cpuid_policy_body};
static const size_t first_piece[] = {24 * 342, 16 * 512, 24, 24 * 342};

static struct fuzz_verdict judge(const uint8_t *data, size_t n) {
    struct xv_policy policy;
    struct xv_parser *p;
    struct fuzz_verdict verdict;

    xv_policy_strict(&policy);
    policy.max_guest_pages = FUZZ_PAGES;
    policy.target_xen = data[0] & 4 ? XV_XEN(4, 10 + (data[0] >> 4)) : 0;
    p = fuzz_begin(&policy, data[0] & 8 ? 0 : 4, 11);
    verdict = fuzz_body(p, bodies[data[0] & 3], data + 1, n, n, first_piece[data[0] & 3]);
    for (unsigned bit = 0; bit < 64; bit++) {
        uint32_t out = 0;

        if (xv_xsave_area_size(&p->cpu_policy, (uint64_t)1 << bit, &out) && (out < XV_XSAVE_MIN || out > XV_XSAVE_MAX))
            abort();
    }
    return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_verdict first, again;

    if (size < 2 || size > 8208)
        return 0;
    first = judge(data, size - 1);
    again = judge(data, size - 1);
    if (first.code != again.code || first.offset != again.offset)
        abort();
    if (first.code == XV_ACCEPTED && (size - 1) % 8 == 0 && judge(data, size - 2).code == XV_ACCEPTED)
        abort();
    return 0;
}
