/* SPDX-License-Identifier: MIT */
#include "gate_feed.h"

#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FUZZ_EXACT 1
#endif
#endif

static uint8_t out[FUZZ_GATE_MAX];

static struct xv_parser *begin(const struct xv_policy *policy) {
    static uint8_t *arena, *memory;
    static size_t room;
    size_t need = (size_t)xv_policy_arena_bytes(policy);

    if (!memory)
        memory = malloc(xv_parser_size());
    if (need > room) {
        free(arena);
        arena = malloc(need);
        room = need;
    }
    if (!memory || !arena)
        abort();
    memset(arena, 0, need);
    return xv_parser_init(memory, policy, (struct xv_arena){arena, need}, (struct xv_observer){NULL, NULL, UINT32_MAX});
}

/* What was committed since `from` goes out if it belongs to the libxc stream. `read` octets were read. */
static uint64_t forward(struct fuzz_gate *g, const uint8_t *bytes, uint64_t from, uint64_t read) {
    uint64_t to = xv_parser_committed(g->parser);

    if (to < from || to > read)
        abort(); /* what may go out never shrinks and never runs ahead */
    if (to > from && xv_parser_in_libxc(g->parser) && !xv_parser_dropped(g->parser)) {
        memcpy(out + g->n, bytes + from, (size_t)(to - from));
        g->n += (size_t)(to - from);
    }
    return to;
}

/* Under AddressSanitizer each piece is a heap block of its own, so that one octet too many is seen. */
static enum xv_step feed(struct xv_parser *p, const uint8_t *bytes, size_t n) {
#ifdef FUZZ_EXACT
    uint8_t *piece = malloc(n);
    enum xv_step result;

    if (!piece)
        abort();
    memcpy(piece, bytes, n);
    result = xv_parser_feed(p, piece, n);
    free(piece);
    return result;
#else
    return xv_parser_feed(p, bytes, n);
#endif
}

static enum xv_step step(struct xv_parser *p, struct xv_demand d, const uint8_t *bytes, size_t left, size_t piece,
                         size_t *used) {
    size_t want = d.n < left ? (size_t)d.n : left;

    *used = want;
    if (d.want == XV_WANT_OPAQUE && want > 0) {
        *used = piece && piece < want ? piece : want;
        return xv_parser_pass(p, *used);
    }
    return want < d.n || want == 0 ? xv_parser_eof(p, want) : feed(p, bytes, want);
}

/* Eight octets at a time: most of what there is are pages. */
static uint64_t hash_of(const uint8_t *bytes, size_t n) {
    uint64_t hash = n, word = 0;

    for (size_t i = 0; i < n; i += 8) {
        memcpy(&word, bytes + i, n - i < 8 ? n - i : 8);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
    }
    return hash;
}

void fuzz_gate_run(struct fuzz_gate *g, const struct xv_policy *policy, const uint8_t *bytes, size_t n, size_t piece) {
    size_t off = 0, used = 0;
    uint64_t gone = 0;

    *g = (struct fuzz_gate){.parser = begin(policy), .out = out};
    for (struct xv_demand d; d = xv_parser_demand(g->parser), d.want != XV_WANT_NOTHING; off += used) {
        g->at_end = d.want == XV_WANT_END;
        if (n > sizeof(out) || step(g->parser, d, bytes + off, n - off, piece, &used) == XV_STEP_REJECTED)
            break;
        gone = forward(g, bytes, gone, off + used);
        g->steps++;
    }
    g->code = n > sizeof(out) ? XV_LIMIT_BYTES : xv_parser_report(g->parser)->code;
    g->offset = xv_parser_report(g->parser)->offset;
    g->at_end = g->at_end && g->code == XV_ACCEPTED;
    memcpy(&g->sum, xv_parser_summary(g->parser), sizeof(g->sum));
    g->hash = hash_of(out, g->n);
}
