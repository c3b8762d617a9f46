/* SPDX-License-Identifier: MIT */
#ifndef XENVET_OUTCOME_H
#define XENVET_OUTCOME_H

/*
 * What a run came to: of fixed size and without pointers, so that it can cross a process boundary as it is. All
 * rendering (text, JSON) works from this and from the facts alone.
 */
#include <stdint.h>

#include <xenvet/parser.h>

enum xv_ending {
    XV_ENDED_ACCEPTED,
    XV_ENDED_REJECTED,
    XV_ENDED_ERROR, /* a system call failed: `error` */
    XV_ENDED_DIRECTORY,
    XV_ENDED_LATE,
    XV_ENDED_IDLE,
    XV_ENDED_BACKEND,  /* the consumer did not take what was accepted: `error` */
    XV_ENDED_INTERNAL, /* the worker died or broke the protocol */
    XV_ENDED_SANDBOX,  /* a layer of the sandbox is not to be had: `layer`, `error` */
};

struct xv_outcome {
    uint32_t ending; /* enum xv_ending */
    int32_t error;   /* errno, for XV_ENDED_ERROR */
    uint32_t layer;  /* enum xv_sandbox_layer bit, for XV_ENDED_SANDBOX */
    uint32_t code;   /* enum xv_code; the rest as in struct xv_report */
    uint32_t has;
    uint64_t offset;
    uint64_t record;
    uint64_t found;
    uint64_t allowed_min, allowed_max;
    uint32_t record_type;
    char record_name[36]; /* "" outside records */
    struct xv_summary summary;
};

#endif
