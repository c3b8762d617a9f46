/* SPDX-License-Identifier: MIT */
#include "oracles.h"

uint32_t oracle_dice(const uint8_t *data, size_t size) {
    uint32_t dice = 0;

    for (size_t i = 0; i < size; i += i < 8 ? 1 : 61)
        dice = (dice ^ data[i]) * 0x01000193u + (uint32_t)size;
    return dice ^ dice >> 15;
}
