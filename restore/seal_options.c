/* SPDX-License-Identifier: MIT */
#include "seal_options.h"

#include <stdio.h>
#include <string.h>

#include "exit_status.h"

#define FRAMES 16u /* items that are no records: headers of containers and streams */

void xv_seal_narrow(struct xv_policy *policy) {
    policy->allow &= ~(uint32_t)(XV_ALLOW_CHECKPOINTED | XV_ALLOW_COLO);
    policy->tolerate &= ~(uint32_t)XV_TOLERATE_GO_AHEAD;
}

int xv_seal_options_open(const struct xv_options *o, const char *command, struct xv_policy *policy,
                         struct xv_seal_file *file) {
    uint64_t most = policy->max_records < UINT32_MAX ? policy->max_records + FRAMES : UINT32_MAX;

    memset(file, 0, sizeof *file);
    file->fd = -1;
    if (o->seal == NULL)
        return XV_EXIT_ACCEPTED;
    xv_seal_narrow(policy);
    if (xv_seal_file_open(file, o->seal, o->pubkey, most))
        return XV_EXIT_ACCEPTED;
    (void)fprintf(stderr, "xenvet %s: %s\n", command, file->fault);
    xv_seal_file_close(file);
    return XV_EXIT_SYSTEM;
}

const struct xv_seal_file *xv_seal_of(const struct xv_seal_file *file) {
    return file->fd >= 0 ? file : NULL;
}
