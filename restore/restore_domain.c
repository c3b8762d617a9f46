/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "restore_domain.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "build_plan.h"
#include "builder.h"
#include "exit_status.h"
#include "hello.h"
#include "monitor.h"

#define GRACE_SECONDS  10u /* for the worker to notice its own time limits, and a back end to say why it failed */
#define COMMIT_SECONDS 60u /* to hand the domain over */
#define PIPE_OCTETS    (1 << 20)

/* Where the back end stands. */
enum stage {
    STAGE_IDLE,     /* there is none: the configuration is being read */
    STAGE_MAKING,   /* it makes the domain */
    STAGE_FILLING,  /* the stream goes in */
    STAGE_RESTORED, /* libxenguest is content */
    STAGE_COMMIT,   /* the domain is being handed over */
    STAGE_DONE,
};

struct run {
    struct xv_restore *restore;
    struct xv_worker worker;
    struct xv_builder builder;
    struct xv_permit permit;
    enum stage stage;
    bool worker_done; /* its outcome came */
    bool over, clean; /* `clean`: the back end says that it left nothing */
    int input, pipe[2], signals;
    uint32_t guests;
    int64_t started, heard;
};

/* Ends the run with a failure of ours; the first one stays, and so does a verdict. */
static void end_with(struct run *r, uint32_t ending, int error, const char *failure) {
    struct xv_restore *restore = r->restore;
    struct xv_outcome *o = &restore->outcome;

    if (!r->over && o->ending != XV_ENDED_REJECTED) {
        o->ending = ending;
        o->error = error;
        if (failure != NULL)
            (void)snprintf(restore->failure, sizeof restore->failure, "%s%s%s", failure, error ? ": " : "",
                           error ? strerror(error) : "");
    }
    r->over = true;
}

/* The domain runs only if both have said yes. */
static void commit_if_agreed(struct run *r) {
    if (r->stage != STAGE_RESTORED || !r->worker_done || !r->permit.accepted)
        return;
    r->stage = STAGE_COMMIT;
    if (!xv_builder_commit(&r->builder))
        end_with(r, XV_ENDED_BACKEND, 0, "xenvet-restore went away");
}

/* Configuration and headers are accepted: the domain can be made. */
static void on_summary(struct run *r, const struct xv_begun *begun) {
    struct xv_restore *restore = r->restore;
    struct xv_build build;
    const char *fault;

    if (!xv_plan_make(&build, begun, &restore->options->restore, r->guests, &fault)) {
        restore->usage = true;
        end_with(r, XV_ENDED_ERROR, 0, fault);
        return;
    }
    restore->build = build;
    r->stage = STAGE_MAKING;
    if (!xv_builder_start(&r->builder, r->pipe[0], &build))
        end_with(r, XV_ENDED_BACKEND, errno, "cannot start xenvet-restore");
    (void)close(r->pipe[0]); /* the back end's alone: the worker notices when it is gone */
    r->pipe[0] = -1;
}

static void take_outcome(struct run *r, const struct xv_outcome *outcome) {
    r->worker_done = true;
    r->restore->outcome = *outcome;
    if (outcome->ending == XV_ENDED_ACCEPTED && !r->permit.accepted)
        r->restore->outcome.ending = XV_ENDED_INTERNAL;
    /* a back end that does not take the stream says why, unless it is dead */
    r->over = r->restore->outcome.ending != XV_ENDED_ACCEPTED && r->restore->outcome.ending != XV_ENDED_BACKEND;
    commit_if_agreed(r);
}

static void on_worker(struct run *r) {
    struct xv_message message;

    if (xv_ipc_receive(r->worker.control, &message) != 1 || !xv_permit_take(&r->permit, &message)) {
        end_with(r, XV_ENDED_INTERNAL, 0, NULL);
        return;
    }
    switch (message.kind) {
    case XV_MSG_FAILED:
        xv_worker_failed(&r->restore->outcome, &message.u.failed);
        r->over = true;
        break;
    case XV_MSG_FACT:
        xv_worker_fact(&message.u.fact, r->restore->observer);
        break;
    case XV_MSG_SUMMARY:
        on_summary(r, &message.u.begun);
        break;
    case XV_MSG_OUTCOME:
        take_outcome(r, &message.u.outcome);
        break;
    default:
        break;
    }
}

/* Each message may come at one stage only. */
static bool in_turn(const struct run *r, uint32_t kind) {
    switch (kind) {
    case XV_BACKEND_READY:
        return r->stage == STAGE_MAKING;
    case XV_BACKEND_RESTORED:
        return r->stage == STAGE_FILLING;
    case XV_BACKEND_DONE:
        return r->stage == STAGE_COMMIT;
    default:
        return kind == XV_BACKEND_FAILED;
    }
}

static void on_builder(struct run *r) {
    struct xv_backend_message message;
    int got = xv_builder_receive(&r->builder, &message);

    if (got < 0 && errno != EPROTO && r->stage == STAGE_COMMIT)
        return; /* what it said is still there */
    if (got != 1 || !in_turn(r, message.kind)) {
        end_with(r, XV_ENDED_BACKEND, 0, got == 0 ? "xenvet-restore died" : "xenvet-restore broke the protocol");
        return;
    }
    switch (message.kind) {
    case XV_BACKEND_READY:
        r->stage = STAGE_FILLING;
        xv_worker_proceed(&r->worker);
        break;
    case XV_BACKEND_RESTORED:
        r->stage = STAGE_RESTORED;
        commit_if_agreed(r);
        break;
    case XV_BACKEND_DONE:
        r->stage = STAGE_DONE;
        r->restore->domid = message.domid;
        r->over = true;
        break;
    case XV_BACKEND_FAILED:
    default:
        r->clean = message.clean != 0;
        end_with(r, XV_ENDED_BACKEND, message.error, message.what);
        break;
    }
}

static void on_signal(struct run *r) {
    int number = xv_signal_that_came(r->signals);

    if (number == 0 || r->stage >= STAGE_COMMIT)
        return;
    r->restore->signal = number;
    end_with(r, XV_ENDED_ERROR, EINTR, NULL);
}

/* The worker watches the sender and the pipe; this is for a worker that does not, and for a back end that hangs. */
static void check_time(struct run *r) {
    const struct xv_options *o = r->restore->options;
    int64_t now = xv_now_ms(), silent = now - r->heard;
    uint32_t stall = o->restore.stall_seconds;
    bool waiting = r->stage == STAGE_MAKING || (r->stage == STAGE_FILLING && r->worker_done);

    if (r->over)
        return;
    if (r->stage == STAGE_COMMIT) {
        if (silent > (int64_t)COMMIT_SECONDS * 1000)
            end_with(r, XV_ENDED_BACKEND, ETIME, "xenvet-restore does not hand the domain over");
        return;
    }
    if (r->restore->outcome.ending == XV_ENDED_BACKEND && silent > (int64_t)GRACE_SECONDS * 1000)
        end_with(r, XV_ENDED_BACKEND, ETIME, "xenvet-restore does not take the stream");
    if (waiting && stall != 0 && silent > (int64_t)stall * 1000)
        end_with(r, XV_ENDED_BACKEND, ETIME, "xenvet-restore hangs");
    if (o->settings.timeout_seconds != 0 &&
        now - r->started > ((int64_t)o->settings.timeout_seconds + GRACE_SECONDS) * 1000)
        end_with(r, XV_ENDED_LATE, 0, NULL);
}

static void loop(struct run *r) {
    r->heard = xv_now_ms();
    while (!r->over) {
        struct pollfd fds[3] = {
            {r->builder.control, POLLIN, 0},
            {r->worker_done ? -1 : r->worker.control, POLLIN, 0},
            {r->signals, POLLIN, 0},
        };

        if (poll(fds, 3, 1000) < 0 && errno != EINTR) {
            if (r->stage < STAGE_COMMIT)
                end_with(r, XV_ENDED_ERROR, errno, NULL);
            xv_pause_ms(100); /* memory may come back; a domain that is being handed over is waited for */
        }
        if (fds[2].revents)
            on_signal(r);
        if (fds[0].revents && !r->over)
            on_builder(r);
        if (fds[1].revents && !r->over)
            on_worker(r);
        if (fds[0].revents || fds[1].revents)
            r->heard = xv_now_ms();
        check_time(r);
    }
}

static bool start_worker(struct run *r) {
    const struct xv_options *o = r->restore->options;
    struct xv_hello hello = {
        .mode = XV_MODE_GATE,
        .layers = o->layers,
        .facts = 1u << XV_FACT_CONFIG,
        .limit_seconds = o->settings.timeout_seconds,
        .idle_seconds = o->settings.idle_seconds,
        .stall_seconds = o->restore.stall_seconds,
        .libxc_only = 1,
        .guests = r->guests,
        .policy = *r->restore->policy,
    };

    xv_permit_init(&r->permit, r->restore->policy->max_config_bytes);
    r->permit.summary = true;
    return xv_worker_begin(&r->worker, r->input, r->pipe[1], &hello, r->restore->seal, &r->restore->outcome);
}

static void close_fd(int *fd) {
    if (*fd > STDIN_FILENO)
        (void)close(*fd);
    *fd = -1;
}

/* Nobody may take the end of our pipe for the end of the stream: the back end dies first, then its domain, then the
 * sender is let go. */
static int finish(struct run *r) {
    struct xv_restore *restore = r->restore;

    (void)xv_launch_end(&r->worker);
    if (r->stage == STAGE_DONE)
        xv_builder_await(&r->builder);
    xv_builder_kill(&r->builder);
    close_fd(&r->pipe[0]);
    close_fd(&r->pipe[1]);
    if (r->stage == STAGE_DONE)
        return XV_EXIT_ACCEPTED;
    if (r->stage != STAGE_IDLE && !r->clean)
        restore->left = !xv_builder_remove(restore->build.mark);
    if (restore->usage)
        return XV_EXIT_USAGE;
    return restore->outcome.ending == XV_ENDED_BACKEND ? XV_EXIT_BACKEND : xv_exit_of(restore->outcome.ending);
}

static bool prepare(struct run *r) {
    const char *path = r->restore->options->path;

    r->signals = xv_watch_signals();
    r->input = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (r->signals < 0 || r->input < 0 || pipe2(r->pipe, O_CLOEXEC) != 0)
        return false;
    (void)fcntl(r->pipe[1], F_SETFL, O_NONBLOCK); /* the worker notices a back end that takes nothing */
    (void)fcntl(r->pipe[1], F_SETPIPE_SZ, PIPE_OCTETS);
    return true;
}

int xv_restore_domain(struct xv_restore *restore) {
    struct run r = {
        .restore = restore,
        .worker = {-1, -1},
        .builder = {-1, -1},
        .input = -1,
        .pipe = {-1, -1},
        .signals = -1,
        .started = xv_now_ms(),
    };
    int status;

    memset(&restore->outcome, 0, sizeof restore->outcome);
    r.guests = xv_plan_guests(&restore->options->restore, restore->policy);
    if (!prepare(&r))
        end_with(&r, XV_ENDED_ERROR, errno, NULL);
    else if (start_worker(&r))
        loop(&r);
    status = finish(&r);
    close_fd(&r.input);
    close_fd(&r.signals);
    return status;
}
