/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "relay.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum xv_relay_result xv_relay_read(struct xv_relay *r) {
    uint32_t room = (uint32_t)sizeof r->held - r->length, n = xv_handshake_demand(r->handshake, XV_BACK).n;
    bool whole = false;
    ssize_t got;

    if (n == 0)
        n = 1; /* silence is expected: one octet is enough to break it */
    if (n > room)
        n = room;
    got = read(r->from, r->held + r->length, n);
    if (got < 0)
        return errno == EINTR || errno == EAGAIN ? XV_RELAY_MORE : XV_RELAY_ERROR;
    if (got == 0)
        return XV_RELAY_END;
    if (!xv_handshake_feed(r->handshake, XV_BACK, r->held + r->length, (size_t)got, &whole))
        return XV_RELAY_REFUSED;
    r->length += (uint32_t)got;
    if (whole)
        return XV_RELAY_MESSAGE;
    return r->length == sizeof r->held ? XV_RELAY_PIECE : XV_RELAY_MORE;
}

bool xv_relay_release(struct xv_relay *r) {
    uint32_t done = 0;

    while (done < r->length && r->to >= 0 && !r->deaf) {
        struct pollfd fd = {r->to, POLLOUT, 0};
        ssize_t n = write(r->to, r->held + done, r->length - done);

        if (n > 0)
            done += (uint32_t)n;
        else if (n < 0 && errno == EAGAIN)
            (void)poll(&fd, 1, 1000);
        else if (n < 0 && errno != EINTR)
            r->deaf = true;
    }
    r->length = 0;
    return !r->deaf;
}
