/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "go_ahead.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <xenvet/handshake.h>

static bool refuse(struct xv_outcome *outcome, enum xv_code code, uint64_t offset) {
    outcome->ending = XV_ENDED_REJECTED;
    outcome->code = (uint32_t)code;
    outcome->offset = offset;
    outcome->has = 0;
    outcome->record_name[0] = 0;
    return false;
}

static bool fail(struct xv_outcome *outcome, uint32_t ending, int error) {
    outcome->ending = ending;
    outcome->error = error;
    return false;
}

bool xv_await_turn(struct xv_outcome *outcome) {
    struct pollfd fds[2] = {{XV_WORKER_INPUT, POLLIN, 0}, {XV_WORKER_CONTROL, POLLIN, 0}};
    struct xv_message message;
    uint64_t offset = outcome->summary.bytes;
    uint8_t octet;

    while (poll(fds, 2, -1) < 0) {
        if (errno != EINTR)
            return fail(outcome, XV_ENDED_ERROR, errno);
    }
    /* the monitor speaks before it lets the receiver's message out, so an answer to that is never seen without its word
     */
    if (fds[1].revents) {
        if (xv_ipc_receive(XV_WORKER_CONTROL, &message) != 1 || message.kind != XV_MSG_PROCEED)
            _exit(102);
        return true;
    }
    if (read(XV_WORKER_INPUT, &octet, 1) <= 0)
        return refuse(outcome, XV_HANDSHAKE_SENDER_LEFT, offset);
    return refuse(outcome, XV_HANDSHAKE_SENDER_SPOKE, offset);
}

/* One read of what is still to come of the message. */
static bool read_piece(const struct xv_hello *hello, uint8_t *to, size_t n, size_t *got, struct xv_outcome *outcome) {
    struct pollfd fd = {XV_WORKER_INPUT, POLLIN, 0};
    int patience = hello->idle_seconds == 0 || hello->idle_seconds > 2000000 ? -1 : (int)hello->idle_seconds * 1000;
    ssize_t r = poll(&fd, 1, patience);

    if (r == 0)
        return fail(outcome, XV_ENDED_IDLE, 0);
    if (r < 0)
        return errno == EINTR || fail(outcome, XV_ENDED_ERROR, errno);
    r = read(XV_WORKER_INPUT, to, n);
    if (r < 0 && (errno == EINTR || errno == EAGAIN))
        r = 0;
    else if (r < 0)
        return fail(outcome, XV_ENDED_ERROR, errno);
    else if (r == 0)
        return refuse(outcome, XV_HANDSHAKE_SENDER_LEFT, outcome->summary.bytes);
    *got = (size_t)r;
    return true;
}

bool xv_go_ahead(const struct xv_input *input, const struct xv_hello *hello, struct xv_outcome *outcome) {
    uint64_t offset = outcome->summary.bytes;
    struct xv_handshake handshake;
    uint8_t message[64];
    size_t held = 0;
    bool whole = false;

    if (input->filled > input->start)
        return refuse(outcome, XV_HANDSHAKE_SENDER_SPOKE, offset);
    if (!xv_await_turn(outcome))
        return false;
    xv_handshake_init_go_ahead(&handshake);
    while (!whole) {
        size_t n = xv_handshake_demand(&handshake, XV_FORWARD).n, got = 0;

        if (n == 0 || n > sizeof message - held)
            return fail(outcome, XV_ENDED_INTERNAL, 0);
        if (!read_piece(hello, message + held, n, &got, outcome))
            return false;
        if (got && !xv_handshake_feed(&handshake, XV_FORWARD, message + held, got, &whole))
            return refuse(outcome, handshake.code, offset + held);
        held += got;
    }
    return true;
}
