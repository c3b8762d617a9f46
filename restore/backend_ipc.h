/* SPDX-License-Identifier: MIT */
#ifndef XENVET_BACKEND_IPC_H
#define XENVET_BACKEND_IPC_H

/*
 * Monitor and xenvet-restore talk over a SOCK_SEQPACKET pair in messages of one size. While the channel is open and
 * COMMIT has not come, the domain belongs to the monitor; when the channel closes before that, xenvet-restore removes
 * it.
 */
#include <stdint.h>

#define XV_BACKEND_VERSION 1u

/* Descriptors of xenvet-restore; standard error is the operator's, all others are closed. */
#define XV_BACKEND_STREAM  0 /* the vetted libxc stream */
#define XV_BACKEND_CONTROL 3

/* While it is under construction, a domain carries a random mark as its handle, and a xenstore node names the mark
 * (mark.h). */
#define XV_MARK_TEXT 37u /* "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" and NUL */
#define XV_NAME_SIZE 64u

enum xv_backend_kind {
    /* monitor to back end */
    XV_BACKEND_BUILD = 1, /* the first message: make this domain */
    XV_BACKEND_COMMIT,    /* the whole stream was accepted: hand the domain over */
    /* back end to monitor */
    XV_BACKEND_READY = 16, /* the domain is made and empty, the stream is awaited */
    XV_BACKEND_RESTORED,   /* it is filled and known to xenstore, and does not run */
    XV_BACKEND_DONE,       /* it was handed over; the last message, only the mark is still to go */
    XV_BACKEND_FAILED,     /* the last message */
};

struct xv_build {
    uint32_t guest; /* one enum xv_guest bit */
    uint32_t vcpus;
    uint64_t max_kb, target_kb;
    int32_t owner;   /* process id of the monitor */
    uint32_t paused; /* it stays paused when it is handed over */
    char mark[XV_MARK_TEXT];
    char uuid[XV_MARK_TEXT]; /* its handle once it is handed over */
    char name[XV_NAME_SIZE];
};

struct xv_backend_message {
    uint32_t kind; /* enum xv_backend_kind */
    uint32_t version;
    uint32_t domid; /* READY, DONE */
    int32_t error;  /* FAILED: errno */
    uint32_t clean; /* FAILED: nothing was left */
    char what[96];  /* FAILED: what could not be done */
    struct xv_build build;
};

#endif
