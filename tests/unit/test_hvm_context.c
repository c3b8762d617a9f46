/* SPDX-License-Identifier: MIT */
/* HVM_CONTEXT: the chain of descriptors, and the lengths of its entries by release. */
#include "hvm_build.h"

static void whole(void **state) {
    (void)state;
    assert_int_equal(judge(), XV_ACCEPTED);
    assert_int_equal(t.p->sum.vcpus, 1);
    assert_int_equal(t.p->hvm_context.vcpus, 1);
    assert_true(t.p->hvm_context.emulated);
    assert_int_equal(judge(), XV_ACCEPTED); /* the same again: nothing is left over */
    for (uint16_t code = XV_HVM_CODE_PIC; code <= XV_HVM_CODE_PMTIMER; code++) {
        const struct xv_hvm_entry *row = xv_hvm_entry(code);

        if (!row->device)
            continue;
        drop(code, 0);
        if (code == XV_HVM_CODE_PIC)
            drop(code, 1);
        assert_int_equal(judge(), XV_ACCEPTED);
        assert_int_equal(t.p->hvm_context.emulated, code != XV_HVM_CODE_PMTIMER);
    }
    xv_hvm_context_reset(t.p);
    assert_int_equal(t.p->hvm_context.vcpus, 0);
}

/* Xen gives a PVH guest no device to load the state into. */
static void device_of_pvh(void **state) {
    (void)state;
    t.p->sum.guest = XV_GUEST_HVM;
    assert_int_equal(judge(), XV_ACCEPTED);
    t.p->sum.guest = XV_GUEST_PVH;
    assert_int_equal(judge(), XV_HVM_INSTANCE);
    t.p->config.present = true;
    t.p->sum.config_max_vcpus = 1;
    assert_int_equal(judge(), XV_CONFIG_GUEST_TYPE);
    assert_true(t.p->report.found >= XV_HVM_CODE_PIC && t.p->report.found <= XV_HVM_CODE_PMTIMER);
}

/* An emulated device makes the guest an HVM guest, which the policy may not want. */
static void policy(void **state) {
    (void)state;
    for (uint16_t code = XV_HVM_CODE_PIC; code <= XV_HVM_CODE_PMTIMER; code++) {
        const struct xv_hvm_entry *row = xv_hvm_entry(code);

        if (!row->device)
            continue;
        t.p->policy.guests = XV_GUEST_PVH;
        assert_int_equal(judge(), XV_DOMAIN_REFUSED);
        t.p->policy.guests = XV_GUEST_HVM;
        assert_int_equal(judge(), XV_ACCEPTED);
        drop(code, 0);
        if (code == XV_HVM_CODE_PIC)
            drop(code, 1);
    }
    t.p->policy.guests = XV_GUEST_PVH;
    assert_int_equal(judge(), XV_ACCEPTED);
    assert_false(t.p->hvm_context.emulated);
}

static void truncated(void **state) {
    (void)state;
    write_out();
    for (size_t n = 0; n < b.n; n++) {
        assert_int_equal(judge_body(t.p, xv_hvm_context_body, b.bytes, n, b.n, 8), XV_TRUNCATED);
        /* the same as a whole record */
        assert_int_not_equal(judge_body(t.p, xv_hvm_context_body, b.bytes, n, n, 8), XV_ACCEPTED);
    }
}

static void header(void **state) {
    (void)state;
    assert_int_equal(with(XV_HVM_CODE_HEADER, 0, 0, 0x54381287, 4), XV_HVM_HEADER);
    assert_int_equal(t.p->report.offset, 8);
    assert_int_equal(with(XV_HVM_CODE_HEADER, 0, 4, 2, 4), XV_HVM_HEADER);
    assert_int_equal(with(XV_HVM_CODE_HEADER, 0, 4, 0, 4), XV_HVM_HEADER);
    assert_int_equal(with(XV_HVM_CODE_HEADER, 0, 16, 0xffffffff, 4), XV_ACCEPTED);
    assert_int_equal(with(XV_HVM_CODE_HEADER, 0, 20, 0, 4), XV_ACCEPTED);
    assert_int_equal(with(XV_HVM_CODE_HEADER, 0, 20, 9999, 4), XV_HVM_VALUE);
    assert_int_equal(with(XV_HVM_CODE_HEADER, 0, 20, 10000, 4), XV_ACCEPTED);
    assert_int_equal(with(XV_HVM_CODE_HEADER, 0, 20, 100000001, 4), XV_HVM_VALUE);
    entries[0].instance = 1;
    assert_int_equal(judge(), XV_HVM_HEADER);
    entries[0].instance = 0;
    resize(XV_HVM_CODE_HEADER, 0, 16);
    assert_int_equal(judge(), XV_HVM_HEADER);
    resize(XV_HVM_CODE_HEADER, 0, 24);
    assert_int_equal(judge(), XV_ACCEPTED);
    drop(XV_HVM_CODE_HEADER, 0);
    assert_int_equal(judge(), XV_HVM_HEADER);
    b.n = 0;
    put(&b, 0, 8); /* END alone */
    assert_int_equal(judge_blob(), XV_HVM_HEADER);
    b.n = 7;
    assert_int_equal(judge_blob(), XV_HVM_HEADER);
}

static void end(void **state) {
    (void)state;
    write_out();
    b.n -= 8; /* none */
    assert_int_equal(judge_blob(), XV_HVM_END);
    assert_int_equal(t.p->report.offset, b.n);
    b.n += 7; /* a piece of one */
    assert_int_equal(judge_blob(), XV_HVM_END);
    b.n++;
    assert_int_equal(judge_blob(), XV_ACCEPTED);
    put(&b, 0, 1); /* octets behind it */
    assert_int_equal(judge_blob(), XV_HVM_END);
    assert_int_equal(t.p->report.offset, b.n - 1);
    find(XV_HVM_CODE_END, 0)->instance = 1;
    assert_int_equal(judge(), XV_HVM_END);
    assert_int_equal(t.p->report.found, 1);
    find(XV_HVM_CODE_END, 1)->instance = 0;
    resize(XV_HVM_CODE_END, 0, 8);
    assert_int_equal(judge(), XV_HVM_END);
    assert_int_equal(t.p->report.found, 8);
    resize(XV_HVM_CODE_END, 0, 0);
    (void)add(XV_HVM_CODE_END, 0, 0);
    assert_int_equal(judge(), XV_HVM_END);
}

static void typecodes(void **state) {
    (void)state;
    for (uint32_t code = 21; code < 0x10000; code += code < 40 ? 1 : 977) {
        find(XV_HVM_CODE_TSC_ADJUST, 0)->code = (uint16_t)code;
        assert_int_equal(judge(), XV_HVM_TYPECODE);
        assert_int_equal(t.p->report.found, code);
        find((uint16_t)code, 0)->code = XV_HVM_CODE_TSC_ADJUST;
    }
    assert_null(xv_hvm_entry(0));
    assert_null(xv_hvm_entry(21));
    assert_non_null(xv_hvm_entry(20));
    assert_int_equal(judge(), XV_ACCEPTED);
}

static void overrun(void **state) {
    (void)state;
    drop(XV_HVM_CODE_END, 0);
    find(XV_HVM_CODE_TSC_ADJUST, 0)->told = 9;
    assert_int_equal(judge(), XV_HVM_OVERRUN);
    assert_int_equal(t.p->report.allowed_max, 8);
    find(XV_HVM_CODE_TSC_ADJUST, 0)->told = 0xffffffff;
    assert_int_equal(judge(), XV_HVM_OVERRUN);
    find(XV_HVM_CODE_TSC_ADJUST, 0)->told = 8;
    assert_int_equal(judge(), XV_HVM_END);
}

static void instances(void **state) {
    struct entry *e;

    (void)state;
    for (uint16_t code = XV_HVM_CODE_IOAPIC; code <= XV_HVM_CODE_PMTIMER; code++) {
        if (xv_hvm_entry(code)->per != XV_PER_DOMAIN)
            continue;
        e = find(code, 0);
        e->instance = 1;
        assert_int_equal(judge(), XV_HVM_INSTANCE);
        e->instance = 0;
    }
    e = find(XV_HVM_CODE_PIC, 1);
    e->instance = 2;
    assert_int_equal(judge(), XV_HVM_INSTANCE);
    e->instance = 1;
    e = insert(XV_HVM_CODE_TSC_ADJUST, 127, 8);
    assert_int_equal(judge(), XV_ACCEPTED);
    t.p->policy.max_vcpus = 128;
    assert_int_equal(judge(), XV_ACCEPTED);
    t.p->policy.max_vcpus = 127;
    assert_int_equal(judge(), XV_HVM_INSTANCE);
    assert_int_equal(t.p->report.allowed_max, 126);
    t.p->policy.max_vcpus = 8192;
    e->instance = 128;
    assert_int_equal(judge(), XV_HVM_INSTANCE);
    e->instance = 0xffff;
    assert_int_equal(judge(), XV_HVM_INSTANCE);
}

static void configured_vcpus(void **state) {
    struct entry *e = insert(XV_HVM_CODE_TSC_ADJUST, 3, 8);

    (void)state;
    t.p->sum.config_max_vcpus = 3; /* left from nowhere: without a configuration it does not count */
    assert_int_equal(judge(), XV_ACCEPTED);
    t.p->config.present = true;
    assert_int_equal(judge(), XV_CONFIG_VCPUS);
    t.p->sum.config_max_vcpus = 4;
    assert_int_equal(judge(), XV_ACCEPTED);
    e->instance = 200;
    assert_int_equal(judge(), XV_HVM_INSTANCE);
}

static void order(void **state) {
    struct entry saved;

    (void)state;
    insert(XV_HVM_CODE_TSC_ADJUST, 0, 8);
    assert_int_equal(judge(), XV_HVM_REPEATED);
    drop(XV_HVM_CODE_TSC_ADJUST, 0);
    assert_int_equal(judge(), XV_ACCEPTED);
    /* again at the end, after others */
    drop(XV_HVM_CODE_END, 0);
    (void)add(XV_HVM_CODE_PCI_IRQ, 0, 16);
    (void)add(XV_HVM_CODE_END, 0, 0);
    assert_int_equal(judge(), XV_HVM_REPEATED);
    make_context();
    drop(XV_HVM_CODE_END, 0);
    (void)add(XV_HVM_CODE_HEADER, 0, 24);
    (void)add(XV_HVM_CODE_END, 0, 0);
    assert_int_equal(judge(), XV_HVM_REPEATED);
    /* swapped typecodes, swapped instances */
    make_context();
    saved = *find(XV_HVM_CODE_PCI_IRQ, 0);
    *find(XV_HVM_CODE_PCI_IRQ, 0) = *find(XV_HVM_CODE_ISA_IRQ, 0);
    entries[8] = saved;
    assert_int_equal(judge(), XV_HVM_ORDER);
    make_context();
    saved = *find(XV_HVM_CODE_PIC, 0);
    *find(XV_HVM_CODE_PIC, 0) = *find(XV_HVM_CODE_PIC, 1);
    entries[3] = saved;
    assert_int_equal(judge(), XV_HVM_ORDER);
}

/* vCPU `id` with all that belongs to it, but for `without`. */
static void add_vcpu(uint16_t id, uint16_t without) {
    static const struct {
        uint16_t code;
        uint32_t length;
    } parts[] = {
        {XV_HVM_CODE_CPU, 1032}, {XV_HVM_CODE_LAPIC, 24}, {XV_HVM_CODE_LAPIC_REGS, 1024}, {XV_HVM_CODE_MTRR, 240}};

    for (size_t i = 0; i < 4; i++) {
        if (parts[i].code == without)
            continue;
        struct entry *e = insert(parts[i].code, id, parts[i].length);
        memcpy(e->body, find(parts[i].code, 0)->body, sizeof(e->body));
    }
}

static void missing(void **state) {
    static const uint16_t needed[] = {XV_HVM_CODE_LAPIC, XV_HVM_CODE_LAPIC_REGS, XV_HVM_CODE_MTRR};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        make_context();
        drop(needed[i], 0);
        t.p->policy.tolerate = 0;
        assert_int_equal(judge(), XV_HVM_MISSING);
        t.p->policy.tolerate = XV_TOLERATE_MINIMAL_CONTEXT;
        assert_int_equal(judge(), XV_ACCEPTED);
        t.p->policy.tolerate = 0;
        make_context();
        add_vcpu(70, needed[i]);
        assert_int_equal(judge(), XV_HVM_MISSING);
    }
    make_context();
    add_vcpu(70, 0);
    assert_int_equal(judge(), XV_ACCEPTED);
    assert_int_equal(t.p->sum.vcpus, 2);
    drop(XV_HVM_CODE_CPU, 70); /* offline: the rest of it is saved all the same */
    assert_int_equal(judge(), XV_ACCEPTED);
    assert_int_equal(t.p->sum.vcpus, 1);
    t.p->policy.tolerate = XV_TOLERATE_MINIMAL_CONTEXT;
    drop(XV_HVM_CODE_CPU, 0);
    assert_int_equal(judge(), XV_HVM_MISSING);
}

/* Every length of every typecode, with the saver's and the target's release (compat 3). */
static void lengths(void **state) {
    static const struct {
        uint16_t code;
        uint32_t length, first, last; /* minor releases of Xen 4 */
    } rows[] = {
        {2, 1024, 0, 6},   {2, 1032, 7, 99}, {5, 16, 0, 0},     {5, 24, 1, 17},   {5, 32, 18, 99}, {11, 16, 0, 13},
        {11, 24, 14, 99},  {15, 16, 0, 4},   {15, 24, 5, 5},    {15, 32, 6, 99},  {17, 8, 2, 6},   {17, 16, 7, 12},
        {17, 216, 13, 99}, {18, 8, 2, 2},    {18, 24, 3, 9},    {18, 32, 10, 99}, {19, 8, 3, 99},  {16, 600, 1, 99},
        {4, 400, 0, 99},   {6, 1024, 0, 99}, {12, 1048, 0, 99}, {13, 8, 0, 99},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct xv_hvm_entry *row = xv_hvm_entry(rows[i].code);

        for (uint32_t minor = 0; minor < 30; minor++) {
            bool wrote = minor >= rows[i].first && minor <= rows[i].last;

            t.p->sum.xen_minor = minor;
            memset(&t.p->report, 0, sizeof(t.p->report));
            assert_int_equal(xv_hvm_length_fits(t.p, row, rows[i].length, 0), wrote);
            assert_int_equal(t.p->report.code, wrote ? XV_ACCEPTED : XV_COMPAT_SAVER_HVM);
            t.p->policy.target_xen = XV_XEN(4, minor);
            t.p->sum.xen_major = 0;
            memset(&t.p->report, 0, sizeof(t.p->report));
            (void)xv_hvm_length_fits(t.p, row, rows[i].length, 0);
            assert_int_equal(t.p->report.code, minor >= rows[i].first ? XV_ACCEPTED : XV_COMPAT_TARGET_HVM);
            t.p->sum.xen_major = 4;
            t.p->policy.target_xen = 0;
        }
    }
}

static void wrong_lengths(void **state) {
    struct entry *e;

    (void)state;
    for (size_t i = 1; i + 1 < count; i++) {
        e = &entries[i];
        for (int delta = -8; delta <= 1; delta += delta < -1 ? 7 : 2) { /* -8, -1, 1 */
            e->told = e->length = (uint32_t)((int)e->length + delta);
            enum xv_code code = judge();
            e->told = e->length = (uint32_t)((int)e->length - delta);
            assert_int_not_equal(code, XV_ACCEPTED);
            if (delta != -8) /* 8 less is another release's, for some */
                assert_int_equal(code, XV_HVM_LENGTH);
        }
    }
    find(XV_HVM_CODE_CPU, 0)->told = 0;
    find(XV_HVM_CODE_CPU, 0)->length = 0;
    assert_int_equal(judge(), XV_HVM_LENGTH);
}

static void releases(void **state) {
    (void)state;
    resize(XV_HVM_CODE_LAPIC, 0, 32);
    assert_int_equal(judge(), XV_COMPAT_SAVER_HVM);
    t.p->policy.tolerate = XV_TOLERATE_HVM_CONTEXT_RELEASE;
    assert_int_equal(judge(), XV_ACCEPTED);
    assert_true(t.p->sum.tolerated & XV_TOLERATE_HVM_CONTEXT_RELEASE);
    t.p->policy.tolerate = 0;
    t.p->sum.xen_minor = 18;
    assert_int_equal(judge(), XV_ACCEPTED);
    t.p->policy.target_xen = XV_XEN(4, 17);
    assert_int_equal(judge(), XV_COMPAT_TARGET_HVM);
    t.p->policy.target_xen = XV_XEN(4, 18);
    assert_int_equal(judge(), XV_ACCEPTED);
    t.p->sum.xen_major = 5;
    t.p->sum.xen_minor = 0;
    assert_int_equal(judge(), XV_ACCEPTED);
    t.p->sum.xen_major = 3;
    assert_int_equal(judge(), XV_COMPAT_SAVER_HVM);
    t.p->sum.xen_major = 0;
    assert_int_equal(judge(), XV_ACCEPTED);
}

/* The short CPU entry of releases before 4.0: its last fields lie elsewhere and are not looked at. */
static void old_cpu(void **state) {
    (void)state;
    resize(XV_HVM_CODE_CPU, 0, 1016);
    poke(find(XV_HVM_CODE_CPU, 0)->body, 1000, UINT64_MAX, 8);
    assert_int_equal(judge(), XV_COMPAT_SAVER_HVM);
    t.p->sum.xen_major = 0;
    assert_int_equal(judge(), XV_ACCEPTED);
    poke(find(XV_HVM_CODE_CPU, 0)->body, 656, 0x1, 8);
    assert_int_equal(judge(), XV_HVM_CPU);
    poke(find(XV_HVM_CODE_CPU, 0)->body, 656, 0x11, 8);
    resize(XV_HVM_CODE_CPU, 0, 1024);
    assert_int_equal(judge(), XV_HVM_CPU);
}

static unsigned facts_told;

static void tell(void *context, const struct xv_fact *fact) {
    (void)context;
    if (fact->kind != XV_FACT_HVM_ENTRY || facts_told >= count)
        return;
    assert_int_equal(fact->a, entries[facts_told].code);
    assert_int_equal(fact->b, entries[facts_told].instance);
    assert_int_equal(fact->c, entries[facts_told].length);
    if (fact->a != 0)
        assert_string_equal(fact->text, xv_hvm_entry((uint32_t)fact->a)->name);
    facts_told++;
}

static void facts(void **state) {
    (void)state;
    t.p->observer.tell = tell;
    facts_told = 0;
    assert_int_equal(judge(), XV_ACCEPTED);
    assert_int_equal(facts_told, count);
    (void)insert(XV_HVM_CODE_TSC_ADJUST, 0, 8); /* nothing is told of an entry that is refused */
    facts_told = 0;
    assert_int_equal(judge(), XV_HVM_REPEATED);
    assert_int_equal(facts_told, count - 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(whole),     TEST(truncated),        TEST(header), TEST(end),     TEST(typecodes),     TEST(overrun),
        TEST(instances), TEST(configured_vcpus), TEST(order),  TEST(missing), TEST(lengths),       TEST(wrong_lengths),
        TEST(releases),  TEST(old_cpu),          TEST(facts),  TEST(policy),  TEST(device_of_pvh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
