/* SPDX-License-Identifier: MIT */
#ifndef XENVET_CONFINE_H
#define XENVET_CONFINE_H

/* What happens between clone and exec in the process that becomes the worker. */
#include <stdint.h>

#define XV_NOBODY 65534u

struct xv_confinement {
    int program; /* the worker's executable, opened with O_PATH */
    int input, output, control;
    uint32_t layers;
};

/*
 * Waits for the parent's go (one octet on `control`), then takes on the identity, the empty root and the descriptors of
 * the worker, drops all capabilities and enters it. What fails is told on the channel as XV_MSG_FAILED; never returns.
 */
_Noreturn void xv_confine_and_exec(const struct xv_confinement *confinement);

#endif
