/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "place.h"
#include "sweep.h"

#define SHOWN_MAX 20 /* failures of one stream that are printed */

static const struct xv_observer nobody = {NULL, NULL, 0};

/* A failure at an octet of the stream. */
static void fail(struct totals *t, const struct stream *s, size_t at, const char *what, const char *detail) {
    struct place place = place_of(s, at);

    if (t->failures++ >= SHOWN_MAX)
        return;
    printf("FAIL octet %zu (%s %#" PRIx32 ", octet %" PRIu64 ", record at %" PRIu64 "%s%s%s): %s%s%s\n", at,
           place_kind_name(place.kind), place.type, place.offset, place.record, place.path[0] ? ", " : "", place.path,
           place.is_name ? " (name)" : "", what, detail ? ": " : "", detail ? detail : "");
}

static const char *name_of(enum xv_code code) {
    return xv_verdict_of(code)->name;
}

/* True for about `wanted` of `total` calls, for other ones in each stream; for all if wanted is 0. */
static bool chosen(uint64_t *state, uint64_t wanted, uint64_t total) {
    if (wanted == 0 || wanted >= total)
        return true;
    return next_random(state) % total < wanted;
}

/* A number of its own for each stream. */
static uint64_t seed_of(const struct stream *s) {
    uint64_t seed = s->size;

    for (size_t i = 0; i < s->size; i += 1 + s->size / 4096)
        seed = (seed ^ s->bytes[i]) * 0x100000001b3u;
    return seed;
}

/* Complete checkpoints, counted by what marks their end: CHECKPOINT_END of libxl, or CHECKPOINT where that is missing.
 */
struct checkpoints {
    bool libxl;
    uint64_t complete;
};

static void count_checkpoints(void *context, const struct xv_fact *fact) {
    struct checkpoints *c = context;

    if (fact->kind != XV_FACT_RECORD)
        return;
    c->libxl = c->libxl || fact->c == 1;
    if (c->libxl ? fact->c == 1 && fact->a == 4 : fact->c == 0 && fact->a == 14)
        c->complete++;
}

/* The input ends here, `had` octets into what is demanded. */
static void cut(struct machine *m, const struct stream *s, uint64_t had, bool checkpointed, uint64_t checkpoints,
                struct totals *t) {
    struct xv_demand d = xv_parser_demand(m->p);
    struct outcome o;

    memcpy(m->saved_parser, m->p, xv_parser_size());
    (void)xv_parser_eof(m->p, had);
    o = machine_outcome(m);
    memcpy(m->p, m->saved_parser, xv_parser_size());
    t->points++;
    if (d.want == XV_WANT_END || checkpoints ||
        (d.want == XV_WANT_OPAQUE && m->off + d.n > s->size)) { /* or what has no end of its own */
        if (o.code != XV_ACCEPTED)
            fail(t, s, m->off + had, "a whole stream that ends here is refused", name_of(o.code));
    } else if ((o.code != XV_TRUNCATED && !(checkpointed && o.code == XV_CHECKPOINT_NONE)) ||
               o.offset != m->off + had) {
        fail(t, s, m->off + had, "a cut stream is judged", name_of(o.code));
    }
}

/* Where the input is cut: anywhere in octets that are looked at, at the edges and in the middle of others. */
void sweep_truncation(struct machine *m, const struct stream *s, const struct effort *effort, struct totals *t) {
    struct checkpoints c = {false, 0};
    uint64_t state = seed_of(s), committed = 0;
    enum xv_step step = XV_STEP_MORE;

    machine_start(m, (struct xv_observer){count_checkpoints, &c, 0});
    while (step == XV_STEP_MORE) {
        struct xv_demand d = xv_parser_demand(m->p);
        bool checkpointed = xv_parser_summary(m->p)->checkpointed;

        cut(m, s, 0, checkpointed, c.complete, t);
        for (uint64_t had = 1; had < d.n && m->off + had <= s->size; had++) {
            if (d.want == XV_WANT_OPAQUE && had > 1 && had < d.n - 1)
                had = had < d.n / 2 ? d.n / 2 : d.n - 1;
            else if (d.want == XV_WANT_BYTES && !chosen(&state, effort->points, s->size))
                continue;
            cut(m, s, had, checkpointed, c.complete, t);
        }
        step = machine_step(m, s, NULL, 0);
        if (xv_parser_committed(m->p) < committed || xv_parser_committed(m->p) > m->off)
            fail(t, s, m->off, "the committed offset goes back or runs ahead", NULL);
        committed = xv_parser_committed(m->p);
    }
    machine_start(m, nobody);
}

/* The whole stream once, opaque octets in pieces: 1 octet, or at random. */
static void in_pieces(struct machine *m, const struct stream *s, bool random, struct xv_summary *out) {
    uint64_t state = seed_of(s);

    machine_start(m, nobody);
    while (xv_parser_demand(m->p).want != XV_WANT_NOTHING) {
        /* the inside of long blobs of large streams is passed at once; its edges are not */
        size_t left = (size_t)xv_parser_demand(m->p).n, piece = random ? 1 + (size_t)(next_random(&state) % 5000) : 1;

        if (!random && s->size > 1u << 20 && left > 16 && left % PLACE_PATH)
            piece = left - 16;
        (void)machine_step(m, s, NULL, piece);
    }
    *out = *xv_parser_summary(m->p);
}

void sweep_fragments(struct machine *m, const struct stream *s, struct totals *t) {
    struct xv_summary whole, pieces;
    struct outcome want, got;

    machine_start(m, nobody);
    want = machine_finish(m, s, NULL);
    whole = *xv_parser_summary(m->p);
    for (unsigned round = 0; round < 2; round++) {
        in_pieces(m, s, round == 1, &pieces);
        got = machine_outcome(m);
        if (got.code != want.code || got.offset != want.offset || memcmp(&whole, &pieces, sizeof(whole)) != 0)
            fail(t, s, (size_t)got.offset,
                 round ? "random pieces change the result" : "single octets change the result", name_of(got.code));
    }
}

/* One bit of an octet that the parser is about to be fed. */
static void flip(struct machine *m, const struct stream *s, size_t at, unsigned bit, struct totals *t) {
    struct mutation change = {1, {{at, (uint8_t)(1u << bit)}}};
    struct outcome o = machine_finish(m, s, &change);
    struct place place;
    char bits[16];

    machine_back(m);
    t->flips++;
    if (o.code != XV_ACCEPTED)
        return;
    place = place_of(s, at);
    if (harmless(&place, bit, &m->policy)) {
        t->harmless++;
        return;
    }
    (void)snprintf(bits, sizeof(bits), "bit %u", bit);
    fail(t, s, at, "a flipped bit is accepted and not known to be harmless", bits);
}

/* Octets that the parser looks at; where number `wanted` of them is goes to *at. */
static uint64_t control_octets(struct machine *m, const struct stream *s, uint64_t wanted, size_t *at) {
    uint64_t n = 0;

    machine_start(m, nobody);
    while (xv_parser_demand(m->p).want != XV_WANT_NOTHING) {
        struct xv_demand d = xv_parser_demand(m->p);

        if (d.want == XV_WANT_BYTES) {
            if (wanted >= n && wanted - n < d.n)
                *at = m->off + (size_t)(wanted - n);
            n += d.n;
        }
        (void)machine_step(m, s, NULL, 0);
    }
    return n;
}

void sweep_flips(struct machine *m, const struct stream *s, const struct effort *effort, struct totals *t) {
    size_t at = 0;
    uint64_t state = seed_of(s), total = 8 * control_octets(m, s, 0, &at);

    machine_start(m, nobody);
    while (xv_parser_demand(m->p).want != XV_WANT_NOTHING) {
        struct xv_demand d = xv_parser_demand(m->p);
        bool saved = false;

        for (uint64_t i = 0; d.want == XV_WANT_BYTES && i < 8 * d.n && m->off + d.n <= s->size; i++) {
            if (!chosen(&state, effort->flips, total))
                continue;
            if (!saved)
                machine_save(m);
            saved = true;
            flip(m, s, m->off + (size_t)(i / 8), (unsigned)(i % 8), t);
        }
        (void)machine_step(m, s, NULL, 0);
    }
}

/* Several octets at once: what matters is that nothing breaks, and that the same input has the same verdict. */
void sweep_mutations(struct machine *m, const struct stream *s, const struct effort *effort, struct totals *t) {
    size_t near = 0;
    uint64_t state = seed_of(s) ^ 0x5eed, total = control_octets(m, s, 0, &near);

    for (uint64_t i = 0; i < effort->mutations; i++) {
        struct mutation change = {.n = 2 + (unsigned)(next_random(&state) % (XORS_MAX - 1))};
        struct outcome first, again;

        /* one anywhere in what is looked at, the others close to it */
        (void)control_octets(m, s, next_random(&state) % total, &near);
        for (unsigned k = 0; k < change.n; k++) {
            change.xor [k].at = near + (size_t)(k ? next_random(&state) % 64 : 0);
            change.xor [k].bits = (uint8_t)(1 + next_random(&state) % 255);
        }
        machine_start(m, nobody);
        first = machine_finish(m, s, &change);
        machine_start(m, nobody);
        again = machine_finish(m, s, &change);
        t->mutations++;
        if (first.code != again.code || first.offset != again.offset)
            fail(t, s, change.xor [0].at, "one input, two verdicts", name_of(again.code));
    }
}
