/* SPDX-License-Identifier: MIT */
#ifndef XENVET_CURSOR_H
#define XENVET_CURSOR_H

/*
 * The only file of the parser, with cursor.c, that does arithmetic on pointers into untrusted octets. A cursor is a
 * window [off, end) over a buffer of at most XV_WANT_MAX octets; every read is checked against both the window and that
 * constant. All integers in the streams are little-endian unless a function says otherwise.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xv_cursor {
    const uint8_t *base; /* at least `end` readable octets */
    size_t off, end;     /* off <= end <= XV_WANT_MAX */
    uint64_t at;         /* absolute stream offset of base[0] */
};

/* A cursor over n octets; n above XV_WANT_MAX gives an empty one. */
struct xv_cursor xv_cursor_over(const uint8_t *bytes, size_t n, uint64_t at);

/* Octets left in the window. */
size_t xv_left(const struct xv_cursor *c);

/* Absolute stream offset of the next octet. */
uint64_t xv_at(const struct xv_cursor *c);

/*
 * Each of these takes the next field. If the window is too short it returns false, sets *out to 0 and consumes nothing.
 */
bool xv_get_u8(struct xv_cursor *c, uint8_t *out);
bool xv_get_u16(struct xv_cursor *c, uint16_t *out);
bool xv_get_u32(struct xv_cursor *c, uint32_t *out);
bool xv_get_u64(struct xv_cursor *c, uint64_t *out);
bool xv_get_u16_be(struct xv_cursor *c, uint16_t *out);
bool xv_get_u32_be(struct xv_cursor *c, uint32_t *out);
bool xv_get_u64_be(struct xv_cursor *c, uint64_t *out);

/* The next 64 octets as eight numbers. If fewer are left it returns false and changes nothing. */
#define XV_BLOCK_WORDS 8u
bool xv_get_block(struct xv_cursor *c, uint64_t out[XV_BLOCK_WORDS]);

/* Moves past n octets. */
bool xv_skip(struct xv_cursor *c, size_t n);

/* A sub-cursor over the next n octets, which are consumed; it cannot see past them. */
bool xv_take(struct xv_cursor *c, size_t n, struct xv_cursor *out);

/* True if all octets left in the window are zero (also when none is left); consumes nothing. */
bool xv_rest_is_zero(const struct xv_cursor *c);

/* Consumes octets while they are zero; returns how many. */
size_t xv_skip_zero(struct xv_cursor *c);

/* Bounded access to a byte array: reads 0 and writes nothing outside [0, size). */
uint8_t xv_byte_get(const uint8_t *bytes, size_t size, uint64_t i);
void xv_byte_put(uint8_t *bytes, size_t size, uint64_t i, uint8_t value);

#endif
