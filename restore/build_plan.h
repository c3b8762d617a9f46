/* SPDX-License-Identifier: MIT */
#ifndef XENVET_BUILD_PLAN_H
#define XENVET_BUILD_PLAN_H

/* Which domain is made for a stream: what its vetted configuration says, and the operator's words, which come first. */
#include <stdbool.h>

#include "backend_ipc.h"
#include "ipc.h"
#include "options.h"

/* Guests that the libxenguest back end restores under these options, enum xv_guest bits. */
uint32_t xv_plan_guests(const struct xv_restore_options *options, const struct xv_policy *policy);

/* False with a sentence if something is not known. */
bool xv_plan_make(struct xv_build *build, const struct xv_begun *begun, const struct xv_restore_options *options,
                  uint32_t guests, const char **fault);

#endif
