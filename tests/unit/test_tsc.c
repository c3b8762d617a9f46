/* SPDX-License-Identifier: MIT */
/* X86_TSC_INFO: modes, frequencies, the reserved field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "body.h"
#include "tsc.h"

static struct test_parser t;

static int setup(void **state) {
    (void)state;
    test_parser_make(&t, NULL, (struct xv_observer){NULL, NULL, 0});
    t.p->sum.xen_major = 4;
    t.p->sum.xen_minor = 17;
    return 0;
}

static int teardown(void **state) {
    (void)state;
    test_parser_free(&t);
    return 0;
}

static enum xv_code judge(uint32_t mode, uint32_t khz, uint32_t reserved) {
    struct blob b = {.n = 0};

    put(&b, mode, 4);
    put(&b, khz, 4);
    put(&b, UINT64_MAX, 8);
    put(&b, 0xffffffff, 4);
    put(&b, reserved, 4);
    return judge_body(t.p, xv_tsc_body, b.bytes, b.n, b.n, 24);
}

static void modes(void **state) {
    (void)state;
    assert_int_equal(judge(0, 0, 0), XV_ACCEPTED);
    assert_int_equal(judge(2, 0, 0), XV_ACCEPTED);
    assert_int_equal(judge(3, 0, 0), XV_TSC_MODE);
    assert_int_equal(t.p->report.offset, 0);
    assert_int_equal(t.p->report.allowed_max, 2);
    t.p->sum.xen_minor = 12;
    assert_int_equal(judge(3, 0, 0), XV_TSC_MODE);
    t.p->sum.xen_minor = 11;
    assert_int_equal(judge(3, 0, 0), XV_ACCEPTED);
    assert_int_equal(judge(4, 0, 0), XV_TSC_MODE);
    t.p->sum.xen_major = 5;
    assert_int_equal(judge(3, 0, 0), XV_TSC_MODE);
    assert_int_equal(judge(4, 0, 0), XV_TSC_MODE);
    assert_int_equal(t.p->report.allowed_max, 2);
    t.p->sum.xen_major = 0; /* the legacy converter */
    assert_int_equal(judge(3, 0, 0), XV_ACCEPTED);
    assert_int_equal(judge(4, 0, 0), XV_TSC_MODE);
    assert_int_equal(t.p->report.allowed_max, 3);
}

static void target(void **state) {
    (void)state;
    t.p->sum.xen_minor = 10;
    t.p->policy.target_xen = XV_XEN(4, 11);
    assert_int_equal(judge(3, 0, 0), XV_ACCEPTED);
    t.p->policy.target_xen = XV_XEN(4, 12);
    assert_int_equal(judge(3, 0, 0), XV_COMPAT_TARGET_TSC);
    assert_int_equal(judge(2, 0, 0), XV_ACCEPTED);
}

static void frequency(void **state) {
    (void)state;
    assert_int_equal(judge(0, 9999, 0), XV_TSC_KHZ);
    assert_int_equal(judge(0, 10000, 0), XV_ACCEPTED);
    assert_int_equal(judge(0, 100000000, 0), XV_ACCEPTED);
    assert_int_equal(judge(0, 100000001, 0), XV_TSC_KHZ);
    assert_int_equal(t.p->report.offset, 4);
    assert_int_equal(judge(0, 1, 0), XV_TSC_KHZ);
}

static void reserved(void **state) {
    (void)state;
    assert_int_equal(judge(0, 0, 1), XV_TSC_RESERVED);
    assert_int_equal(judge(0, 0, 0x80000000), XV_TSC_RESERVED);
    assert_int_equal(t.p->report.offset, 20);
}

/* The framing allows 24 octets only; the body does not rely on it. */
static void length(void **state) {
    struct blob b = {.n = 25};

    (void)state;
    for (size_t n = 0; n <= 25; n++)
        assert_int_equal(judge_body(t.p, xv_tsc_body, b.bytes, n, n, 25), n == 24 ? XV_ACCEPTED : XV_RECORD_LENGTH);
    assert_int_equal(judge_body(t.p, xv_tsc_body, b.bytes, 25, 25, 24), XV_RECORD_LENGTH);
    assert_int_equal(judge_body(t.p, xv_tsc_body, b.bytes, 23, 24, 24), XV_TRUNCATED);
}

static struct xv_fact last;

static void tell(void *context, const struct xv_fact *fact) {
    (void)context;
    last = *fact;
}

static void facts(void **state) {
    (void)state;
    t.p->observer.tell = tell;
    assert_int_equal(judge(1, 2000000, 0), XV_ACCEPTED);
    assert_int_equal(last.kind, XV_FACT_TSC);
    assert_int_equal(last.a, 1);
    assert_int_equal(last.b, 2000000);
    assert_true(last.c == UINT64_MAX);
    assert_int_equal(judge(2, 0, 1), XV_TSC_RESERVED); /* which is told before anything is */
    assert_int_equal(last.a, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(modes, setup, teardown),
        cmocka_unit_test_setup_teardown(target, setup, teardown),
        cmocka_unit_test_setup_teardown(frequency, setup, teardown),
        cmocka_unit_test_setup_teardown(reserved, setup, teardown),
        cmocka_unit_test_setup_teardown(length, setup, teardown),
        cmocka_unit_test_setup_teardown(facts, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
