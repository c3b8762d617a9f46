/* SPDX-License-Identifier: MIT */
#ifndef XENVET_RELAY_H
#define XENVET_RELAY_H

/* The way back: what the consumer answers goes to the sender message by message, as the handshake allows it. */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/handshake.h>

struct xv_relay {
    int from; /* the consumer's output */
    int to;   /* the sender; -1: nobody listens */
    struct xv_handshake *handshake;
    uint8_t held[4096];
    uint32_t length;
    bool deaf; /* the sender does not take our answers any more */
};

enum xv_relay_result {
    XV_RELAY_MORE,    /* nothing whole yet */
    XV_RELAY_MESSAGE, /* a message is whole and held: xv_relay_release() lets it out */
    XV_RELAY_PIECE,   /* held is full of COLO's dirty list, whose body may be anything: to be released, too */
    XV_RELAY_REFUSED, /* the consumer broke the protocol: handshake->code */
    XV_RELAY_END,     /* the consumer closed its output */
    XV_RELAY_ERROR,   /* errno */
};

/* Reads once from the consumer. */
enum xv_relay_result xv_relay_read(struct xv_relay *relay);

/* Writes the message, or the piece, that is held. False if the sender does not take it. */
bool xv_relay_release(struct xv_relay *relay);

#endif
