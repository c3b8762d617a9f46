/* SPDX-License-Identifier: MIT */
#include "page_table.h"
#include "pv_guest.h"

#define PTE(frame, flags) ((uint64_t)(frame) << 12 | (flags))

/* Sends page 11 as a table of this level with one entry. */
static enum xv_code send_pte(uint8_t width, unsigned level, uint32_t slot, uint64_t pte) {
    static struct guest g;
    enum xv_code code;

    guest_pv(&g, width);
    set_pte(&g, 11, slot, pte);
    code = send_page(&g, level, 11);
    if (code != XV_ACCEPTED) {
        assert_int_equal(g.p->report.offset, BODY_AT + 16 + 8 * slot);
        assert_int_equal(g.p->report.found, code == XV_PTE_RANGE ? pte >> 12 & 0xffffffffff : pte);
    }
    guest_end(&g);
    return code;
}

/* The frame of each present entry, in each level and in the first and last slot. */
static void range(void **state) {
    (void)state;

    for (unsigned level = 1; level <= 4; level++) {
        for (uint32_t slot = 0; slot < 512; slot += 511) {
            assert_int_equal(send_pte(8, level, slot, PTE(MAX_PFN - 1, 1)), XV_ACCEPTED);
            assert_int_equal(send_pte(8, level, slot, PTE(MAX_PFN, 1)), XV_ACCEPTED);
            assert_int_equal(send_pte(8, level, slot, PTE(MAX_PFN + 1, 1)), XV_PTE_RANGE);
            assert_int_equal(send_pte(8, level, slot, PTE((uint64_t)1 << 39, 1)), XV_PTE_RANGE);
            assert_int_equal(send_pte(8, level, slot, PTE(MAX_PFN + 1, 0xffe)), XV_ACCEPTED); /* not present */
        }
        assert_int_equal(send_pte(8, level + 8, 3, PTE(MAX_PFN + 1, 1)), XV_PTE_RANGE); /* pinned */
        if (level <= 3)
            assert_int_equal(send_pte(4, level, 3, PTE(MAX_PFN + 1, 1)), XV_PTE_RANGE);
    }
    assert_int_equal(send_pte(8, 1, 0, PTE(MAX_PFN, 1) | 0xfffull << 52), XV_ACCEPTED); /* software bits, NX */
}

static void superpages(void **state) {
    (void)state;

    assert_int_equal(send_pte(8, 1, 5, PTE(1, 0x81)), XV_ACCEPTED); /* PAT */
    for (unsigned level = 2; level <= 4; level++) {
        assert_int_equal(send_pte(8, level, 5, PTE(1, 0x81)), XV_PTE_PSE);
        assert_int_equal(send_pte(8, level, 5, PTE(1, 0x7f)), XV_ACCEPTED);
        assert_int_equal(send_pte(8, level, 5, PTE(1, 0x80)), XV_ACCEPTED); /* not present */
    }
    assert_int_equal(send_pte(4, 2, 5, PTE(1, 0x81)), XV_PTE_PSE);
}

static void xen_slots(void **state) {
    (void)state;

    for (uint32_t slot = 254; slot < 275; slot++) {
        bool xen = slot >= 256 && slot <= 271;

        assert_int_equal(send_pte(8, 4, slot, PTE(1, 1)), xen ? XV_PTE_XEN_SLOT : XV_ACCEPTED);
        assert_int_equal(send_pte(8, 4, slot, 2), xen ? XV_PTE_XEN_SLOT : XV_ACCEPTED); /* present or not */
        assert_int_equal(send_pte(8, 3, slot, PTE(1, 1)), XV_ACCEPTED);
    }
    assert_int_equal(send_pte(4, 3, 3, PTE(1, 1)), XV_ACCEPTED);
    assert_int_equal(send_pte(4, 3, 4, PTE(1, 1)), XV_PTE_XEN_SLOT);
    assert_int_equal(send_pte(4, 3, 511, 2), XV_PTE_XEN_SLOT);
    assert_int_equal(send_pte(4, 2, 511, PTE(1, 1)), XV_ACCEPTED);
}

static void levels(void **state) {
    static struct guest g;
    (void)state;

    guest_pv(&g, 4);
    assert_int_equal(send_page(&g, 0xb, 11), XV_ACCEPTED);
    assert_int_equal(send_page(&g, 0x4, 12), XV_PTE_LEVEL);
    assert_int_equal(g.p->report.allowed_max, 3);
    guest_end(&g);
}

/* What an entry points to is populated by the restorer, and counts as sent only once it came. */
static void dangling(void **state) {
    static struct guest g;
    (void)state;

    guest_pv(&g, 8);
    set_pte(&g, 11, 0, PTE(12, 1));
    set_pte(&g, 11, 511, PTE(13, 1));
    set_pte(&g, 11, 6, PTE(11, 1)); /* itself */
    assert_int_equal(send_page(&g, 1, 11), XV_ACCEPTED);
    assert_int_equal(g.p->memory.dangling, 2);
    assert_int_equal(g.p->sum.populated, 3);
    assert_int_equal(send_page(&g, 0xf, 12), XV_ACCEPTED);
    assert_int_equal(g.p->memory.dangling, 2);
    assert_int_equal(send_page(&g, 0, 13), XV_ACCEPTED);
    assert_int_equal(g.p->memory.dangling, 1);
    assert_int_equal(g.p->sum.populated, 3);
    guest_end(&g);
}

/* A caller that hands over less than a page gets a refusal, not zeros in place of what is missing. */
static void short_cursor(void **state) {
    static const uint8_t page[4096];
    static struct guest g;
    (void)state;

    guest_pv(&g, 8);
    for (size_t n = 4088; n <= 4096; n++) {
        struct xv_cursor c = xv_cursor_over(page, n, BODY_AT);

        assert_int_equal(xv_page_table(g.p, &c, 1), n == 4096);
        assert_int_equal(g.p->report.code, n == 4096 ? XV_ACCEPTED : XV_MISUSE);
        forgive(&g);
    }
    guest_end(&g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(range),  cmocka_unit_test(superpages), cmocka_unit_test(xen_slots),
        cmocka_unit_test(levels), cmocka_unit_test(dangling),   cmocka_unit_test(short_cursor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
