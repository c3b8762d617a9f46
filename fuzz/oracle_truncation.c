/* SPDX-License-Identifier: MIT */
#include "oracles.h"

void oracle_truncation(const struct fuzz_case *c, const struct fuzz_gate *first) {
    struct fuzz_gate cut;
    size_t n = c->n ? c->dice % c->n : 0;

    if (first->code != XV_ACCEPTED || !c->n)
        return;
    if (c->dice >> 28 == 0)
        n = c->n - 1;
    fuzz_gate_run(&cut, c->policy, c->bytes, n, 0);
    if (cut.n > first->n)
        oracle_fails("truncation, output", first, &cut);
    /* A checkpointed stream ends where the link breaks; a go-ahead after the image is not of the image. */
    if (cut.code == XV_ACCEPTED && !cut.sum.checkpointed && !(first->sum.tolerated & XV_TOLERATE_GO_AHEAD))
        oracle_fails("truncation", first, &cut);
}
