/* SPDX-License-Identifier: MIT */
#ifndef XENVET_BODY_FUZZ_H
#define XENVET_BODY_FUZZ_H

/* For harnesses of record bodies: a parser as it stands before a record, and the framing's part of parser/record.h. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

#define FUZZ_PAGES 64u

struct fuzz_verdict {
    enum xv_code code;
    uint64_t offset;
};

static struct xv_parser fuzz_parser;
static uint8_t fuzz_arena[1 << 18];

/* A parser that is about to read a record of an HVM stream; pages 0 to 63 are populated. */
static inline struct xv_parser *fuzz_begin(const struct xv_policy *policy, uint32_t xen_major, uint32_t xen_minor) {
    struct xv_arena arena = {fuzz_arena, sizeof(fuzz_arena)};
    struct xv_policy images = *policy;
    struct xv_parser *p;

    images.formats &= ~XV_FORMATS_XENSTORE; /* their arena is larger */
    memset(fuzz_arena, 0, (size_t)xv_policy_arena_bytes(&images));
    p = xv_parser_init(&fuzz_parser, &images, arena, (struct xv_observer){NULL, NULL, 0});
    p->libxc.hvm = true;
    p->libxc.version = xen_minor % 2 ? 3 : 2;
    p->sum.xen_major = xen_major;
    p->sum.xen_minor = xen_minor;
    if (!xv_memory_init(p, true, 0))
        abort();
    for (uint64_t pfn = 0; pfn < FUZZ_PAGES; pfn++)
        if (!xv_memory_entry(p, pfn, XV_TYPE_NOTAB, 0))
            abort();
    return p;
}

/* The same for a PV guest, before any page came. */
static inline struct xv_parser *fuzz_begin_pv(const struct xv_policy *policy, bool narrow) {
    struct xv_parser *p = fuzz_begin(policy, 4, 17);

    memset(fuzz_arena, 0, FUZZ_PAGES / 8); /* the bits that fuzz_begin() set */
    p->sum = (struct xv_summary){.max_pfn = FUZZ_PAGES - 1};
    p->libxc.hvm = false;
    p->pv.width = narrow ? 4 : 8;
    p->pv.levels = narrow ? 3 : 4;
    if (!xv_memory_init(p, false, 0))
        abort();
    return p;
}

/* Judges a body of `length` octets of which n are there; every piece is an exact-size heap block. */
static inline struct fuzz_verdict fuzz_body(struct xv_parser *p, xv_body *body, const uint8_t *bytes, size_t n,
                                            size_t length, size_t first) {
    size_t off = 0;

    p->rec = (struct xv_record){.length = (uint32_t)length, .left = (uint32_t)length, .name = "FUZZ"};
    p->rec.piece = (uint32_t)(first < length ? first : length);
    do {
        size_t piece = p->rec.piece;
        uint8_t *copy;

        if (piece > n - off)
            return (struct fuzz_verdict){XV_TRUNCATED, off};
        copy = malloc(piece ? piece : 1);
        if (!copy)
            abort();
        memcpy(copy, bytes + off, piece);
        p->rec.left -= (uint32_t)piece;
        p->rec.piece = 0;
        struct xv_cursor c = xv_cursor_over(copy, piece, off);
        bool good = body(p, &c);
        free(copy);
        off += piece;
        if (good != (p->report.code == XV_ACCEPTED) || (good && p->rec.left && !p->rec.piece))
            abort(); /* a rejection without a verdict, or a body that forgets to ask for the rest */
        if (!good)
            break;
    } while (p->rec.left);
    if (p->report.offset > length)
        abort(); /* a verdict points into what it judges */
    return (struct fuzz_verdict){p->report.code, p->report.offset};
}

#endif
