/* SPDX-License-Identifier: MIT */
#ifndef XENVET_CONCLUDE_H
#define XENVET_CONCLUDE_H

#include <xenvet/parser.h>

#include "input.h"
#include "outcome.h"

/* What a finished run came to, as the outcome that crosses to the monitor. `error` is the errno of XV_DRIVE_ERROR. */
void xv_conclude(struct xv_outcome *outcome, const struct xv_parser *parser, enum xv_drive drive, int error);

#endif
