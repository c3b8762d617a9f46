/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "destination.h"
#include "exit_status.h"
#include "hello.h"
#include "monitor.h"

#define GRACE_SECONDS 5u
#define PIECE         ((size_t)1 << 20)

struct run {
    struct xv_copy *copy;
    struct xv_destination to;
    struct xv_worker worker;
    struct xv_permit permit;
    int signals, pipe; /* `pipe`: what the worker wrote, -1 if it writes to the destination itself */
    bool over;         /* the outcome is known */
    int64_t started;
};

static void end_with(struct run *r, uint32_t ending, int error) {
    struct xv_outcome *o = &r->copy->outcome;

    if (!r->over || o->ending == XV_ENDED_ACCEPTED) {
        o->ending = ending;
        o->error = error;
    }
    r->over = true;
}

static void send_config(struct run *r, int output) {
    const struct xv_copy *c = r->copy;

    if (!xv_write_all(output, c->own_config, c->own_config_size, c->stall_seconds))
        end_with(r, XV_ENDED_BACKEND, errno);
    else
        xv_worker_proceed(&r->worker);
}

static void on_worker(struct run *r) {
    struct xv_outcome *o = &r->copy->outcome;
    struct xv_message message;

    if (xv_ipc_receive(r->worker.control, &message) != 1 || !xv_permit_take(&r->permit, &message)) {
        end_with(r, XV_ENDED_INTERNAL, 0);
        return;
    }
    switch (message.kind) {
    case XV_MSG_FAILED:
        r->over = true;
        xv_worker_failed(o, &message.u.failed);
        break;
    case XV_MSG_FACT:
        xv_worker_fact(&message.u.fact, r->copy->observer);
        break;
    case XV_MSG_CONFIG:
        send_config(r, r->to.fd);
        break;
    case XV_MSG_OUTCOME:
        r->over = true;
        *o = message.u.outcome;
        if (o->ending == XV_ENDED_ACCEPTED && !r->permit.accepted)
            o->ending = XV_ENDED_INTERNAL;
        break;
    default:
        break;
    }
}

/* Moves what is there; false if nothing is. */
static bool pump(struct run *r) {
    ssize_t n = xv_destination_take(&r->to, r->pipe, PIECE);

    if (n < 0 && errno != EAGAIN)
        end_with(r, XV_ENDED_BACKEND, errno);
    return n > 0;
}

static void on_signal(struct run *r) {
    int number = xv_signal_that_came(r->signals);

    if (number == 0)
        return;
    r->copy->signal = number;
    end_with(r, XV_ENDED_ERROR, EINTR);
}

static void loop(struct run *r) {
    const struct xv_copy *c = r->copy;

    while (!r->over) {
        struct pollfd fds[3] = {{r->worker.control, POLLIN, 0}, {r->pipe, POLLIN, 0}, {r->signals, POLLIN, 0}};

        if (poll(fds, 3, 1000) < 0 && errno != EINTR)
            end_with(r, XV_ENDED_ERROR, errno);
        if (fds[2].revents)
            on_signal(r);
        /* the pipe first: what the worker says to replace belongs behind what it wrote before */
        if (fds[1].revents & POLLIN)
            (void)pump(r);
        else if (fds[0].revents && !r->over)
            on_worker(r);
        if (c->limit_seconds && xv_now_ms() - r->started > ((int64_t)c->limit_seconds + GRACE_SECONDS) * 1000)
            end_with(r, XV_ENDED_LATE, 0);
    }
}

static bool start_worker(struct run *r, int input, int output) {
    const struct xv_copy *c = r->copy;
    struct xv_hello hello = {
        .mode = XV_MODE_GATE,
        .layers = c->layers,
        .facts = 1u << XV_FACT_CONFIG,
        .limit_seconds = c->limit_seconds,
        .idle_seconds = c->idle_seconds,
        .stall_seconds = c->stall_seconds,
        .keep_config = c->keep_config,
        .skip_config = c->own_config != NULL,
        .convert = c->convert,
        .convert_to = (uint32_t)c->to,
        .lossy = c->lossy,
        .policy = *c->policy,
    };

    xv_permit_init(&r->permit, c->policy->max_config_bytes);
    r->permit.config = c->own_config != NULL;
    return xv_worker_begin(&r->worker, input, output, &hello, c->seal, &r->copy->outcome);
}

/* Accepted: what is left in the pipe, to which nobody writes any more, then the name. */
static void settle(struct run *r) {
    (void)xv_launch_end(&r->worker);
    while (r->pipe >= 0 && r->copy->outcome.ending == XV_ENDED_ACCEPTED && pump(r))
        ;
    if (r->copy->outcome.ending == XV_ENDED_ACCEPTED && !xv_destination_commit(&r->to))
        end_with(r, XV_ENDED_BACKEND, errno);
}

static void run_on(struct run *r, int input) {
    int ends[2] = {-1, -1};
    bool started;

    if (!r->to.direct && pipe2(ends, O_CLOEXEC) != 0) {
        end_with(r, XV_ENDED_ERROR, errno);
        return;
    }
    r->pipe = ends[0];
    if (!r->to.direct) {
        (void)fcntl(ends[1], F_SETFL, O_NONBLOCK);
        (void)fcntl(ends[1], F_SETPIPE_SZ, (int)PIECE);
    }
    started = start_worker(r, input, r->to.direct ? r->to.fd : ends[1]);
    if (ends[1] >= 0)
        (void)close(ends[1]);
    if (started)
        loop(r);
    settle(r);
    if (r->pipe >= 0)
        (void)close(r->pipe);
}

static int open_input(const char *path) {
    return strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

int xv_copy_run(struct xv_copy *copy) {
    struct run r = {.copy = copy, .worker = {-1, -1}, .pipe = -1, .started = xv_now_ms()};
    int input = open_input(copy->in);

    memset(&copy->outcome, 0, sizeof copy->outcome);
    r.signals = xv_watch_signals();
    if (input < 0 || r.signals < 0)
        end_with(&r, XV_ENDED_ERROR, errno);
    else if (!xv_destination_open(&r.to, copy->out))
        end_with(&r, XV_ENDED_BACKEND, errno);
    else
        run_on(&r, input);
    xv_destination_close(&r.to);
    if (input > STDIN_FILENO)
        (void)close(input);
    if (r.signals >= 0)
        (void)close(r.signals);
    return xv_exit_of(copy->outcome.ending);
}
