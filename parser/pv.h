/* SPDX-License-Identifier: MIT */
#ifndef XENVET_PV_H
#define XENVET_PV_H

/* State of a PV guest: X86_PV_INFO, the p2m, vCPUs, and what completion needs. */
#include <stdint.h>

#include "record.h"

struct xv_pv {
    uint32_t width;  /* 4 or 8; 0 before X86_PV_INFO */
    uint32_t levels; /* 3 or 4 */
};

#endif
