/* SPDX-License-Identifier: MIT */
/* X86_CPUID_POLICY and X86_MSR_POLICY. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "body.h"
#include "cpu_policy.h"

#define NONE 0xffffffffu

static struct test_parser t;
static struct blob b;

static int setup(void **state) {
    (void)state;
    test_parser_make(&t, NULL, (struct xv_observer){NULL, NULL, 0});
    b.n = 0;
    return 0;
}

static int teardown(void **state) {
    (void)state;
    test_parser_free(&t);
    return 0;
}

static void leaf(uint32_t number, uint32_t subleaf, uint32_t eax, uint32_t ebx, uint32_t ecx) {
    put(&b, number, 4);
    put(&b, subleaf, 4);
    put(&b, eax, 4);
    put(&b, ebx, 4);
    put(&b, ecx, 4);
    put(&b, 0, 4);
}

static enum xv_code judge(void) {
    enum xv_code code = judge_body(t.p, xv_cpuid_policy_body, b.bytes, b.n, b.n, 24 * 342);

    b.n = 0;
    return code;
}

static enum xv_code judge_leaf(uint32_t number, uint32_t subleaf) {
    leaf(number, subleaf, 0, 0, 0);
    return judge();
}

static void leaves(void **state) {
    static const struct {
        uint32_t leaf, subleaf;
        enum xv_code code;
    } cases[] = {
        {0, NONE, XV_ACCEPTED},
        {0, 0, XV_CPUID_LEAF},
        {3, NONE, XV_ACCEPTED},
        {4, 0, XV_ACCEPTED},
        {4, 5, XV_ACCEPTED},
        {4, 6, XV_CPUID_LEAF},
        {4, NONE, XV_CPUID_LEAF},
        {5, NONE, XV_ACCEPTED},
        {6, NONE, XV_ACCEPTED},
        {7, 2, XV_ACCEPTED},
        {7, 3, XV_CPUID_LEAF},
        {8, NONE, XV_ACCEPTED},
        {0xa, NONE, XV_ACCEPTED},
        {0xb, 1, XV_ACCEPTED},
        {0xb, 2, XV_CPUID_LEAF},
        {0xc, NONE, XV_ACCEPTED},
        {0xd, 0, XV_ACCEPTED},
        {0xd, 62, XV_ACCEPTED},
        {0xd, 63, XV_CPUID_LEAF},
        {0xd, NONE, XV_CPUID_LEAF},
        {0xe, NONE, XV_CPUID_LEAF},
        {0xe, 0, XV_CPUID_LEAF},
        {0x3fffffff, NONE, XV_CPUID_LEAF},
        {0x40000000, NONE, XV_ACCEPTED},
        {0x40000000, 0, XV_CPUID_LEAF},
        {0x40000001, NONE, XV_CPUID_LEAF},
        {0x40000100, NONE, XV_ACCEPTED},
        {0x40000101, NONE, XV_CPUID_LEAF},
        {0x7fffffff, NONE, XV_CPUID_LEAF},
        {0x80000000, NONE, XV_ACCEPTED},
        {0x80000021, NONE, XV_ACCEPTED},
        {0x80000022, NONE, XV_CPUID_LEAF},
        {0x80000001, 1, XV_CPUID_LEAF},
        {0xffffffff, NONE, XV_CPUID_LEAF},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(judge_leaf(cases[i].leaf, cases[i].subleaf), cases[i].code);
    /* behind the last one there is none, whatever its subleaf */
    for (uint32_t n = 0x22; n < 0x80000000; n += 0x400000)
        for (uint32_t sub = 0; sub < 16; sub++)
            assert_int_equal(judge_leaf(0x80000000 + n, sub << 28), XV_CPUID_LEAF);
}

static void order(void **state) {
    (void)state;
    leaf(0, NONE, 0, 0, 0);
    leaf(1, NONE, 0, 0, 0);
    assert_int_equal(judge(), XV_ACCEPTED);
    leaf(1, NONE, 0, 0, 0);
    leaf(0, NONE, 0, 0, 0);
    assert_int_equal(judge(), XV_CPUID_ORDER);
    assert_int_equal(t.p->report.offset, 24);
    leaf(4, 1, 0, 0, 0);
    leaf(4, 1, 0, 0, 0);
    assert_int_equal(judge(), XV_CPUID_ORDER);
    leaf(4, 1, 0, 0, 0);
    leaf(4, 2, 0, 0, 0);
    assert_int_equal(judge(), XV_ACCEPTED);
    leaf(4, 2, 0, 0, 0);
    leaf(4, 1, 0, 0, 0);
    assert_int_equal(judge(), XV_CPUID_ORDER);
}

static void largest(void **state) {
    static const struct {
        uint32_t leaf, subleaf, eax;
        enum xv_code code;
    } cases[] = {
        {0, NONE, 0xd, XV_ACCEPTED},
        {0, NONE, 0xe, XV_CPUID_LARGEST},
        {0, NONE, 0xffffffff, XV_CPUID_LARGEST},
        {1, NONE, 0xffffffff, XV_ACCEPTED},
        {4, 0, 0xffffffff, XV_ACCEPTED},
        {7, 0, 2, XV_ACCEPTED},
        {7, 0, 3, XV_CPUID_LARGEST},
        {7, 1, 0xffffffff, XV_ACCEPTED},
        {0x80000000, NONE, 0, XV_ACCEPTED},
        {0x80000000, NONE, 0x80000021, XV_ACCEPTED},
        {0x80000000, NONE, 0x80000022, XV_CPUID_LARGEST},
        {0x80000001, NONE, 0xffffffff, XV_ACCEPTED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        leaf(cases[i].leaf, cases[i].subleaf, cases[i].eax, 0, 0);
        assert_int_equal(judge(), cases[i].code);
        assert_int_equal(t.p->report.offset, cases[i].code == XV_ACCEPTED ? 0 : 8);
    }
}

/* All leaves that there are, 120, in order; a longer list repeats one, or is too long. */
static void all_leaves(void) {
    for (uint32_t n = 0; n <= 0xd; n++) {
        uint32_t last = n == 4 ? 5 : n == 7 ? 2 : n == 0xb ? 1 : n == 0xd ? 62 : NONE;

        for (uint32_t sub = last == NONE ? NONE : 0; sub <= last && (sub != 0 || last != NONE); sub++)
            leaf(n, sub, 0, 0, 0);
    }
    leaf(0x40000000, NONE, 0, 0, 0);
    leaf(0x40000100, NONE, 0, 0, 0);
    for (uint32_t n = 0x80000000; n <= 0x80000021; n++)
        leaf(n, NONE, 0, 0, 0);
}

static void count(void **state) {
    (void)state;
    all_leaves();
    assert_int_equal(b.n, 120 * 24);
    assert_int_equal(judge(), XV_ACCEPTED);
    all_leaves();
    leaf(0x80000021, NONE, 0, 0, 0);
    assert_int_equal(judge(), XV_CPUID_COUNT);
    assert_int_equal(t.p->report.allowed_max, 120);
}

static void length(void **state) {
    (void)state;
    leaf(0, NONE, 0, 0, 0);
    assert_int_equal(judge_body(t.p, xv_cpuid_policy_body, b.bytes, 23, 23, 24), XV_RECORD_LENGTH);
    assert_int_equal(judge_body(t.p, xv_cpuid_policy_body, b.bytes, 25, 25, 48), XV_RECORD_LENGTH);
    assert_int_equal(judge_body(t.p, xv_cpuid_policy_body, b.bytes, 0, 0, 48), XV_RECORD_LENGTH);
    assert_true(t.p->report.has & XV_HAS_FOUND); /* the length is reported, also none */
    assert_int_equal(judge_body(t.p, xv_cpuid_policy_body, b.bytes, 25, 25, 24), XV_RECORD_LENGTH); /* in two pieces */
    assert_int_equal(judge_body(t.p, xv_cpuid_policy_body, b.bytes, 24, 48, 24), XV_RECORD_LENGTH);
    assert_int_equal(judge_body(t.p, xv_cpuid_policy_body, b.bytes, 23, 24, 24), XV_TRUNCATED);
    assert_int_equal(judge_body(t.p, xv_msr_policy_body, b.bytes, 15, 15, 24), XV_RECORD_LENGTH);
    assert_int_equal(judge_body(t.p, xv_msr_policy_body, b.bytes, 17, 17, 24), XV_RECORD_LENGTH);
    assert_int_equal(judge_body(t.p, xv_msr_policy_body, b.bytes, 0, 0, 24), XV_RECORD_LENGTH);
    assert_true(t.p->report.has & XV_HAS_FOUND);
    assert_int_equal(judge_body(t.p, xv_msr_policy_body, b.bytes, 32, 32, 16), XV_RECORD_LENGTH);
    assert_int_equal(judge_body(t.p, xv_msr_policy_body, b.bytes, 17, 17, 16), XV_RECORD_LENGTH); /* in two pieces */
}

static enum xv_code judge_msrs(void) {
    enum xv_code code = judge_body(t.p, xv_msr_policy_body, b.bytes, b.n, b.n, 16 * 512);

    b.n = 0;
    return code;
}

static void msr(uint32_t index, uint32_t flags, uint64_t value) {
    put(&b, index, 4);
    put(&b, flags, 4);
    put(&b, value, 8);
}

static void targets(void **state) {
    (void)state;
    t.p->policy.target_xen = (XV_XEN(4, 15));
    assert_int_equal(judge_leaf(0x8000001d, NONE), XV_COMPAT_TARGET_POLICY);
    assert_int_equal(judge_leaf(0x8000001c, NONE), XV_ACCEPTED);
    assert_int_equal(judge_leaf(7, 2), XV_COMPAT_TARGET_POLICY);
    assert_int_equal(judge_leaf(7, 1), XV_ACCEPTED);
    assert_int_equal(judge_leaf(4, 2), XV_ACCEPTED);
    t.p->policy.target_xen = (XV_XEN(4, 16));
    assert_int_equal(judge_leaf(0x8000001d, NONE), XV_ACCEPTED);
    assert_int_equal(judge_leaf(7, 2), XV_ACCEPTED);
}

static void xstate(void **state) {
    struct xv_cpu_policy *cpu = &t.p->cpu_policy;

    (void)state;
    assert_int_equal(judge_leaf(0, NONE), XV_ACCEPTED);
    assert_false(cpu->xstate_told);
    leaf(0xd, 0, 7, 832, 832);
    leaf(0xd, 1, 99, 600, 0); /* not a component */
    leaf(0xd, 2, 256, 576, 0);
    leaf(0xd, 3, 64, 575, 0);                /* inside the legacy area */
    leaf(0xd, 4, 0xffffffff, 0xffffffff, 0); /* nonsense */
    leaf(0xd, 5, 16384 - 576, 576, 0);       /* as large as can be */
    leaf(0xd, 6, 16384 - 576, 577, 0);       /* one octet too many */
    leaf(0xd, 7, 0xffffffff, 576, 0);        /* nonsense that would fit if it wrapped */
    leaf(0xd, 8, 128, 576, 1);               /* supervisor state */
    leaf(0xd, 62, 128, 832, 0);
    assert_int_equal(judge(), XV_ACCEPTED);
    assert_true(cpu->xstate_told);
    assert_int_equal(cpu->xstate_size[1], 0);
    assert_int_equal(cpu->xstate_size[2], 256);
    assert_int_equal(cpu->xstate_offset[2], 576);
    assert_int_equal(cpu->xstate_size[3], 0);
    assert_int_equal(cpu->xstate_size[4], 0);
    assert_int_equal(cpu->xstate_size[5], 16384 - 576);
    assert_int_equal(cpu->xstate_size[6], 0);
    assert_int_equal(cpu->xstate_size[7], 0);
    assert_int_equal(cpu->xstate_size[8], 0);
    assert_int_equal(cpu->xstate_size[62], 128);
    assert_int_equal(cpu->xstate_offset[62], 832);
}

static void msrs(void **state) {
    (void)state;
    msr(0xce, 0, 0x80000000);
    msr(0x10a, 0, UINT64_MAX);
    assert_int_equal(judge_msrs(), XV_ACCEPTED);
    msr(0x10a, 0, 0);
    assert_int_equal(judge_msrs(), XV_ACCEPTED);
    for (unsigned bit = 0; bit < 64; bit++) {
        msr(0xce, 0, (uint64_t)1 << bit);
        assert_int_equal(judge_msrs(), bit == 31 ? XV_ACCEPTED : XV_MSRP_VALUE);
    }
    msr(0xce, 1, 0);
    assert_int_equal(judge_msrs(), XV_MSRP_FLAGS);
    msr(0xcf, 0, 0);
    assert_int_equal(judge_msrs(), XV_MSRP_INDEX);
    msr(0x10a, 0, 0);
    msr(0xce, 0, 0);
    assert_int_equal(judge_msrs(), XV_MSRP_ORDER);
    msr(0xce, 0, 0);
    msr(0xce, 0, 0);
    assert_int_equal(judge_msrs(), XV_MSRP_ORDER);
    msr(0xce, 0, 0);
    msr(0x10a, 0, 0);
    msr(0x10a, 0, 0);
    assert_int_equal(judge_msrs(), XV_MSRP_ORDER);
    assert_int_equal(t.p->report.offset, 32);
    msr(0xce, 0, 0);
    msr(0x10a, 0, 0);
    msr(0x10b, 0, 0);
    assert_int_equal(judge_msrs(), XV_MSRP_INDEX);
}

/* What follows does not make good what came before. */
static void bad_in_the_middle(void **state) {
    (void)state;
    leaf(0, NONE, 0, 0, 0);
    leaf(0xe, NONE, 0, 0, 0);
    leaf(0x40000000, NONE, 0, 0, 0);
    assert_int_equal(judge(), XV_CPUID_LEAF);
    assert_int_equal(t.p->report.offset, 24);
    leaf(0, NONE, 0xe, 0, 0);
    leaf(1, NONE, 0, 0, 0);
    assert_int_equal(judge(), XV_CPUID_LARGEST);
    msr(0xce, 1, 0);
    msr(0x10a, 0, 0);
    assert_int_equal(judge_msrs(), XV_MSRP_FLAGS);
}

static struct xv_fact last;
static unsigned told;

static void tell(void *context, const struct xv_fact *fact) {
    (void)context;
    last = *fact;
    told++;
}

static void facts(void **state) {
    (void)state;
    t.p->observer.tell = tell;
    leaf(4, 1, 2, 3, 5);
    assert_int_equal(judge(), XV_ACCEPTED);
    assert_int_equal(last.kind, XV_FACT_CPUID_LEAF);
    assert_true(last.a == 0x400000001 && last.b == 0x200000003 && last.c == 0x500000000);
    msr(0xce, 0, 0x80000000);
    assert_int_equal(judge_msrs(), XV_ACCEPTED);
    assert_int_equal(last.kind, XV_FACT_MSR);
    assert_true(last.a == 0xce && last.b == 0x80000000 && last.c == 1);
    told = 0; /* nothing is told of a leaf that is refused */
    leaf(0, NONE, 0xe, 0, 0);
    assert_int_equal(judge(), XV_CPUID_LARGEST);
    assert_int_equal(told, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(leaves, setup, teardown),
        cmocka_unit_test_setup_teardown(order, setup, teardown),
        cmocka_unit_test_setup_teardown(largest, setup, teardown),
        cmocka_unit_test_setup_teardown(count, setup, teardown),
        cmocka_unit_test_setup_teardown(length, setup, teardown),
        cmocka_unit_test_setup_teardown(targets, setup, teardown),
        cmocka_unit_test_setup_teardown(xstate, setup, teardown),
        cmocka_unit_test_setup_teardown(msrs, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_in_the_middle, setup, teardown),
        cmocka_unit_test_setup_teardown(facts, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
