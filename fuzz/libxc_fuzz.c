/* SPDX-License-Identifier: MIT */
/*
 * Framing and order of libxc records, without their contents. The first octet chooses guest, version and policy; each
 * further one is a record: five bits of type, three of how long it says to be. Oracles: the same twice; a list of
 * records that may end has the order that the specification gives (order.c).
 * Target: xv_libxc_record xv_libxc_record_done
 */
#include "body_fuzz.h"
#include "libxc_rules.h"
#include "order.h"

/* Its header goes through the parser, its body is taken as good. This machine's octet order is the stream's. */
static bool record(struct xv_parser *p, uint8_t octet, uint64_t at) {
    const struct xv_libxc_rule *r = xv_libxc_rule(octet & 31u), none = {.max = 64, .step = 1};
    const uint32_t min = (r = r ? r : &none)->min;
    const uint32_t lengths[8] = {min, r->max, min + r->step, min - 1, r->max + 1, 0, 8, 4096};
    const uint32_t header[2] = {octet & 31u, lengths[octet >> 5]};
    struct xv_cursor c = xv_cursor_over((const uint8_t *)header, sizeof(header), at);

    return xv_libxc_record(p, &c) && (header[1] == 0 || xv_libxc_record_done(p));
}

static struct xv_report judge(const uint8_t *data, size_t size, uint8_t *types) {
    struct xv_policy policy;
    struct xv_parser *p;

    xv_policy_strict(&policy);
    policy.max_guest_pages = FUZZ_PAGES;
    policy.allow |= XV_ALLOW_VERIFY;
    p = fuzz_begin(&policy, 4, data[0] & 1 ? 17 : 6);
    p->libxc.hvm = !(data[0] & 2);
    p->libxc.state = XV_S_STATIC;
    for (size_t i = 1; i < size && i < 256; i++) {
        types[i - 1] = data[i] & 31;
        if (!record(p, data[i], 8 * i))
            break;
    }
    return p->report;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t types[256];
    struct xv_report first, again;

    if (size < 2)
        return 0;
    again = judge(data, size, types);
    first = judge(data, size, types);
    if (first.code != again.code || first.offset != again.offset)
        abort();
    /* an END in its place, at which only contents are missed */
    if (first.code != XV_ACCEPTED && first.record_type == XV_REC_END && first.record &&
        strncmp(xv_verdict_of(first.code)->name, "RECORD_", 7) != 0 &&
        order_fault(types, (size_t)first.record, !(data[0] & 2), data[0] & 1 ? 3 : 2))
        abort();
    return 0;
}
