/* SPDX-License-Identifier: MIT */
#ifndef XENVET_SEAL_OPTIONS_H
#define XENVET_SEAL_OPTIONS_H

/* --seal and --pubkey, as check, gate and restore have them. */
#include "options.h"
#include "seal_file.h"

/*
 * Opens the seal that the options name, and takes from the policy what a sealed image cannot be: it has one end, which
 * is its own. 0 to go on, with `file->fd` -1 if no seal is named; else an exit status, and a message is on standard
 * error.
 */
int xv_seal_options_open(const struct xv_options *options, const char *command, struct xv_policy *policy,
                         struct xv_seal_file *file);

/* The same policy for making one. */
void xv_seal_narrow(struct xv_policy *policy);

/* What a run gets: NULL if no seal is named. */
const struct xv_seal_file *xv_seal_of(const struct xv_seal_file *file);

#endif
