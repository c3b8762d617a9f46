/* SPDX-License-Identifier: MIT */
#ifndef XENVET_CONVERT_OPTIONS_H
#define XENVET_CONVERT_OPTIONS_H

/* The options of `convert`. */
#include "options.h"

enum xv_convert_option {
    XV_CONVERT_FROM,
    XV_CONVERT_TO,
    XV_CONVERT_LOSS,
    XV_CONVERT_CONFIG,
    XV_CONVERT_OPTIONS,
};

/* What they are before any is given; nothing for other commands. */
void xv_convert_defaults(struct xv_options *options);

/* Takes one: NULL, or what is wrong with its argument. */
const char *xv_convert_option(struct xv_options *options, int option, const char *text);

/* Takes what is left of the command line: likewise. */
const char *xv_convert_operands(struct xv_convert_options *options, int argc, char **argv);

#endif
