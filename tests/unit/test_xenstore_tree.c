/* SPDX-License-Identifier: MIT */
/* The tree of names against a plain list, with strings that differ little; its limits; its cost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stream_build.h"

#define CELLS 20000u

static struct test_parser t;

static int setup(void **state) {
    struct xv_policy policy;

    (void)state;
    xv_policy_strict(&policy);
    policy.max_guest_pages = 1;
    policy.max_xenstore_names = CELLS;
    test_parser_make(&t, &policy, (struct xv_observer){NULL, NULL, 0});
    return 0;
}

static int teardown(void **state) {
    (void)state;
    test_parser_free(&t);
    return 0;
}

/* Marks a string; true if it was marked before. */
static bool mark(enum xv_tree_kind kind, const uint8_t *octets, size_t n) {
    bool before;

    assert_true(xv_tree_begin(t.p, kind, 0));
    for (size_t i = 0; i < n; i++)
        assert_true(xv_tree_octet(t.p, octets[i], 0));
    before = xv_tree_marked(t.p);
    xv_tree_mark(t.p);
    return before;
}

static uint32_t draw(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

/* Short strings over few octets, so that they often repeat or are prefixes of others. */
static void like_a_list(void **state) {
    static struct {
        uint8_t octets[4];
        size_t n;
        enum xv_tree_kind kind;
    } list[3000];
    static const uint8_t alphabet[] = {0, 1, 15, 16, 126, 127, 128, 143, 255, '/', 'a', 'b'};
    uint32_t seed = 1;

    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        bool before = false;

        list[i].n = draw(&seed) % 4;
        list[i].kind = XV_TREE_NODE + (enum xv_tree_kind)(draw(&seed) % 2);
        for (size_t k = 0; k < list[i].n; k++)
            list[i].octets[k] = alphabet[draw(&seed) % sizeof alphabet];
        for (unsigned k = 0; k < i && !before; k++)
            before = list[k].n == list[i].n && list[k].kind == list[i].kind &&
                     memcmp(list[k].octets, list[i].octets, list[i].n) == 0;
        assert_int_equal(mark(list[i].kind, list[i].octets, list[i].n), before);
    }
}

static void numbers(void **state) {
    static const uint32_t some[] = {0, 1, 15, 16, 255, 256, 0x7ff4, 0x80000000u, UINT32_MAX};

    (void)state;
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < sizeof some / sizeof some[0]; i++) {
            assert_true(xv_tree_begin(t.p, XV_TREE_RING, 0) && xv_tree_number(t.p, some[i], 0));
            assert_int_equal(xv_tree_marked(t.p), round);
            xv_tree_mark(t.p);
        }
    }
}

/* The last cell, and one more. */
static void full(void **state) {
    (void)state;
    assert_true(xv_tree_begin(t.p, XV_TREE_NODE, 0));
    for (uint32_t i = 1; i < CELLS; i++)
        assert_true(xv_tree_octet(t.p, 'a', i));
    assert_false(xv_tree_octet(t.p, 'a', 77));
    assert_int_equal(xv_parser_report(t.p)->code, XV_XENSTORE_LIMIT_NAMES);
    assert_int_equal(xv_parser_report(t.p)->offset, 77);
    assert_int_equal(xv_parser_report(t.p)->found, CELLS + 1);
    assert_int_equal(xv_parser_report(t.p)->allowed_max, CELLS);
}

/* Symbols in ascending order make the longest row of siblings: all of them are found. */
static void all_symbols(void **state) {
    (void)state;
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned octet = 0; octet < 256; octet++) {
            uint8_t one = (uint8_t)octet;

            assert_int_equal(mark(XV_TREE_WATCH, &one, 1), round);
        }
    }
}

/* Memory that somebody wrote to is refused, not walked for ever: a cell that is its own sibling. */
static void meddled_arena(void **state) {
    (void)state;
    t.p->xenstore.tree.root = 1;
    t.p->xenstore.tree.cells = 1;
    t.arena.bytes[10] = 'x';
    t.arena.bytes[10 + 4] = 1; /* less */
    t.arena.bytes[10 + 7] = 1; /* more */
    assert_false(xv_tree_begin(t.p, XV_TREE_NODE, 5));
    assert_int_equal(xv_parser_report(t.p)->code, XV_MISUSE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(like_a_list, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(full, setup, teardown),
        cmocka_unit_test_setup_teardown(all_symbols, setup, teardown),
        cmocka_unit_test_setup_teardown(meddled_arena, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
