/* SPDX-License-Identifier: MIT */
/*
 * The differential restore oracle: what the parser accepts is restored by the distribution's libxenguest on a simulated
 * Xen. The first eight octets choose the policy, the rest is an image. See restore_oracle.c for what must hold.
 *
 * Target: fuzz_restore
 * Inputs: images
 * Links: fuzz/worthwhile.c
 */
#include "forget.h"
#include "gate_feed.h"
#include "image_policy.h"
#include "restore_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct xv_policy policy;
    const struct xv_summary *sum;
    struct fuzz_gate gate;

    if (size < FUZZ_SWITCHES)
        return 0;
    fuzz_restore_policy(&policy, data);
    fuzz_gate_run(&gate, &policy, data + FUZZ_SWITCHES, size - FUZZ_SWITCHES, 0);
    if (gate.code != XV_ACCEPTED) {
        fuzz_forget();
        return 0;
    }
    sum = xv_parser_summary(gate.parser);
    if (!fuzz_restore(&(struct fuzz_accepted){
            .stream = gate.out,
            .len = gate.n,
            .remus = sum->checkpointed,
            .max_pages = policy.max_guest_pages,
            .declared = sum->guest & (XV_GUEST_HVM | XV_GUEST_PVH) ? sum->populated : sum->max_pfn + 1,
            .max_pfn = sum->max_pfn,
            .vcpus = policy.max_vcpus,
        }))
        fuzz_forget();
    return 0;
}
