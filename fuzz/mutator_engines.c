/* SPDX-License-Identifier: MIT */
/* The mutator as libFuzzer calls it (linked into a harness) and as AFL++ does (a shared library). */
#include <stdlib.h>
#include <string.h>

#include "mutator.h"
#include "worthwhile.h"

#define AFL_MAX ((size_t)1 << 20)
#define TRIES   12u /* at a mutant that is worth running */

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max) __attribute__((weak));
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint8_t *out, size_t max,
                                 unsigned int seed);
void *afl_custom_init(void *afl, unsigned int seed);
size_t afl_custom_fuzz(void *data, uint8_t *in, size_t n, uint8_t **out, uint8_t *add, size_t add_n, size_t max);
void afl_custom_deinit(void *data);

/* A piece of the input is left to the engine now and then: it has the dictionary and the compared values. */
static bool engine_mutates(uint8_t *data, size_t size, unsigned int seed) {
    size_t n, at;

    if (!LLVMFuzzerMutate || size < 16)
        return false;
    mut_seed(seed);
    if (mut_below(6))
        return false;
    n = 8u << mut_below(6);
    n = n < size ? n : size;
    at = mut_below(2) ? mut_below(size - n + 1) : mut_below((size - n < 2048 ? size - n : 2048) + 1);
    (void)LLVMFuzzerMutate(data + at, n, n);
    return true;
}

static size_t mutate_once(uint8_t *data, size_t size, size_t max, uint64_t seed) {
    return engine_mutates(data, size, (unsigned int)seed) ? size : mut_mutate(data, size, max, seed);
}

/* Until one is worth running, where a harness cares. */
static size_t mutate(uint8_t *data, size_t size, size_t max, uint64_t seed) {
    static uint8_t whole[AFL_MAX];
    size_t n;

    if (!fuzz_worthwhile || size > sizeof(whole))
        return mutate_once(data, size, max, seed);
    memcpy(whole, data, size);
    for (unsigned i = 0;; i++) {
        n = mutate_once(data, size, max, seed + i * 0x10001u);
        if (i == TRIES || fuzz_worthwhile(data, n))
            return n;
        memcpy(data, whole, size);
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed) {
    return mutate(data, size, max, seed);
}

static size_t cross(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint8_t *out, size_t max, uint64_t seed) {
    for (unsigned i = 0;; i++) {
        size_t n = mut_mutate_two(a, na, b, nb, out, max, seed + i * 0x10001u);

        if (i == TRIES || !fuzz_worthwhile || fuzz_worthwhile(out, n))
            return n;
    }
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint8_t *out, size_t max,
                                 unsigned int seed) {
    return cross(a, na, b, nb, out, max, seed);
}

struct afl_state {
    uint64_t seed;
    uint8_t out[AFL_MAX];
};

void *afl_custom_init(void *afl, unsigned int seed) {
    struct afl_state *s = malloc(sizeof(*s));

    (void)afl;
    if (s)
        s->seed = seed;
    return s;
}

size_t afl_custom_fuzz(void *data, uint8_t *in, size_t n, uint8_t **out, uint8_t *add, size_t add_n, size_t max) {
    struct afl_state *s = data;

    max = max < AFL_MAX ? max : AFL_MAX;
    n = n < max ? n : max;
    *out = s->out;
    s->seed++;
    if (add && add_n && s->seed % 8 == 0)
        return cross(in, n, add, add_n, s->out, max, s->seed);
    memcpy(s->out, in, n);
    return mutate(s->out, n, max, s->seed);
}

void afl_custom_deinit(void *data) {
    free(data);
}
