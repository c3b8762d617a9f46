/* SPDX-License-Identifier: MIT */
#include "pv_guest.h"

/* The limit on populated pages: reached, one below, one above; by contents, XALLOC and page tables alike. */
static void guest_limit(void **state) {
    static struct guest g;
    static const uint64_t three[] = {ENTRY(0, 0), ENTRY(0xe, 1), ENTRY(0xf, 2), ENTRY(0, 3)};
    (void)state;

    for (uint64_t limit = 2; limit <= 4; limit++) {
        guest_begin(&g, 64, true);
        g.p->memory.limit_pages = limit;
        assert_int_equal(send_pages(&g, three, 4), limit < 3 ? XV_GUEST_MEMORY : XV_ACCEPTED);
        if (limit < 3) {
            assert_int_equal(g.p->report.offset, BODY_AT + 8 + 8 * 3);
            assert_int_equal(g.p->report.found, 3);
        }
        guest_end(&g);
    }
    guest_begin(&g, 64, false); /* a PV guest's entries alike */
    g.p->memory.limit_pages = 1;
    assert_true(xv_memory_entry(g.p, 0, 0, 0));
    assert_false(xv_memory_entry(g.p, 1, 0, 0));
    assert_int_equal(g.p->report.code, XV_GUEST_MEMORY);
    guest_end(&g);
}

static void limit_by_reference(void **state) {
    static struct guest g;
    (void)state;

    for (uint64_t limit = 1; limit <= 3; limit++) {
        guest_pv(&g, 8);
        g.p->memory.limit_pages = limit;
        assert_int_equal(send_page(&g, 1, L1), limit < 2 ? XV_GUEST_MEMORY : XV_ACCEPTED); /* itself, and INFO */
        guest_end(&g);
    }
}

static void config_limit(void **state) {
    static struct guest g;
    (void)state;

    for (uint32_t pages = 2; pages <= 4; pages++) {
        uint64_t entries[3] = {ENTRY(0, 0), ENTRY(0, 1), ENTRY(0, 2)};

        guest_begin(&g, 64, true);
        g.p->config.present = true;
        g.p->sum.config_max_memkb = 4 * (pages - 2) + 1; /* rounded up to pages - 1 */
        g.p->policy.config_slack_pages = 1;
        assert_true(xv_memory_init(g.p, true, 0));
        assert_int_equal(g.p->memory.limit_pages, pages);
        assert_int_equal(send_pages(&g, entries, 3), pages < 3 ? XV_CONFIG_MEMORY : XV_ACCEPTED);
        guest_end(&g);
    }
    guest_begin(&g, 64, false); /* the larger of the two limits does not count, nor does a silent configuration */
    g.p->config.present = true;
    g.p->sum.config_max_memkb = 4096;
    assert_true(xv_memory_init(g.p, false, 0));
    assert_int_equal(g.p->memory.limit_pages, 64);
    assert_int_equal(g.p->memory.limit_pfn, 63);
    g.p->sum.config_max_memkb = 4 * 60; /* just the same */
    g.p->policy.config_slack_pages = 4;
    assert_true(xv_memory_init(g.p, false, 0));
    assert_false(g.p->memory.by_config);
    g.p->sum.config_max_memkb = 0;
    assert_true(xv_memory_init(g.p, false, 0));
    assert_int_equal(g.p->memory.limit_pages, 64);
    g.p->config.present = false; /* without a configuration what is left from nowhere does not count */
    g.p->sum.config_max_memkb = 4;
    assert_true(xv_memory_init(g.p, false, 0));
    assert_int_equal(g.p->memory.limit_pages, 64);
    guest_end(&g);
}

static void rounds(void **state) {
    static struct guest g;
    (void)state;

    guest_begin(&g, 64, true);
    g.p->policy.max_rounds = 2;
    assert_int_equal(send_page(&g, 0, 5), XV_ACCEPTED);
    assert_int_equal(send_page(&g, 0, 6), XV_ACCEPTED);
    assert_int_equal(g.p->sum.rounds, 1);
    assert_int_equal(send_page(&g, 0, 6), XV_ACCEPTED); /* the same page again is a round */
    assert_int_equal(g.p->sum.rounds, 2);
    assert_int_equal(g.p->sum.resent, 1);
    assert_int_equal(send_page(&g, 0, 7), XV_ACCEPTED);
    xv_memory_checkpoint(g.p);
    assert_int_equal(send_page(&g, 0, 1), XV_ACCEPTED);
    assert_int_equal(g.p->sum.rounds, 1);
    assert_int_equal(send_page(&g, 0, 0), XV_ACCEPTED);
    assert_int_equal(send_page(&g, 0, 0), XV_PAGE_ROUNDS);
    assert_int_equal(g.p->report.found, 3);
    assert_int_equal(g.p->report.allowed_max, 2);
    guest_end(&g);
}

/* One page of a PV guest: what each type makes of each state. */
static void transitions(void **state) {
    static const struct {
        unsigned before, type, after;
        int populated, dangling, resent;
    } rows[] = {
        {XV_PAGE_NEVER, 0xf, XV_PAGE_ABSENT, 0, 0, 0},
        {XV_PAGE_NEVER, 0xd, XV_PAGE_ABSENT, 0, 0, 0},
        {XV_PAGE_NEVER, 0xe, XV_PAGE_XALLOC, 1, 0, 0},
        {XV_PAGE_NEVER, 0x0, XV_PAGE_NOTAB, 1, 0, 0},
        {XV_PAGE_NEVER, 0x1, XV_PAGE_L1, 1, 0, 0},
        {XV_PAGE_NEVER, 0x4, XV_PAGE_L1 + 3, 1, 0, 0},
        {XV_PAGE_NEVER, 0x9, XV_PAGE_PINNED_L1, 1, 0, 0},
        {XV_PAGE_NEVER, 0xc, XV_PAGE_PINNED_L1 + 3, 1, 0, 0},
        {XV_PAGE_ABSENT, 0xf, XV_PAGE_ABSENT, 0, 0, 0},
        {XV_PAGE_ABSENT, 0x0, XV_PAGE_NOTAB, 1, 0, 0},
        {XV_PAGE_REFERENCED, 0xf, XV_PAGE_ABSENT_REFERENCED, 0, 0, 0},
        {XV_PAGE_REFERENCED, 0x2, XV_PAGE_L1 + 1, 0, -1, 0},
        {XV_PAGE_REFERENCED, 0xe, XV_PAGE_XALLOC, 0, -1, 0},
        {XV_PAGE_ABSENT_REFERENCED, 0xd, XV_PAGE_ABSENT_REFERENCED, 0, 0, 0},
        {XV_PAGE_ABSENT_REFERENCED, 0x0, XV_PAGE_NOTAB, 0, -1, 0},
        {XV_PAGE_ABSENT_POPULATED, 0x0, XV_PAGE_NOTAB, 0, 0, 1},
        {XV_PAGE_ABSENT_POPULATED, 0xf, XV_PAGE_ABSENT_POPULATED, 0, 0, 1},
        {XV_PAGE_XALLOC, 0xf, XV_PAGE_ABSENT_POPULATED, 0, 0, 1},
        {XV_PAGE_XALLOC, 0x3, XV_PAGE_L1 + 2, 0, 0, 1},
        {XV_PAGE_NOTAB, 0xf, XV_PAGE_ABSENT_POPULATED, 0, 0, 1},
        {XV_PAGE_NOTAB, 0xa, XV_PAGE_PINNED_L1 + 1, 0, 0, 1},
        {XV_PAGE_NOTAB_P2M, 0x0, XV_PAGE_NOTAB_P2M, 0, 0, 1},
        {XV_PAGE_PINNED_L1 + 3, 0x0, XV_PAGE_NOTAB, 0, 0, 1},
    };
    static struct guest g;
    (void)state;

    guest_begin(&g, 64, false);
    g.p->sum.max_pfn = 63;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (uint64_t pfn = 8; pfn < 10; pfn++) { /* both halves of an octet */
            unsigned shift = pfn % 2 ? 4 : 0;
            uint8_t other = g.t.arena.bytes[4];

            g.t.arena.bytes[4] = (uint8_t)((other & 0xf0u >> shift) | rows[i].before << shift);
            other = g.t.arena.bytes[4];
            g.p->sum.populated = 10;
            g.p->memory.dangling = 5;
            g.p->sum.resent = 0;
            assert_true(xv_memory_entry(g.p, pfn, rows[i].type, 0));
            assert_int_equal(xv_memory_state(g.p, pfn), rows[i].after);
            assert_int_equal((g.t.arena.bytes[4] ^ other) & (pfn % 2 ? 0x0f : 0xf0), 0);
            assert_int_equal(g.p->sum.populated, 10 + rows[i].populated);
            assert_int_equal(g.p->memory.dangling, 5 + rows[i].dangling);
            assert_int_equal(g.p->sum.resent, rows[i].resent);
        }
    }
    guest_end(&g);
}

static void references(void **state) {
    static struct guest g;
    (void)state;

    guest_begin(&g, 64, false);
    assert_true(xv_memory_entry(g.p, 1, 0xf, 0));
    assert_false(xv_memory_populated(g.p, 0));
    assert_false(xv_memory_populated(g.p, 1));
    assert_true(xv_memory_reference(g.p, 0, 0));
    assert_true(xv_memory_reference(g.p, 1, 0));
    assert_true(xv_memory_reference(g.p, 1, 0));
    assert_int_equal(g.p->memory.dangling, 2);
    assert_int_equal(g.p->sum.populated, 2);
    assert_true(xv_memory_populated(g.p, 0));
    assert_true(xv_memory_populated(g.p, 1));
    assert_int_equal(xv_memory_state(g.p, 0), XV_PAGE_REFERENCED);
    assert_int_equal(xv_memory_state(g.p, 1), XV_PAGE_ABSENT_REFERENCED);
    assert_false(xv_memory_is_notab(g.p, 0));
    assert_true(xv_memory_entry(g.p, 63, 0, 0));
    assert_true(xv_memory_is_notab(g.p, 63));
    assert_int_equal(xv_memory_level(g.p, 63), 0);
    assert_true(xv_memory_entry(g.p, 62, 0xb, 0));
    assert_int_equal(xv_memory_level(g.p, 62), 3);
    assert_true(xv_memory_entry(g.p, 61, 0x1, 0));
    assert_int_equal(xv_memory_level(g.p, 61), 1);
    xv_arena_put_u32(g.p, g.p->memory.p2m_at, 0x66666666);
    assert_int_equal(xv_memory_state(g.p, 64), XV_PAGE_NEVER); /* behind it lies the p2m list */
    assert_true(xv_memory_entry(g.p, 64, 0x1, 0));
    assert_int_equal(xv_arena_get_u32(g.p, g.p->memory.p2m_at), 0x66666666);
    assert_int_equal(xv_memory_level(g.p, UINT64_MAX), 0);
    guest_end(&g);
}

/* An HVM guest has a bit a page, up to the end of the hole below 4 GiB. */
static void hvm_pages(void **state) {
    static struct guest g;
    uint64_t last = 64 + ((uint64_t)1 << 20) - 1;
    (void)state;

    guest_begin(&g, 64, true);
    assert_int_equal(g.p->memory.limit_pfn, last);
    assert_int_equal(send_page(&g, 0, last), XV_ACCEPTED);
    assert_int_equal(g.p->sum.max_pfn, last);
    assert_true(xv_memory_populated(g.p, last));
    assert_false(xv_memory_populated(g.p, last - 1));
    assert_false(xv_memory_populated(g.p, last + 1));
    assert_int_equal(send_page(&g, 0xf, 3), XV_ACCEPTED);
    assert_false(xv_memory_populated(g.p, 3));
    assert_int_equal(send_page(&g, 0xe, 4), XV_ACCEPTED);
    assert_true(xv_memory_populated(g.p, 4));
    assert_int_equal(g.p->sum.max_pfn, last); /* the largest, not the latest */
    assert_int_equal(g.p->sum.populated, 2);
    assert_int_equal(g.p->sum.page_entries, 3);
    assert_int_equal(g.p->sum.data_pages, 1);
    guest_end(&g);
}

static void verify(void **state) {
    static struct guest g;
    (void)state;

    guest_pv(&g, 8);
    assert_false(xv_memory_verify_begin(g.p, 77));
    assert_int_equal(g.p->report.code, XV_VERIFY_EMPTY);
    assert_int_equal(g.p->report.offset, 77);
    forgive(&g);
    send_all(&g);
    assert_int_equal(send_page(&g, 0xf, 20), XV_ACCEPTED); /* populated, then ballooned out */
    assert_int_equal(send_page(&g, 0xe, 21), XV_ACCEPTED);
    assert_true(xv_memory_verify_begin(g.p, 77));
    g.p->libxc.state = XV_S_VERIFY;
    g.p->sum.max_pfn = MAX_PFN + 1; /* one page that was never sent */
    assert_int_equal(send_page(&g, 0, 0), XV_ACCEPTED);
    assert_int_equal(send_page(&g, 0xc, TOP), XV_ACCEPTED);
    assert_int_equal(send_page(&g, 0x4, TOP), XV_ACCEPTED); /* unpinned meanwhile: its contents are a table still */
    assert_int_equal(xv_memory_state(g.p, TOP), XV_PAGE_L1 + 3);
    assert_int_equal(send_page(&g, 0xf, 20), XV_ACCEPTED);
    assert_int_equal(send_page(&g, 0xe, 21), XV_ACCEPTED);
    assert_int_equal(send_page(&g, 0, MAX_PFN + 1), XV_VERIFY_PAGE);
    forgive(&g);
    assert_int_equal(send_page(&g, 0xe, MAX_PFN + 1), XV_VERIFY_PAGE);
    forgive(&g);
    assert_int_equal(send_page(&g, 0, L1), XV_VERIFY_TYPE); /* loaded as a table */
    forgive(&g);
    assert_int_equal(send_page(&g, 1, 11), XV_VERIFY_TYPE); /* loaded as it is */
    forgive(&g);
    assert_int_equal(send_page(&g, 2, L1), XV_VERIFY_TYPE);
    forgive(&g);
    assert_int_equal(send_page(&g, 0, 20), XV_VERIFY_TYPE);
    assert_int_equal(g.p->sum.populated, MAX_PFN + 1);
    guest_end(&g);
}

static void verify_hvm(void **state) {
    static struct guest g;
    (void)state;

    guest_begin(&g, 64, true);
    assert_int_equal(send_page(&g, 0, 7), XV_ACCEPTED);
    g.p->libxc.state = XV_S_VERIFY;
    assert_int_equal(send_page(&g, 0, 7), XV_ACCEPTED);
    assert_int_equal(send_page(&g, 0xf, 8), XV_ACCEPTED);
    assert_int_equal(g.p->sum.page_entries, 1);
    assert_int_equal(send_page(&g, 0, 8), XV_VERIFY_PAGE);
    guest_end(&g);
}

static uint64_t told_pfn, told_type, told_before;

static void tell(void *context, const struct xv_fact *fact) {
    (void)context;
    assert_int_equal(fact->kind, XV_FACT_PAGE);
    told_pfn = fact->a;
    told_type = fact->b;
    told_before = fact->c;
}

static void facts(void **state) {
    static struct guest g;
    (void)state;

    guest_begin(&g, 64, true);
    g.p->observer.tell = tell;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(send_page(&g, 0, 9), XV_ACCEPTED);
        assert_int_equal(told_pfn, 9);
        assert_int_equal(told_type, 0);
        assert_int_equal(told_before, i);
    }
    assert_int_equal(g.p->sum.page_types[0], 2);
    assert_int_equal(g.p->sum.data_pages, 2);
    guest_end(&g);
}

static void bad_policy(void **state) {
    static struct guest g;
    (void)state;

    guest_begin(&g, 64, false);
    g.p->policy.max_guest_pages = 0;
    assert_false(xv_memory_init(g.p, false, 3));
    assert_int_equal(g.p->report.code, XV_POLICY_INVALID);
    forgive(&g);
    g.p->policy.max_guest_pages = XV_MAX_GUEST_PAGES + 1;
    assert_false(xv_memory_init(g.p, false, 3));
    forgive(&g);
    g.p->policy.max_guest_pages = XV_MAX_GUEST_PAGES;
    assert_true(xv_memory_init(g.p, false, 3));
    g.p->policy.max_guest_pages = 1;
    assert_true(xv_memory_init(g.p, false, 3));
    assert_int_equal(g.p->memory.limit_pfn, 0);
    guest_end(&g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guest_limit),  cmocka_unit_test(limit_by_reference),
        cmocka_unit_test(config_limit), cmocka_unit_test(rounds),
        cmocka_unit_test(transitions),  cmocka_unit_test(references),
        cmocka_unit_test(hvm_pages),    cmocka_unit_test(verify),
        cmocka_unit_test(verify_hvm),   cmocka_unit_test(facts),
        cmocka_unit_test(bad_policy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
