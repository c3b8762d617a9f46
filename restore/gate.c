/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "gate.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "consumer.h"
#include "exit_status.h"
#include "hello.h"
#include "monitor.h"
#include "relay.h"

#define GRACE_SECONDS 5u   /* for the worker to notice its own time limits */
#define LAST_WORDS_MS 2000 /* for the worker to say what came of a stream whose consumer has exited */

/* The sender's last word (xl 2). Worker and monitor must agree on when the link may be cut, so the monitor alone lets
 * it out. */
static const char go_ahead[] = "domain is yours, you are cleared to unpause";

/* Where the conversation stands. */
enum stage {
    STAGE_STREAM, /* the worker reads */
    STAGE_HELD,   /* all of it was accepted and forwarded; the consumer finishes */
    STAGE_GONE,   /* the go-ahead went through, or a checkpointed stream ended well: xl is left to itself now */
    STAGE_OVER,
};

struct run {
    struct xv_gate *gate;
    struct xv_worker worker;
    struct xv_consumer consumer;
    struct xv_handshake handshake;
    struct xv_relay relay;
    struct xv_permit permit;
    enum stage stage, last; /* `last`: the stage before STAGE_OVER */
    bool worker_done;
    bool deaf; /* the sender does not take answers now */
    int signals;
    unsigned answers;              /* messages of the consumer that went out */
    int64_t started, heard, death; /* ms; `death` of the consumer, 0 = alive */
};

static bool migrates(const struct run *r) {
    return r->gate->handshake && r->gate->protocol == XV_PROTOCOL_MIGRATE;
}

/* Ends the run with a verdict or failure of ours; the first one stays. After the go-ahead only the consumer ends it. */
static void end_with(struct run *r, uint32_t ending, enum xv_code code, int error) {
    struct xv_outcome *o = &r->gate->outcome;

    if (r->stage == STAGE_OVER || r->stage == STAGE_GONE)
        return;
    if (o->ending == XV_ENDED_ACCEPTED) {
        o->ending = ending;
        o->code = (uint32_t)code;
        o->error = error;
    }
    r->last = r->stage;
    r->stage = STAGE_OVER;
}

/* Accepted whole: end of file is what the consumer expects now. If it fails over, the guest's only copy is here. */
static void end_input(struct run *r) {
    if (r->gate->handshake) {
        r->stage = STAGE_GONE;
        r->gate->committed = true;
    }
    xv_consumer_end_input(&r->consumer);
}

static void take_outcome(struct run *r, const struct xv_outcome *outcome) {
    bool accepted = outcome->ending == XV_ENDED_ACCEPTED;

    r->worker_done = true;
    if ((accepted && (!r->permit.accepted || (migrates(r) && r->stage != STAGE_GONE))) ||
        (!accepted && r->stage == STAGE_GONE)) {
        end_with(r, XV_ENDED_INTERNAL, XV_ACCEPTED, 0);
        return;
    }
    r->gate->outcome = *outcome;
    if (!accepted)
        end_with(r, outcome->ending, (enum xv_code)outcome->code, outcome->error);
    else if (!migrates(r))
        end_input(r);
}

/* The sender's configuration was accepted; the operator's own goes out in its place. */
static void send_config(struct run *r) {
    const struct xv_gate *g = r->gate;

    if (!xv_write_all(r->consumer.input, g->own_config, g->own_config_size, g->stall_seconds))
        end_with(r, XV_ENDED_BACKEND, XV_ACCEPTED, errno);
    else
        xv_worker_proceed(&r->worker);
}

/* The configuration was accepted and goes out next: from now on there may be a domain. */
static void on_summary(struct run *r, const struct xv_summary *summary) {
    if (xv_incoming_begin(r->gate->incoming, summary))
        xv_worker_proceed(&r->worker);
    else
        end_with(r, XV_ENDED_BACKEND, XV_ACCEPTED, 0);
}

static void stream_done(struct run *r) {
    r->stage = STAGE_HELD;
    if (r->gate->handshake && !xv_handshake_stream_done(&r->handshake))
        end_with(r, XV_ENDED_INTERNAL, XV_ACCEPTED, 0);
}

/* The point of no return. The consumer has read the stream to its end, so its pipe has room. */
static void pass_go_ahead(struct run *r) {
    bool ready = migrates(r) && xv_handshake_went_ahead(&r->handshake);

    if (ready && r->gate->incoming != NULL)
        xv_incoming_handed_over(r->gate->incoming);
    if (!ready) {
        end_with(r, XV_ENDED_INTERNAL, XV_ACCEPTED, 0);
    } else if (!xv_write_all(r->consumer.input, go_ahead, sizeof go_ahead, r->gate->stall_seconds)) {
        end_with(r, XV_ENDED_BACKEND, XV_HANDSHAKE_RECEIVER_LEFT, errno);
    } else {
        r->stage = STAGE_GONE;
        r->gate->committed = true;
    }
}

static void on_worker(struct run *r) {
    struct xv_message message;

    if (xv_ipc_receive(r->worker.control, &message) != 1 || !xv_permit_take(&r->permit, &message)) {
        r->worker_done = true;
        end_with(r, XV_ENDED_INTERNAL, XV_ACCEPTED, 0);
        return;
    }
    switch (message.kind) {
    case XV_MSG_FAILED:
        xv_worker_failed(&r->gate->outcome, &message.u.failed);
        end_with(r, r->gate->outcome.ending, XV_ACCEPTED, 0);
        break;
    case XV_MSG_FACT:
        xv_worker_fact(&message.u.fact, r->gate->observer);
        break;
    case XV_MSG_SUMMARY:
        on_summary(r, &message.u.begun.summary);
        break;
    case XV_MSG_CONFIG:
        send_config(r);
        break;
    case XV_MSG_COMPLETE:
        stream_done(r);
        break;
    case XV_MSG_GO_AHEAD:
        pass_go_ahead(r);
        break;
    case XV_MSG_OUTCOME:
        take_outcome(r, &message.u.outcome);
        break;
    default:
        break;
    }
}

/* The consumer closed its output, or exited. */
static void output_ended(struct run *r) {
    (void)close(r->consumer.output);
    r->consumer.output = -1;
    if (r->gate->handshake && !xv_handshake_eof(&r->handshake, XV_BACK) && r->stage != STAGE_GONE)
        end_with(r, XV_ENDED_BACKEND, XV_HANDSHAKE_RECEIVER_LEFT, 0);
}

static void release(struct run *r) {
    if (xv_relay_release(&r->relay) || r->stage == STAGE_GONE)
        return;
    /* a sender that cannot hear has left */
    if (errno == EPIPE)
        end_with(r, XV_ENDED_REJECTED, XV_HANDSHAKE_SENDER_LEFT, 0);
    else
        end_with(r, XV_ENDED_ERROR, XV_ACCEPTED, errno);
}

/* Banner and ready message give the sender his turn; the worker hears of it before the message is out (go_ahead.c). */
static void answered(struct run *r) {
    r->answers++;
    if (r->answers == 1 || (r->answers == 2 && migrates(r)))
        xv_worker_proceed(&r->worker);
    release(r);
}

static void on_answer(struct run *r) {
    switch (xv_relay_read(&r->relay)) {
    case XV_RELAY_MESSAGE:
        answered(r);
        break;
    case XV_RELAY_PIECE:
        release(r);
        break;
    case XV_RELAY_REFUSED: /* after the go-ahead it is only not passed on */
        if (r->stage != STAGE_GONE)
            end_with(r, XV_ENDED_BACKEND, r->handshake.code, EPROTO);
        break;
    case XV_RELAY_END:
    case XV_RELAY_ERROR:
        output_ended(r);
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
        output_ended(r);
}

/*
 * What the consumer says is left in its pipe until it is its turn: its answer to the last octets can overtake the
 * worker's word that they are out.
 */
static bool consumer_may_speak(const struct run *r) {
    const struct xv_handshake *h = &r->handshake;

    if (r->consumer.output < 0)
        return false;
    return !r->gate->handshake || r->stage == STAGE_GONE || xv_handshake_done(h) ||
           xv_handshake_demand(h, XV_BACK).turn == XV_TURN_MESSAGE;
}

static void on_signal(struct run *r) {
    int number = xv_signal_that_came(r->signals);

    if (number == 0 || r->stage == STAGE_GONE) /* the guest is ours: the conversation is finished first */
        return;
    r->gate->signal = number;
    end_with(r, XV_ENDED_ERROR, XV_ACCEPTED, EINTR);
}

static void on_death(struct run *r) {
    r->death = xv_now_ms();
    (void)close(r->consumer.death);
    r->consumer.death = -1;
}

/* A consumer that is dead says no more than what is in its pipe, whoever else holds the other end. */
static void check_death(struct run *r) {
    struct pollfd output = {r->consumer.output, POLLIN, 0};

    if (r->death == 0)
        return;
    if (r->stage == STAGE_STREAM && (r->gate->handshake || xv_now_ms() - r->death > LAST_WORDS_MS))
        end_with(r, XV_ENDED_BACKEND, XV_HANDSHAKE_RECEIVER_LEFT, 0);
    else if (output.fd >= 0 && consumer_may_speak(r) && poll(&output, 1, 0) >= 0 && !(output.revents & POLLIN))
        output_ended(r);
}

/* The worker watches the sender and its own time; this is for a worker that does not, and for a consumer that hangs. */
static void check_time(struct run *r) {
    const struct xv_gate *g = r->gate;
    int64_t now = xv_now_ms();
    bool on_consumer =
        r->worker_done || (g->handshake && (r->answers == 0 || r->stage == STAGE_HELD) && consumer_may_speak(r));

    if (r->stage == STAGE_GONE)
        return;
    if (g->limit_seconds && now - r->started > ((int64_t)g->limit_seconds + GRACE_SECONDS) * 1000)
        end_with(r, XV_ENDED_LATE, XV_ACCEPTED, 0);
    if (g->stall_seconds && on_consumer && now - r->heard > (int64_t)g->stall_seconds * 1000)
        end_with(r, XV_ENDED_BACKEND, XV_ACCEPTED, ETIME);
}

static bool finished(const struct run *r) {
    if (r->stage == STAGE_OVER)
        return true;
    return r->worker_done && r->consumer.output < 0 && r->consumer.death < 0;
}

/* A sender that takes no answers makes the consumer wait, not the monitor. */
static bool sender_is_deaf(const struct run *r) {
    struct pollfd fd = {r->gate->output, POLLOUT, 0};

    return r->gate->output >= 0 && !r->relay.deaf && poll(&fd, 1, 0) == 0;
}

/* One event at a time: what the worker says may change what the consumer's octets mean. */
static void dispatch(struct run *r, const struct pollfd *fds) {
    if (fds[2].revents)
        on_signal(r);
    if (r->stage == STAGE_OVER)
        return;
    if (fds[0].revents)
        on_worker(r);
    else if (fds[1].revents && r->deaf)
        r->deaf = sender_is_deaf(r);
    else if (fds[1].revents && (r->deaf = sender_is_deaf(r)) == false)
        r->gate->handshake ? on_answer(r) : copy_output(r);
    else if (fds[3].revents)
        on_death(r);
    if (fds[0].revents || fds[1].revents || fds[3].revents)
        r->heard = xv_now_ms();
}

static void loop(struct run *r) {
    while (!finished(r)) {
        struct pollfd fds[4] = {
            {r->worker_done ? -1 : r->worker.control, POLLIN, 0},
            {consumer_may_speak(r) ? r->consumer.output : -1, POLLIN, 0},
            {r->signals, POLLIN, 0},
            {r->consumer.death, POLLIN, 0},
        };

        if (fds[1].fd >= 0 && r->deaf) {
            fds[1].fd = r->gate->output;
            fds[1].events = POLLOUT;
        }
        if (poll(fds, 4, r->death ? 100 : 1000) < 0 && errno != EINTR) {
            end_with(r, XV_ENDED_ERROR, XV_ACCEPTED, errno);
            xv_pause_ms(100); /* memory may come back; after the go-ahead there is nothing to do but to go on */
        }
        dispatch(r, fds);
        check_death(r);
        check_time(r);
    }
}

static bool start_worker(struct run *r) {
    struct xv_gate *g = r->gate;
    struct xv_hello hello = {
        .mode = XV_MODE_GATE,
        .layers = g->layers,
        .facts = 1u << XV_FACT_CONFIG,
        .limit_seconds = g->limit_seconds,
        .idle_seconds = g->idle_seconds,
        .stall_seconds = g->stall_seconds,
        .handshake = g->handshake,
        .go_ahead = migrates(r),
        .keep_config = g->keep_config,
        .skip_config = g->own_config != NULL,
        .announce_config = g->incoming != NULL,
        .link_breaks = g->handshake && g->protocol != XV_PROTOCOL_MIGRATE,
        .policy = *g->policy,
    };

    xv_permit_init(&r->permit, g->policy->max_config_bytes); /* fewer fields than octets */
    r->permit.config = g->own_config != NULL;
    r->permit.summary = g->incoming != NULL;
    return xv_worker_begin(&r->worker, g->input, r->consumer.input, &hello, g->seal, &g->outcome);
}

/*
 * The whole stream was accepted, but its sender is gone or the operator gives up before the go-ahead: end of file is
 * what the receiver expects then. It destroys its copy by itself (xl 2), which it could not if it were killed.
 */
static void withdraw(struct run *r) {
    const struct xv_outcome *o = &r->gate->outcome;

    if (migrates(r) && r->last == STAGE_HELD &&
        (o->ending != XV_ENDED_REJECTED || o->code == XV_HANDSHAKE_SENDER_LEFT) && o->ending != XV_ENDED_INTERNAL) {
        xv_consumer_end_input(&r->consumer);
        (void)xv_consumer_wait(&r->consumer, r->gate->stall_seconds ? r->gate->stall_seconds : 60);
    }
}

/*
 * What a dead xl made. After the go-ahead, and when a checkpointed stream has ended well, the guest belongs to this
 * side whatever became of xl. A worker that broke the protocol may have sent another configuration than it announced.
 */
static void remove_domain(struct run *r) {
    struct xv_gate *g = r->gate;
    bool accepted = g->outcome.ending == XV_ENDED_ACCEPTED;

    if (g->incoming != NULL && !g->committed && !(accepted && g->handshake))
        g->left = !xv_incoming_remove(g->incoming, g->outcome.ending != XV_ENDED_INTERNAL);
}

/* The end for both processes. After a rejection the consumer is killed and reaped before its input closes (hazards
 * libxl). */
static int finish(struct run *r) {
    struct xv_gate *g = r->gate;
    int status;
    bool failed;

    (void)xv_launch_end(&r->worker);
    if (g->outcome.ending != XV_ENDED_ACCEPTED) {
        withdraw(r);
        xv_consumer_kill(&r->consumer);
        remove_domain(r);
        return g->outcome.ending == XV_ENDED_BACKEND ? XV_EXIT_BACKEND : xv_exit_of(g->outcome.ending);
    }
    xv_consumer_end_input(&r->consumer);
    status = xv_consumer_wait(&r->consumer, g->committed ? 0 : g->stall_seconds);
    g->consumer_status = status;
    g->guest_failed = migrates(r) && (r->handshake.status != 0 || !xv_handshake_done(&r->handshake));
    xv_consumer_kill(&r->consumer);
    failed = status == -1 || !WIFEXITED(status) || WEXITSTATUS(status) != 0 || g->guest_failed;
    if (failed)
        remove_domain(r);
    return failed ? XV_EXIT_BACKEND : XV_EXIT_ACCEPTED;
}

static int fail(struct xv_gate *gate, uint32_t ending, int error) {
    gate->outcome.ending = ending;
    gate->outcome.error = error;
    return ending == XV_ENDED_BACKEND ? XV_EXIT_BACKEND : xv_exit_of(ending);
}

int xv_gate_run(struct xv_gate *gate) {
    struct run r;
    int result;

    memset(&r, 0, sizeof r);
    r.gate = gate;
    r.worker.pid = -1;
    r.worker.control = -1;
    r.signals = xv_watch_signals();
    r.started = r.heard = xv_now_ms();
    memset(&gate->outcome, 0, sizeof gate->outcome);
    gate->consumer_status = -1;
    xv_handshake_init(&r.handshake, gate->protocol);
    if (r.signals < 0)
        return fail(gate, XV_ENDED_ERROR, errno);
    if (gate->incoming != NULL && !xv_incoming_open(gate->incoming))
        return fail(gate, XV_ENDED_BACKEND, 0);
    if (!xv_consumer_start(&r.consumer, gate->command))
        return fail(gate, XV_ENDED_BACKEND, errno);
    r.relay.from = r.consumer.output;
    r.relay.to = gate->output;
    r.relay.handshake = &r.handshake;
    if (start_worker(&r))
        loop(&r);
    result = finish(&r);
    (void)close(r.signals);
    return result;
}
