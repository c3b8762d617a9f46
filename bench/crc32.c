/* SPDX-License-Identifier: MIT */
/* Processor time of the parser's CRC-32 and of libdeflate's, page by page over 4 MiB; the best of several rounds. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <libdeflate.h>

#include "crc32.h"

#define OCTETS (4u << 20)
#define PAGE   4096u
#define ROUNDS 15
#define TIMES  20

static uint8_t octets[OCTETS];

static double now(void) {
    struct timespec t = {0, 0};

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint32_t ours(uint32_t sum, const uint8_t *page) {
    struct xv_cursor c = xv_cursor_over(page, PAGE, 0);

    return xv_crc32(sum, &c);
}

static uint32_t theirs(uint32_t sum, const uint8_t *page) {
    return libdeflate_crc32(sum, page, PAGE);
}

/* GB/s of the fastest round. */
static double speed(uint32_t (*sum_of)(uint32_t sum, const uint8_t *page), uint32_t *sum) {
    double best = 1e9;

    for (int round = 0; round < ROUNDS; round++) {
        double start = now(), took;

        *sum = 0;
        for (int i = 0; i < TIMES; i++) {
            for (size_t at = 0; at < OCTETS; at += PAGE)
                *sum = sum_of(*sum, octets + at);
        }
        took = now() - start;
        best = took < best ? took : best;
    }
    return (double)OCTETS * TIMES / best / 1e9;
}

int main(void) {
    uint32_t sum, other;
    double xenvet, libdeflate;

    for (size_t i = 0; i < OCTETS; i++)
        octets[i] = (uint8_t)(i * 2654435761u >> 13);
    xenvet = speed(ours, &sum);
    libdeflate = speed(theirs, &other);
    printf("CRC-32 of draft B, pages of 4 KiB: xenvet %.2f GB/s, libdeflate %.2f GB/s, ratio %.2f\n", xenvet,
           libdeflate, xenvet / libdeflate);
    return sum == other ? 0 : 1;
}
