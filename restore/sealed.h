/* SPDX-License-Identifier: MIT */
#ifndef XENVET_SEALED_H
#define XENVET_SEALED_H

/*
 * The worker's side of a seal: each item is hashed where it is held, after the parser has accepted it and before it
 * goes out. Either it must be the one that was sealed, or the monitor is told its digest. No allocation, no stdio.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenvet/parser.h>
#include <xenvet/seal.h>

struct xv_sealed {
    const uint8_t *map; /* the seal, or NULL: one is being made */
    uint64_t size;
    struct xv_seal seal;
    struct xv_sha256 whole;
    /* told of each item; `whole`: of the image instead, after the last one */
    void (*tell)(uint64_t end, const uint8_t digest[XV_DIGEST], bool whole);
};

/* XV_ACCEPTED, or what is wrong with the seal. */
enum xv_code xv_sealed_begin(struct xv_sealed *sealed);

/* n octets that the parser accepted, which end at `end`; an item that was not sealed makes it reject. */
void xv_sealed_item(struct xv_sealed *sealed, struct xv_parser *parser, const uint8_t *item, size_t n, uint64_t end);

#endif
