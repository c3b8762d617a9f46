/* SPDX-License-Identifier: MIT */
#include "worthwhile.h"

#include "gate_feed.h"
#include "image_policy.h"

bool fuzz_worthwhile(const uint8_t *data, size_t size) {
    struct xv_policy policy;
    struct fuzz_gate gate;

    if (size < FUZZ_SWITCHES)
        return false;
    fuzz_restore_policy(&policy, data);
    fuzz_gate_run(&gate, &policy, data + FUZZ_SWITCHES, size - FUZZ_SWITCHES, 0);
    return gate.code == XV_ACCEPTED;
}
