/* SPDX-License-Identifier: MIT */
#include "oracles.h"

#define HEADERS 40u /* image header and domain header of libxc */
#define IMAGE   24u

static uint32_t le32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

void oracle_whole_records(const struct fuzz_case *c, const struct fuzz_gate *first) {
    size_t at = HEADERS;

    (void)c;
    if (first->n == 0 || first->n == IMAGE || first->n == 8)
        return;
    while (first->n - at >= 8 && at <= first->n) {
        uint64_t body = ((uint64_t)le32(first->out + at + 4) + 7) & ~(uint64_t)7;

        if (body > first->n - at - 8)
            oracle_fails("whole records", first, NULL);
        at += 8 + (size_t)body;
    }
    if (at != first->n)
        oracle_fails("whole records, rest", first, NULL);
}
