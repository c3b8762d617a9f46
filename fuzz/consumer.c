/* SPDX-License-Identifier: MIT */
#include "consumer.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gate_feed.h"

#define MOST (2 * FUZZ_GATE_MAX)

ssize_t __real_write(int fd, const void *bytes, size_t n);
ssize_t __wrap_write(int fd, const void *bytes, size_t n);
int __real_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);

static struct {
    uint32_t dice;
    bool obedient;
    size_t leaves_at;
    struct consumer_seen seen;
} now;

static uint8_t taken[MOST];

static uint32_t roll(uint32_t sides) {
    now.dice = now.dice * 1664525u + 1013904223u;
    return (now.dice >> 8) % sides;
}

void consumer_begin(uint32_t dice, bool obedient) {
    memset(&now, 0, sizeof(now));
    now.dice = dice;
    now.obedient = obedient;
    now.leaves_at = roll(2) ? SIZE_MAX : roll(1u << (3 + roll(14)));
    now.seen.bytes = taken;
}

struct consumer_seen consumer_end(void) {
    return now.seen;
}

static ssize_t fails(int error) {
    errno = error;
    return -1;
}

static ssize_t take(const uint8_t *bytes, size_t n) {
    if (now.seen.left)
        now.seen.after = true;
    if (n == 0 || n > MOST - now.seen.n)
        abort();
    if (!now.obedient) {
        if (now.seen.left || now.seen.n >= now.leaves_at) {
            now.seen.left = true;
            return fails(EPIPE);
        }
        if (roll(4) == 0)
            return fails(roll(2) ? EAGAIN : EINTR);
        n = roll(2) ? n : 1 + roll((uint32_t)n);
    }
    memcpy(taken + now.seen.n, bytes, n);
    now.seen.n += n;
    return (ssize_t)n;
}

ssize_t __wrap_write(int fd, const void *bytes, size_t n) {
    return fd == CONSUMER_FD ? take(bytes, n) : __real_write(fd, bytes, n);
}

/* It may be ready, or be interrupted; one in many has stopped for good. */
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout) {
    if (n == 0 || fds[0].fd != CONSUMER_FD)
        return __real_poll(fds, n, timeout);
    if (roll(3) == 0)
        return (int)fails(EINTR);
    if (roll(16) == 0) {
        now.seen.left = true;
        return 0;
    }
    return 1;
}
