/* SPDX-License-Identifier: MIT */
#include "oracles.h"

#define STEPS_ALWAYS 16u

/* Each step consumes an octet at least, so that steps are bounded; most consume eight or more. */
void oracle_budget(const struct fuzz_case *c, const struct fuzz_gate *first) {
    if (first->steps > STEPS_ALWAYS + c->n || first->n > c->n)
        oracle_fails("budget", first, NULL);
}
