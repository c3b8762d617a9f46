/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "monitor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

int64_t xv_now_ms(void) {
    struct timespec t = {0, 0};

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void xv_pause_ms(long ms) {
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};

    (void)nanosleep(&t, NULL);
}

int xv_watch_signals(void) {
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    (void)signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int xv_signal_that_came(int signals) {
    struct signalfd_siginfo info;

    return read(signals, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

bool xv_write_all(int fd, const void *bytes, size_t n, uint32_t stall_seconds) {
    struct pollfd room = {fd, POLLOUT, 0};
    const char *at = bytes;

    while (n > 0) {
        ssize_t w = write(fd, at, n);

        if (w > 0) {
            at += w;
            n -= (size_t)w;
        } else if (w < 0 && errno == EAGAIN) {
            int patience = stall_seconds == 0 || stall_seconds > 2000000 ? -1 : (int)stall_seconds * 1000;

            if (poll(&room, 1, patience) == 0) {
                errno = ETIME;
                return false;
            }
        } else if (w < 0 && errno != EINTR) {
            return false;
        }
    }
    return true;
}
