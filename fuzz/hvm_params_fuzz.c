/* SPDX-License-Identifier: MIT */
/*
 * HVM_PARAMS and what must hold at the end of the checkpoint. Input: one octet of saver's release, one of tolerances
 * and target, then the body. Oracles: the same twice; a cut record is never accepted; a record that follows itself
 * repeats something; what is accepted names rings in populated pages.
 *
 * Target: xv_hvm_params_body xv_hvm_params_complete
 */
#include "body_fuzz.h"

#define HEAD  2
#define FIRST (8 + 16 * 39)

static struct xv_parser *begin(const uint8_t *data) {
    struct xv_policy policy;

    xv_policy_strict(&policy);
    policy.max_guest_pages = FUZZ_PAGES;
    policy.tolerate = data[1] & 1 ? XV_TOLERATE_EMPTY_PARAMS : 0;
    policy.target_xen = data[1] & 8 ? XV_XEN(4, 6 + (data[1] >> 4)) : 0;
    return fuzz_begin(&policy, data[0] & 0x80 ? 0 : 4, data[0] & 0x1f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_verdict first, again;
    struct xv_parser *p;
    size_t n = size - HEAD;

    if (size < HEAD + 8 || n > FIRST)
        return 0;
    first = fuzz_body(begin(data), xv_hvm_params_body, data + HEAD, n, n, FIRST);
    p = begin(data);
    again = fuzz_body(p, xv_hvm_params_body, data + HEAD, n, n, FIRST);
    if (first.code != again.code || first.offset != again.offset)
        abort();
    if (first.code != XV_ACCEPTED)
        return 0;
    if (xv_hvm_params_complete(p, 0) &&
        (!xv_memory_populated(p, p->hvm_params.value[1]) || !xv_memory_populated(p, p->hvm_params.value[17]) ||
         p->hvm_params.value[1] == p->hvm_params.value[17]))
        abort();
    memset(&p->report, 0, sizeof(p->report));
    if (n > 8 && fuzz_body(p, xv_hvm_params_body, data + HEAD, n, n, FIRST).code == XV_ACCEPTED)
        abort();
    if (fuzz_body(begin(data), xv_hvm_params_body, data + HEAD, n - 1, n - 1, FIRST).code == XV_ACCEPTED)
        abort();
    return 0;
}
