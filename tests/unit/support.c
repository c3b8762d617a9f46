/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *memory) {
    if (!memory) {
        fputs("out of memory\n", stderr);
        exit(99);
    }
    return memory;
}

void test_parser_make(struct test_parser *t, const struct xv_policy *policy, struct xv_observer observer) {
    if (policy)
        t->policy = *policy;
    else
        xv_policy_strict(&t->policy);
    t->arena.size = (size_t)xv_policy_arena_bytes(&t->policy);
    t->arena.bytes = must(calloc(1, t->arena.size ? t->arena.size : 1));
    t->p = xv_parser_init(must(malloc(xv_parser_size())), &t->policy, t->arena, observer);
}

void test_parser_free(struct test_parser *t) {
    free(t->p);
    free(t->arena.bytes);
    t->p = NULL;
    t->arena.bytes = NULL;
}

void test_parser_again(struct test_parser *t) {
    struct xv_observer observer = t->p->observer;

    memset(t->arena.bytes, 0, t->arena.size);
    t->p = xv_parser_init(t->p, &t->policy, t->arena, observer);
}

static enum xv_step feed_copy(struct xv_parser *p, const uint8_t *bytes, size_t n) {
    uint8_t *copy = must(malloc(n ? n : 1));
    enum xv_step step;

    memcpy(copy, bytes, n);
    step = xv_parser_feed(p, copy, n);
    free(copy);
    return step;
}

enum xv_code test_feed(struct test_parser *t, const uint8_t *bytes, size_t n, size_t piece) {
    enum xv_step step = XV_STEP_MORE;
    size_t off = 0;

    while (step == XV_STEP_MORE) {
        struct xv_demand d = xv_parser_demand(t->p);
        size_t left = n - off, want = d.n < left ? (size_t)d.n : left;

        if (d.want == XV_WANT_NOTHING)
            break;
        if (d.want == XV_WANT_OPAQUE && want > 0) {
            want = piece && piece < want ? piece : want;
            step = xv_parser_pass(t->p, want);
        } else if (want < d.n || want == 0) {
            step = xv_parser_eof(t->p, want);
        } else {
            step = feed_copy(t->p, bytes + off, want);
        }
        off += want;
    }
    return xv_parser_report(t->p)->code;
}
