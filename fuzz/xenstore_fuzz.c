/* SPDX-License-Identifier: MIT */
/*
 * A xenstore state, or a proposed one. The first octet chooses tolerances and pieces, the second a tighter limit.
 * Oracles: pieces do not matter; a cut state is refused; a lower limit never makes a refused state acceptable; what was
 * accepted is within its limits.
 *
 * Target: xv_xenstore_record xv_xenstore_node_body xv_xenstore_2020_record
 */
#include "drive.h"

#define NAMES 2048u

static struct drive_verdict judge(const struct xv_policy *policy, const uint8_t *state, size_t n, size_t piece,
                                  struct xv_summary *sum) {
    static uint8_t memory[1u << 17] __attribute__((aligned(16))), bytes[1u << 18];
    struct xv_arena arena = {bytes, (size_t)xv_policy_arena_bytes(policy)};
    struct drive_verdict v;
    struct xv_parser *p;

    if (xv_parser_size() > sizeof(memory) || arena.size > sizeof(bytes))
        abort();
    memset(bytes, 0, 10 * (NAMES + 1)); /* the rest is never used */
    p = xv_parser_init(memory, policy, arena, (struct xv_observer){NULL, NULL, 0});
    v = drive(p, state, n, piece);
    memcpy(sum, xv_parser_summary(p), sizeof(*sum)); /* padding too */
    return v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct xv_policy policy, tight;
    struct xv_summary sum, other;
    struct drive_verdict first, again;
    size_t n;

    if (size < 10)
        return 0;
    n = size - 2;
    xv_policy_strict(&policy);
    policy.formats = XV_FORMATS_XENSTORE;
    policy.max_guest_pages = 1;
    policy.max_xenstore_names = NAMES;
    policy.tolerate = (data[0] & 0x7fu) * (uint32_t)XV_TOLERATE_XENSTORE_HEAP;
    first = judge(&policy, data + 2, n, 0, &sum);
    again = judge(&policy, data + 2, n, (size_t)1 + data[1], &other);
    if (!drive_same(&first, &again) || memcmp(&sum, &other, sizeof(sum)) != 0)
        abort();
    tight = policy;
    tight.max_xenstore_names -= data[1] & 1 ? NAMES / 2 : 0;
    tight.max_xenstore_nodes = data[1] & 2 ? data[1] >> 2 : tight.max_xenstore_nodes;
    tight.max_xenstore_depth = data[1] & 4 ? data[1] >> 3 : tight.max_xenstore_depth;
    again = judge(&tight, data + 2, n, 0, &other);
    if (again.code == XV_ACCEPTED && (first.code != XV_ACCEPTED || other.xenstore_nodes > tight.max_xenstore_nodes))
        abort();
    again = judge(&policy, data + 2, n - 1, 0, &other);
    if (first.code == XV_ACCEPTED && (!first.at_end || again.code != XV_TRUNCATED || again.offset != n - 1))
        abort();
    return 0;
}
