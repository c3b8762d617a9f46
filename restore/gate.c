/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "gate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "consumer.h"
#include "exit_status.h"
#include "hello.h"
#include "relay.h"

#define GRACE_SECONDS 10u /* for the worker to notice its own time limits */
#define MAX_FACTS     1u  /* a gate asks for none */

/* Where the conversation stands. */
enum stage {
    STAGE_STREAM, /* the worker reads */
    STAGE_HELD,   /* all of it was accepted and forwarded; the consumer finishes */
    STAGE_GONE,   /* the go-ahead went through: never cut the link now */
    STAGE_OVER,
};

struct run {
    struct xv_gate *gate;
    struct xv_worker worker;
    struct xv_consumer consumer;
    struct xv_handshake handshake;
    struct xv_relay relay;
    struct xv_permit permit;
    enum stage stage;
    bool worker_done;
    int signals;
    int64_t started, heard; /* ms */
};

static int64_t now_ms(void) {
    struct timespec t = {0, 0};

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Ends the run with a verdict or failure of ours; the first one stays. */
static void end_with(struct run *r, uint32_t ending, enum xv_code code, int error) {
    struct xv_outcome *o = &r->gate->outcome;

    if (r->stage == STAGE_OVER)
        return;
    if (o->ending == XV_ENDED_ACCEPTED) {
        o->ending = ending;
        o->code = (uint32_t)code;
        o->error = error;
    }
    r->stage = STAGE_OVER;
}

static void proceed(struct run *r) {
    struct xv_message message;

    memset(&message, 0, sizeof message);
    message.kind = XV_MSG_PROCEED;
    (void)xv_ipc_send(r->worker.control, &message);
}

/* The worker takes the sender's side from here on, or its outcome says why not. */
static void take_outcome(struct run *r, const struct xv_outcome *outcome) {
    r->worker_done = true;
    r->gate->outcome = *outcome;
    if (outcome->ending != XV_ENDED_ACCEPTED) {
        r->stage = STAGE_OVER;
        return;
    }
    if (!r->gate->handshake || r->gate->protocol != XV_PROTOCOL_MIGRATE)
        xv_consumer_end_input(&r->consumer); /* accepted whole: end of file is what the consumer expects now */
}

static void on_worker(struct run *r) {
    struct xv_message message;

    if (xv_ipc_receive(r->worker.control, &message) != 1 || !xv_permit_take(&r->permit, &message)) {
        end_with(r, XV_ENDED_INTERNAL, XV_ACCEPTED, 0);
        return;
    }
    switch (message.kind) {
    case XV_MSG_FAILED:
        xv_worker_failed(&r->gate->outcome, &message.u.failed);
        r->stage = STAGE_OVER;
        break;
    case XV_MSG_READY:
        if (!r->gate->handshake)
            proceed(r);
        break;
    case XV_MSG_COMPLETE:
        r->stage = STAGE_HELD;
        (void)xv_handshake_stream_done(&r->handshake);
        break;
    case XV_MSG_GO_AHEAD:
        r->stage = STAGE_GONE;
        r->gate->committed = true;
        (void)xv_handshake_went_ahead(&r->handshake);
        break;
    case XV_MSG_OUTCOME:
        take_outcome(r, &message.u.outcome);
        break;
    default:
        break;
    }
}

/* The consumer closed its output: it is done, one way or the other. */
static void consumer_ended(struct run *r) {
    if (r->gate->handshake && !xv_handshake_eof(&r->handshake, XV_BACK) && r->stage != STAGE_GONE)
        end_with(r, XV_ENDED_BACKEND, r->handshake.code, 0);
    (void)close(r->consumer.output);
    r->consumer.output = -1;
    if (!r->gate->handshake && !r->worker_done)
        end_with(r, XV_ENDED_BACKEND, XV_HANDSHAKE_RECEIVER_LEFT, 0);
}

static void on_consumer(struct run *r) {
    bool first = r->handshake.offset[XV_BACK] == 0 || r->stage == STAGE_STREAM;

    switch (xv_relay_read(&r->relay)) {
    case XV_RELAY_MESSAGE:
        if (r->gate->protocol == XV_PROTOCOL_COLO ? first : r->stage <= STAGE_HELD)
            proceed(r); /* before the message is out: see go_ahead.c */
        (void)xv_relay_release(&r->relay);
        break;
    case XV_RELAY_REFUSED:
        if (r->stage != STAGE_GONE)
            end_with(r, XV_ENDED_REJECTED, r->handshake.code, 0);
        break;
    case XV_RELAY_END:
    case XV_RELAY_ERROR:
        consumer_ended(r);
        break;
    case XV_RELAY_MORE:
    default:
        break;
    }
}

/* Without a handshake what the consumer prints is passed on as it is. */
static void copy_output(struct run *r) {
    uint8_t buffer[4096];
    ssize_t n = read(r->consumer.output, buffer, sizeof buffer);

    if (n > 0 && r->gate->output >= 0)
        (void)!write(r->gate->output, buffer, (size_t)n);
    else if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
        consumer_ended(r);
}

static void on_signal(struct run *r) {
    struct signalfd_siginfo info;

    if (read(r->signals, &info, sizeof info) != (ssize_t)sizeof info)
        return;
    if (r->stage == STAGE_GONE) /* the guest is ours: the conversation is finished first */
        return;
    r->gate->signal = (int)info.ssi_signo;
    end_with(r, XV_ENDED_ERROR, XV_ACCEPTED, EINTR);
}

/* The worker watches its own time limits; this is for a worker that does not, and for a consumer that hangs. */
static void check_time(struct run *r) {
    const struct xv_gate *g = r->gate;
    int64_t now = now_ms();

    if (r->stage == STAGE_GONE)
        return;
    if (g->limit_seconds && now - r->started > ((int64_t)g->limit_seconds + GRACE_SECONDS) * 1000)
        end_with(r, XV_ENDED_LATE, XV_ACCEPTED, 0);
    if (g->stall_seconds && r->stage == STAGE_HELD && now - r->heard > (int64_t)g->stall_seconds * 1000)
        end_with(r, XV_ENDED_BACKEND, XV_ACCEPTED, ETIME);
}

static bool finished(const struct run *r) {
    if (r->stage == STAGE_OVER)
        return true;
    return r->worker_done && r->consumer.output < 0;
}

static void loop(struct run *r) {
    while (!finished(r)) {
        struct pollfd fds[3] = {
            {r->worker_done ? -1 : r->worker.control, POLLIN, 0},
            {r->consumer.output, POLLIN, 0},
            {r->signals, POLLIN, 0},
        };

        if (poll(fds, 3, 1000) < 0 && errno != EINTR)
            end_with(r, XV_ENDED_ERROR, XV_ACCEPTED, errno);
        if (fds[2].revents)
            on_signal(r);
        /* one source at a time: what the worker says may change what the consumer's octets mean */
        if (fds[0].revents && r->stage != STAGE_OVER)
            on_worker(r);
        else if (fds[1].revents && r->stage != STAGE_OVER)
            r->gate->handshake ? on_consumer(r) : copy_output(r);
        if (fds[0].revents || fds[1].revents)
            r->heard = now_ms();
        check_time(r);
    }
}

static int watch_signals(void) {
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static bool start_worker(struct run *r) {
    const struct xv_gate *g = r->gate;
    struct xv_hello hello = {
        .mode = XV_MODE_GATE,
        .layers = g->layers,
        .limit_seconds = g->limit_seconds,
        .idle_seconds = g->idle_seconds,
        .stall_seconds = g->stall_seconds,
        .handshake = 1,
        .go_ahead = g->handshake && g->protocol == XV_PROTOCOL_MIGRATE,
        .keep_config = g->keep_config,
        .skip_config = g->own_config != NULL,
        .policy = *g->policy,
    };

    return xv_worker_begin(&r->worker, g->input, r->consumer.input, &hello, &r->gate->outcome);
}

/* The end for both processes, in the order that the threat model wants (docs/threat-model.md). */
static int finish(struct run *r) {
    struct xv_gate *g = r->gate;
    int status;

    (void)xv_launch_end(&r->worker);
    if (g->outcome.ending != XV_ENDED_ACCEPTED) {
        xv_consumer_kill(&r->consumer);
        g->consumer_status = -1;
        return g->outcome.ending == XV_ENDED_BACKEND ? XV_EXIT_BACKEND : xv_exit_of(g->outcome.ending);
    }
    xv_consumer_end_input(&r->consumer);
    status = xv_consumer_wait(&r->consumer, g->committed ? 0 : g->stall_seconds);
    g->consumer_status = status;
    g->guest_failed = g->handshake && r->handshake.status != 0;
    xv_consumer_kill(&r->consumer);
    return status == -1 || !WIFEXITED(status) || WEXITSTATUS(status) != 0 || g->guest_failed ? XV_EXIT_BACKEND
                                                                                             : XV_EXIT_ACCEPTED;
}

int xv_gate_run(struct xv_gate *gate) {
    struct run r;
    int result;

    memset(&r, 0, sizeof r);
    r.gate = gate;
    r.worker.pid = -1;
    r.worker.control = -1;
    r.signals = watch_signals();
    r.started = r.heard = now_ms();
    memset(&gate->outcome, 0, sizeof gate->outcome);
    gate->consumer_status = -1;
    xv_handshake_init(&r.handshake, gate->protocol);
    xv_permit_init(&r.permit, MAX_FACTS);
    if (r.signals < 0 || !xv_consumer_start(&r.consumer, gate->command)) {
        gate->outcome.ending = XV_ENDED_BACKEND;
        gate->outcome.error = errno;
        return XV_EXIT_BACKEND;
    }
    r.relay.from = r.consumer.output;
    r.relay.to = gate->output;
    r.relay.handshake = &r.handshake;
    if (start_worker(&r)) {
        loop(&r);
    }
    result = finish(&r);
    (void)close(r.signals);
    return result;
}
