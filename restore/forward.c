/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "forward.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

uint8_t *xv_forward_room(struct xv_forward *f, size_t *room) {
    *room = f->held < f->capacity ? f->capacity - f->held : 0;
    return f->hold + f->held;
}

void xv_forward_added(struct xv_forward *f, size_t n) {
    f->held += n;
}

static bool fail(struct xv_forward *f, int error) {
    f->error = error;
    return false;
}

/* Waits until the consumer takes more. */
static bool await_room(struct xv_forward *f) {
    struct pollfd fd = {.fd = f->fd, .events = POLLOUT, .revents = 0};
    int patience = f->stall_seconds == 0 || f->stall_seconds > 2000000 ? -1 : (int)f->stall_seconds * 1000;
    int n = poll(&fd, 1, patience);

    if (n == 0)
        return fail(f, ETIME);
    return n > 0 || errno == EINTR || fail(f, errno);
}

static bool write_all(struct xv_forward *f, const uint8_t *bytes, size_t n) {
    size_t done = 0;

    while (done < n) {
        ssize_t w = write(f->fd, bytes + done, n - done);

        if (w > 0)
            done += (size_t)w;
        else if (w < 0 && errno == EAGAIN && !await_room(f))
            return false;
        else if (w < 0 && errno != EINTR && errno != EAGAIN)
            return fail(f, errno);
    }
    f->written += n;
    return true;
}

bool xv_forward_commit(struct xv_forward *f, const struct xv_parser *parser) {
    uint64_t committed = xv_parser_committed(parser);
    bool first = f->committed == 0, fine = true;

    if (committed == f->committed)
        return true;
    f->committed = committed;
    if (first && f->skip_config && xv_parser_summary(parser)->format == XV_FORMAT_XL) {
        f->held = 0;
        return true;
    }
    if (first && f->config != NULL && xv_parser_summary(parser)->format == XV_FORMAT_XL) {
        size_t n = xv_canonical_finish(f->config, f->hold, f->held);

        fine = n == 0 ? fail(f, EMSGSIZE) : write_all(f, f->config->out, n);
    } else if (!xv_parser_dropped(parser)) {
        fine = write_all(f, f->hold, f->held);
    }
    f->held = 0;
    return fine;
}
