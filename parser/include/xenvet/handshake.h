/* SPDX-License-Identifier: MIT */
#ifndef XENVET_HANDSHAKE_H
#define XENVET_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenvet/verdict.h>

/*
 * The two-way protocol around a migration stream (xl 2, 3, 4), as a proxy between sender and receiver sees it. The
 * stream itself is read by a struct xv_parser; the handshake says when it is its turn. A message is forwarded only once
 * it is whole.
 */
enum xv_protocol {
    XV_PROTOCOL_MIGRATE, /* banner, stream, ready, go-ahead, report, status[, permission] */
    XV_PROTOCOL_REMUS,   /* banner, stream until the link breaks */
    XV_PROTOCOL_COLO,    /* banner, stream, and a back channel of libxl and libxc records */
};

enum xv_direction {
    XV_FORWARD, /* sender to receiver: untrusted */
    XV_BACK,    /* receiver to sender: the local toolstack */
};

enum xv_turn {
    XV_TURN_MESSAGE, /* up to n octets of a message are expected in this direction */
    XV_TURN_STREAM,  /* the stream parser reads this direction */
    XV_TURN_SILENT,  /* nothing may come in this direction now; end of file is `eof_is_fine` or a rejection */
};

/* What a direction expects now. */
struct xv_turn_demand {
    enum xv_turn turn;
    uint32_t n;
};

/* A few octets of state; no pointers. Initialise with xv_handshake_init(). */
struct xv_handshake {
    uint32_t protocol; /* enum xv_protocol */
    uint32_t state;
    uint32_t matched;   /* octets of the current message so far */
    uint32_t status;    /* the receiver's status octet, once it came */
    uint64_t offset[2]; /* octets consumed in each direction, the stream's not counted */
    enum xv_code code;  /* XV_ACCEPTED, or why the conversation is refused */
    uint32_t guilty;    /* enum xv_direction that broke the rules */
    uint8_t header[16]; /* COLO back channel: the record header being read */
    uint32_t back_left; /* COLO back channel: octets of the body still to come */
    uint32_t back_zero; /* COLO back channel: leading zero octets of the dirty list, at most 8; 9: it is empty */
};

void xv_handshake_init(struct xv_handshake *h, enum xv_protocol protocol);

struct xv_turn_demand xv_handshake_demand(const struct xv_handshake *h, enum xv_direction direction);

/*
 * Octets that came in one direction while XV_TURN_MESSAGE was demanded there (n <= demanded) or, as a violation, while
 * it was silent. Returns false once the conversation is refused. `*whole` becomes true when a message is complete: what
 * was held back since the last such moment may be forwarded.
 */
bool xv_handshake_feed(struct xv_handshake *h, enum xv_direction direction, const uint8_t *bytes, size_t n,
                       bool *whole);

/* The stream parser accepted the whole stream, and all of it was forwarded. */
bool xv_handshake_stream_done(struct xv_handshake *h);

/*
 * For a proxy in two processes: one that reads only the sender's side begins at the go-ahead, once the other has let
 * the receiver's ready message out; the other is told when the go-ahead went by.
 */
void xv_handshake_init_go_ahead(struct xv_handshake *h);
bool xv_handshake_went_ahead(struct xv_handshake *h);

/* One direction ended. Returns false if that refuses the conversation. */
bool xv_handshake_eof(struct xv_handshake *h, enum xv_direction direction);

/* True once the go-ahead may have reached the receiver: from here on the link must not be cut (xl 2). */
bool xv_handshake_committed(const struct xv_handshake *h);

/* True when the conversation is over as the protocol wants it; `status` 0 then says that the guest runs here. */
bool xv_handshake_done(const struct xv_handshake *h);

#endif
