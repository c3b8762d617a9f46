/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "oracles.h"

void oracle_fragments(const struct fuzz_case *c, const struct fuzz_gate *first) {
    struct fuzz_gate second;

    fuzz_gate_run(&second, c->policy, c->bytes, c->n, 1 + c->dice % 4099);
    if (second.code != first->code || second.offset != first->offset || second.n != first->n ||
        second.hash != first->hash || memcmp(&second.sum, &first->sum, sizeof(second.sum)) != 0)
        oracle_fails("fragments", first, &second);
}
