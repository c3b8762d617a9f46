/* SPDX-License-Identifier: MIT */
#include "mutator.h"

static uint64_t state = 1;

void mut_seed(uint64_t seed) {
    state = seed * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du;
    if (!state)
        state = 1;
}

uint64_t mut_random(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x2545f4914f6cdd1du;
}

size_t mut_below(size_t n) {
    return n ? (size_t)((mut_random() >> 11) % n) : 0;
}

uint64_t mut_number(void) {
    static const uint64_t edges[] = {
        0,          1,          2,          7,           8,          16,         63,         64,         127,
        128,        255,        256,        511,         512,        1023,       1024,       4095,       4096,
        7168,       8192,       0x7fff,     0x8000,      0xffff,     0x10000,    0xf0000,    0x100000,   0x7fffffff,
        0x80000000, 0xfffffff8, 0xffffffff, 0x100000000, 1ull << 40, 1ull << 52, 1ull << 60, 1ull << 63, UINT64_MAX};
    uint64_t v;

    switch (mut_below(6)) {
    case 0:
        return (uint64_t)1 << mut_below(64);
    case 1:
        return mut_below(32);
    case 2:
        return mut_random() >> mut_below(64);
    default:
        v = edges[mut_below(sizeof(edges) / sizeof(edges[0]))];
        return v + mut_below(3) - 1;
    }
}
