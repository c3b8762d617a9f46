/* SPDX-License-Identifier: MIT */
/* What a conversion makes: records are put together here, read by a parser of their own, and only then written. */
#include <string.h>

#include "convert.h"

uint32_t xv_read_u32(const uint8_t *at) {
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

uint64_t xv_read_u64(const uint8_t *at) {
    return xv_read_u32(at) | (uint64_t)xv_read_u32(at + 4) << 32;
}

void xv_write_u32(uint8_t *at, uint32_t value) {
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

void xv_write_u64(uint8_t *at, uint64_t value) {
    xv_write_u32(at, (uint32_t)value);
    xv_write_u32(at + 4, (uint32_t)(value >> 32));
}

bool xv_convert_refuse(struct xv_convert *c, enum xv_code code) {
    if (c->refused == XV_ACCEPTED)
        c->refused = code;
    (void)xv_parser_refuse(c->source, code);
    return false;
}

/* What the second parser says of the output is the verdict on the input: it cannot be converted. */
static bool vet(struct xv_convert *c, const uint8_t *octets, size_t n) {
    while (n > 0) {
        struct xv_demand d = xv_parser_demand(c->vet);
        size_t take = d.n < n ? (size_t)d.n : n;

        if (d.want == XV_WANT_OPAQUE)
            (void)xv_parser_pass(c->vet, take);
        else
            (void)xv_parser_feed(c->vet, octets, d.want == XV_WANT_END ? 1 : take); /* less than demanded: MISUSE */
        if (xv_parser_report(c->vet)->code != XV_ACCEPTED)
            return xv_convert_refuse(c, xv_parser_report(c->vet)->code);
        octets += take;
        n -= take;
    }
    return true;
}

bool xv_convert_put(struct xv_convert *c, const void *octets, size_t n) {
    return vet(c, octets, n) && xv_forward_write(c->forward, octets, n);
}

void xv_make_begin(struct xv_convert *c, uint32_t type) {
    c->length = 0;
    c->overflow = false;
    xv_make_u32(c, type);
    xv_make_u32(c, 0); /* xv_make_end() knows the length */
}

void xv_make_octets(struct xv_convert *c, const void *octets, size_t n) {
    if (c->overflow || n > c->capacity - c->length) {
        c->overflow = true;
        return;
    }
    memcpy(c->made + c->length, octets, n);
    c->length += n;
}

void xv_make_u32(struct xv_convert *c, uint32_t value) {
    uint8_t octets[4];

    xv_write_u32(octets, value);
    xv_make_octets(c, octets, sizeof octets);
}

void xv_make_u64(struct xv_convert *c, uint64_t value) {
    uint8_t octets[8];

    xv_write_u64(octets, value);
    xv_make_octets(c, octets, sizeof octets);
}

bool xv_make_whole(struct xv_convert *c) {
    static const uint8_t zeroes[8];
    size_t body = c->length - 8;

    xv_make_octets(c, zeroes, (8 - body % 8) % 8);
    if (c->overflow)
        return xv_convert_refuse(c, XV_MISUSE);
    xv_write_u32(c->made + 4, (uint32_t)body);
    return true;
}

bool xv_make_end(struct xv_convert *c) {
    return xv_make_whole(c) && xv_convert_put(c, c->made, c->length);
}
