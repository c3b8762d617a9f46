/* SPDX-License-Identifier: MIT */
#ifndef XENVET_TSC_H
#define XENVET_TSC_H

#include <stdbool.h>
#include <stdint.h>

#include "record.h"

/* Frequencies that a TSC can have, for sanity; 0 leaves it to the host (blobs 8). */
#define XV_TSC_KHZ_MIN 10000u
#define XV_TSC_KHZ_MAX 100000000u

bool xv_tsc_khz_valid(uint32_t khz);

/* What any format says of the TSC, which begins at `at`; the frequency stands at `khz_at`. */
struct xv_tsc {
    uint32_t mode, khz;
    uint64_t nsec;
    uint32_t reserved; /* the last four of 24 octets, where there are any */
};
bool xv_tsc_take(struct xv_parser *p, const struct xv_tsc *tsc, uint64_t at, uint64_t khz_at);

/* X86_TSC_INFO (libxc 4.6, blobs 8). */
xv_body xv_tsc_body;

#endif
