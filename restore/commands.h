/* SPDX-License-Identifier: MIT */
#ifndef XENVET_COMMANDS_H
#define XENVET_COMMANDS_H

/* One function per command; each returns an exit status. */
#include "options.h"

int xv_command_check(const struct xv_options *options);
int xv_command_convert(const struct xv_options *options);
int xv_command_gate(const struct xv_options *options);
int xv_command_inspect(const struct xv_options *options);
int xv_command_policy(const struct xv_options *options);
int xv_command_records(const struct xv_options *options);
int xv_command_sandbox(const struct xv_options *options);
int xv_command_seal(const struct xv_options *options);
int xv_command_restore(const struct xv_options *options);
int xv_command_verdicts(const struct xv_options *options);

#endif
