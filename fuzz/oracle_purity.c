/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "oracles.h"

static uint64_t hash_of(const uint8_t *bytes, size_t n) {
    uint64_t hash = n;

    for (size_t i = 0; i < n; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
}

void oracle_purity(const struct fuzz_case *c, const struct fuzz_gate *first) {
    uint64_t before = hash_of(c->bytes, c->n);
    struct fuzz_gate again;

    fuzz_gate_run(&again, c->policy, c->bytes, c->n, 0);
    if (again.code != first->code || again.offset != first->offset || again.steps != first->steps ||
        again.n != first->n || again.hash != first->hash || memcmp(&again.sum, &first->sum, sizeof(again.sum)) != 0)
        oracle_fails("purity", first, &again);
    if (hash_of(c->bytes, c->n) != before)
        oracle_fails("purity, input", first, &again);
}
