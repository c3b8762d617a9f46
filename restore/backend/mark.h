/* SPDX-License-Identifier: MIT */
#ifndef XENVET_MARK_H
#define XENVET_MARK_H

/*
 * What makes a domain under construction recognisable, whoever is killed when: a random mark is its handle from the
 * moment of its creation, and the node /tool/xenvet/MARK, written before that and removed last, says whose it is. When
 * the domain is handed over it gets its own handle; from then on only its owner may still remove it.
 */
#include <stdbool.h>
#include <stdint.h>

#include "../backend_ipc.h"
#include "host.h"

#define XV_MARKS "/tool/xenvet"

struct xv_mark {
    char text[XV_MARK_TEXT];
    long owner;               /* process id of the monitor */
    unsigned long long since; /* when that process started, in ticks after boot */
    uint32_t domid;           /* XV_NO_DOMAIN until it exists */
    char uuid[XV_MARK_TEXT];  /* the handle that it will get */
};

/* Finds out when the owner started. False if there is no such process. */
bool xv_mark_owner(struct xv_mark *mark, long owner);

/* True if the process that made the mark still lives. */
bool xv_mark_owner_lives(const struct xv_mark *mark);

/* False with errno. */
bool xv_mark_write(const struct xv_host *host, const struct xv_mark *mark);

/* False if there is none, or it is damaged; `text` is set all the same. */
bool xv_mark_read(const struct xv_host *host, const char *text, struct xv_mark *mark);

/* Removes it, and the directory of marks with the last one. */
bool xv_mark_remove(const struct xv_host *host, const char *text);

/* Removes the directory of marks if it is empty. */
bool xv_marks_tidy(const struct xv_host *host);

#endif
