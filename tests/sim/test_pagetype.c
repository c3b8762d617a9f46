/* SPDX-License-Identifier: MIT */
/* Page types: what pinning takes and refuses, and that refusals take no reference. */
#include "test_util.h"

#define RW              0x67ull
#define RO              0x65ull
#define PTE(mfn, flags) ((uint64_t)(mfn) << 12 | (flags))

/* A four-level tree: base+1 L4, +2 L3, +3 L2, +4 L1 that maps +5 writable and +6 read-only. */
static uint64_t tree(uint16_t *id) {
    uint64_t base;

    *id = make_domain(false, 1);
    base = populate(*id, 16);
    frame_words(base + 1)[0] = PTE(base + 2, RW);
    frame_words(base + 2)[0] = PTE(base + 3, RW);
    frame_words(base + 3)[0] = PTE(base + 4, RW);
    frame_words(base + 4)[5] = PTE(base + 5, RW);
    frame_words(base + 4)[6] = PTE(base + 6, RO);
    return base;
}

static uint32_t count_of(uint64_t mfn, const char *type) {
    uint32_t count;

    assert_string_equal(sim_frame_type(mfn, NULL, &count), type);
    return count;
}

static void no_references(uint64_t base) {
    for (unsigned int i = 0; i < 16; i++)
        assert_int_equal(count_of(base + i, "none"), 0);
}

static void pin_validates_the_tree(void **state) {
    uint16_t id;
    uint64_t base = tree(&id);
    bool pinned;

    (void)state;
    assert_int_equal(pin(id, MMUEXT_PIN_L4_TABLE, base + 1), 0);
    assert_int_equal(count_of(base + 1, "l4"), 1);
    assert_int_equal(count_of(base + 2, "l3"), 1);
    assert_int_equal(count_of(base + 4, "l1"), 1);
    assert_int_equal(count_of(base + 5, "writable"), 1);
    assert_int_equal(count_of(base + 6, "none"), 0); /* read-only entries take no type */
    sim_frame_type(base + 1, &pinned, NULL);
    assert_true(pinned);
    assert_int_equal(pin(id, MMUEXT_PIN_L1_TABLE, base + 4), 0);
    assert_int_equal(count_of(base + 4, "l1"), 2);
    assert_int_equal(pin(id, MMUEXT_UNPIN_TABLE, base + 4), 0);
    assert_int_equal(pin(id, MMUEXT_UNPIN_TABLE, base + 1), 0);
    no_references(base);
}

static void pin_twice(void **state) {
    uint16_t id;
    uint64_t base = tree(&id);

    (void)state;
    assert_int_equal(pin(id, MMUEXT_PIN_L4_TABLE, base + 1), 0);
    assert_refused(pin(id, MMUEXT_PIN_L4_TABLE, base + 1), EINVAL, "pinned already");
    assert_refused(pin(id, MMUEXT_UNPIN_TABLE, base + 7), EINVAL, "not pinned");
}

static void pin_foreign_frame(void **state) {
    uint16_t id, other = make_domain(false, 1);
    uint64_t base = tree(&id);

    (void)state;
    assert_refused(pin(other, MMUEXT_PIN_L4_TABLE, base + 1), EINVAL, "does not belong");
    assert_refused(pin(id, MMUEXT_PIN_L4_TABLE, 3), EINVAL, "does not belong");
    assert_refused(pin(make_domain(true, 1), MMUEXT_PIN_L4_TABLE, base + 1), EINVAL, "not PV");
    assert_refused(pin(99, MMUEXT_PIN_L4_TABLE, base + 1), ESRCH, "no domain");
}

/* The same frame as L2 and as L1 */
static void level_conflict(void **state) {
    uint16_t id;
    uint64_t base = tree(&id);

    (void)state;
    frame_words(base + 3)[1] = PTE(base + 2, RW);
    assert_refused(pin(id, MMUEXT_PIN_L4_TABLE, base + 1), EINVAL, "get_page_type");
    no_references(base);
}

static void writable_table(void **state) {
    uint16_t id;
    uint64_t base = tree(&id);

    (void)state;
    frame_words(base + 4)[7] = PTE(base + 3, RW); /* the L2 mapped writable */
    assert_refused(pin(id, MMUEXT_PIN_L4_TABLE, base + 1), EBUSY, "get_page_type");
    no_references(base);
    frame_words(base + 4)[7] = PTE(base + 3, RO);
    assert_int_equal(pin(id, MMUEXT_PIN_L4_TABLE, base + 1), 0);
}

static void l1_frame_of_others(void **state) {
    uint16_t id, other = make_domain(false, 1);
    uint64_t foreign = populate(other, 1), base = tree(&id);

    (void)state;
    frame_words(base + 4)[7] = PTE(foreign, RO);
    assert_refused(pin(id, MMUEXT_PIN_L1_TABLE, base + 4), EBUSY, "not the domain's");
    frame_words(base + 4)[7] = PTE(1ull << 30, RO);
    assert_refused(pin(id, MMUEXT_PIN_L1_TABLE, base + 4), EPERM, "not memory");
    no_references(base);
}

static void entry_flags(void **state) {
    static const uint64_t bad_l1[] = {0x08, 0x10, 0x80, 1ull << 62}, bad_l2[] = {0x08, 0x10, 0x80, 0x100};
    static const uint64_t good[] = {0x200, 0xe00, 1ull << 52, 1ull << 63};
    uint16_t id;
    uint64_t base = tree(&id);

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        frame_words(base + 4)[5] = PTE(base + 5, RW) | bad_l1[i];
        assert_refused(pin(id, MMUEXT_PIN_L4_TABLE, base + 1), EINVAL, "get_page_from_l1e");
        frame_words(base + 4)[5] = PTE(base + 5, RW);
        frame_words(base + 3)[0] = PTE(base + 4, RW) | bad_l2[i];
        assert_refused(pin(id, MMUEXT_PIN_L4_TABLE, base + 1), EINVAL, "get_page_from_l2e");
        frame_words(base + 3)[0] = PTE(base + 4, RW) | good[i];
        assert_int_equal(pin(id, MMUEXT_PIN_L4_TABLE, base + 1), 0);
        assert_int_equal(pin(id, MMUEXT_UNPIN_TABLE, base + 1), 0);
        no_references(base);
    }
    frame_words(base + 4)[5] = PTE(base + 5, RW) | 0x100; /* global: user mappings may */
    assert_int_equal(pin(id, MMUEXT_PIN_L4_TABLE, base + 1), 0);
}

static void xen_slots_are_not_read(void **state) {
    uint16_t id;
    uint64_t base = tree(&id);

    (void)state;
    frame_words(base + 1)[256] = frame_words(base + 1)[271] = PTE(1, 0xfff);
    assert_int_equal(pin(id, MMUEXT_PIN_L4_TABLE, base + 1), 0);
    assert_int_equal(pin(id, MMUEXT_UNPIN_TABLE, base + 1), 0);
    frame_words(base + 1)[272] = PTE(1, RW);
    assert_refused(pin(id, MMUEXT_PIN_L4_TABLE, base + 1), EINVAL, "does not belong");
    no_references(base);
}

/* get_l4_linear_pagetable() */
static void linear_tables(void **state) {
    uint16_t id;
    uint64_t base = tree(&id);

    (void)state;
    frame_words(base + 1)[300] = PTE(base + 1, RO);
    assert_int_equal(pin(id, MMUEXT_PIN_L4_TABLE, base + 1), 0);
    frame_words(base + 8)[0] = PTE(base + 1, RW);
    assert_refused(pin(id, MMUEXT_PIN_L4_TABLE, base + 8), EINVAL, "get_page_type");
    frame_words(base + 8)[0] = PTE(base + 1, RO);
    assert_int_equal(pin(id, MMUEXT_PIN_L4_TABLE, base + 8), 0);
    assert_int_equal(count_of(base + 1, "l4"), 2);
    /* base+1 is used as linear table, so it may not hold one of another table */
    frame_words(base + 9)[0] = PTE(base + 8, RO);
    assert_refused(pin(id, MMUEXT_PIN_L4_TABLE, base + 9), EINVAL, "get_page_type");
    assert_int_equal(pin(id, MMUEXT_UNPIN_TABLE, base + 8), 0);
    assert_int_equal(pin(id, MMUEXT_UNPIN_TABLE, base + 1), 0);
    no_references(base);
}

/* A PAE guest: base+1 L3, +2..+5 its L2 tables, +6 an L1. */
static uint64_t pae(uint16_t *id) {
    struct xen_domctl op = {.u.address_size.size = 32};
    uint64_t base;

    *id = make_domain(false, 1);
    assert_int_equal(domctl(XEN_DOMCTL_set_address_size, *id, &op), 0);
    base = populate(*id, 16);
    for (unsigned int i = 0; i < 4; i++)
        frame_words(base + 1)[i] = PTE(base + 2 + i, 1);
    frame_words(base + 2)[0] = PTE(base + 6, RW);
    return base;
}

static void pae_tables(void **state) {
    uint16_t id;
    uint64_t base = pae(&id);

    (void)state;
    frame_words(base + 1)[4] = ~0ull;        /* beyond the four entries: cleared */
    frame_words(base + 5)[428] = PTE(1, RW); /* Xen's slots of the slot 3 table */
    assert_int_equal(pin(id, MMUEXT_PIN_L3_TABLE, base + 1), 0);
    assert_int_equal(frame_words(base + 1)[4], 0);
    assert_int_equal(pin(id, MMUEXT_PIN_L4_TABLE, base + 1), 0); /* ignored */
    assert_int_equal(pin(id, MMUEXT_UNPIN_TABLE, base + 1), 0);
    no_references(base);
}

static void pae_slot3(void **state) {
    uint16_t id;
    uint64_t base = pae(&id);

    (void)state;
    frame_words(base + 1)[3] = 0;
    assert_refused(pin(id, MMUEXT_PIN_L3_TABLE, base + 1), EINVAL, "slot 3 not present");
    frame_words(base + 1)[3] = PTE(base + 2, 1); /* also in slot 0 */
    assert_refused(pin(id, MMUEXT_PIN_L3_TABLE, base + 1), EINVAL, "get_page_type");
    no_references(base);
    sim_set_relax(SIM_RELAX_PAE_L2);
    assert_int_equal(pin(id, MMUEXT_PIN_L3_TABLE, base + 1), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        RULE(pin_validates_the_tree), RULE(pin_twice),          RULE(pin_foreign_frame), RULE(level_conflict),
        RULE(writable_table),         RULE(l1_frame_of_others), RULE(entry_flags),       RULE(xen_slots_are_not_read),
        RULE(linear_tables),          RULE(pae_tables),         RULE(pae_slot3),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
