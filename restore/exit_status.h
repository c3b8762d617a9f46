/* SPDX-License-Identifier: MIT */
#ifndef XENVET_EXIT_STATUS_H
#define XENVET_EXIT_STATUS_H

#include "outcome.h"

/* Documented in xenvet(1); scripts depend on them. */
enum xv_exit {
    XV_EXIT_ACCEPTED = 0,
    XV_EXIT_REJECTED = 1,
    XV_EXIT_USAGE = 2,
    XV_EXIT_SYSTEM = 3,  /* input, output, memory, time limits */
    XV_EXIT_BACKEND = 4, /* the back end failed on an accepted stream */
};

/* The exit status for an ending of a run. */
int xv_exit_of(uint32_t ending);

#endif
