/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "oracles.h"

void oracle_round_trip(const struct fuzz_case *c, const struct fuzz_gate *first) {
    static uint8_t copy[FUZZ_GATE_MAX];
    struct fuzz_gate again;
    size_t n = first->n;

    if (first->code != XV_ACCEPTED)
        return;
    fuzz_gate_run(&again, c->policy, c->bytes, c->n, 0); /* other oracles used the memory of the output */
    memcpy(copy, again.out, n);
    fuzz_gate_run(&again, c->policy, copy, n, 0);
    if (again.code != XV_ACCEPTED || again.n != n || again.hash != first->hash)
        oracle_fails("round trip", first, &again);
}
