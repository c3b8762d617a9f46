/* SPDX-License-Identifier: MIT */
#ifndef XENVET_HINTS_H
#define XENVET_HINTS_H

/* Which option would admit what a verdict refused. */
#include <stdbool.h>
#include <stddef.h>

#include <xenvet/policy.h>
#include <xenvet/verdict.h>

struct xv_hint {
    const char *option; /* "--allow verify", "--max-records N" */
    enum xv_code code;
    uint32_t allow; /* the bits it sets, for a hint that would say nothing new */
    uint32_t tolerate;
    bool certain; /* the option admits exactly this; else it may, depending on the detail */
};

/* The hint for this code under this policy, number `i` from 0, or NULL when there are no more. */
const struct xv_hint *xv_hint_for(enum xv_code code, const struct xv_policy *policy, size_t i);

#endif
