/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "hello.h"

/* More facts than the largest image has: pages come in runs, everything else is bounded by the policy's records. */
#define MAX_FACTS ((uint64_t)1 << 34)

/* O_NONBLOCK, because opening a FIFO would otherwise wait for a writer without any time limit. */
static int open_input(const char *path) {
    if (strcmp(path, "-") == 0)
        return STDIN_FILENO;
    return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

/* Takes one permitted message; false when it was the last one. */
static bool take(const struct xv_session *s, const struct xv_message *message, struct xv_outcome *outcome) {
    switch (message->kind) {
    case XV_MSG_FACT:
        xv_worker_fact(&message->u.fact, s->observer);
        return true;
    case XV_MSG_SEALED:
        if (s->sealed != NULL)
            s->sealed(s->sealed_context, &message->u.sealed);
        return true;
    case XV_MSG_TICK:
        if (s->tick != NULL)
            s->tick(s->tick_context, message->u.tick.offset, message->u.tick.size);
        return true;
    case XV_MSG_FAILED:
        xv_worker_failed(outcome, &message->u.failed);
        return false;
    case XV_MSG_OUTCOME:
        *outcome = message->u.outcome;
        return false;
    default:
        return true;
    }
}

static void hear_out(const struct xv_session *s, int control, struct xv_outcome *outcome) {
    struct xv_message message;
    struct xv_permit permit;

    xv_permit_init(&permit, MAX_FACTS);
    permit.seal = s->sealed != NULL;
    do {
        if (xv_ipc_receive(control, &message) != 1 || !xv_permit_take(&permit, &message)) {
            xv_worker_broken(outcome);
            return;
        }
    } while (take(s, &message, outcome));
}

static void run_on(const struct xv_session *s, int input, int sink, struct xv_outcome *outcome) {
    struct xv_worker worker;
    struct xv_hello hello = {
        .mode = XV_MODE_CHECK,
        .layers = s->layers,
        .facts = s->facts,
        .limit_seconds = s->limit_seconds,
        .idle_seconds = s->idle_seconds,
        .ticks = s->tick != NULL,
        .policy = *s->policy,
    };

    if (s->seal != NULL || s->sealed != NULL) { /* every octet is held, and goes nowhere */
        hello.mode = XV_MODE_GATE;
        hello.keep_config = 1;
        hello.seal = s->sealed != NULL ? XV_SEAL_MAKE : XV_SEAL_NONE;
    }
    if (!xv_worker_begin(&worker, input, sink, &hello, s->seal, outcome))
        return;
    hear_out(s, worker.control, outcome);
    (void)xv_launch_end(&worker);
}

void xv_session_run(const struct xv_session *session, struct xv_outcome *outcome) {
    int input = open_input(session->path), sink;

    memset(outcome, 0, sizeof *outcome);
    outcome->ending = XV_ENDED_ERROR;
    if (input < 0) {
        outcome->error = errno;
        return;
    }
    sink = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (sink < 0)
        outcome->error = errno;
    else
        run_on(session, input, sink, outcome);
    if (sink >= 0)
        (void)close(sink);
    if (input != STDIN_FILENO)
        (void)close(input);
}
