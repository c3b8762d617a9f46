/* SPDX-License-Identifier: MIT */
#include "page_table.h"

#include "state.h"

#define ENTRIES     512u
#define PTE_PRESENT ((uint64_t)1 << 0)
#define PTE_PSE     ((uint64_t)1 << 7)
#define FRAME_BITS  40 /* of an entry, from bit 12 on (blobs 3) */

/* The slots that belong to Xen; a saver writes 0 there (blobs 3). */
static bool is_xen_slot(const struct xv_parser *p, uint32_t level, uint32_t slot) {
    if (p->pv.width == 8)
        return level == 4 && slot >= 256 && slot <= 271;
    return level == 3 && slot >= 4;
}

/*
 * The bits above the frame are not judged: a guest may use 52 to 62 as it likes (Xen marks kernel pages of 64-bit
 * guests with bit 52), and Xen validates each entry when the table is pinned.
 */
static bool check_pte(struct xv_parser *p, uint64_t pte, uint32_t level, uint64_t at) {
    uint64_t frame = pte >> 12 & (((uint64_t)1 << FRAME_BITS) - 1);

    if (!(pte & PTE_PRESENT))
        return true;
    if (frame > p->sum.max_pfn) /* (libxc 8.7): an assertion, or a wild read, in libxenguest */
        return xv_reject_range(p, XV_PTE_RANGE, at, frame, 0, p->sum.max_pfn);
    if (level > 1 && (pte & PTE_PSE))
        return xv_reject_value(p, XV_PTE_PSE, at, pte);
    return xv_memory_reference(p, frame, at);
}

bool xv_page_table(struct xv_parser *p, struct xv_cursor *c, uint32_t level) {
    for (uint32_t i = 0; i < ENTRIES; i++) {
        uint64_t at = xv_at(c), pte = 0;

        if (!xv_get_u64(c, &pte))
            return xv_reject(p, XV_MISUSE, at);
        if (pte == 0)
            continue;
        if (is_xen_slot(p, level, i))
            return xv_reject_range(p, XV_PTE_XEN_SLOT, at, pte, 0, 0);
        if (!check_pte(p, pte, level, at))
            return false;
    }
    return true;
}
