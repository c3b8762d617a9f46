/* SPDX-License-Identifier: MIT */
/* XCR0 combinations, sizes of XSAVE images, the XSAVE header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "body.h"
#include "xsave.h"

#define BIT(n) ((uint64_t)1 << (n))

static struct test_parser t;
static uint8_t area[XV_XSAVE_HEAD];

static int setup(void **state) {
    (void)state;
    test_parser_make(&t, NULL, (struct xv_observer){NULL, NULL, 0});
    memset(area, 0, sizeof(area));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    test_parser_free(&t);
    return 0;
}

static void xcr0(void **state) {
    static const uint64_t good[] = {1,     3,     7,     0x1b,    0x1f,    0xe7,    0xff,
                                    0x201, 0x207, 0x2ff, 0x60003, 0x602ff, 0x80003, BIT(62) | 3};
    static const uint64_t bad[] = {0,      2,       5,       6,       9,           0x11,        0x27,       0x47,
                                   0x87,   0xe3,    0xc7,    0xa7,    0x67,        0x101,       0x401,      0x801,
                                   0x1001, 0x20003, 0x40003, 0x10003, BIT(20) | 3, BIT(61) | 3, BIT(63) | 3};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(xv_xcr0_valid(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(xv_xcr0_valid(bad[i]));
}

static uint32_t size_of(uint64_t accum) {
    uint32_t size = 1;
    bool known = xv_xsave_area_size(&t.p->cpu_policy, accum, &size);

    assert_int_equal(known, size != 0);
    return size;
}

static void sizes_by_architecture(void **state) {
    (void)state;
    assert_int_equal(size_of(1), 576);
    assert_int_equal(size_of(3), 576);
    assert_int_equal(size_of(7), 832);
    assert_int_equal(size_of(0x1f), 1088);
    assert_int_equal(size_of(0xe7), 2688);
    assert_int_equal(size_of(0x2e7), 2696);
    assert_int_equal(size_of(0x602e7), 11008);
    assert_int_equal(size_of(BIT(62) | 3), 960);
    assert_int_equal(size_of(BIT(62) | 0xe7), 2688); /* the last component is not the one that ends last */
    assert_int_equal(size_of(BIT(19) | 3), 0);
    assert_int_equal(size_of(BIT(63) | 3), 576); /* not a component: refused as an XCR0 */
}

static void sizes_by_policy(void **state) {
    struct xv_cpu_policy *cpu = &t.p->cpu_policy;

    (void)state;
    cpu->xstate_told = true;
    assert_int_equal(size_of(3), 576);
    assert_int_equal(size_of(7), 0);
    cpu->xstate_size[2] = 256;
    cpu->xstate_offset[2] = 576;
    cpu->xstate_size[9] = 8;
    cpu->xstate_offset[9] = 832;
    assert_int_equal(size_of(7), 832);
    assert_int_equal(size_of(0x207), 840);
    cpu->xstate_offset[9] = 16377;
    assert_int_equal(size_of(0x207), 0);
    cpu->xstate_offset[9] = 16376;
    assert_int_equal(size_of(0x207), 16384);
    cpu->xstate_offset[9] = 575;
    assert_int_equal(size_of(0x207), 0);
    cpu->xstate_size[9] = 0xffffffff;
    cpu->xstate_offset[9] = 0xffffffff;
    assert_int_equal(size_of(0x207), 0);
    cpu->xstate_size[9] = 0; /* no such component, wherever it lies */
    cpu->xstate_offset[9] = 832;
    assert_int_equal(size_of(0x207), 0);
    cpu->xstate_size[9] = XV_XSAVE_MAX + 1;
    assert_int_equal(size_of(0x207), 0);
}

static const struct xv_xsave_rule exact = {XV_XSAVE_XCR0, XV_XSAVE_ACCUM, XV_XSAVE_SIZE, XV_XSAVE_HEADER, false};
static const struct xv_xsave_rule longer = {XV_XSAVE_XCR0, XV_XSAVE_ACCUM, XV_XSAVE_SIZE, XV_XSAVE_HEADER, true};

static enum xv_code check(uint64_t value, uint64_t accum, uint32_t image, const struct xv_xsave_rule *rule,
                          uint32_t *used) {
    struct xv_cursor c = xv_cursor_over(area, image ? sizeof(area) : 16, 1000);

    memset(&t.p->report, 0, sizeof(t.p->report));
    poke(area, 0, value, 8);
    poke(area, 8, accum, 8);
    if (xv_xsave_check(t.p, &c, image, rule, used))
        assert_int_equal(xv_left(&c), 0);
    return t.p->report.code;
}

static void values(void **state) {
    uint32_t used = 1;

    (void)state;
    assert_int_equal(check(0, 0, 0, &exact, &used), XV_ACCEPTED);
    assert_int_equal(check(3, 7, 0, &exact, &used), XV_ACCEPTED);
    assert_int_equal(check(0, 3, 0, &exact, &used), XV_XSAVE_XCR0);
    assert_int_equal(check(3, 0, 0, &exact, &used), XV_XSAVE_XCR0);
    assert_int_equal(t.p->report.offset, 1008);
    assert_int_equal(check(0, 0, 576, &exact, &used), XV_XSAVE_XCR0);
    assert_int_equal(check(3, 3, 576, &exact, &used), XV_ACCEPTED);
    assert_int_equal(used, 576);
    assert_int_equal(check(5, 7, 832, &exact, &used), XV_XSAVE_XCR0);
    assert_int_equal(t.p->report.offset, 1000);
    assert_int_equal(check(3, 5, 832, &exact, &used), XV_XSAVE_XCR0);
    assert_int_equal(t.p->report.offset, 1008);
    assert_int_equal(check(7, 3, 576, &exact, &used), XV_XSAVE_ACCUM);
    assert_int_equal(check(7, 7, 832, &exact, &used), XV_ACCEPTED);
}

static void image_sizes(void **state) {
    uint32_t used = 0;

    (void)state;
    assert_int_equal(check(7, 7, 831, &exact, &used), XV_XSAVE_SIZE);
    assert_int_equal(check(7, 7, 833, &exact, &used), XV_XSAVE_SIZE);
    assert_int_equal(t.p->report.allowed_min, 832);
    assert_int_equal(t.p->report.allowed_max, 832);
    assert_int_equal(check(7, 7, 831, &longer, &used), XV_XSAVE_SIZE);
    assert_int_equal(t.p->report.allowed_min, 832);
    assert_int_equal(t.p->report.allowed_max, XV_XSAVE_MAX);
    assert_int_equal(check(7, 7, 833, &longer, &used), XV_ACCEPTED);
    assert_int_equal(used, 832);
    assert_int_equal(check(0x80003, 0x80003, 960, &exact, &used), XV_XSAVE_SIZE);
    assert_int_equal(check(0x80003, 0x80003, 960, &longer, &used), XV_XSAVE_SIZE); /* of unknown size: none fits */
    /* PKRU without AVX-512: AMD and Intel put it in different places, and there is no policy to tell */
    assert_int_equal(check(0x207, 0x207, 840, &exact, &used), XV_ACCEPTED);
    assert_int_equal(used, 840);
    assert_int_equal(check(0x207, 0x207, 2696, &exact, &used), XV_ACCEPTED);
    assert_int_equal(check(0x207, 0x207, 841, &exact, &used), XV_XSAVE_SIZE);
    assert_int_equal(check(0x2e7, 0x2e7, 840, &exact, &used), XV_XSAVE_SIZE);
    t.p->cpu_policy.xstate_told = true;
    assert_int_equal(check(0x207, 0x207, 840, &exact, &used), XV_XSAVE_SIZE);
    t.p->cpu_policy.xstate_size[2] = 256;
    t.p->cpu_policy.xstate_offset[2] = 576;
    t.p->cpu_policy.xstate_size[9] = 8;
    t.p->cpu_policy.xstate_offset[9] = 2688;
    assert_int_equal(check(0x207, 0x207, 840, &exact, &used), XV_XSAVE_SIZE);
    assert_int_equal(check(0x207, 0x207, 2696, &exact, &used), XV_ACCEPTED);
}

static void header(void **state) {
    uint32_t used = 0;

    (void)state;
    poke(area, 16, UINT64_MAX, 8); /* the FXSAVE image is the guest's */
    poke(area, 16 + 512, 3, 8);
    assert_int_equal(check(3, 3, 576, &exact, &used), XV_ACCEPTED);
    poke(area, 16 + 512, 7, 8);
    assert_int_equal(check(3, 3, 576, &exact, &used), XV_XSAVE_HEADER);
    assert_int_equal(t.p->report.offset, 1000 + 528);
    assert_int_equal(check(3, 7, 832, &exact, &used), XV_ACCEPTED);
    poke(area, 16 + 520, BIT(63), 8);
    assert_int_equal(check(3, 7, 832, &exact, &used), XV_XSAVE_HEADER);
    poke(area, 16 + 520, 0, 8);
    for (size_t off = 528; off < 576; off++) {
        area[16 + off] = 1;
        assert_int_equal(check(3, 7, 832, &exact, &used), XV_XSAVE_HEADER);
        area[16 + off] = 0;
    }
    assert_int_equal(check(3, 7, 832, &exact, &used), XV_ACCEPTED);
}

/* A caller that hands over too little gets a refusal, not a read beyond it. */
static void short_cursor(void **state) {
    uint32_t used = 0;
    static const size_t sizes[] = {0, 8, 15, 16, 100, 527, 528, 543, 544, 591};

    (void)state;
    poke(area, 0, 3, 8);
    poke(area, 8, 3, 8);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct xv_cursor c = xv_cursor_over(area, sizes[i], 0);

        memset(&t.p->report, 0, sizeof(t.p->report));
        assert_false(xv_xsave_check(t.p, &c, 576, &exact, &used));
        assert_int_equal(t.p->report.code, XV_MISUSE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(xcr0, setup, teardown),
        cmocka_unit_test_setup_teardown(sizes_by_architecture, setup, teardown),
        cmocka_unit_test_setup_teardown(sizes_by_policy, setup, teardown),
        cmocka_unit_test_setup_teardown(values, setup, teardown),
        cmocka_unit_test_setup_teardown(image_sizes, setup, teardown),
        cmocka_unit_test_setup_teardown(header, setup, teardown),
        cmocka_unit_test_setup_teardown(short_cursor, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
