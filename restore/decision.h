/* SPDX-License-Identifier: MIT */
#ifndef XENVET_DECISION_H
#define XENVET_DECISION_H

/* What operators see of a run that decided something: a line for the journal, one of JSON, counters for Prometheus. */
#include <stdbool.h>
#include <stdio.h>

#include <xenvet/policy.h>

#include "notes.h"
#include "outcome.h"

#define XV_GATE_SCHEMA "xenvet.gate/1"

struct xv_decision {
    const char *command; /* "gate" */
    const char *input;   /* its name, "-" */
    const char *output;  /* its name, or that of the consumer */
    struct xv_outcome outcome;
    const struct xv_notes *notes;
    const struct xv_policy *policy;
    double seconds;
    int status;          /* exit status */
    int consumer_status; /* wait status, -1 = none */
    int signal;          /* that ended the run, 0 = none */
    const char *failure; /* of the receiving side, in words; "" or NULL if errno says it */
    const char *left;    /* the domain that could not be removed, in words; NULL if none is left */
    bool committed, guest_failed;
};

/* As sentences on a stream; with a priority prefix (sd-daemon(3)) unless it is a terminal. Acceptance is silent if
 * `quiet`. */
void xv_decision_print(FILE *out, const struct xv_decision *decision, bool quiet);

/* Appends one line of JSON to a file, or writes it to standard error for "-". False with errno. */
bool xv_decision_log(const char *path, const struct xv_decision *decision);

#endif
