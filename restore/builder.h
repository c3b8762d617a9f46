/* SPDX-License-Identifier: MIT */
#ifndef XENVET_BUILDER_H
#define XENVET_BUILDER_H

/* The monitor's side of xenvet-restore: starting it, talking to it, and taking away what it leaves when it is killed.
 */
#include <stdbool.h>
#include <sys/types.h>

#include "backend_ipc.h"

struct xv_builder {
    pid_t pid;   /* -1: none */
    int control; /* this side of the channel, -1: none */
};

/* True if the program is there. */
bool xv_builder_available(void);

/* Starts it with `stream` as its input and gives it the order. False with errno; no process is left then. */
bool xv_builder_start(struct xv_builder *builder, int stream, const struct xv_build *build);

/* One message: 1; 0 if it is gone; -1 with errno. */
int xv_builder_receive(const struct xv_builder *builder, struct xv_backend_message *message);

/* Lets the domain go. False if it is gone. */
bool xv_builder_commit(const struct xv_builder *builder);

/* After DONE: waits for it to end, but not for ever. */
void xv_builder_await(struct xv_builder *builder);

/* Kills and reaps it, then closes the channel. */
void xv_builder_kill(struct xv_builder *builder);

/* Removes whatever carries the mark; true if nothing of it is left. */
bool xv_builder_remove(const char *mark);

/* Removes what monitors that are gone have left; an exit status. */
int xv_builder_reap(void);

#endif
