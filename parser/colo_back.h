/* SPDX-License-Identifier: MIT */
#ifndef XENVET_COLO_BACK_H
#define XENVET_COLO_BACK_H

/*
 * The back channel of COLO (xl 4): after each checkpoint CHECKPOINT_STATE 2, 3, later 1, then one dirty list, without
 * any stream header. Since 4.18 the dirty list has a header of 16 octets where the sender expects 8 (libxc 4.10); both
 * are let through.
 */
#include <xenvet/handshake.h>

#include "cursor.h"

/* The most octets that are asked for at once. */
#define XV_COLO_PIECE 4096u

/* Octets that may come next without going past the current part of a record. */
uint32_t xv_colo_back_demand(const struct xv_handshake *h);

/* Octets of the back channel; *whole is set at the end of a record. False, with h->code set, if they are refused. */
bool xv_colo_back_feed(struct xv_handshake *h, struct xv_cursor *c, bool *whole);

#endif
