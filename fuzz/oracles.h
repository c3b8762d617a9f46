/* SPDX-License-Identifier: MIT */
#ifndef XENVET_ORACLES_H
#define XENVET_ORACLES_H

/*
 * What must hold for any input, one file each. `first` is the result of the plain run under `policy`; `dice` are octets
 * of the input that choose among variants. They abort if it does not hold.
 */
#include "gate_feed.h"

struct fuzz_case {
    const struct xv_policy *policy;
    const uint8_t *bytes;
    size_t n;
    uint32_t dice;
};

/* Pieces do not matter: the same verdict at the same offset, the same output. */
void oracle_fragments(const struct fuzz_case *c, const struct fuzz_gate *first);
/* An accepted plain image that is cut is not accepted; what came out is a beginning of what comes out of all of it. */
void oracle_truncation(const struct fuzz_case *c, const struct fuzz_gate *first);
/* The output of an accepted image is accepted, and is its own output. */
void oracle_round_trip(const struct fuzz_case *c, const struct fuzz_gate *first);
/* A lower limit never makes a rejected image acceptable. */
void oracle_monotone(const struct fuzz_case *c, const struct fuzz_gate *first);
/* Whatever the verdict: the output is whole records, by a reader that shares no code with the parser. Call it first. */
void oracle_whole_records(const struct fuzz_case *c, const struct fuzz_gate *first);
/* The work is linear in the input. */
void oracle_budget(const struct fuzz_case *c, const struct fuzz_gate *first);

/* The same input once more: the same in every respect, and the input is as it was. */
void oracle_purity(const struct fuzz_case *c, const struct fuzz_gate *first);
/* What verify-stream-v2 refuses is refused. Its rules are stated once more; oracle_verifier.h lists its defects. */
void oracle_verifier(const struct fuzz_case *c, const struct fuzz_gate *first);
/* The order of records in what came out, as the specification has it. */
void oracle_order(const struct fuzz_case *c, const struct fuzz_gate *first);

/* What a consumer gets through the worker's hold, however it reads. Uses the output of `first`. */
void oracle_consumer(const struct fuzz_case *c, const struct fuzz_gate *first);

/* The variants follow the input, so that each input is deterministic. */
uint32_t oracle_dice(const uint8_t *data, size_t size);

void oracle_fails(const char *which, const struct fuzz_gate *first, const struct fuzz_gate *second)
    __attribute__((noreturn));

#endif
