/* SPDX-License-Identifier: MIT */
#ifndef XENVET_GO_AHEAD_H
#define XENVET_GO_AHEAD_H

/* The sender's turns in a conversation, in the worker: when he may speak, and his last word in a plain migration (xl
 * 2). */
#include <stdbool.h>

#include "input.h"
#include "ipc.h"
#include "outcome.h"

/* Waits for XV_MSG_PROCEED. A sender that speaks or leaves meanwhile turns the outcome into a rejection: false. */
bool xv_await_turn(struct xv_outcome *outcome);

/*
 * Waits for XV_MSG_PROCEED and reads the go-ahead, which the monitor passes on. False turns the outcome into a
 * rejection or an error: the sender spoke too early, said something else, or left.
 */
bool xv_go_ahead(const struct xv_input *input, const struct xv_hello *hello, struct xv_outcome *outcome);

#endif
