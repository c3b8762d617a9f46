/* SPDX-License-Identifier: MIT */
/* The gate, end to end: any image, any policy, every oracle. The first eight octets choose the policy and the variants.
 */
#include <stdlib.h>
#include <string.h>

#include "oracles.h"

#define SWITCHES 8u

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
    policy->max_guest_pages = pages[switches[1] & 3];
    policy->max_vcpus = 1u + switches[2] % 16;
    policy->tolerate ^= switches[3] | (uint32_t)(switches[4] & 0x3f) << 8;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct xv_policy policy;
    struct fuzz_gate first;
    struct fuzz_case c = {.policy = &policy};

    if (size < SWITCHES || size > FUZZ_GATE_MAX)
        return 0;
    policy_of(&policy, data);
    c.bytes = data + SWITCHES;
    c.n = size - SWITCHES;
    for (size_t i = 0; i < size; i += 61) /* variants follow the input, so that each input is deterministic */
        c.dice = (c.dice ^ data[i]) * 0x01000193u + (uint32_t)size;
    fuzz_gate_run(&first, &policy, c.bytes, c.n, 0);
    oracle_whole_records(&c, &first);
    oracle_budget(&c, &first);
    oracle_fragments(&c, &first);
    oracle_truncation(&c, &first);
    oracle_round_trip(&c, &first);
    oracle_monotone(&c, &first);
    return 0;
}
