/* SPDX-License-Identifier: MIT */
#ifndef XENVET_DESTINATION_H
#define XENVET_DESTINATION_H

/*
 * Where a vetted copy goes. A regular file is written without a name where the file system can do that, else under a
 * temporary name beside its place, and takes its name when it is whole. Pipes and devices get the octets as they are
 * accepted.
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct xv_destination {
    int fd;
    bool direct;      /* the worker may write to it: it cannot be sought, and stalls are noticed */
    const char *path; /* NULL: an open descriptor */
    char *temporary;  /* its name until it is whole, NULL if it has none */
    bool file;        /* one of our own, that takes its name when it is whole */
    bool named;       /* `temporary` exists */
    bool unspliceable;
};

/* False with errno; nothing is left then. `path` must outlive it. */
bool xv_destination_open(struct xv_destination *destination, const char *path);

/* Moves what a pipe holds, at most n octets: how many, 0 at the end, -1 with errno. */
ssize_t xv_destination_take(struct xv_destination *destination, int pipe, size_t n);

/* Everything is written: makes it last, and gives it its name. False with errno. */
bool xv_destination_commit(struct xv_destination *destination);

/* Closes it; what was not committed is gone. */
void xv_destination_close(struct xv_destination *destination);

#endif
