/* SPDX-License-Identifier: MIT */
#ifndef XENVET_FORWARD_H
#define XENVET_FORWARD_H

/*
 * The gate's hold: octets of the item being read are kept here, private copies, and go out only when the parser has
 * accepted the item whole. At every moment the back end has received a whole number of accepted items. No allocation,
 * no stdio.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenvet/parser.h>

#include "canonical_config.h"
#include "sealed.h"

struct xv_convert;

struct xv_forward {
    int fd; /* the back end; may be non-blocking */
    uint8_t *hold;
    size_t capacity;
    uint32_t stall_seconds;       /* a consumer that takes nothing for so long is dead, 0 = wait for ever */
    struct xv_canonical *config;  /* re-encodes the embedded configuration; NULL: it goes out as it came */
    void (*replace_config)(void); /* called instead of forwarding it, unless NULL */
    bool at_once;         /* the end goes out as soon as it was read; else only once nothing is known to follow it */
    bool libxc_only;      /* nothing goes out but the libxc stream, if its guest is one of `guests` */
    uint32_t guests;      /* enum xv_guest bits */
    bool announce_config; /* `begin` is called before the configuration, or what replaces it, goes out */
    void (*begin)(void *context, const struct xv_parser *parser); /* libxc_only: before the first octet goes out */
    void *context;
    struct xv_convert *convert; /* makes something else of what is accepted; NULL: it goes out as it came */
    struct xv_sealed *sealed;   /* what each item must be, or is told of it; NULL: neither */

    size_t held;
    size_t settled;     /* of these: accepted, and waiting for the end of the input */
    uint64_t committed; /* of the parser, at the last commit */
    uint64_t written;   /* octets that went out */
    int error;          /* errno of a failed write; ETIME: stalled */
};

/* Where the next octets of the item go, and how many fit; 0 only if an item is larger than the policy allows, a defect.
 */
uint8_t *xv_forward_room(struct xv_forward *forward, size_t *room);

/* n octets were put there. */
void xv_forward_added(struct xv_forward *forward, size_t n);

/* Writes octets; false with `error`. */
bool xv_forward_write(struct xv_forward *forward, const uint8_t *octets, size_t n);

/*
 * After the parser took a piece or the end: writes what is now accepted whole. False with `error` if the back end does
 * not take it. A guest that is none of `guests` makes the parser reject.
 */
bool xv_forward_commit(struct xv_forward *forward, struct xv_parser *parser);

#endif
