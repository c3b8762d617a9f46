/* SPDX-License-Identifier: MIT */
#ifndef XENVET_TEST_BODY_H
#define XENVET_TEST_BODY_H

/* For tests of body functions: little-endian writers, and the framing's part of the contract in parser/record.h. */
#include <stdlib.h>
#include <string.h>

#include "support.h"

struct blob {
    uint8_t bytes[1 << 17];
    size_t n;
};

static inline void put(struct blob *b, uint64_t value, unsigned octets) {
    for (unsigned i = 0; i < octets; i++)
        b->bytes[b->n++] = (uint8_t)(value >> (8 * i));
}

static inline void poke(uint8_t *bytes, size_t off, uint64_t value, unsigned octets) {
    for (unsigned i = 0; i < octets; i++)
        bytes[off + i] = (uint8_t)(value >> (8 * i));
}

/* Judges one body: the first piece is `first` octets, every piece an exact-size heap block. XV_TRUNCATED: it wants
 * more. */
static inline enum xv_code judge_body(struct xv_parser *p, xv_body *body, const uint8_t *bytes, size_t n, size_t length,
                                      size_t first) {
    size_t off = 0;

    memset(&p->report, 0, sizeof(p->report));
    memset(&p->rec, 0, sizeof(p->rec));
    p->rec.name = "TEST";
    p->rec.length = p->rec.left = (uint32_t)length;
    p->rec.piece = (uint32_t)(first < length ? first : length);
    do {
        size_t piece = p->rec.piece;
        uint8_t *copy;

        if (piece > n - off)
            return XV_TRUNCATED;
        copy = malloc(piece ? piece : 1);
        memcpy(copy, bytes + off, piece);
        p->rec.left -= (uint32_t)piece;
        p->rec.piece = 0;
        struct xv_cursor c = xv_cursor_over(copy, piece, off);
        bool good = body(p, &c);
        free(copy);
        off += piece;
        assert_int_equal(good, p->report.code == XV_ACCEPTED);
        if (!good)
            return p->report.code;
        if (p->rec.left && !p->rec.piece)
            return XV_MISUSE;
    } while (p->rec.left);
    return p->report.code;
}

#endif
