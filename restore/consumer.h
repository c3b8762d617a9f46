/* SPDX-License-Identifier: MIT */
#ifndef XENVET_CONSUMER_H
#define XENVET_CONSUMER_H

/*
 * The command behind a gate, in a process group of its own. A rejection must never look like end of file to it (hazards
 * libxl), so the monitor keeps a writing end of its input open until the whole group is dead and reaped.
 */
#include <stdbool.h>
#include <sys/types.h>

struct xv_consumer {
    pid_t pid;  /* also its process group */
    int input;  /* writing end of its standard input, -1 once closed */
    int output; /* reading end of its standard output, -1 once closed */
    int death;  /* readable once it has exited (a pidfd), -1 if the kernel has none */
};

/* Starts argv[0] with pipes for standard input and output. False with errno; nothing is left then. */
bool xv_consumer_start(struct xv_consumer *consumer, char *const argv[]);

/*
 * Kills the whole group and every other process that it started and that became ours, reaps them, and only then closes
 * the pipes. There must be no other children.
 */
void xv_consumer_kill(struct xv_consumer *consumer);

/* Closes its input: it sees end of file. Only after the whole stream was accepted, or when it is meant to clean up by
 * itself. */
void xv_consumer_end_input(struct xv_consumer *consumer);

/* Waits at most `seconds` (0: for ever) for it to exit. Its wait status; -1 if it did not, which leaves it running. */
int xv_consumer_wait(struct xv_consumer *consumer, unsigned seconds);

#endif
