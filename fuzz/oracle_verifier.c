/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "oracles.h"
#include "verifier.h"
#include "verifier_known.h"

static bool is_defect(const char *fault, const struct xv_summary *sum) {
#define X(text, when, why) \
    if (strncmp(fault, text, sizeof(text) - 1) == 0 && (when)) \
        return true;
    VERIFIER_DEFECTS(X)
#undef X
    return false;
}

void oracle_verifier(const struct fuzz_case *c, const struct fuzz_gate *first) {
    const char *fault;

    if (first->code != XV_ACCEPTED || first->sum.image_version < 2 || first->sum.image_version > 3)
        return; /* the verifier knows these versions */
    fault = verifier_refuses(c->bytes, c->n);
    if (fault && !is_defect(fault, &first->sum)) {
        fprintf(stderr, "verify-stream-v2: %s\n", fault);
        oracle_fails("verifier", first, NULL);
    }
}
