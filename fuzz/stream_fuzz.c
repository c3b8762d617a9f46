/* SPDX-License-Identifier: MIT */
/*
 * The verdict about any image in any container, under any policy. The first eight octets choose the policy; they are
 * those of gate_fuzz.c, so seeds serve both.
 *
 * Target: xv_parser_feed xv_parser_pass xv_parser_eof
 * Inputs: images
 */
#include "image_policy.h"
#include "oracles.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct xv_policy policy;
    struct fuzz_gate first;
    struct fuzz_case c = {.policy = &policy};

    if (size < FUZZ_SWITCHES || size > FUZZ_GATE_MAX)
        return 0;
    fuzz_image_policy(&policy, data);
    c.bytes = data + FUZZ_SWITCHES;
    c.n = size - FUZZ_SWITCHES;
    c.dice = oracle_dice(data, size);
    fuzz_gate_run(&first, &policy, c.bytes, c.n, 0);
    oracle_order(&c, &first); /* looks at the output: first */
    oracle_verifier(&c, &first);
    oracle_budget(&c, &first);
    oracle_purity(&c, &first);
    oracle_fragments(&c, &first);
    oracle_monotone(&c, &first);
    return 0;
}
