/* SPDX-License-Identifier: MIT */
#ifndef XENVET_SESSION_H
#define XENVET_SESSION_H

/* One run over one input: opens it, has a sandboxed worker read it, and says what it came to. */
#include <xenvet/parser.h>
#include <xenvet/policy.h>

#include "outcome.h"

struct xv_session {
    const char *path; /* "-" is standard input */
    const struct xv_policy *policy;
    uint32_t layers; /* of the sandbox, enum xv_sandbox_layer bits */
    uint32_t facts;  /* bit n: the observer wants facts of kind n */
    struct xv_observer observer;
    uint32_t limit_seconds;
    uint32_t idle_seconds;
    void (*tick)(void *context, uint64_t offset, uint64_t size);
    void *tick_context;
};

void xv_session_run(const struct xv_session *session, struct xv_outcome *outcome);

#endif
