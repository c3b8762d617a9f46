/* SPDX-License-Identifier: MIT */
#ifndef XENVET_USAGE_H
#define XENVET_USAGE_H

#include <stdio.h>

#include "options.h"

/* The help of the program, and that of one command. */
void xv_usage(FILE *out);
void xv_usage_of(FILE *out, enum xv_command command);

#endif
