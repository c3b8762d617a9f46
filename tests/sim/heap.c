/* SPDX-License-Identifier: MIT */
/* The toolstack's heap: counted, capped, and failing on demand.  Linked with --wrap=malloc,calloc,realloc,free. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *p);

static struct sim_heap heap;
static size_t cap;
static uint64_t fail_in;

void sim_heap_start(size_t limit) {
    memset(&heap, 0, sizeof(heap));
    cap = limit;
    fail_in = 0;
}

void sim_heap_get(struct sim_heap *out) {
    *out = heap;
}
void sim_heap_fail(uint64_t n) {
    fail_in = n;
}

static bool denied(size_t size) {
    heap.allocations++;
    if (size > heap.largest)
        heap.largest = size;
    if ((fail_in && --fail_in == 0) || (cap && heap.now + size > cap)) {
        errno = ENOMEM;
        return true;
    }
    return false;
}

static void *taken(void *p) {
    if (p) {
        heap.now += malloc_usable_size(p);
        if (heap.now > heap.peak)
            heap.peak = heap.now;
    }
    return p;
}

/*
 * A known upstream defect, on every restore of a 32-bit PV guest: xc_vcpu_setcontext() copies sizeof(any context),
 * 5168 octets, from libxenguest's copy of the 2800-octet one.  The room is given, so that AddressSanitizer stays
 * useful for everything else.
 */
static size_t pv32_room(size_t size) {
    return size == 2800 ? 5168 : size;
}

void *__wrap_malloc(size_t size) {
    return denied(size) ? NULL : taken(__real_malloc(pv32_room(size)));
}

void *__wrap_calloc(size_t n, size_t size) {
    size_t all;

    if (__builtin_mul_overflow(n, size, &all))
        all = SIZE_MAX;
    return denied(all) ? NULL : taken(__real_calloc(n, size));
}

void *__wrap_realloc(void *old, size_t size) {
    size_t before = old ? malloc_usable_size(old) : 0;
    void *p;

    if (denied(size > before ? size - before : 0))
        return NULL;
    p = __real_realloc(old, size);
    if (p || !size)
        heap.now -= before;
    return taken(p);
}

void __wrap_free(void *p) {
    if (p)
        heap.now -= malloc_usable_size(p);
    __real_free(p);
}
