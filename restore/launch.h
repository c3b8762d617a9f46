/* SPDX-License-Identifier: MIT */
#ifndef XENVET_LAUNCH_H
#define XENVET_LAUNCH_H

/*
 * Starts the worker: a new process in namespaces of its own, without capabilities, with an empty root, holding three
 * descriptors, entered by exec. What the worker does to itself after that is in sandbox.h.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct xv_worker {
    pid_t pid;
    int control; /* this side of the message channel */
};

/* Why a worker could not be started. */
struct xv_launch_error {
    uint32_t layer;   /* enum xv_sandbox_layer bit, 0 for anything else */
    int error;        /* errno */
    const char *what; /* static */
};

/*
 * Starts a worker with these two descriptors as its input and output; they stay the caller's. `layers` is the set of
 * layers to put on. False leaves no process behind and says why.
 */
bool xv_launch_worker(struct xv_worker *worker, int input, int output, uint32_t layers, struct xv_launch_error *error);

/* Kills the worker if it is still there, reaps it, closes the channel. Returns its wait status, or -1. */
int xv_launch_end(struct xv_worker *worker);

#endif
