/* SPDX-License-Identifier: MIT */
#ifndef XENVET_GATE_H
#define XENVET_GATE_H

/*
 * The gate between an untrusted sender (`input`, `output`) and a command: the worker judges and forwards what the
 * sender says, this side carries back what the command answers, and decides what happens in the end.
 */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/handshake.h>
#include <xenvet/policy.h>

#include "incoming.h"
#include "outcome.h"
#include "seal_file.h"

struct xv_gate {
    /* given */
    int input, output;    /* the sender's side; output may be -1 if nothing is answered */
    char *const *command; /* argv of the consumer */
    const struct xv_policy *policy;
    enum xv_protocol protocol;
    bool handshake; /* the sender speaks the protocol of xl migrate-receive; else a bare stream */
    bool keep_config;
    const uint8_t *own_config; /* a header and configuration that take the place of the sender's, or NULL */
    size_t own_config_size;
    const struct xv_seal_file *seal; /* what the image must be, or NULL */
    uint32_t layers;
    uint32_t limit_seconds, idle_seconds, stall_seconds;
    struct xv_incoming *incoming; /* the consumer is an xl that receives a domain, which is removed unless all goes
                                     well; NULL: it is none */
    struct xv_observer observer;  /* told of fields of the configuration */

    /* what it came to */
    struct xv_outcome outcome; /* the worker's, or one of ours */
    bool committed;            /* the go-ahead went through, or the fail-over began: the guest belongs to this side */
    int consumer_status;       /* wait status, -1 if it was killed */
    int signal;                /* the signal that ended it, 0 = none */
    bool guest_failed;         /* the receiver did not report that the guest runs */
    bool left;                 /* its domain could not be removed */
};

/* Runs to the end; returns an exit status (exit_status.h). Nothing is left of either process. */
int xv_gate_run(struct xv_gate *gate);

#endif
