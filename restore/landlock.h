/* SPDX-License-Identifier: MIT */
#ifndef XENVET_LANDLOCK_H
#define XENVET_LANDLOCK_H

#include <stdbool.h>

/* Denies every access that this kernel's Landlock knows. False with errno on failure. */
bool xv_landlock_deny_all(void);

/* The version of Landlock's interface that this kernel has, 0 if none. */
int xv_landlock_version(void);

#endif
