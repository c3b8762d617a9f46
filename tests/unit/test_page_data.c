/* SPDX-License-Identifier: MIT */
#include "pv_guest.h"
#include "start_info.h"

/* PAGE_DATA with any header, entry count and length; the first piece ends behind the first entry, as in a stream. */
static enum xv_code send_raw(struct guest *g, uint32_t count, uint32_t reserved, const uint64_t *entries, uint32_t n,
                             size_t data) {
    static uint8_t body[8 + 8 * 1025 + 4 * 4096];

    memset(body, 0, sizeof(body));
    put32(body, count);
    put32(body + 4, reserved);
    for (uint32_t i = 0; i < n; i++)
        put64(body + 8 + 8 * i, entries[i]);
    return run(g->p, xv_page_data_body, 16, body, 8 + 8 * (size_t)n + data);
}

static void count(void **state) {
    static struct guest g;
    static uint64_t entries[1025];
    (void)state;

    guest_begin(&g, 4096, true);
    for (uint32_t i = 0; i < 1025; i++)
        entries[i] = ENTRY(0xf, i);
    assert_int_equal(send_raw(&g, 1, 0, entries, 1, 0), XV_ACCEPTED);
    assert_int_equal(send_raw(&g, 1023, 0, entries, 1023, 0), XV_ACCEPTED);
    assert_int_equal(send_raw(&g, 1024, 0, entries, 1024, 0), XV_ACCEPTED);
    assert_int_equal(send_raw(&g, 1025, 0, entries, 1025, 0), XV_PAGE_COUNT);
    assert_int_equal(g.p->report.offset, BODY_AT);
    assert_int_equal(g.p->report.found, 1025);
    forgive(&g);
    assert_int_equal(send_raw(&g, 0, 0, entries, 1, 0), XV_PAGE_COUNT);
    forgive(&g);
    assert_int_equal(send_raw(&g, UINT32_MAX, 0, entries, 1, 0), XV_PAGE_COUNT);
    guest_end(&g);
}

static void reserved(void **state) {
    static struct guest g;
    const uint64_t entry = ENTRY(0xf, 1);
    (void)state;

    guest_begin(&g, 64, true);
    assert_int_equal(send_raw(&g, 1, 1u << 31, &entry, 1, 0), XV_PAGE_RESERVED);
    assert_int_equal(g.p->report.offset, BODY_AT + 4);
    guest_end(&g);
}

static void pfn_bits(void **state) {
    static struct guest g;
    (void)state;

    guest_begin(&g, 64, true);
    assert_int_equal(send_page(&g, 0xf, 1), XV_ACCEPTED);
    for (unsigned bit = 52; bit < 60; bit++) {
        assert_int_equal(send_page(&g, 0xf, 2 | (uint64_t)1 << bit), XV_PAGE_PFN_BITS);
        forgive(&g);
    }
    guest_end(&g);
}

/* The types, by guest: 0 all, 1-4 and 9-12 PV with that many levels, 5-8 none, 13-15 all. */
static void types(void **state) {
    static struct guest g;
    (void)state;

    for (unsigned kind = 0; kind < 3; kind++) {
        for (unsigned type = 0; type < 16; type++) {
            bool table = (type >= 1 && type <= 4) || (type >= 9 && type <= 12);
            enum xv_code want = XV_ACCEPTED;

            if (kind == 2)
                guest_begin(&g, 64, true);
            else
                guest_pv(&g, kind == 0 ? 8 : 4);
            if (type >= 5 && type <= 8)
                want = XV_PAGE_TYPE;
            else if (table && kind == 2)
                want = XV_PAGE_TYPE_HVM;
            else if (table && kind == 1 && (type & 7) == 4)
                want = XV_PTE_LEVEL;
            assert_int_equal(send_page(&g, type, 11), want);
            if (want != XV_ACCEPTED)
                assert_int_equal(g.p->report.offset, BODY_AT + 8);
            guest_end(&g);
        }
    }
}

static void pfn_range(void **state) {
    static struct guest g;
    uint64_t last = 63 + ((uint64_t)1 << 20);
    (void)state;

    guest_pv(&g, 8);
    assert_int_equal(send_page(&g, 0, MAX_PFN - 1), XV_ACCEPTED);
    assert_int_equal(send_page(&g, 0, MAX_PFN), XV_ACCEPTED);
    assert_int_equal(send_page(&g, 0, MAX_PFN + 1), XV_PAGE_PFN_RANGE);
    assert_int_equal(g.p->report.found, MAX_PFN + 1);
    assert_int_equal(g.p->report.allowed_max, MAX_PFN);
    guest_end(&g);
    guest_begin(&g, 64, true);
    assert_int_equal(send_page(&g, 0xf, last), XV_ACCEPTED);
    assert_int_equal(send_page(&g, 0xf, last + 1), XV_PAGE_PFN_RANGE);
    forgive(&g);
    assert_int_equal(send_page(&g, 0xf, ((uint64_t)1 << 52) - 1), XV_PAGE_PFN_RANGE);
    guest_end(&g);
}

static void ascending(void **state) {
    static struct guest g;
    const uint64_t up[] = {ENTRY(0xf, 3), ENTRY(0, 4)}, same[] = {ENTRY(0xf, 3), ENTRY(0, 3)};
    const uint64_t down[] = {ENTRY(0xf, 3), ENTRY(0, 2)};
    (void)state;

    guest_begin(&g, 64, true);
    assert_int_equal(send_pages(&g, up, 2), XV_ACCEPTED);
    assert_int_equal(send_pages(&g, same, 2), XV_PAGE_DUPLICATE);
    assert_int_equal(g.p->report.offset, BODY_AT + 16);
    forgive(&g);
    assert_int_equal(send_pages(&g, down, 2), XV_PAGE_DUPLICATE);
    guest_end(&g);
}

static void length(void **state) {
    static struct guest g;
    const uint64_t entries[] = {ENTRY(0, 3), ENTRY(0xf, 4), ENTRY(0xe, 5), ENTRY(0, 6), ENTRY(0xd, 7)};
    (void)state;

    guest_begin(&g, 64, true);
    assert_int_equal(send_raw(&g, 5, 0, entries, 5, 8192), XV_ACCEPTED);
    assert_int_equal(send_raw(&g, 5, 0, entries, 5, 8191), XV_PAGE_LENGTH);
    assert_int_equal(g.p->report.offset, BODY_AT - 4);
    assert_int_equal(g.p->report.allowed_max, 8 + 40 + 8192);
    forgive(&g);
    assert_int_equal(send_raw(&g, 5, 0, entries, 5, 8193), XV_PAGE_LENGTH);
    forgive(&g);
    assert_int_equal(send_raw(&g, 5, 0, entries, 5, 0), XV_PAGE_LENGTH);
    forgive(&g);
    assert_int_equal(send_raw(&g, 5, 0, entries, 4, 0), XV_PAGE_LENGTH); /* not even its entries */
    forgive(&g);
    assert_int_equal(send_raw(&g, 1, 0, entries + 1, 1, 8), XV_PAGE_LENGTH);
    forgive(&g);
    assert_int_equal(run(g.p, xv_page_data_body, 16, (const uint8_t *)"\1\0\0\0", 4), XV_RECORD_LENGTH);
    guest_end(&g);
}

/* All of a PV guest's pages in one record: tables and heads are looked at, each with its own page's contents. */
static void contents(void **state) {
    static struct guest g;
    (void)state;

    for (uint8_t width = 4; width <= 8; width = (uint8_t)(width + 4)) {
        guest_pv(&g, width);
        send_all(&g);
        assert_int_equal(g.p->sum.data_pages, MAX_PFN + 1);
        assert_int_equal(g.p->sum.populated, MAX_PFN + 1);
        assert_int_equal(g.p->memory.dangling, 0);
        g.p->libxc.state = XV_S_VERIFY;
        send_all(&g);
        assert_int_equal(g.p->sum.data_pages, MAX_PFN + 1);
        guest_end(&g);
    }
}

/* A refused entry ends the record: nothing behind it counts, wherever it is. */
static void refused(void **state) {
    static struct guest g;
    uint64_t entries[28];
    (void)state;

    for (uint32_t bad = 0; bad < 28; bad++) {
        guest_begin(&g, 64, true);
        for (uint32_t i = 0; i < 28; i++)
            entries[i] = ENTRY(i == bad ? 5 : 0xf, i);
        assert_int_equal(send_raw(&g, 28, 0, entries, 28, 0), XV_PAGE_TYPE);
        assert_int_equal(g.p->report.offset, BODY_AT + 8 + 8 * bad);
        assert_int_equal(g.p->sum.page_entries, bad);
        guest_end(&g);
    }
}

/* The VERIFY pass loads nothing: a start_info that it brings otherwise stays the one that was loaded. */
static void verify(void **state) {
    static struct guest g;
    (void)state;

    guest_sent(&g, 8);
    assert_int_equal(send_basic(&g, 0), XV_ACCEPTED);
    assert_true(xv_start_info_complete(g.p));
    set_rings(&g, INFO, 0, 0);
    g.p->libxc.state = XV_S_VERIFY;
    assert_int_equal(send_page(&g, 0, INFO), XV_ACCEPTED);
    assert_true(xv_start_info_complete(g.p));
    g.p->libxc.state = XV_S_MEMORY;
    assert_int_equal(send_page(&g, 0, INFO), XV_ACCEPTED);
    assert_false(xv_start_info_complete(g.p));
    assert_int_equal(g.p->report.code, XV_START_INFO_STORE);
    guest_end(&g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(count),  cmocka_unit_test(reserved),  cmocka_unit_test(pfn_bits),
        cmocka_unit_test(types),  cmocka_unit_test(pfn_range), cmocka_unit_test(ascending),
        cmocka_unit_test(length), cmocka_unit_test(contents),  cmocka_unit_test(refused),
        cmocka_unit_test(verify),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
