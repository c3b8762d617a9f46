/* SPDX-License-Identifier: MIT */
#ifndef XENVET_WORKER_SECCOMP_H
#define XENVET_WORKER_SECCOMP_H

/* The worker's system calls: a table, made into a filter by libseccomp. */
#include <stdbool.h>

/* Builds the filter, which needs memory; false with errno. */
bool xv_worker_seccomp_prepare(void);

/* Loads it. From here on any call outside the table kills the process. */
bool xv_worker_seccomp(void);

#endif
