/* SPDX-License-Identifier: MIT */
/*
 * HVM_CONTEXT. Input: one octet of saver's release, one of tolerances and target, then the body.
 * Oracles: the same twice; nothing that lacks its last octet is accepted, as a cut record or as a shorter one.
 *
 * Target: xv_hvm_context_body
 */
#include "body_fuzz.h"

#define HEAD 2

static struct fuzz_verdict judge(const uint8_t *data, size_t there, size_t length) {
    struct xv_policy policy;
    struct xv_parser *p;
    struct fuzz_verdict verdict;

    xv_policy_strict(&policy);
    policy.max_guest_pages = FUZZ_PAGES;
    policy.tolerate = (data[1] & 1 ? XV_TOLERATE_BLANK_CPU : 0) | (data[1] & 2 ? XV_TOLERATE_MINIMAL_CONTEXT : 0) |
                      (data[1] & 4 ? XV_TOLERATE_HVM_CONTEXT_RELEASE : 0);
    policy.target_xen = data[1] & 8 ? XV_XEN(4, 6 + (data[1] >> 4)) : 0;
    p = fuzz_begin(&policy, data[0] & 0x80 ? 0 : 4, data[0] & 0x1f);
    verdict = fuzz_body(p, xv_hvm_context_body, data + HEAD, there, length, 8);
    if (verdict.code == XV_ACCEPTED && (p->sum.vcpus == 0 || p->sum.vcpus > XV_MAX_VCPUS_HVM))
        abort();
    return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_verdict first, again;
    size_t n = size - HEAD;

    if (size < HEAD + 8)
        return 0;
    first = judge(data, n, n);
    again = judge(data, n, n);
    if (first.code != again.code || first.offset != again.offset)
        abort();
    if (judge(data, n - 1, n).code == XV_ACCEPTED)
        abort();
    if (first.code == XV_ACCEPTED && judge(data, n - 1, n - 1).code == XV_ACCEPTED)
        abort();
    return 0;
}
