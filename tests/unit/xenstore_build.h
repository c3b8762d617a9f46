/* SPDX-License-Identifier: MIT */
#ifndef XENVET_TEST_XENSTORE_BUILD_H
#define XENVET_TEST_XENSTORE_BUILD_H

/* Records of a xenstore state, in either byte order. */
#include "stream_build.h"

static bool xs_big; /* the byte order of what is built */

static inline void xs(struct stream *s, uint64_t value, unsigned octets) {
    if (xs_big)
        be(s, value, octets);
    else
        le(s, value, octets);
}

static inline void xs_header(struct stream *s, uint32_t version, bool big) {
    s->n = 0;
    xs_big = big;
    raw(s, "xenstore", 8);
    be(s, version, 4);
    be(s, big, 4);
}

/* A record header; the end of the record makes its length. */
static inline size_t xs_begin(struct stream *s, uint32_t type) {
    xs(s, type, 4);
    xs(s, 0, 4);
    return s->n;
}

static inline void xs_end(struct stream *s, size_t body) {
    size_t n;

    zeroes(s, (8 - (s->n - body) % 8) % 8);
    n = s->n;
    s->n = body - 4;
    xs(s, n - body, 4);
    s->n = n;
}

static inline void xs_global(struct stream *s) {
    size_t body = xs_begin(s, 1);

    xs(s, 3, 4);
    xs(s, 4, 4);
    xs_end(s, body);
}

static inline void xs_ring(struct stream *s, uint32_t id, uint32_t domid) {
    size_t body = xs_begin(s, 2);

    xs(s, id, 4);
    xs(s, 0, 4);
    xs(s, domid, 2);
    xs(s, 0x7ff4, 2);
    xs(s, 1, 4);
    zeroes(s, 8);
    xs_end(s, body);
}

static inline void xs_watch(struct stream *s, uint32_t id, const char *path, const char *token) {
    size_t body = xs_begin(s, 3);

    xs(s, id, 4);
    xs(s, strlen(path) + 1, 2);
    xs(s, strlen(token) + 1, 2);
    raw(s, path, strlen(path) + 1);
    raw(s, token, strlen(token) + 1);
    xs_end(s, body);
}

static inline void xs_transaction(struct stream *s, uint32_t connection, uint32_t id) {
    size_t body = xs_begin(s, 4);

    xs(s, connection, 4);
    xs(s, id, 4);
    xs_end(s, body);
}

/* A node that domain 0 owns, whose value is `octets` zeroes. */
static inline void xs_node_in(struct stream *s, uint32_t connection, uint32_t transaction, const char *path,
                              uint32_t octets) {
    size_t body = xs_begin(s, 5);

    xs(s, connection, 4);
    xs(s, transaction, 4);
    xs(s, strlen(path) + 1, 2);
    xs(s, octets, 2);
    xs(s, connection ? 2 : 0, 2);
    xs(s, 1, 2);
    raw(s, "n", 1);
    zeroes(s, 3);
    raw(s, path, strlen(path) + 1);
    zeroes(s, octets);
    xs_end(s, body);
}

static inline void xs_node(struct stream *s, const char *path) {
    xs_node_in(s, 0, 0, path, 0);
}

static inline void xs_last(struct stream *s) {
    xs_end(s, xs_begin(s, 0));
}

#endif
