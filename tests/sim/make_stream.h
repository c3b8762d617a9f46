/* SPDX-License-Identifier: MIT */
/*
 * Builds small libxc v3 streams that break no rule of Xen, for the simulator's tests.  They are made here, octet by
 * octet, and share nothing with what reads them.
 */
#ifndef XENVET_SIM_MAKE_STREAM_H
#define XENVET_SIM_MAKE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    uint8_t *p;
    size_t n, room;
};

enum stream_kind { STREAM_PV64, STREAM_PV32, STREAM_HVM, STREAM_HVM_REMUS };

/* PAGES: how many pages the guest has (PV: at least 16). */
void make_stream(struct bytes *out, enum stream_kind kind, unsigned int pages);
void bytes_free(struct bytes *b);

/* The octet every word of page PFN holds unless it is something else. */
static inline uint8_t page_fill(uint64_t pfn) {
    return (uint8_t)(0x40 + pfn * 7);
}

#endif
