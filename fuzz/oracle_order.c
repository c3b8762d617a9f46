/* SPDX-License-Identifier: MIT */
/*
 * The order of libxc records as the specification gives it (libxc 5.3), stated as properties of the whole list and not
 * as a state machine. For plain streams: a checkpoint begins anew, and has the parser's tests.
 */
#include "oracles.h"
#include "order.h"

#define HEADERS 40u
#define RECORDS 4096u

static uint32_t le32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

void oracle_order(const struct fuzz_case *c, const struct fuzz_gate *first) {
    static uint8_t types[RECORDS];
    size_t n = 0;

    (void)c;
    if (first->code != XV_ACCEPTED || first->sum.checkpointed || first->n < HEADERS)
        return;
    for (size_t at = HEADERS; at + 8 <= first->n; at += 8 + ((size_t)(le32(first->out + at + 4) + 7) & ~(size_t)7)) {
        if (n == RECORDS || first->out[at + 3] & 0x80)
            return;
        types[n++] = first->out[at];
    }
    if (order_fault(types, n, first->out[24] == 2, first->out[15]))
        oracle_fails("order", first, NULL);
}
