/* SPDX-License-Identifier: MIT */
#ifndef XENVET_TEST_CONFIG_FEED_H
#define XENVET_TEST_CONFIG_FEED_H

/* Feeds embedded configurations, each whole, octet by octet and in random pieces: verdict and offset must not depend on
 * that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support.h"

#define CONFIG_BASE 52u /* where the configuration begins in an xl file */

/* Sizes of the next piece: `mode` 0 whole, 1 single octets, above: seed of a small generator. */
static size_t next_piece(unsigned mode, uint32_t *seed) {
    if (mode < 2)
        return mode == 0 ? XV_WANT_MAX : 1;
    *seed = *seed * 1664525u + 1013904223u + mode;
    return 1 + (*seed >> 16) % ((*seed >> 8 & 3) ? 7 : 300);
}

static void feed_pieces(struct xv_parser *p, const uint8_t *bytes, size_t n, uint32_t declared, unsigned mode) {
    uint32_t seed = mode;
    size_t off = 0;

    xv_config_begin(p, declared);
    while (off < n) {
        size_t piece = next_piece(mode, &seed);
        uint8_t *copy;
        struct xv_cursor c;
        bool ok;

        piece = piece < n - off ? piece : n - off;
        copy = malloc(piece);
        assert_non_null(copy);
        memcpy(copy, bytes + off, piece);
        c = xv_cursor_over(copy, piece, CONFIG_BASE + off);
        ok = xv_config_feed(p, &c);
        free(copy);
        if (!ok)
            return;
        assert_int_equal(xv_left(&c), 0);
        off += piece;
    }
    (void)xv_config_finish(p, CONFIG_BASE + n);
}

/* Feeds n octets in every way; leaves the last parser in t for a look, and returns its verdict. */
static enum xv_code feed_octets(struct test_parser *t, const uint8_t *bytes, size_t n, uint32_t declared) {
    enum xv_code code = XV_ACCEPTED;
    uint64_t offset = 0;

    for (unsigned mode = 0; mode < 6; mode++) {
        test_parser_again(t);
        feed_pieces(t->p, bytes, n, declared, mode);
        if (mode > 0) {
            assert_int_equal(t->p->report.code, code);
            assert_int_equal(t->p->report.offset, offset);
        }
        code = t->p->report.code;
        offset = t->p->report.offset;
    }
    assert_true(t->p->config.present == (code == XV_ACCEPTED));
    return code;
}

/* Feeds a text and its NUL. A '@' in it is not fed: it marks the octet that a rejection must name. */
static void expect(struct test_parser *t, const char *text, enum xv_code code) {
    size_t n = strlen(text), length = 0, mark = SIZE_MAX;
    uint8_t *bytes = malloc(n + 1);
    enum xv_code found;

    assert_non_null(bytes);
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '@')
            mark = length;
        else
            bytes[length++] = (uint8_t)text[i];
    }
    bytes[length++] = 0;
    found = feed_octets(t, bytes, length, (uint32_t)length);
    free(bytes);
    if (found == XV_ACCEPTED)
        mark = SIZE_MAX;
    if (found != code || (mark != SIZE_MAX && t->p->report.offset != CONFIG_BASE + mark))
        print_error("found %d, offset %u: %s\n", (int)found, (unsigned)t->p->report.offset - CONFIG_BASE, text);
    assert_int_equal(found, code);
    if (mark != SIZE_MAX)
        assert_int_equal(t->p->report.offset, CONFIG_BASE + mark);
}

#endif
