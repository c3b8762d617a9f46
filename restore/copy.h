/* SPDX-License-Identifier: MIT */
#ifndef XENVET_COPY_H
#define XENVET_COPY_H

/* The `file` back end: a vetted, canonical copy of an image. A file appears whole, or not at all. */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/parser.h>
#include <xenvet/policy.h>

#include "convert/convert.h"
#include "outcome.h"
#include "seal_file.h"

struct xv_copy {
    /* given */
    const char *in, *out; /* "-": standard input, standard output */
    const struct xv_policy *policy;
    bool keep_config;
    const uint8_t *own_config; /* see struct xv_gate */
    size_t own_config_size;
    bool convert; /* into another format, see convert/convert.h */
    enum xv_convert_to to;
    bool lossy;
    const struct xv_seal_file *seal; /* what the image must be, or NULL */
    uint32_t layers;
    uint32_t limit_seconds, idle_seconds, stall_seconds;
    struct xv_observer observer;

    /* what it came to */
    struct xv_outcome outcome; /* XV_ENDED_BACKEND: the output failed */
    int signal;                /* the signal that ended it, 0 = none */
};

/* Runs to the end; returns an exit status (exit_status.h). */
int xv_copy_run(struct xv_copy *copy);

#endif
