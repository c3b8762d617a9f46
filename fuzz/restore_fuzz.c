/* SPDX-License-Identifier: MIT */
/*
 * The differential restore oracle: what the parser accepts is restored by the distribution's libxenguest on a simulated
 * Xen. The first eight octets choose the policy, the rest is an image. See restore_oracle.c for what must hold.
 */
#include <string.h>

#include "forget.h"
#include "gate_feed.h"
#include "restore_oracle.h"

#define SWITCHES 8u
#define NEVER    ((uint32_t)(XV_TOLERATE_STALE_PTE | XV_TOLERATE_MISSING_RINGS | XV_TOLERATE_EMULATOR_TRADITIONAL))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void policy_of(struct xv_policy *policy, const uint8_t *switches) {
    static const uint64_t pages[] = {4096, 64, 1024, 16384};

    if (switches[0] & 1)
        xv_policy_lenient(policy);
    else
        xv_policy_strict(policy);
    if (switches[0] & 2)
        policy->allow |= XV_ALLOW_CHECKPOINTED;
    if (switches[0] & 4)
        policy->allow |= XV_ALLOW_VERIFY;
    policy->allow &= ~(uint32_t)XV_ALLOW_COLO;
    policy->tolerate &= ~NEVER;
    policy->max_guest_pages = pages[switches[1] & 3];
    policy->target_xen = XV_XEN(4, 17); /* what is simulated */
    policy->max_vcpus = 1u + switches[2] % 16;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct xv_policy policy;
    const struct xv_summary *sum;
    struct fuzz_gate gate;

    if (size < SWITCHES)
        return 0;
    policy_of(&policy, data);
    fuzz_gate_run(&gate, &policy, data + SWITCHES, size - SWITCHES, 0);
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
