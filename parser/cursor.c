/* SPDX-License-Identifier: MIT */
#include "cursor.h"

#include <xenvet/parser.h>

/*
 * Every read goes through fits(): the window check proves that the octets are there; the comparison with XV_WANT_MAX
 * repeats it in constants, for analysers that cannot relate two variables.
 */

/*@ predicate window(struct xv_cursor *c) =
        c->off <= c->end && c->end <= XV_WANT_MAX && \valid_read(c->base + (0 .. c->end - 1));
*/

/*@ requires n <= XV_WANT_MAX ==> \valid_read(bytes + (0 .. n - 1));
    assigns \nothing;
    ensures \result.off == 0 && \result.base == bytes && \result.at == at;
    ensures \result.end == (n <= XV_WANT_MAX ? n : 0);
*/
struct xv_cursor xv_cursor_over(const uint8_t *bytes, size_t n, uint64_t at) {
    struct xv_cursor c = {bytes, 0, n, at};

    if (n > XV_WANT_MAX)
        c.end = 0;
    return c;
}

/*@ requires \valid_read(c);
    requires window(c);
    assigns \nothing;
    ensures \result == c->end - c->off;
*/
size_t xv_left(const struct xv_cursor *c) {
    return c->off <= c->end ? c->end - c->off : 0;
}

/*@ requires \valid_read(c);
    assigns \nothing;
*/
uint64_t xv_at(const struct xv_cursor *c) {
    return c->at + c->off;
}

/*@ requires \valid_read(c);
    requires window(c);
    requires 1 <= n <= XV_WANT_MAX;
    assigns \nothing;
    ensures \result <==> n <= c->end - c->off;
    ensures \result ==> c->off + n <= c->end && c->off <= XV_WANT_MAX - n;
*/
static bool fits(const struct xv_cursor *c, size_t n) {
    return c->off <= c->end && n <= c->end - c->off && c->off <= XV_WANT_MAX - n;
}

/*@ requires \valid(c) && \valid(out) && \separated(c, out) && \separated(out, c->base + (0 .. XV_WANT_MAX));
    requires window(c);
    assigns c->off, *out;
    ensures window(c);
    ensures \result <==> \old(c->off) < c->end;
    ensures \result ==> c->off == \old(c->off) + 1 && *out == c->base[\old(c->off)];
    ensures !\result ==> c->off == \old(c->off) && *out == 0;
*/
bool xv_get_u8(struct xv_cursor *c, uint8_t *out) {
    size_t off = c->off;

    *out = 0;
    if (!fits(c, 1) || off > XV_WANT_MAX - 1)
        return false;
    *out = c->base[off];
    c->off = off + 1;
    return true;
}

/*@ requires \valid(c) && \valid(out) && \separated(c, out) && \separated(out, c->base + (0 .. XV_WANT_MAX));
    requires window(c);
    assigns c->off, *out;
    ensures window(c);
    ensures \result <==> 2 <= c->end - \old(c->off);
    ensures \result ==> c->off == \old(c->off) + 2;
    ensures !\result ==> c->off == \old(c->off) && *out == 0;
*/
bool xv_get_u16(struct xv_cursor *c, uint16_t *out) {
    size_t off = c->off;

    *out = 0;
    if (!fits(c, 2) || off > XV_WANT_MAX - 2)
        return false;
    *out = (uint16_t)(c->base[off] | (uint32_t)c->base[off + 1] << 8);
    c->off = off + 2;
    return true;
}

/*@ requires \valid(c) && \valid(out) && \separated(c, out) && \separated(out, c->base + (0 .. XV_WANT_MAX));
    requires window(c);
    assigns c->off, *out;
    ensures window(c);
    ensures \result <==> 4 <= c->end - \old(c->off);
    ensures \result ==> c->off == \old(c->off) + 4;
    ensures !\result ==> c->off == \old(c->off) && *out == 0;
*/
bool xv_get_u32(struct xv_cursor *c, uint32_t *out) {
    size_t off = c->off;

    *out = 0;
    if (!fits(c, 4) || off > XV_WANT_MAX - 4)
        return false;
    *out = c->base[off] | (uint32_t)c->base[off + 1] << 8 | (uint32_t)c->base[off + 2] << 16 |
           (uint32_t)c->base[off + 3] << 24;
    c->off = off + 4;
    return true;
}

/*@ requires \valid(c) && \valid(out) && \separated(c, out) && \separated(out, c->base + (0 .. XV_WANT_MAX));
    requires window(c);
    assigns c->off, *out;
    ensures window(c);
    ensures \result <==> 8 <= c->end - \old(c->off);
    ensures \result ==> c->off == \old(c->off) + 8;
    ensures !\result ==> c->off == \old(c->off) && *out == 0;
*/
bool xv_get_u64(struct xv_cursor *c, uint64_t *out) {
    size_t off = c->off;

    *out = 0;
    if (!fits(c, 8) || off > XV_WANT_MAX - 8)
        return false;
    *out = c->base[off] | (uint64_t)c->base[off + 1] << 8 | (uint64_t)c->base[off + 2] << 16 |
           (uint64_t)c->base[off + 3] << 24 | (uint64_t)c->base[off + 4] << 32 | (uint64_t)c->base[off + 5] << 40 |
           (uint64_t)c->base[off + 6] << 48 | (uint64_t)c->base[off + 7] << 56;
    c->off = off + 8;
    return true;
}

/*@ requires \valid(c) && \valid(out) && \separated(c, out) && \separated(out, c->base + (0 .. XV_WANT_MAX));
    requires window(c);
    assigns c->off, *out;
    ensures window(c);
    ensures \result <==> 2 <= c->end - \old(c->off);
    ensures \result ==> c->off == \old(c->off) + 2;
    ensures !\result ==> c->off == \old(c->off) && *out == 0;
*/
bool xv_get_u16_be(struct xv_cursor *c, uint16_t *out) {
    uint16_t v = 0;

    *out = 0;
    if (!xv_get_u16(c, &v))
        return false;
    *out = (uint16_t)((v & 0xffu) << 8 | v >> 8);
    return true;
}

/*@ requires \valid(c) && \valid(out) && \separated(c, out) && \separated(out, c->base + (0 .. XV_WANT_MAX));
    requires window(c);
    assigns c->off, *out;
    ensures window(c);
    ensures \result <==> 4 <= c->end - \old(c->off);
    ensures \result ==> c->off == \old(c->off) + 4;
    ensures !\result ==> c->off == \old(c->off) && *out == 0;
*/
bool xv_get_u32_be(struct xv_cursor *c, uint32_t *out) {
    uint32_t v = 0;

    *out = 0;
    if (!xv_get_u32(c, &v))
        return false;
    *out = (v & 0xffu) << 24 | (v & 0xff00u) << 8 | (v >> 8 & 0xff00u) | v >> 24;
    return true;
}

/*@ requires \valid(c) && \valid(out) && \separated(c, out) && \separated(out, c->base + (0 .. XV_WANT_MAX));
    requires window(c);
    assigns c->off, *out;
    ensures window(c);
    ensures \result <==> 8 <= c->end - \old(c->off);
    ensures \result ==> c->off == \old(c->off) + 8;
    ensures !\result ==> c->off == \old(c->off) && *out == 0;
*/
bool xv_get_u64_be(struct xv_cursor *c, uint64_t *out) {
    uint32_t high = 0, low = 0;

    *out = 0;
    if (!fits(c, 8))
        return false;
    (void)xv_get_u32_be(c, &high);
    (void)xv_get_u32_be(c, &low);
    *out = (uint64_t)high << 32 | low;
    return true;
}

/*@ requires \valid(c) && \valid(out + (0 .. 7)) && \separated(c, out + (0 .. 7));
    requires \separated(out + (0 .. 7), c->base + (0 .. XV_WANT_MAX));
    requires window(c);
    assigns c->off, out[0 .. 7];
    ensures window(c);
    ensures \result <==> 64 <= c->end - \old(c->off);
    ensures \result ==> c->off == \old(c->off) + 64;
    ensures !\result ==> c->off == \old(c->off);
*/
bool xv_get_block(struct xv_cursor *c, uint64_t out[XV_BLOCK_WORDS]) {
    size_t off = c->off;

    if (!fits(c, 64) || off > XV_WANT_MAX - 64)
        return false;
    /*@ loop invariant 0 <= i <= 8;
        loop assigns i, out[0 .. 7];
        loop variant 8 - i;
    */
    for (unsigned i = 0; i < XV_BLOCK_WORDS; i++) {
        const uint8_t *b = c->base + (off + 8 * (size_t)i);

        out[i] = b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24 | (uint64_t)b[4] << 32 |
                 (uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 | (uint64_t)b[7] << 56;
    }
    c->off = off + 64;
    return true;
}

/*@ requires \valid(c);
    requires window(c);
    assigns c->off;
    ensures window(c);
    ensures \result <==> n <= c->end - \old(c->off);
    ensures \result ==> c->off == \old(c->off) + n;
    ensures !\result ==> c->off == \old(c->off);
*/
bool xv_skip(struct xv_cursor *c, size_t n) {
    if (c->off > c->end || n > c->end - c->off)
        return false;
    c->off += n;
    return true;
}

/*@ requires \valid(c) && \valid(out) && \separated(c, out) && \separated(out, c->base + (0 .. XV_WANT_MAX));
    requires window(c);
    assigns c->off, *out;
    ensures window(c);
    ensures window(out);
    ensures \result <==> n <= c->end - \old(c->off);
    ensures \result ==> c->off == \old(c->off) + n && out->off == \old(c->off) && out->end == c->off;
    ensures !\result ==> c->off == \old(c->off) && out->off == out->end;
*/
bool xv_take(struct xv_cursor *c, size_t n, struct xv_cursor *out) {
    out->base = c->base;
    out->at = c->at;
    out->off = c->off;
    out->end = c->off;
    if (!xv_skip(c, n))
        return false;
    out->end = c->off;
    return true;
}

/*@ requires \valid(c);
    requires window(c);
    assigns c->off;
    ensures window(c);
    ensures c->off == \old(c->off) + \result;
    ensures c->off < c->end ==> c->base[c->off] != 0;
    ensures \forall integer i; \old(c->off) <= i < c->off ==> c->base[i] == 0;
*/
size_t xv_skip_zero(struct xv_cursor *c) {
    size_t start = c->off, i = start;

    /*@ loop invariant start <= i <= c->end;
        loop invariant \forall integer k; start <= k < i ==> c->base[k] == 0;
        loop assigns i;
        loop variant c->end - i;
    */
    while (i < c->end && i < XV_WANT_MAX && c->base[i] == 0)
        i++;
    c->off = i;
    return i - start;
}

/*@ requires \valid_read(c);
    requires window(c);
    assigns \nothing;
    ensures \result <==> (\forall integer i; c->off <= i < c->end ==> c->base[i] == 0);
*/
bool xv_rest_is_zero(const struct xv_cursor *c) {
    size_t i = c->off;

    /*@ loop invariant c->off <= i <= c->end;
        loop invariant \forall integer k; c->off <= k < i ==> c->base[k] == 0;
        loop assigns i;
        loop variant c->end - i;
    */
    while (i < c->end && i < XV_WANT_MAX && c->base[i] == 0)
        i++;
    return i >= c->end;
}

/*@ requires \valid_read(bytes + (0 .. size - 1));
    assigns \nothing;
    ensures i < size ==> \result == bytes[i];
    ensures i >= size ==> \result == 0;
*/
uint8_t xv_byte_get(const uint8_t *bytes, size_t size, uint64_t i) {
    return i < size ? bytes[i] : 0;
}

/*@ requires \valid(bytes + (0 .. size - 1));
    assigns bytes[i];
    ensures i < size ==> bytes[i] == value;
*/
void xv_byte_put(uint8_t *bytes, size_t size, uint64_t i, uint8_t value) {
    if (i < size)
        bytes[i] = value;
}
