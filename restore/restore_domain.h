/* SPDX-License-Identifier: MIT */
#ifndef XENVET_RESTORE_DOMAIN_H
#define XENVET_RESTORE_DOMAIN_H

/*
 * The libxenguest back end, seen from the monitor: a worker that judges, an xenvet-restore that builds, and a domain
 * that runs only when both have said yes.
 */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/parser.h>
#include <xenvet/policy.h>

#include "backend_ipc.h"
#include "options.h"
#include "outcome.h"
#include "seal_file.h"

struct xv_restore {
    /* given */
    const struct xv_options *options;
    const struct xv_policy *policy;
    struct xv_observer observer;
    const struct xv_seal_file *seal; /* what the image must be, or NULL */

    /* what it came to */
    struct xv_outcome outcome; /* the worker's, or one of ours; XV_ENDED_BACKEND: see `failure` */
    struct xv_build build;     /* the domain that was asked for; its mark is "" if none was */
    char failure[160];         /* what the back end could not do, "" if it is not to blame */
    bool usage;                /* something has to be said on the command line: `failure` */
    bool left;                 /* something could not be removed */
    uint32_t domid;            /* of the domain, once it was handed over */
    int signal;                /* that ended the run, 0 = none */
};

/* Runs to the end; returns an exit status (exit_status.h). Unless it is 0, no domain and no process is left. */
int xv_restore_domain(struct xv_restore *restore);

#endif
