/* SPDX-License-Identifier: MIT */
#ifndef XENVET_GO_AHEAD_H
#define XENVET_GO_AHEAD_H

/* The sender's last word in a plain migration, in the worker: after the monitor says that it may come (xl 2). */
#include <stdbool.h>

#include "input.h"
#include "ipc.h"
#include "outcome.h"

/*
 * Waits for XV_MSG_PROCEED, reads the go-ahead and forwards it whole. False turns the outcome into a rejection or an error: the
 * sender spoke too early, said something else, or left.
 */
bool xv_go_ahead(const struct xv_input *input, const struct xv_hello *hello, struct xv_outcome *outcome);

#endif
