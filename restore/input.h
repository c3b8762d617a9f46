/* SPDX-License-Identifier: MIT */
#ifndef XENVET_INPUT_H
#define XENVET_INPUT_H

/*
 * Reads an untrusted descriptor and drives the parser with it. Nothing here allocates, prints or opens anything: all
 * memory and descriptors are given at the start, so that the same code runs inside the sandbox.
 *
 * A regular file is read at positions, and what the parser does not look at is stepped over without being read.
 * Everything else is read in sequence into the fixed buffer; opaque octets of a pipe go to /dev/null by splice(2),
 * without being copied.
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include <xenvet/parser.h>

#include "forward.h"

#define XV_INPUT_BUFFER \
    ((size_t)256 * 1024) /* the size of xv_input.buffer that suits pipes best; XV_WANT_MAX is the least \
                          */
/* The first read after a skip: the head of a PAGE_DATA record and its 1024 entries. It doubles while reading goes on.
 */
#define XV_INPUT_READAHEAD ((size_t)8 * 1024 + 256)

/* A sender that brings less than this while it is waited for during idle_seconds is idle: no drip holds a gate for
 * ever. */
#define XV_INPUT_LEAST ((size_t)64 * 1024)

struct xv_input {
    /* given by the caller */
    int fd;
    int sink; /* /dev/null, open for writing, or -1: then opaque octets of a pipe are read and forgotten */
    uint8_t *buffer;
    size_t capacity;
    uint32_t limit_seconds;                                      /* for the whole run, 0 = none */
    uint32_t idle_seconds;                                       /* see XV_INPUT_LEAST, 0 = none */
    void (*tick)(void *context, uint64_t offset, uint64_t size); /* now and then; may be NULL */
    void *context;
    bool open_ended;            /* something else may follow the stream: do not look */
    struct xv_forward *forward; /* what is accepted goes out there; NULL: nothing does */

    /* its own */
    bool positioned; /* a regular file */
    bool unspliceable;
    off_t base;    /* offset in the file of the first octet of the input */
    uint64_t size; /* octets of the input where that is known, or 0 */
    struct timespec mtime;
    uint64_t offset;      /* of the next octet that the parser has not seen, from `base` */
    size_t start, filled; /* the unread octets are buffer[start..filled) */
    size_t window;        /* how much to read at a time */
    bool at_end;          /* the stream is whole: does something follow? */
    int64_t waited_ms;    /* for the sender, since XV_INPUT_LEAST octets came */
    size_t brought;       /* octets that came since */
    int64_t started_ms;
    int error; /* errno of XV_DRIVE_ERROR */
};

enum xv_drive {
    XV_DRIVE_DONE,      /* xv_parser_report() has the verdict */
    XV_DRIVE_ERROR,     /* a system call failed: input->error */
    XV_DRIVE_DIRECTORY, /* the input is a directory */
    XV_DRIVE_LATE,      /* limit_seconds have passed */
    XV_DRIVE_IDLE,      /* idle_seconds have passed without input */
    XV_DRIVE_BACKEND,   /* the consumer does not take what was accepted: input->error */
    XV_DRIVE_BROKEN,    /* the parser asked for something impossible: a defect of xenvet */
};

/* Reads until the parser has a verdict or reading fails. */
enum xv_drive xv_drive(struct xv_parser *parser, struct xv_input *input);

#endif
