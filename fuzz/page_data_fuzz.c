/* SPDX-License-Identifier: MIT */
/*
 * PAGE_DATA of a 64-bit, 32-bit or HVM guest of 64 pages. Oracles: the same input twice has the same verdict at the
 * same offset; the guest's memory stays within its limit; what was accepted is accepted again, and cut short is not.
 */
#include "body_fuzz.h"
#include "page_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct xv_parser *begin(uint8_t kind) {
    struct xv_policy policy;
    struct xv_parser *p;

    xv_policy_strict(&policy);
    policy.max_guest_pages = FUZZ_PAGES;
    p = fuzz_begin(&policy, 4, 17);
    memset(fuzz_arena, 0, FUZZ_PAGES / 8); /* the bits that fuzz_begin() set */
    p->sum = (struct xv_summary){.max_pfn = FUZZ_PAGES - 1};
    p->libxc.hvm = kind % 3 == 2;
    p->libxc.state = kind & 0x80 ? XV_S_VERIFY : XV_S_MEMORY;
    p->pv.width = kind % 3 == 1 ? 4 : 8;
    p->pv.levels = kind % 3 == 1 ? 3 : 4;
    if (!xv_memory_init(p, p->libxc.hvm, 0))
        abort();
    return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_verdict first, again;
    struct xv_parser *p;

    if (size < 9)
        return 0;
    first = fuzz_body(begin(data[0]), xv_page_data_body, data + 1, size - 1, size - 1, 8);
    p = begin(data[0]);
    again = fuzz_body(p, xv_page_data_body, data + 1, size - 1, size - 1, 8);
    if (first.code != again.code || first.offset != again.offset || p->sum.populated > FUZZ_PAGES)
        abort();
    if (first.code != XV_ACCEPTED)
        return 0;
    if (fuzz_body(p, xv_page_data_body, data + 1, size - 1, size - 1, 8).code != XV_ACCEPTED)
        abort();
    if (size > 9 && fuzz_body(begin(data[0]), xv_page_data_body, data + 1, size - 2, size - 2, 8).code == XV_ACCEPTED)
        abort();
    return 0;
}
