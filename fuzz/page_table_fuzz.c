/* SPDX-License-Identifier: MIT */
/*
 * One page of page-table entries of a PV guest of 64 pages. Input: an octet of level and width, then entries of ten
 * octets, slot and value; the other slots are empty. Oracles: the same twice; of an accepted table no present entry
 * points beyond the guest, or is a large page, or stands in a slot of Xen, and what it points to has memory.
 *
 * Target: xv_page_table
 */
#include "body_fuzz.h"
#include "page_table.h"

#define SLOTS 512u

static bool entry_holds(const struct xv_parser *p, uint64_t entry, uint32_t level, uint32_t slot) {
    bool of_xen = p->pv.width == 8 ? level == 4 && slot >= 256 && slot < 272 : level == 3 && slot >= 4;

    if (of_xen)
        return entry == 0;
    if (!(entry & 1))
        return true;
    return (entry >> 12 & 0xffffffffff) < FUZZ_PAGES && (level == 1 || !(entry & 0x80)) &&
           xv_memory_populated(p, entry >> 12 & 0xffffffffff);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint64_t *table = calloc(SLOTS, sizeof(*table)); /* of its exact size */
    uint32_t level = size ? 1u + (data[0] & 3) : 0;
    struct xv_report first = {0};
    struct xv_policy policy;

    if (!table)
        abort();
    xv_policy_strict(&policy);
    policy.max_guest_pages = FUZZ_PAGES;
    for (size_t at = 1; at < size && size - at >= 10; at += 10)
        memcpy(&table[(data[at] | (unsigned)data[at + 1] << 8) % SLOTS], data + at + 2, 8);
    for (unsigned run = 0; size && run < 2; run++) {
        struct xv_parser *p = fuzz_begin_pv(&policy, data[0] & 4);
        struct xv_cursor c = xv_cursor_over((const uint8_t *)table, SLOTS * 8, 0);
        bool good = xv_page_table(p, &c, level);

        if (good != (p->report.code == XV_ACCEPTED) || (run && p->report.code != first.code))
            abort();
        for (uint32_t slot = 0; good && slot < SLOTS; slot++)
            if (!entry_holds(p, table[slot], level, slot))
                abort();
        first = p->report;
    }
    free(table);
    return 0;
}
