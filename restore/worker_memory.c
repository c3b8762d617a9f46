/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "worker_memory.h"

#include <errno.h>
#include <sys/mman.h>

#include "input.h"

#define RECORD_FRAME     16u                         /* header and padding */
#define PAGE_DATA_MOST   (8u + 1024u * (8u + 4096u)) /* (libxc 9) */
#define HVM_CONTEXT_MOST (8u << 20)                  /* the bound of the parser's table */

static uint64_t larger(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

/* The largest item: what the gate holds back until it is whole. */
static uint64_t hold_octets(const struct xv_policy *policy) {
    uint64_t most = larger(PAGE_DATA_MOST, HVM_CONTEXT_MOST);

    most = larger(most, 8 + policy->max_guest_pages / 512 * 8 + 8); /* P2M_FRAMES */
    most = larger(most, policy->max_emulator_bytes);
    most = larger(most, 64 + (uint64_t)policy->max_config_bytes); /* the xl header and its configuration */
    return most + RECORD_FRAME;
}

static size_t aligned(uint64_t n) {
    return (size_t)((n + 4095u) & ~(uint64_t)4095u);
}

bool xv_worker_map(struct xv_worker_memory *memory, const struct xv_hello *hello) {
    uint64_t arena = xv_policy_arena_bytes(&hello->policy);
    uint64_t hold = hello->mode == XV_MODE_GATE ? hold_octets(&hello->policy) : 0;
    uint64_t config = hello->mode == XV_MODE_GATE ? 64 + (uint64_t)hello->policy.max_config_bytes : 0;
    size_t parser = aligned(xv_parser_size()), buffer = aligned(XV_INPUT_BUFFER);
    uint8_t *map;

    if (!xv_policy_valid(&hello->policy) || arena > SIZE_MAX / 4 || hold > SIZE_MAX / 4) {
        errno = EINVAL;
        return false;
    }
    map = mmap(NULL, parser + buffer + aligned(arena) + aligned(hold) + aligned(config), PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED)
        return false;
    memory->parser = map;
    memory->buffer = map + parser;
    memory->arena = memory->buffer + buffer;
    memory->arena_size = (size_t)arena;
    memory->hold = memory->arena + aligned(arena);
    memory->hold_size = (size_t)hold;
    memory->config = memory->hold + aligned(hold);
    memory->config_size = (size_t)config;
    return true;
}
