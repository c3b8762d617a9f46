/* SPDX-License-Identifier: MIT */
#ifndef XENVET_CRC32_H
#define XENVET_CRC32_H

/* The CRC-32 of IEEE 802.3, as zlib's crc32(): polynomial 0x04c11db7, reflected, inverted before and after. */
#include <stdint.h>

#include "cursor.h"

/* The sum of what was summed before, 0 at the start, and the octets left in the window, which stay there. */
uint32_t xv_crc32(uint32_t sum, const struct xv_cursor *octets);

#endif
