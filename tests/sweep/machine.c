/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep.h"

static void *must(void *memory) {
    if (!memory) {
        fputs("out of memory\n", stderr);
        exit(99);
    }
    return memory;
}

void machine_make(struct machine *m, const struct xv_policy *policy) {
    memset(m, 0, sizeof(*m));
    m->policy = *policy;
    m->arena.size = (size_t)xv_policy_arena_bytes(policy);
    m->arena.bytes = must(calloc(1, m->arena.size));
    m->saved_arena = must(malloc(m->arena.size));
    m->p = must(malloc(xv_parser_size()));
    m->saved_parser = must(malloc(xv_parser_size()));
}

void machine_free(struct machine *m) {
    free(m->arena.bytes);
    free(m->saved_arena);
    free(m->p);
    free(m->saved_parser);
}

void machine_start(struct machine *m, struct xv_observer observer) {
    memset(m->arena.bytes, 0, m->arena.size);
    m->p = xv_parser_init(m->p, &m->policy, m->arena, observer);
    m->off = 0;
}

void machine_save(struct machine *m) {
    memcpy(m->saved_parser, m->p, xv_parser_size());
    memcpy(m->saved_arena, m->arena.bytes, m->arena.size);
    m->saved_off = m->off;
}

void machine_back(struct machine *m) {
    memcpy(m->p, m->saved_parser, xv_parser_size());
    memcpy(m->arena.bytes, m->saved_arena, m->arena.size);
    m->off = m->saved_off;
}

struct outcome machine_outcome(const struct machine *m) {
    return (struct outcome){xv_parser_report(m->p)->code, xv_parser_report(m->p)->offset};
}

/* The octets go through a block of their exact size, so that a sanitizer sees one too many. */
static enum xv_step feed(struct machine *m, const struct stream *s, const struct mutation *change, size_t n) {
    uint8_t *copy = must(malloc(n));
    enum xv_step step;

    memcpy(copy, s->bytes + m->off, n);
    for (unsigned i = 0; change && i < change->n; i++) {
        size_t at = change->xor [i].at;

        if (at >= m->off && at - m->off < n)
            copy[at - m->off] = (uint8_t)(copy[at - m->off] ^ change->xor [i].bits);
    }
    step = xv_parser_feed(m->p, copy, n);
    free(copy);
    return step;
}

enum xv_step machine_step(struct machine *m, const struct stream *s, const struct mutation *change, size_t piece) {
    struct xv_demand d = xv_parser_demand(m->p);
    size_t left = s->size - m->off, n = d.n < left ? (size_t)d.n : left;
    enum xv_step step;

    if (d.want == XV_WANT_OPAQUE && n > 0) {
        n = piece && piece < n ? piece : n;
        step = xv_parser_pass(m->p, n);
    } else if (n == 0 || n < d.n) {
        step = xv_parser_eof(m->p, n);
    } else {
        step = feed(m, s, change, n);
    }
    m->off += n;
    return step;
}

struct outcome machine_finish(struct machine *m, const struct stream *s, const struct mutation *change) {
    while (xv_parser_demand(m->p).want != XV_WANT_NOTHING && machine_step(m, s, change, 0) == XV_STEP_MORE)
        ;
    return machine_outcome(m);
}

uint64_t next_random(uint64_t *state) {
    uint64_t x = *state += 0x9e3779b97f4a7c15u;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}
