/* SPDX-License-Identifier: MIT */
#ifndef XENVET_MONITOR_H
#define XENVET_MONITOR_H

/* What the loops of a monitor share. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int64_t xv_now_ms(void);

void xv_pause_ms(long ms);

/* Blocks SIGINT, SIGTERM and SIGHUP and ignores SIGPIPE; a descriptor that signals are read from, -1 with errno. */
int xv_watch_signals(void);

/* The signal that came, 0 if none did after all. */
int xv_signal_that_came(int signals);

/* Writes all of it to a descriptor that may be non-blocking; false with errno (ETIME: nothing was taken for so long, 0
 * = wait). */
bool xv_write_all(int fd, const void *bytes, size_t n, uint32_t stall_seconds);

#endif
