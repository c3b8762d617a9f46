/* SPDX-License-Identifier: MIT */
#ifndef XENVET_HELLO_H
#define XENVET_HELLO_H

/* Starting a worker and hearing it out: what `check`, `inspect`, `gate` and `restore` share. */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/parser.h>

#include "ipc.h"
#include "launch.h"
#include "outcome.h"
#include "permit.h"
#include "seal_file.h"

/* Starts a worker on these descriptors and tells it what to do; with a seal (or NULL) that it compares the input with.
 * False fills the outcome (XV_ENDED_SANDBOX, XV_ENDED_ERROR; XV_ENDED_REJECTED: the seal itself is bad). */
bool xv_worker_begin(struct xv_worker *worker, int input, int output, const struct xv_hello *hello,
                     const struct xv_seal_file *seal, struct xv_outcome *outcome);

/* Gives a fact to the observer, a run of pages as one fact each. */
void xv_worker_fact(const struct xv_fact *fact, struct xv_observer observer);

/* The outcome of a worker that failed before it was sandboxed, or that broke the protocol or died. */
void xv_worker_failed(struct xv_outcome *outcome, const struct xv_failed *failed);
void xv_worker_broken(struct xv_outcome *outcome);

/* Lets it go on. A worker that cannot be told hears that nothing more will come, and ends, which is heard in turn. */
void xv_worker_proceed(const struct xv_worker *worker);

#endif
