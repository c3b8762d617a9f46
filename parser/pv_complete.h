/* SPDX-License-Identifier: MIT */
#ifndef XENVET_PV_COMPLETE_H
#define XENVET_PV_COMPLETE_H

/* What must hold for a PV guest when END or CHECKPOINT comes (libxc 8). */
#include <stdbool.h>
#include <stdint.h>

struct xv_parser;

bool xv_pv_complete(struct xv_parser *p, uint64_t at);

/* A new checkpoint: vCPU records may come again. */
void xv_pv_checkpoint(struct xv_parser *p);

#endif
