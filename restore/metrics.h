/* SPDX-License-Identifier: MIT */
#ifndef XENVET_METRICS_H
#define XENVET_METRICS_H

/* Counters in the text format of Prometheus, for node_exporter's textfile collector. */
#include <stdbool.h>

#include "decision.h"

/* Adds one run to the counters of a file, under a lock (FILE.lock), and replaces the file as a whole. False with errno.
 */
bool xv_metrics_add(const char *path, const struct xv_decision *decision);

#endif
