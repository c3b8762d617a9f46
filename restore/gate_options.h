/* SPDX-License-Identifier: MIT */
#ifndef XENVET_GATE_OPTIONS_H
#define XENVET_GATE_OPTIONS_H

/* The options of `gate`. */
#include "options.h"

enum xv_gate_option {
    XV_GATE_PROTOCOL,
    XV_GATE_NO_HANDSHAKE,
    XV_GATE_KEEP_CONFIG,
    XV_GATE_CONFIG,
    XV_GATE_IN,
    XV_GATE_OUT,
    XV_GATE_STALL,
    XV_GATE_LOG_JSON,
    XV_GATE_METRICS,
    XV_GATE_XL,
    XV_GATE_OPTIONS,
};

/* What they are before any is given; nothing for other commands. */
void xv_gate_defaults(struct xv_options *options);

/* Takes one: NULL, or what is wrong with its argument. */
const char *xv_gate_option(struct xv_gate_options *options, int option, const char *text);

/* Takes what is left of the command line, and looks at the whole: likewise. */
const char *xv_gate_operands(struct xv_gate_options *options, int argc, char **argv);

#endif
