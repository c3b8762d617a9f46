/* SPDX-License-Identifier: MIT */
#ifndef XENVET_IPC_H
#define XENVET_IPC_H

/*
 * Monitor and worker talk over a SOCK_SEQPACKET pair: the kernel keeps the edges of messages, every kind has one fixed
 * size, and what the worker says is only taken when the permit table says that it may say it now (permit.h). The worker
 * is presumed hostile.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenvet/parser.h>
#include <xenvet/seal.h>

#include "outcome.h"

#define XV_IPC_VERSION 2u

/* Descriptors of the worker. */
#define XV_WORKER_INPUT  0 /* untrusted */
#define XV_WORKER_OUTPUT 1 /* vetted records; /dev/null when nothing is forwarded */
#define XV_WORKER_CONTROL \
    2 /* in place of standard error: the worker has no stdio, and RLIMIT_NOFILE 3 leaves no free number */

enum xv_message_kind {
    /* monitor to worker */
    XV_MSG_HELLO = 1, /* the first and only one before the sandbox is up */
    XV_MSG_PROCEED,   /* in a migration: the receiver's banner is out, read; later: its ready message is going out, the
                         go-ahead may come;   for libxc_only: the domain can be filled; for skip_config: the operator's
                         configuration is out */
    /* worker to monitor */
    XV_MSG_FAILED = 16, /* a layer of the sandbox, or memory, is not to be had */
    XV_MSG_READY,       /* sandboxed; no untrusted octet was read before */
    XV_MSG_FACT,        /* about the stream, for inspect and notes */
    XV_MSG_TICK,        /* still there; offset and size */
    XV_MSG_COMPLETE,    /* the whole stream was accepted and forwarded */
    XV_MSG_GO_AHEAD,    /* in a migration: the sender's go-ahead came; the monitor passes it on */
    XV_MSG_OUTCOME,     /* the verdict; the last message */
    XV_MSG_CONFIG,  /* for skip_config: the sender's configuration was accepted and left out; XV_MSG_PROCEED is awaited
                     */
    XV_MSG_SEALED,  /* for XV_SEAL_MAKE: the digest of an item that was accepted, and in the end that of the image */
    XV_MSG_SUMMARY, /* for libxc_only: configuration and headers were accepted; for announce_config: the configuration
                       was; XV_MSG_PROCEED is awaited */
};

/* What the worker is to do. */
enum xv_mode {
    XV_MODE_CHECK, /* a verdict */
    XV_MODE_GATE,  /* and forward what was accepted, record by record */
};

struct xv_hello {
    uint32_t version; /* XV_IPC_VERSION */
    uint32_t mode;    /* enum xv_mode */
    uint32_t layers;  /* the worker's own layers to set up; without them it refuses to go on */
    uint32_t facts;   /* bit n: tell facts of kind n */
    uint32_t limit_seconds;
    uint32_t idle_seconds;
    uint32_t ticks;         /* send XV_MSG_TICK now and then */
    uint32_t handshake;     /* XV_MODE_GATE: wait for XV_MSG_PROCEED before reading */
    uint32_t go_ahead;      /* and expect xl's go-ahead after the stream (xl 2) */
    uint32_t stall_seconds; /* XV_MODE_GATE: a consumer that takes nothing for so long is dead */
    uint32_t keep_config;   /* XV_MODE_GATE: forward the sender's configuration as it is */
    uint32_t skip_config; /* XV_MODE_GATE: say XV_MSG_CONFIG instead of forwarding it: the monitor sends the operator's
                             own */
    uint32_t
        link_breaks; /* XV_MODE_GATE: the stream ends by the link breaking (xl 3, 4): silence or a reset is its end */
    uint32_t libxc_only; /* XV_MODE_GATE: forward the libxc stream alone, after XV_MSG_SUMMARY and XV_MSG_PROCEED */
    uint32_t guests;     /* libxc_only: enum xv_guest bits that the back end can restore */
    uint32_t announce_config; /* XV_MODE_GATE: XV_MSG_SUMMARY and XV_MSG_PROCEED before the configuration goes out */
    uint32_t
        convert; /* XV_MODE_GATE: into another format, see convert/convert.h; skip_config: as a configuration of xl */
    uint32_t convert_to; /* enum xv_convert_to */
    uint32_t lossy;
    uint32_t seal;      /* enum xv_seal_mode */
    uint64_t seal_size; /* XV_SEAL_COMPARE: octets of the seal, whose descriptor is the next message */
    struct xv_policy policy;
};

enum xv_seal_mode {
    XV_SEAL_NONE,
    XV_SEAL_COMPARE, /* XV_MODE_GATE: only what was sealed goes out */
    XV_SEAL_MAKE,    /* XV_MODE_GATE: tell XV_MSG_SEALED */
};

struct xv_failed {
    uint32_t layer; /* its bit, 0 for anything else */
    int32_t error;  /* errno */
};

struct xv_tick {
    uint64_t offset, size;
};

/* An item, or the image. */
struct xv_sealed_item {
    uint64_t end;
    uint32_t whole; /* 1: of the image */
    uint32_t spare; /* 0 */
    uint8_t digest[XV_DIGEST];
};

/* What is known before the first octet of the libxc stream goes out: enough to make the domain. */
struct xv_begun {
    uint32_t guests; /* what it may be, enum xv_guest bits */
    uint32_t spare;  /* 0 */
    struct xv_summary summary;
};

struct xv_message {
    uint32_t kind;  /* enum xv_message_kind */
    uint32_t spare; /* 0 */
    union {
        struct xv_hello hello;
        struct xv_failed failed;
        struct xv_fact fact;
        struct xv_tick tick;
        struct xv_begun begun;
        struct xv_sealed_item sealed;
        struct xv_outcome outcome;
    } u;
};

/* Octets of a message of this kind on the wire; 0 if there is no such kind. */
size_t xv_message_size(uint32_t kind);

/* Sends one message, waiting if need be; false with errno on failure. No allocation, no stdio. */
bool xv_ipc_send(int fd, const struct xv_message *message);

/*
 * Receives one message: 1 if it came whole and has exactly the size of its kind, 0 at the end, -1 with errno on failure
 * (EPROTO: wrong size or kind; EAGAIN as recv(2)).
 */
int xv_ipc_receive(int fd, struct xv_message *message);

/* Sends a descriptor, receives one: false, or -1, with errno. */
bool xv_ipc_send_descriptor(int fd, int descriptor);
int xv_ipc_receive_descriptor(int fd);

#endif
