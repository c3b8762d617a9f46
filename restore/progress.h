/* SPDX-License-Identifier: MIT */
#ifndef XENVET_PROGRESS_H
#define XENVET_PROGRESS_H

/* One line on standard error that is rewritten while long work goes on; nothing unless it is a terminal. */
#include <stdbool.h>
#include <stdint.h>

struct xv_progress {
    bool shown;
    int64_t next_ms;
};

typedef void xv_progress_tick(void *context, uint64_t offset, uint64_t size);

/* For xv_session.tick, whose context the struct is; NULL where nobody looks: each tick is a message of the worker. */
xv_progress_tick *xv_progress_begin(struct xv_progress *progress);

/* Takes the line away. */
void xv_progress_end(struct xv_progress *progress);

#endif
