/* SPDX-License-Identifier: MIT */
/* HVM_PARAMS: which parameters travel, their values, the pages they name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "body.h"
#include "guest_memory.h"
#include "hvm_params.h"

static struct test_parser t;
static struct blob b;

/* Pages 1..63 are populated. */
static int setup(void **state) {
    (void)state;
    test_parser_make(&t, NULL, (struct xv_observer){NULL, NULL, 0});
    t.p->policy.tolerate = 0;
    t.p->libxc.hvm = true;
    t.p->libxc.version = 3;
    t.p->sum.xen_major = 4;
    t.p->sum.xen_minor = 17;
    assert_true(xv_memory_init(t.p, true, 0));
    for (uint64_t pfn = 1; pfn < 64; pfn++)
        assert_true(xv_memory_entry(t.p, pfn, XV_TYPE_NOTAB, 0));
    b.n = 0;
    return 0;
}

static int teardown(void **state) {
    (void)state;
    test_parser_free(&t);
    return 0;
}

static void begin(uint32_t count, uint32_t reserved) {
    b.n = 0;
    put(&b, count, 4);
    put(&b, reserved, 4);
}

static void param(uint64_t index, uint64_t value) {
    put(&b, index, 8);
    put(&b, value, 8);
}

static enum xv_code judge(void) {
    return judge_body(t.p, xv_hvm_params_body, b.bytes, b.n, b.n, 8 + 16 * 39);
}

/* One parameter in a record of its own, in a checkpoint of its own. */
static enum xv_code one(uint64_t index, uint64_t value) {
    xv_hvm_params_reset(t.p);
    begin(1, 0);
    param(index, value);
    return judge();
}

static enum xv_code complete(void) {
    memset(&t.p->report, 0, sizeof(t.p->report));
    (void)xv_hvm_params_complete(t.p, 4711);
    return t.p->report.code;
}

static void header(void **state) {
    (void)state;
    begin(1, 0);
    param(19, 1);
    assert_int_equal(judge(), XV_ACCEPTED);
    begin(2, 0);
    param(19, 1);
    assert_int_equal(judge(), XV_PARAM_COUNT);
    begin(0, 0);
    param(19, 1);
    assert_int_equal(judge(), XV_PARAM_COUNT);
    begin(0xffffffff, 0);
    assert_int_equal(judge(), XV_PARAM_COUNT);
    begin(0x10000001, 0); /* times 16 wraps to 16 in 32 bits */
    param(19, 1);
    assert_int_equal(judge(), XV_PARAM_COUNT);
    xv_hvm_params_reset(t.p);
    begin(1, 1);
    param(19, 1);
    assert_int_equal(judge(), XV_PARAM_RESERVED);
    assert_int_equal(t.p->report.offset, 4);
    begin(40, 0);
    for (uint64_t i = 0; i < 40; i++)
        param(i, 1);
    assert_int_equal(judge_body(t.p, xv_hvm_params_body, b.bytes, b.n, b.n, b.n), XV_PARAM_COUNT);
    assert_int_equal(judge_body(t.p, xv_hvm_params_body, b.bytes, 7, 7, 8), XV_RECORD_LENGTH);
    assert_int_equal(judge_body(t.p, xv_hvm_params_body, b.bytes, 648, 648, 632), XV_RECORD_LENGTH);
    assert_int_equal(judge_body(t.p, xv_hvm_params_body, b.bytes, 600, 632, 632), XV_TRUNCATED);
}

static void empty(void **state) {
    (void)state;
    begin(0, 0);
    assert_int_equal(judge(), XV_PARAM_EMPTY);
    t.p->policy.tolerate = XV_TOLERATE_EMPTY_PARAMS;
    assert_int_equal(judge(), XV_ACCEPTED);
    assert_int_equal(t.p->sum.tolerated, XV_TOLERATE_EMPTY_PARAMS);
}

static void indices(void **state) {
    static const uint8_t sent[] = {1, 5, 6, 9, 12, 17, 19, 27, 28, 29, 32, 33, 34, 36, 37, 38};
    uint64_t allowed = 0;

    (void)state;
    for (size_t i = 0; i < sizeof sent; i++)
        allowed |= (uint64_t)1 << sent[i];
    for (uint64_t i = 0; i < 64; i++) {
        enum xv_code code = one(i, 1);

        assert_int_equal(code == XV_PARAM_INDEX, !(allowed >> i & 1));
    }
    assert_int_equal(one(39, 1), XV_PARAM_INDEX);
    assert_int_equal(one(0x100000000 + 35, 1), XV_PARAM_INDEX); /* libxenguest would set ALTP2M */
    assert_int_equal(one(0x100000000 + 1, 1), XV_PARAM_INDEX);
    assert_int_equal(one(UINT64_MAX, 1), XV_PARAM_INDEX);
    assert_int_equal(t.p->report.offset, 8);
}

static void old_savers(void **state) {
    (void)state;
    assert_int_equal(one(4, 1), XV_PARAM_INDEX);
    assert_int_equal(one(15, 0x1000), XV_PARAM_INDEX);
    t.p->libxc.version = 2;
    assert_int_equal(one(4, 1), XV_ACCEPTED);
    assert_int_equal(one(4, 2), XV_PARAM_VALUE);
    assert_int_equal(one(15, 0xffffffff), XV_ACCEPTED);
    assert_int_equal(one(15, 0x100000000), XV_PARAM_VALUE);
    t.p->libxc.version = 3;
    t.p->sum.xen_major = 0; /* the legacy converter */
    assert_int_equal(one(4, 1), XV_PARAM_INDEX);
    assert_int_equal(one(15, 0x1000), XV_ACCEPTED);
}

static void targets(void **state) {
    (void)state;
    t.p->policy.target_xen = XV_XEN(4, 8);
    assert_int_equal(one(36, 4), XV_ACCEPTED);
    assert_int_equal(one(37, (uint64_t)128 << 32), XV_COMPAT_TARGET_PARAM);
    t.p->policy.target_xen = XV_XEN(4, 9);
    assert_int_equal(one(37, (uint64_t)128 << 32), XV_ACCEPTED);
    assert_int_equal(one(38, 1), XV_COMPAT_TARGET_PARAM);
    t.p->policy.target_xen = XV_XEN(4, 10);
    assert_int_equal(one(38, 1), XV_ACCEPTED);
}

static void values(void **state) {
    static const struct {
        uint64_t index, value;
        enum xv_code code;
    } cases[] = {
        {9, 0, XV_PARAM_VALUE},
        {9, 1, XV_ACCEPTED},
        {9, 2, XV_PARAM_VALUE},
        {9, 0x1fff, XV_ACCEPTED},
        {9, 0x2001, XV_PARAM_VALUE},
        {12, 0xfeffe000, XV_ACCEPTED},
        {12, 0xfffff000, XV_ACCEPTED},
        {12, 0xfeffe001, XV_PARAM_VALUE},
        {12, 0xfeffe800, XV_PARAM_VALUE},
        {12, 0x100000000, XV_PARAM_VALUE},
        {19, 0, XV_ACCEPTED},
        {19, 1, XV_ACCEPTED},
        {19, 2, XV_PARAM_VALUE},
        {33, 0, XV_PARAM_VALUE},
        {33, 1, XV_ACCEPTED},
        {33, 64, XV_ACCEPTED},
        {33, 65, XV_PARAM_VALUE},
        {32, 0, XV_PARAM_VALUE},
        {32, ((uint64_t)1 << 52) - 1, XV_ACCEPTED}, /* looked at when all parameters are known */
        {32, (uint64_t)1 << 52, XV_PARAM_VALUE},
        {34, 0xfc000000, XV_ACCEPTED},
        {34, ((uint64_t)1 << 52) - 1, XV_ACCEPTED},
        {34, (uint64_t)1 << 52, XV_PARAM_VALUE},
        {36, 0, XV_ACCEPTED},
        {36, 4, XV_ACCEPTED},
        {36, 8, XV_ACCEPTED},
        {36, 2, XV_PARAM_VALUE},
        {36, 9, XV_PARAM_VALUE},
        {37, (uint64_t)103 << 32 | 0x1000, XV_PARAM_VALUE},
        {37, (uint64_t)104 << 32 | 0x1000, XV_ACCEPTED},
        {37, (uint64_t)8329 << 32 | 0xffffffff, XV_ACCEPTED},
        {37, (uint64_t)8330 << 32, XV_PARAM_VALUE},
        {37, UINT64_MAX, XV_PARAM_VALUE},
        {38, 0, XV_ACCEPTED},
        {38, 1, XV_ACCEPTED},
        {38, 2, XV_PARAM_VALUE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(one(cases[i].index, cases[i].value), cases[i].code);
}

static void pages(void **state) {
    static const uint8_t page_params[] = {1, 5, 6, 17, 27, 28, 29};

    (void)state;
    for (size_t i = 0; i < sizeof page_params; i++) {
        assert_int_equal(one(page_params[i], 1), XV_ACCEPTED);
        assert_int_equal(one(page_params[i], 63), XV_ACCEPTED);
        assert_int_equal(one(page_params[i], 64), XV_PARAM_UNPOPULATED);
        assert_int_equal(t.p->report.offset, 16);
        assert_int_equal(one(page_params[i], 0), XV_PARAM_VALUE);
        assert_int_equal(one(page_params[i], UINT64_MAX), XV_PARAM_UNPOPULATED);
        assert_int_equal(one(page_params[i], ((uint64_t)1 << 52) + 1), XV_PARAM_UNPOPULATED);
    }
}

static void repeated(void **state) {
    (void)state;
    begin(2, 0);
    param(19, 1);
    param(19, 1);
    assert_int_equal(judge(), XV_PARAM_REPEATED);
    assert_int_equal(t.p->report.offset, 24);
    /* in a second record, as the converter may write one */
    xv_hvm_params_reset(t.p);
    begin(1, 0);
    param(1, 1);
    assert_int_equal(judge(), XV_ACCEPTED);
    begin(1, 0);
    param(17, 2);
    assert_int_equal(judge(), XV_ACCEPTED);
    begin(1, 0);
    param(1, 3);
    assert_int_equal(judge(), XV_PARAM_REPEATED);
    /* in the next checkpoint */
    xv_hvm_params_reset(t.p);
    begin(1, 0);
    param(1, 3);
    assert_int_equal(judge(), XV_ACCEPTED);
}

static void shared(void **state) {
    (void)state;
    begin(2, 0);
    param(1, 7);
    param(17, 7);
    assert_int_equal(judge(), XV_PARAM_SHARED);
    xv_hvm_params_reset(t.p);
    begin(2, 0);
    param(27, 7);
    param(6, 7);
    assert_int_equal(judge(), XV_PARAM_SHARED);
    xv_hvm_params_reset(t.p);
    begin(3, 0);
    param(1, 7);
    param(36, 8); /* a number, not a page */
    param(17, 8);
    assert_int_equal(judge(), XV_ACCEPTED);
}

static void rings(void **state) {
    (void)state;
    assert_int_equal(complete(), XV_PARAM_MISSING);
    assert_int_equal(t.p->report.offset, 4711);
    assert_int_equal(one(1, 1), XV_ACCEPTED);
    assert_int_equal(complete(), XV_PARAM_MISSING);
    assert_int_equal(t.p->report.found, 17);
    assert_int_equal(one(17, 1), XV_ACCEPTED);
    assert_int_equal(complete(), XV_PARAM_MISSING);
    assert_int_equal(t.p->report.found, 1);
    t.p->policy.tolerate = XV_TOLERATE_MISSING_RINGS;
    assert_int_equal(complete(), XV_ACCEPTED);
    t.p->policy.tolerate = 0;
    xv_hvm_params_reset(t.p);
    begin(2, 0);
    param(1, 1);
    param(17, 2);
    assert_int_equal(judge(), XV_ACCEPTED);
    assert_int_equal(complete(), XV_ACCEPTED);
}

/* The verdict on a set with ioreq server pages; the two parameters that name them may come in any order. */
static enum xv_code ioreq(uint64_t store, uint64_t first, uint64_t count) {
    enum xv_code code[2];

    for (int swapped = 0; swapped < 2; swapped++) {
        xv_hvm_params_reset(t.p);
        begin(4, 0);
        param(swapped ? 33 : 32, swapped ? count : first);
        param(swapped ? 32 : 33, swapped ? first : count);
        param(1, store);
        param(17, 2);
        assert_int_equal(judge(), XV_ACCEPTED);
        code[swapped] = complete();
    }
    assert_int_equal(code[0], code[1]);
    return code[0];
}

static void ioreq_server(void **state) {
    (void)state;
    assert_int_equal(ioreq(1, 3, 8), XV_ACCEPTED);
    assert_int_equal(ioreq(1, 60, 4), XV_ACCEPTED);
    assert_int_equal(ioreq(1, 60, 5), XV_PARAM_UNPOPULATED);
    assert_int_equal(t.p->report.found, 64);
    assert_int_equal(ioreq(1, 64, 1), XV_PARAM_UNPOPULATED);
    assert_int_equal(ioreq(1, ((uint64_t)1 << 52) - 1, 64), XV_PARAM_UNPOPULATED);
    assert_int_equal(ioreq(10, 3, 8), XV_PARAM_SHARED);
    assert_int_equal(ioreq(3, 3, 8), XV_PARAM_SHARED);
    assert_int_equal(ioreq(11, 3, 8), XV_ACCEPTED);
    t.p->policy.tolerate = XV_TOLERATE_MISSING_RINGS;
    assert_int_equal(one(32, 3), XV_ACCEPTED);
    assert_int_equal(complete(), XV_PARAM_VALUE);
    assert_int_equal(t.p->report.found, 3); /* the one that came without the other */
    assert_int_equal(one(33, 5), XV_ACCEPTED);
    assert_int_equal(complete(), XV_PARAM_VALUE);
    assert_int_equal(t.p->report.found, 5);
}

/* What a real 4.17 saves of a guest with a device model, shifted down to populated pages. */
static void real(void **state) {
    static const uint64_t list[][2] = {{1, 0x3c},  {5, 0x3d},  {6, 0x3b},        {27, 0x38}, {28, 0x39},
                                       {29, 0x3a}, {17, 0x3f}, {12, 0xfeffe000}, {32, 0x30}, {33, 8}};

    (void)state;
    begin(10, 0);
    for (size_t i = 0; i < 10; i++)
        param(list[i][0], list[i][1]);
    assert_int_equal(judge(), XV_ACCEPTED);
    assert_int_equal(complete(), XV_ACCEPTED);
}

static struct xv_fact last;

static void tell(void *context, const struct xv_fact *fact) {
    (void)context;
    last = *fact;
}

static void facts(void **state) {
    (void)state;
    t.p->observer.tell = tell;
    assert_int_equal(one(9, 0x61), XV_ACCEPTED);
    assert_int_equal(last.kind, XV_FACT_HVM_PARAM);
    assert_true(last.a == 9 && last.b == 0x61);
    assert_string_equal(last.text, "VIRIDIAN");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(header, setup, teardown),
        cmocka_unit_test_setup_teardown(empty, setup, teardown),
        cmocka_unit_test_setup_teardown(indices, setup, teardown),
        cmocka_unit_test_setup_teardown(old_savers, setup, teardown),
        cmocka_unit_test_setup_teardown(targets, setup, teardown),
        cmocka_unit_test_setup_teardown(values, setup, teardown),
        cmocka_unit_test_setup_teardown(pages, setup, teardown),
        cmocka_unit_test_setup_teardown(repeated, setup, teardown),
        cmocka_unit_test_setup_teardown(shared, setup, teardown),
        cmocka_unit_test_setup_teardown(rings, setup, teardown),
        cmocka_unit_test_setup_teardown(ioreq_server, setup, teardown),
        cmocka_unit_test_setup_teardown(real, setup, teardown),
        cmocka_unit_test_setup_teardown(facts, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
