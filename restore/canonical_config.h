/* SPDX-License-Identifier: MIT */
#ifndef XENVET_CANONICAL_CONFIG_H
#define XENVET_CANONICAL_CONFIG_H

/*
 * Re-encodes the configuration that xl embeds: only the members that the parser says are kept, without white space,
 * under a header of our own. Works on the held copy of what the parser has checked, token by token.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenvet/parser.h>

#define XV_CANONICAL_DEPTH 32u
#define XV_XL_HEADER       52u /* header and config_len (xl 1.1, 1.3) */

struct xv_canonical {
    uint8_t *out; /* given: at least the largest configuration and XV_XL_HEADER octets */
    size_t capacity;
    const uint8_t *held; /* given: the hold; stream offset 0 is its first octet */

    size_t length; /* octets of `out` after the header */
    uint32_t depth;
    bool comma[XV_CANONICAL_DEPTH]; /* a member stands before the next one */
    bool array[XV_CANONICAL_DEPTH];
    bool named; /* a name was written, its value follows */
    bool overflow;
};

/* For xv_parser_keep_config(). */
void xv_canonical_token(void *context, enum xv_config_token token, uint64_t start, uint64_t end);

/* Puts the header before it and the NUL after it; octets of `out`, 0 if it did not fit. `held` is the header as it
 * came. */
size_t xv_canonical_finish(struct xv_canonical *canonical, const uint8_t *held, size_t n);

#endif
