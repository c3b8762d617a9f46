/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "oracles.h"

static void describe(const struct fuzz_gate *g) {
    fprintf(stderr, "  %s at offset %llu, %zu octets out, %llu steps\n", xv_verdict_of(g->code)->name,
            (unsigned long long)g->offset, g->n, (unsigned long long)g->steps);
}

void oracle_fails(const char *which, const struct fuzz_gate *first, const struct fuzz_gate *second) {
    fprintf(stderr, "oracle %s:\n", which);
    describe(first);
    if (second)
        describe(second);
    abort();
}
