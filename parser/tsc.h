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

/* X86_TSC_INFO (libxc 4.6, blobs 8). */
xv_body xv_tsc_body;

#endif
