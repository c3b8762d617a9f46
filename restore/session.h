/* SPDX-License-Identifier: MIT */
#ifndef XENVET_SESSION_H
#define XENVET_SESSION_H

/* One run of the parser over one input: opens it, provides all memory, drives, and says what it came to. */
#include <xenvet/parser.h>
#include <xenvet/policy.h>

#include "outcome.h"

struct xv_session {
    const char *path; /* "-" is standard input */
    const struct xv_policy *policy;
    struct xv_observer observer;
    uint32_t limit_seconds;
    uint32_t idle_seconds;
    void (*tick)(void *context, uint64_t offset, uint64_t size);
    void *tick_context;
};

void xv_session_run(const struct xv_session *session, struct xv_outcome *outcome);

#endif
