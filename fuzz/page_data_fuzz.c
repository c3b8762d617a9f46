/* SPDX-License-Identifier: MIT */
/*
 * PAGE_DATA of a 64-bit, 32-bit or HVM guest of 64 pages. Oracles: the same input twice has the same verdict at the
 * same offset; the guest's memory stays within its limit; what was accepted is accepted again, and cut short is not.
 *
 * Target: xv_page_data_body
 */
#include "body_fuzz.h"
#include "page_data.h"

static struct xv_parser *begin(uint8_t kind) {
    struct xv_policy policy;
    struct xv_parser *p;

    xv_policy_strict(&policy);
    policy.max_guest_pages = FUZZ_PAGES;
    p = fuzz_begin_pv(&policy, kind % 3 == 1);
    p->libxc.hvm = kind % 3 == 2;
    p->libxc.state = kind & 0x80 ? XV_S_VERIFY : XV_S_MEMORY;
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
