/* SPDX-License-Identifier: MIT */
#ifndef XENVET_TEST_SUPPORT_H
#define XENVET_TEST_SUPPORT_H

/* What unit tests share: a parser with its memory, and ways to feed it a whole stream in pieces. */
#include <stddef.h>
#include <stdint.h>

#include "state.h"

struct test_parser {
    struct xv_parser *p;
    struct xv_policy policy;
    struct xv_arena arena;
};

/* A parser with this policy (NULL: strict); exits on lack of memory. */
void test_parser_make(struct test_parser *t, const struct xv_policy *policy, struct xv_observer observer);
void test_parser_free(struct test_parser *t);

/* Starts over: the arena is zeroed, the parser initialised. */
void test_parser_again(struct test_parser *t);

/*
 * Feeds a whole input. Opaque demands are passed in pieces of at most `piece` octets (0: as demanded). Every piece of
 * bytes is copied to a heap block of its exact size first, so that a sanitizer sees one octet too many. Returns the
 * verdict.
 */
enum xv_code test_feed(struct test_parser *t, const uint8_t *bytes, size_t n, size_t piece);

#endif
