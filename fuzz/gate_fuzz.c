/* SPDX-License-Identifier: MIT */
/*
 * The gate, end to end: what comes out of any image under any policy, in one process and through the hold of the worker
 * with a consumer that reads as it likes. The first eight octets choose policy, variants and consumer.
 *
 * Target: xv_parser_feed xv_forward_commit
 * Inputs: images
 * Links: restore/forward.c restore/canonical_config.c restore/sealed.c restore/convert
 * Wraps: write poll
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
    oracle_whole_records(&c, &first);
    oracle_consumer(&c, &first);
    oracle_truncation(&c, &first);
    oracle_round_trip(&c, &first);
    return 0;
}
