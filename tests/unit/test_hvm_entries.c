/* SPDX-License-Identifier: MIT */
/* What the entries of an HVM context hold. */
#include "hvm_build.h"

/* Where the body of the first entry with this code lies in what is written out. */
static uint64_t body_at(uint16_t code) {
    uint64_t at = 8;

    for (size_t i = 0; entries[i].code != code; i++)
        at += 8 + entries[i].length;
    return at;
}

static void cpu(void **state) {
    static const struct {
        size_t off;
        uint64_t value;
        unsigned octets;
        enum xv_code code;
    } cases[] = {
        {656, 0x11, 8, XV_ACCEPTED},
        {656, 0xe005003f, 8, XV_ACCEPTED}, /* all that a guest may have */
        {656, 0x51, 8, XV_HVM_CPU},
        {656, BIT(32) | 0x11, 8, XV_HVM_CPU},
        {656, 0x1, 8, XV_HVM_CPU},        /* no ET */
        {656, 0x80000010, 8, XV_HVM_CPU}, /* PG without PE */
        {656, 0x80000011, 8, XV_ACCEPTED},
        {664, UINT64_MAX, 8, XV_ACCEPTED}, /* CR2 is the guest's */
        {672, BIT(52) - 1, 8, XV_ACCEPTED},
        {672, BIT(52), 8, XV_HVM_CPU},
        {680, 0x1f72fff, 8, XV_ACCEPTED},
        {680, BIT(12), 8, XV_HVM_CPU},
        {680, BIT(14), 8, XV_HVM_CPU},
        {680, BIT(15), 8, XV_HVM_CPU},
        {680, BIT(19), 8, XV_HVM_CPU},
        {680, BIT(25), 8, XV_HVM_CPU},
        {680, BIT(63), 8, XV_HVM_CPU},
        {688, UINT64_MAX, 8, XV_ACCEPTED}, /* DR0 is the guest's */
        {720, 0xffffffff, 8, XV_ACCEPTED},
        {720, BIT(32), 8, XV_HVM_CPU},
        {728, 0xffffffff, 8, XV_ACCEPTED},
        {728, BIT(32), 8, XV_HVM_CPU},
        {992, 0x205901, 8, XV_ACCEPTED}, /* all of EFER but LMA */
        {992, 2, 8, XV_HVM_CPU},
        {992, BIT(13), 8, XV_HVM_CPU},
        {992, BIT(32), 8, XV_HVM_CPU},
        {992, 0x400, 8, XV_HVM_CPU}, /* LMA without LME, PG and PAE */
        {992, 0x500, 8, XV_HVM_CPU},
        {1000, 0xffffffff, 8, XV_ACCEPTED},
        {1000, BIT(32), 8, XV_HVM_CPU},
        {1008, UINT64_MAX, 8, XV_ACCEPTED}, /* TSC */
        {1016, 0x80000b0e, 4, XV_ACCEPTED}, /* hardware exception with an error code */
        {1016, 0x8000010e, 4, XV_HVM_CPU},  /* type 1 */
        {1016, 0x8000060e, 4, XV_ACCEPTED},
        {1016, 0x8000070e, 4, XV_HVM_CPU}, /* type 7 */
        {1016, 0x8000100e, 4, XV_HVM_CPU}, /* reserved */
        {1016, 0xc000000e, 4, XV_HVM_CPU},
        {1016, 0x7fffffff, 4, XV_ACCEPTED}, /* not valid: not looked at */
        {1020, 0xffffffff, 4, XV_ACCEPTED},
        {1024, 0, 4, XV_ACCEPTED},
        {1024, 2, 4, XV_HVM_VALUE},
        {1024, 0x80000001, 4, XV_HVM_VALUE},
        {1028, 1, 4, XV_HVM_RESERVED},
        {1028, 0x80000000, 4, XV_HVM_RESERVED},
        {888, UINT64_MAX, 8, XV_ACCEPTED}, /* segment attributes: old ones are folded */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(with(XV_HVM_CODE_CPU, 0, cases[i].off, cases[i].value, cases[i].octets), cases[i].code);
        if (cases[i].code != XV_ACCEPTED && cases[i].off != 992)
            assert_int_equal(t.p->report.offset, 8 + 24 + 8 + cases[i].off);
    }
}

static void long_mode(void **state) {
    struct entry *e = find(XV_HVM_CODE_CPU, 0);

    (void)state;
    poke(e->body, 656, 0x80000011, 8);
    poke(e->body, 680, 0x20, 8);
    poke(e->body, 992, 0x500, 8);
    assert_int_equal(judge(), XV_ACCEPTED);
    assert_int_equal(with(XV_HVM_CODE_CPU, 0, 992, 0x400, 8), XV_HVM_CPU);
    assert_int_equal(with(XV_HVM_CODE_CPU, 0, 680, 0, 8), XV_HVM_CPU);
    assert_int_equal(with(XV_HVM_CODE_CPU, 0, 656, 0x11, 8), XV_HVM_CPU);
}

static void blank_cpu(void **state) {
    struct entry *e = find(XV_HVM_CODE_CPU, 0);

    (void)state;
    memset(e->body, 0, sizeof(e->body));
    assert_int_equal(judge(), XV_HVM_CPU);
    t.p->policy.tolerate = XV_TOLERATE_BLANK_CPU;
    assert_int_equal(judge(), XV_ACCEPTED);
    e->body[0] = 1;
    assert_int_equal(judge(), XV_HVM_CPU);
}

static void devices(void **state) {
    static const struct {
        uint16_t code, instance;
        size_t off;
        uint64_t value;
        unsigned octets;
        enum xv_code verdict;
    } cases[] = {
        {3, 0, 5, 0, 1, XV_HVM_VALUE},
        {3, 1, 5, 0x40, 1, XV_HVM_VALUE},
        {3, 0, 6, 0xfc, 1, XV_ACCEPTED},
        {3, 0, 6, 0x01, 1, XV_HVM_VALUE},
        {3, 0, 6, 0x02, 1, XV_HVM_VALUE},
        {3, 1, 6, 0xde, 1, XV_ACCEPTED},
        {3, 1, 6, 0x01, 1, XV_HVM_VALUE},
        {3, 1, 6, 0x20, 1, XV_HVM_VALUE},
        {3, 0, 7, 1, 1, XV_ACCEPTED},
        {3, 0, 7, 2, 1, XV_HVM_VALUE},
        {3, 0, 4, 0x0f, 1, XV_ACCEPTED},
        {3, 0, 0, 0xffffff, 3, XV_ACCEPTED},
        {4, 0, 0, UINT64_MAX, 8, XV_ACCEPTED},
        {5, 0, 0, 0xfee00c00, 8, XV_ACCEPTED},
        {5, 0, 0, 0xfee00400, 8, XV_HVM_VALUE},
        {5, 0, 0, 0, 8, XV_ACCEPTED},
        {9, 0, 0, 15, 1, XV_ACCEPTED},
        {9, 0, 0, 16, 1, XV_HVM_VALUE},
        {9, 0, 1, 16, 1, XV_HVM_VALUE},
        {9, 0, 2, 16, 1, XV_HVM_VALUE},
        {9, 0, 3, 255, 1, XV_HVM_VALUE},
        {9, 0, 4, 1, 1, XV_HVM_RESERVED},
        {9, 0, 7, 1, 1, XV_HVM_RESERVED},
        {10, 0, 0, 0x10001, 4, XV_HVM_VALUE},
        {10, 0, 16, 0x10001, 4, XV_HVM_VALUE},
        {10, 0, 32, 0x10001, 4, XV_HVM_VALUE},
        {10, 0, 4, 0xffff, 2, XV_ACCEPTED},
        {10, 0, 6, 4, 1, XV_ACCEPTED},
        {10, 0, 6, 5, 1, XV_HVM_VALUE},
        {10, 0, 25, 5, 1, XV_HVM_VALUE},
        {10, 0, 9, 5, 1, XV_HVM_VALUE},
        {10, 0, 10, 5, 1, XV_HVM_VALUE},
        {10, 0, 12, 3, 1, XV_ACCEPTED},
        {10, 0, 12, 4, 1, XV_HVM_VALUE},
        {10, 0, 14, 2, 1, XV_HVM_VALUE},
        {10, 0, 47, 1, 1, XV_ACCEPTED},
        {10, 0, 47, 2, 1, XV_HVM_VALUE},
        {10, 0, 15, 0, 1, XV_HVM_VALUE},
        {10, 0, 31, 0, 1, XV_HVM_VALUE},
        {10, 0, 48, 1, 4, XV_ACCEPTED},
        {10, 0, 48, 2, 4, XV_HVM_VALUE},
        {10, 0, 52, 1, 4, XV_HVM_RESERVED},
        {11, 0, 15, 1, 1, XV_HVM_RESERVED},
        {11, 0, 14, 255, 1, XV_ACCEPTED},
        {11, 0, 16, UINT64_MAX, 8, XV_ACCEPTED},
        {12, 0, 0, UINT64_MAX, 8, XV_ACCEPTED},
        {14, 0, 224, 9, 1, XV_HVM_VALUE},
        {14, 0, 224, 0, 8, XV_ACCEPTED},
        {18, 0, 0, 0x90009ff, 8, XV_ACCEPTED},
        {18, 0, 0, 0x200, 8, XV_HVM_VALUE},
        {18, 0, 0, BIT(32), 8, XV_HVM_VALUE},
        {19, 0, 0, UINT64_MAX, 8, XV_ACCEPTED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(with(cases[i].code, cases[i].instance, cases[i].off, cases[i].value, cases[i].octets),
                         cases[i].verdict);
    for (size_t gate = 15; gate <= 31; gate += 16) { /* which of the two that are wired to 1 is not */
        assert_int_equal(with(XV_HVM_CODE_PIT, 0, gate, 0, 1), XV_HVM_VALUE);
        assert_int_equal(t.p->report.offset, body_at(XV_HVM_CODE_PIT) + gate);
    }
    find(XV_HVM_CODE_PIC, 0)->body[4] = 1; /* being initialised, and raising its line */
    assert_int_equal(with(XV_HVM_CODE_PIC, 0, 7, 1, 1), XV_HVM_VALUE);
}

static void viridian(void **state) {
    (void)state;
    insert(XV_HVM_CODE_VIRIDIAN_DOMAIN, 0, 32);
    memset(find(XV_HVM_CODE_VIRIDIAN_DOMAIN, 0)->body, 0xff, 32);
    insert(XV_HVM_CODE_VIRIDIAN_VCPU, 0, 216);
    assert_int_equal(judge(), XV_ACCEPTED);
    for (size_t off = 9; off < 16; off++)
        assert_int_equal(with(XV_HVM_CODE_VIRIDIAN_VCPU, 0, off, 1, 1), XV_HVM_RESERVED);
    assert_int_equal(with(XV_HVM_CODE_VIRIDIAN_VCPU, 0, 8, 0xff, 1), XV_ACCEPTED);
    assert_int_equal(with(XV_HVM_CODE_VIRIDIAN_VCPU, 0, 16, 0xff, 1), XV_ACCEPTED);
}

static struct entry *msr_list(uint32_t n) {
    static const uint32_t known[] = {0x48,       0x140,      0x6e1,      0xd90,      0xda0,
                                     0xc001011f, 0xc0011027, 0xc0011019, 0xc001101a, 0xc001101b};
    struct entry *e = insert(XV_HVM_CODE_CPU_MSR, 0, 8 + 16 * n);

    poke(e->body, 0, n, 4);
    for (uint32_t i = 0; i < n; i++)
        poke(e->body, 8 + 16 * i, known[i % 10], 4);
    return e;
}

static void msrs(void **state) {
    struct entry *e = msr_list(10);

    (void)state;
    assert_int_equal(judge(), XV_ACCEPTED);
    assert_int_equal(with(20, 0, 0, 9, 4), XV_HVM_LENGTH);
    assert_int_equal(with(20, 0, 0, 11, 4), XV_HVM_LENGTH);
    assert_int_equal(with(20, 0, 4, 1, 4), XV_HVM_RESERVED);
    assert_int_equal(with(20, 0, 12, 1, 4), XV_HVM_RESERVED);
    assert_int_equal(with(20, 0, 8, 0x49, 4), XV_HVM_MSR);
    assert_int_equal(with(20, 0, 8, 0xc0000103, 4), XV_HVM_MSR);
    assert_int_equal(with(20, 0, 8, 0xda0, 4), XV_HVM_MSR); /* twice */
    assert_int_equal(with(20, 0, 16, 0x5ff, 8), XV_ACCEPTED);
    for (unsigned bit = 0; bit < 64; bit++) { /* SPEC_CTRL, BNDCFGS, XSS */
        assert_int_equal(with(20, 0, 16, BIT(bit), 8), 0x5ffull >> bit & 1 ? XV_ACCEPTED : XV_HVM_MSR);
        assert_int_equal(with(20, 0, 64, BIT(bit), 8), 0xffcull >> bit & 1 ? XV_HVM_MSR : XV_ACCEPTED);
        assert_int_equal(with(20, 0, 80, BIT(bit), 8), XV_HVM_MSR);
    }
    assert_int_equal(with(20, 0, 32, 1, 8), XV_ACCEPTED);
    assert_int_equal(with(20, 0, 32, 2, 8), XV_HVM_MSR);        /* only CPUID faulting */
    assert_int_equal(with(20, 0, 48, BIT(32), 8), XV_HVM_MSR);  /* PKRS has 32 bits */
    assert_int_equal(with(20, 0, 112, BIT(32), 8), XV_HVM_MSR); /* address masks have 32 bits */
    assert_int_equal(with(20, 0, 112, 0xffffffff, 8), XV_ACCEPTED);
    e->told = e->length = 8; /* refused at the descriptor's length, as no release writes it */
    assert_int_equal(judge(), XV_HVM_LENGTH);
    assert_int_equal(t.p->report.offset, body_at(XV_HVM_CODE_CPU_MSR) - 4);
    drop(XV_HVM_CODE_CPU_MSR, 0);
    (void)msr_list(11);
    assert_int_equal(judge(), XV_HVM_MSR);
    drop(XV_HVM_CODE_CPU_MSR, 0);
    (void)msr_list(12);
    assert_int_equal(judge(), XV_HVM_LENGTH);
    drop(XV_HVM_CODE_CPU_MSR, 0);
    (void)msr_list(1);
    resize(XV_HVM_CODE_CPU_MSR, 0, 25); /* one MSR, and an octet more */
    assert_int_equal(judge(), XV_HVM_LENGTH);
}

static void msr_targets(void **state) {
    struct entry *e = msr_list(1);

    (void)state;
    t.p->policy.target_xen = XV_XEN(4, 17);
    poke(e->body, 8, 0x6e1, 4);
    assert_int_equal(judge(), XV_COMPAT_TARGET_HVM);
    t.p->policy.target_xen = XV_XEN(4, 18);
    assert_int_equal(judge(), XV_ACCEPTED);
}

static struct entry *xsave(uint64_t xcr0, uint64_t accum, uint32_t image) {
    struct entry *e = insert(XV_HVM_CODE_CPU_XSAVE, 0, 24 + image);

    memset(e->body + 24, 0x5a, 512);
    memset(e->body + 600, 0x5a, image - 576);
    poke(e->body, 0, 7, 8);
    poke(e->body, 8, xcr0, 8);
    poke(e->body, 16, accum, 8);
    poke(e->body, 24 + 512, accum, 8);
    return e;
}

static void extended_state(void **state) {
    struct entry *e = xsave(3, 7, 832);

    (void)state;
    assert_int_equal(judge(), XV_ACCEPTED);
    assert_int_equal(with(16, 0, 8, 0, 8), XV_HVM_XSAVE);          /* XCR0 */
    assert_int_equal(with(16, 0, 8, 0x1b, 8), XV_HVM_XSAVE);       /* beyond the accumulated value */
    assert_int_equal(with(16, 0, 16, 5, 8), XV_HVM_XSAVE);         /* YMM without SSE */
    assert_int_equal(with(16, 0, 16, 0xff, 8), XV_HVM_XSAVE);      /* too short for it */
    assert_int_equal(with(16, 0, 24 + 512, 0xf, 8), XV_HVM_XSAVE); /* XSTATE_BV */
    assert_int_equal(with(16, 0, 24 + 520, BIT(63), 8), XV_HVM_XSAVE);
    assert_int_equal(with(16, 0, 24 + 528, 1, 1), XV_HVM_XSAVE);
    assert_int_equal(with(16, 0, 24 + 575, 1, 1), XV_HVM_XSAVE);
    e->told = e->length = 855;
    assert_int_equal(judge(), XV_HVM_XSAVE);
    e->told = e->length = 599; /* refused at the length, before the body is read */
    assert_int_equal(judge(), XV_HVM_LENGTH);
    assert_int_equal(t.p->report.offset, body_at(XV_HVM_CODE_CPU_XSAVE) - 4);
    drop(XV_HVM_CODE_CPU_XSAVE, 0);
    (void)xsave(3, 3, 576);
    assert_int_equal(judge(), XV_ACCEPTED);
}

/* Old savers wrote more than needed; Xen takes that if the excess is zero. */
static void excess_extended_state(void **state) {
    struct entry *e = xsave(3, 7, 832);

    (void)state;
    e->told = e->length = 24 + 2696;
    assert_int_equal(judge(), XV_ACCEPTED);
    assert_int_equal(with(16, 0, 24 + 832, 1, 1), XV_HVM_XSAVE);
    assert_int_equal(with(16, 0, 24 + 2695, 1, 1), XV_HVM_XSAVE);
    assert_int_equal(t.p->report.offset - 24 - 2695, (uint64_t)(b.n - 8 - 16 - 40 - 24 - 2696));
    e->told = e->length = 24 + 16384;
    assert_int_equal(judge(), XV_ACCEPTED); /* in three pieces */
    assert_int_equal(with(16, 0, 24 + 576 + 8208, 1, 1), XV_HVM_XSAVE);
    assert_int_equal(with(16, 0, 24 + 16383, 1, 1), XV_HVM_XSAVE);
    e->told = e->length = 24 + 16385;
    assert_int_equal(judge(), XV_HVM_LENGTH);
}

static void large_extended_state(void **state) {
    struct entry *e = xsave(0x602e7, 0x602e7, 11008);

    (void)state;
    assert_int_equal(judge(), XV_ACCEPTED);
    e->told = e->length = 24 + 11007;
    assert_int_equal(judge(), XV_HVM_XSAVE);
}

static struct xv_fact last_msr;

static void tell(void *context, const struct xv_fact *fact) {
    (void)context;
    if (fact->kind == XV_FACT_MSR)
        last_msr = *fact;
}

static void msr_facts(void **state) {
    struct entry *e = msr_list(1);

    (void)state;
    poke(e->body, 16, 0x123, 8);
    t.p->observer.tell = tell;
    assert_int_equal(judge(), XV_ACCEPTED);
    assert_true(last_msr.a == 0x48 && last_msr.b == 0x123 && last_msr.c == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(cpu),
        TEST(long_mode),
        TEST(blank_cpu),
        TEST(devices),
        TEST(viridian),
        TEST(msrs),
        TEST(msr_targets),
        TEST(msr_facts),
        TEST(extended_state),
        TEST(excess_extended_state),
        TEST(large_extended_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
