/* SPDX-License-Identifier: MIT */
#include "commands.h"

#include "exit_status.h"
#include "output.h"
#include "policy_json.h"

int xv_command_policy(const struct xv_options *options) {
    return xv_output_json(xv_policy_json(&options->settings)) ? XV_EXIT_ACCEPTED : XV_EXIT_SYSTEM;
}
