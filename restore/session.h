/* SPDX-License-Identifier: MIT */
#ifndef XENVET_SESSION_H
#define XENVET_SESSION_H

/* One run over one input: opens it, has a sandboxed worker read it, and says what it came to. */
#include <xenvet/parser.h>
#include <xenvet/policy.h>

#include "ipc.h"
#include "outcome.h"
#include "seal_file.h"

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
    const struct xv_seal_file *seal; /* what the image must be, or NULL */
    /* told of each item and, at last, of the image; NULL: no seal is made */
    void (*sealed)(void *context, const struct xv_sealed_item *item);
    void *sealed_context;
};

void xv_session_run(const struct xv_session *session, struct xv_outcome *outcome);

#endif
