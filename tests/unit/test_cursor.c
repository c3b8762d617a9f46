/* SPDX-License-Identifier: MIT */
/* The cursor: each getter with just enough octets, one too few, one to spare; windows, sub-cursors, byte arrays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <xenvet/parser.h>

#include "cursor.h"

static const uint8_t octets[10] = {0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8, 0x09, 0x1a};

/* A getter of any width, by one signature. */
struct getter {
    size_t octets;
    bool (*get)(struct xv_cursor *c, uint64_t *out);
    uint64_t first; /* what octets[] begins with */
};

#define GETTER(bits, suffix) \
    static bool get_##bits##suffix(struct xv_cursor *c, uint64_t *out) { \
        uint##bits##_t value = 1; \
        bool good = xv_get_u##bits##suffix(c, &value); \
        *out = value; \
        return good; \
    }
GETTER(8, )
GETTER(16, )
GETTER(32, )
GETTER(64, )
GETTER(16, _be)
GETTER(32, _be)
GETTER(64, _be)

static const struct getter getters[] = {
    {1, get_8, 0x81},
    {2, get_16, 0x9281},
    {4, get_32, 0xb4a39281},
    {8, get_64, 0xf8e7d6c5b4a39281},
    {2, get_16_be, 0x8192},
    {4, get_32_be, 0x8192a3b4},
    {8, get_64_be, 0x8192a3b4c5d6e7f8},
};
#define GETTERS (sizeof getters / sizeof getters[0])

static void edges(void **state) {
    (void)state;
    for (size_t i = 0; i < GETTERS; i++) {
        const struct getter *g = &getters[i];
        uint64_t value = 0;

        struct xv_cursor c = xv_cursor_over(octets, g->octets, 100);
        assert_true(g->get(&c, &value));
        assert_true(value == g->first);
        assert_int_equal(xv_left(&c), 0);
        assert_int_equal(xv_at(&c), 100 + g->octets);
        assert_false(g->get(&c, &value)); /* past the end */
        assert_true(value == 0);
        assert_int_equal(xv_at(&c), 100 + g->octets);

        c = xv_cursor_over(octets, g->octets - 1, 100);
        assert_false(g->get(&c, &value));
        assert_true(value == 0);
        assert_int_equal(xv_left(&c), g->octets - 1);

        c = xv_cursor_over(octets, g->octets + 1, 100);
        assert_true(g->get(&c, &value));
        assert_int_equal(xv_left(&c), 1);
    }
}

/* The largest window: the last field in it, and the one that would leave it. */
static void at_the_limit(void **state) {
    static uint8_t big[XV_WANT_MAX + 1];

    (void)state;
    memset(big, 0xee, sizeof big);
    for (size_t i = 0; i < GETTERS; i++) {
        uint64_t value = 0;
        struct xv_cursor c = xv_cursor_over(big, XV_WANT_MAX, 0);

        assert_true(xv_skip(&c, XV_WANT_MAX - getters[i].octets));
        assert_true(getters[i].get(&c, &value));
        c = xv_cursor_over(big, XV_WANT_MAX, 0);
        assert_true(xv_skip(&c, XV_WANT_MAX - getters[i].octets + 1));
        assert_false(getters[i].get(&c, &value));
    }
    assert_int_equal(xv_left(&(struct xv_cursor){big, 0, XV_WANT_MAX, 0}), XV_WANT_MAX);
    struct xv_cursor c = xv_cursor_over(big, XV_WANT_MAX + 1, 0);
    assert_int_equal(xv_left(&c), 0);
    c = xv_cursor_over(big, SIZE_MAX, 0);
    assert_int_equal(xv_left(&c), 0);
}

/* A cursor that nothing of ours makes: beyond the constant, or turned around. */
static void impossible(void **state) {
    (void)state;
    for (size_t i = 0; i < GETTERS; i++) {
        uint64_t value = 1;
        struct xv_cursor c = {octets, XV_WANT_MAX, SIZE_MAX, 0};

        assert_false(getters[i].get(&c, &value));
        c = (struct xv_cursor){octets, 5, 4, 0};
        assert_false(getters[i].get(&c, &value));
        assert_int_equal(xv_left(&c), 0);
        assert_false(xv_skip(&c, 0));
    }
}

static void skipping(void **state) {
    struct xv_cursor c = xv_cursor_over(octets, 10, 7), part;
    uint8_t value = 0;

    (void)state;
    assert_true(xv_skip(&c, 0));
    assert_false(xv_skip(&c, 11));
    assert_false(xv_skip(&c, SIZE_MAX));
    assert_int_equal(xv_at(&c), 7);
    assert_true(xv_take(&c, 3, &part));
    assert_int_equal(xv_left(&part), 3);
    assert_int_equal(xv_at(&part), 7);
    assert_int_equal(xv_at(&c), 10);
    assert_true(xv_skip(&part, 2));
    assert_true(xv_get_u8(&part, &value));
    assert_int_equal(value, 0xa3);
    assert_false(xv_get_u8(&part, &value)); /* cannot see past what was taken */
    assert_false(xv_take(&c, 8, &part));
    assert_int_equal(xv_left(&part), 0);
    assert_int_equal(xv_left(&c), 7);
    assert_true(xv_take(&c, 7, &part));
    assert_true(xv_take(&c, 0, &part));
    assert_false(xv_take(&c, 1, &part));
}

static void zero_runs(void **state) {
    static const uint8_t runs[6] = {0, 0, 1, 0, 0, 0};
    struct xv_cursor c = xv_cursor_over(runs, 6, 0);

    (void)state;
    assert_false(xv_rest_is_zero(&c));
    assert_int_equal(xv_skip_zero(&c), 2);
    assert_int_equal(xv_skip_zero(&c), 0);
    assert_int_equal(xv_at(&c), 2);
    assert_true(xv_skip(&c, 1));
    assert_true(xv_rest_is_zero(&c));
    assert_int_equal(xv_at(&c), 3); /* consumed nothing */
    assert_int_equal(xv_skip_zero(&c), 3);
    assert_true(xv_rest_is_zero(&c)); /* nothing left */
    c = xv_cursor_over(runs, 3, 0);
    assert_false(xv_rest_is_zero(&c)); /* the last octet counts */
    c = xv_cursor_over(runs, 2, 0);
    assert_true(xv_rest_is_zero(&c)); /* the one behind it does not */
}

static void byte_arrays(void **state) {
    uint8_t bytes[3] = {1, 2, 3};

    (void)state;
    assert_int_equal(xv_byte_get(bytes, 3, 0), 1);
    assert_int_equal(xv_byte_get(bytes, 3, 2), 3);
    assert_int_equal(xv_byte_get(bytes, 2, 2), 0);
    assert_int_equal(xv_byte_get(bytes, 3, UINT64_MAX), 0);
    assert_int_equal(xv_byte_get(NULL, 0, 0), 0);
    xv_byte_put(bytes, 3, 2, 9);
    xv_byte_put(bytes, 2, 2, 8);
    xv_byte_put(bytes, 3, UINT64_MAX, 7);
    xv_byte_put(NULL, 0, 0, 7);
    assert_int_equal(bytes[2], 9);
    assert_int_equal(bytes[1], 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges),    cmocka_unit_test(at_the_limit), cmocka_unit_test(impossible),
        cmocka_unit_test(skipping), cmocka_unit_test(zero_runs),    cmocka_unit_test(byte_arrays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
