/* SPDX-License-Identifier: MIT */
#ifndef XENVET_PERMIT_H
#define XENVET_PERMIT_H

/*
 * What the worker may say when. The monitor asks this table before it looks at a message; a message that is not
 * permitted now ends the run as if the worker had crashed. Acceptance is granted only by COMPLETE and then an accepting
 * OUTCOME, each once.
 */
#include <stdbool.h>
#include <stdint.h>

#include "ipc.h"

enum xv_permit_state {
    XV_PERMIT_START,    /* READY or FAILED */
    XV_PERMIT_RUNNING,  /* facts and ticks; COMPLETE or OUTCOME */
    XV_PERMIT_COMPLETE, /* OUTCOME, which alone may accept now; in a migration GO_AHEAD before it */
    XV_PERMIT_GONE,     /* OUTCOME */
    XV_PERMIT_CLOSED,   /* nothing */
};

struct xv_permit {
    enum xv_permit_state state;
    uint64_t facts;     /* told so far */
    uint64_t max_facts; /* more than this is a worker gone mad */
    bool summary;       /* set by the caller: SUMMARY comes, once, before COMPLETE */
    bool seal;          /* set by the caller: SEALED may come, up to that of the whole image */
    bool config;        /* set by the caller: CONFIG may come, once */
    bool accepted;      /* COMPLETE and an accepting OUTCOME came, in this order */
};

void xv_permit_init(struct xv_permit *permit, uint64_t max_facts);

/* True if this message may come now; the state then moves on. */
bool xv_permit_take(struct xv_permit *permit, const struct xv_message *message);

#endif
