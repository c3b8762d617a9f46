/* SPDX-License-Identifier: MIT */
#ifndef XENVET_RESTORE_OPTIONS_H
#define XENVET_RESTORE_OPTIONS_H

/* The options of `restore`. */
#include "options.h"

enum xv_restore_option {
    XV_RESTORE_BACKEND,
    XV_RESTORE_NAME,
    XV_RESTORE_UUID,
    XV_RESTORE_TYPE,
    XV_RESTORE_MEMORY,
    XV_RESTORE_VCPUS,
    XV_RESTORE_PAUSED,
    XV_RESTORE_CONFIG,
    XV_RESTORE_OUT,
    XV_RESTORE_STALL,
    XV_RESTORE_LOG_JSON,
    XV_RESTORE_METRICS,
    XV_RESTORE_REAP,
    XV_RESTORE_OPTIONS,
};

/* What they are before any is given; nothing for other commands. */
void xv_restore_defaults(struct xv_options *options);

/* Takes one: NULL, or what is wrong with its argument. */
const char *xv_restore_option(struct xv_restore_options *options, int option, const char *text);

/* Takes what is left of the command line, and looks at the whole: likewise. */
const char *xv_restore_operands(struct xv_options *options, int argc, char **argv);

#endif
