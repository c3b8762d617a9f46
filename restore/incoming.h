/* SPDX-License-Identifier: MIT */
#ifndef XENVET_INCOMING_H
#define XENVET_INCOMING_H

/*
 * The domain that xl makes behind a gate. An xl that is killed leaves it, paused and never run, so the monitor has to
 * know which one it is: it was not there before the configuration went out, it has the name and the uuid of that
 * configuration, and no other run of xenvet is receiving a domain of this name.
 */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/parser.h>

#include "xl_tool.h"

struct xv_incoming {
    /* given */
    const char *xl;     /* the program to ask */
    const char *suffix; /* what xl puts behind the name until the guest is handed over, or "" */
    char name[64];      /* of the operator's configuration; if "", name and uuid are the sender's */
    char uuid[40];
    bool silent; /* leave no note: what is left may be the only copy of the guest */

    /* kept */
    struct xv_xl_domains before;
    char note[288]; /* the file of incoming_note.h, or "" */
    bool begun;
    int claim; /* a socket whose name says that this domain is being received, -1 = none */

    /* what it came to */
    char failure[160]; /* why a domain cannot be received now */
};

void xv_incoming_init(struct xv_incoming *incoming, const char *xl, const char *suffix);

/* Before xl is started. False with `failure`. */
bool xv_incoming_open(struct xv_incoming *incoming);

/* Before the configuration, which was accepted, goes out. False with `failure`. */
bool xv_incoming_begin(struct xv_incoming *incoming, const struct xv_summary *summary);

/*
 * Once xl is dead and the domain is not to be: destroys what it made. True if nothing of it is left. `honest`: the
 * configuration that went out is the one that was announced; else whatever looks like a domain being received counts
 * as left, but is not touched.
 */
bool xv_incoming_remove(struct xv_incoming *incoming, bool honest);

/* The same for a note of a run that is gone; a domain that runs, or ran, is no leftover, and stays. */
bool xv_incoming_remove_idle(struct xv_incoming *incoming);

/* From now on the domain is this host's, whatever becomes of us. */
void xv_incoming_handed_over(struct xv_incoming *incoming);

/* The domain that xl made, once it has succeeded; 0 if it cannot be told. */
uint32_t xv_incoming_domid(const struct xv_incoming *incoming);

void xv_incoming_close(struct xv_incoming *incoming);

#endif
