/* SPDX-License-Identifier: MIT */
#ifndef XENVET_TEST_STREAM_BUILD_H
#define XENVET_TEST_STREAM_BUILD_H

/* Small streams for tests of the framing, written octet by octet. Numbers of the formats are spelled out here once
 * more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support.h"

struct stream {
    uint8_t bytes[1u << 16];
    size_t n;
};

static inline void le(struct stream *s, uint64_t value, unsigned octets) {
    for (unsigned i = 0; i < octets; i++)
        s->bytes[s->n++] = i < 8 ? (uint8_t)(value >> (8 * i)) : 0;
}

static inline void be(struct stream *s, uint64_t value, unsigned octets) {
    for (unsigned i = octets; i > 0; i--)
        s->bytes[s->n++] = i <= 8 ? (uint8_t)(value >> (8 * (i - 1))) : 0;
}

static inline void raw(struct stream *s, const void *octets, size_t n) {
    memcpy(s->bytes + s->n, octets, n);
    s->n += n;
}

static inline void zeroes(struct stream *s, size_t n) {
    memset(s->bytes + s->n, 0, n);
    s->n += n;
}

static inline void header(struct stream *s, uint32_t type, uint32_t length) {
    le(s, type, 4);
    le(s, length, 4);
}

/* A record of either layer, padded. */
static inline void record(struct stream *s, uint32_t type, const void *body, uint32_t length) {
    header(s, type, length);
    if (length)
        raw(s, body, length);
    zeroes(s, (8 - length % 8) % 8);
}

static inline void libxc_headers(struct stream *s, uint32_t version, uint32_t type, uint32_t major, uint32_t minor) {
    be(s, UINT64_MAX, 8);
    raw(s, "XENF", 4);
    be(s, version, 4);
    zeroes(s, 8);
    le(s, type, 4);
    le(s, 12, 2);
    le(s, 0, 2);
    le(s, major, 4);
    le(s, minor, 4);
}

static inline void libxl_header(struct stream *s, uint32_t options) {
    raw(s, "LibxlFmt", 8);
    be(s, 2, 4);
    be(s, options, 4);
}

/* The xl header and a configuration, which gets its NUL. */
static inline void xl_header(struct stream *s, const char *config) {
    size_t n = strlen(config) + 1;

    raw(s, "Xen saved domain, xl format\n \0 \r", 32);
    le(s, 0x01020304, 4);
    le(s, 3, 4);
    le(s, 0, 4);
    le(s, n + 4, 4);
    le(s, n, 4);
    raw(s, config, n);
}

/* Pages 1 to 3: xenstore ring, console ring, one with contents. */
static inline void hvm_pages(struct stream *s) {
    header(s, 1, 8 + 3 * 8 + 4096);
    le(s, 3, 4);
    le(s, 0, 4);
    le(s, 1 | UINT64_C(0xe) << 60, 8);
    le(s, 2 | UINT64_C(0xe) << 60, 8);
    le(s, 3, 8);
    memset(s->bytes + s->n, 0xa5, 4096);
    s->n += 4096;
}

/* The barest context: one vCPU that was never started. With `device`, an emulated timer, so the guest is no PVH guest.
 */
static inline void hvm_tail(struct stream *s, bool device) {
    uint32_t timer = device ? 16 : 0;

    header(s, 9, 32 + 8 + 1032 + timer + 8);
    le(s, 1, 4); /* HEADER */
    le(s, 24, 4);
    le(s, 0x54381286, 4);
    le(s, 1, 4);
    zeroes(s, 16);
    le(s, 2, 4); /* CPU */
    le(s, 1032, 4);
    zeroes(s, 1032);
    if (device) {
        le(s, 13, 4); /* PMTIMER */
        le(s, 8, 4);
        zeroes(s, 8);
    }
    zeroes(s, 8); /* END */
    header(s, 10, 8 + 32);
    le(s, 2, 8);
    le(s, 1, 8);
    le(s, 1, 8);
    le(s, 17, 8);
    le(s, 2, 8);
}

/* Everything of a version 3 stream of an HVM guest but its END. */
static inline void hvm_guest(struct stream *s, bool device) {
    libxc_headers(s, 3, 2, 4, 17);
    header(s, 0x10, 0);
    hvm_pages(s);
    hvm_tail(s, device);
}

static inline void libxc_hvm(struct stream *s) {
    hvm_guest(s, false);
    header(s, 0, 0);
}

/* Emulator state: sub-header, magic, version, one section type, last octet. */
static inline void emulator_context(struct stream *s) {
    header(s, 3, 8 + 10);
    le(s, 2, 8);
    raw(s, "QEVM", 4);
    be(s, 3, 4);
    le(s, 4, 1);
    le(s, 0, 1);
    zeroes(s, 6);
}

static inline void emulator_keys(struct stream *s) {
    static const char pair[] = "physmap/f0/size\0"
                               "800";

    header(s, 2, 8 + sizeof(pair));
    le(s, 2, 8);
    raw(s, pair, sizeof(pair));
    zeroes(s, (8 - sizeof(pair) % 8) % 8);
}

/* A plain libxl stream of an HVM guest with its device model. */
static inline void libxl_hvm(struct stream *s) {
    libxl_header(s, 0);
    header(s, 1, 0);
    hvm_guest(s, true);
    header(s, 0, 0);
    emulator_keys(s);
    emulator_context(s);
    header(s, 0, 0);
}

/* A Remus stream with so many whole checkpoints; it ends after the last CHECKPOINT_END. */
static inline void remus_hvm(struct stream *s, unsigned checkpoints) {
    libxl_header(s, 0);
    header(s, 1, 0);
    hvm_guest(s, true);
    for (unsigned i = 0; i < checkpoints; i++) {
        if (i) {
            hvm_pages(s);
            hvm_tail(s, true);
        }
        header(s, 0xe, 0);
        emulator_context(s);
        header(s, 4, 0);
    }
}

/* The verdict of a stream under the parser's policy, and where it was given. */
static inline enum xv_code judge(struct test_parser *t, const struct stream *s) {
    test_parser_again(t);
    return test_feed(t, s->bytes, s->n, 0);
}

static inline uint64_t offset_of(const struct test_parser *t) {
    return xv_parser_report(t->p)->offset;
}

/* A parser whose guest is small, so that it is quickly made anew. */
static inline void small_parser(struct test_parser *t) {
    struct xv_policy policy;

    xv_policy_strict(&policy);
    policy.max_guest_pages = 4096;
    policy.max_xenstore_names = 4096;
    test_parser_make(t, &policy, (struct xv_observer){NULL, NULL, 0});
}

#endif
