/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "worker_memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input.h"

#define RECORD_FRAME     16u                         /* header and padding */
#define PAGE_DATA_MOST   (8u + 1024u * (8u + 4096u)) /* (libxc 9) */
#define DRAFT_P2M_MOST   ((uint64_t)128 << 20)       /* (draft-b 3) */
#define HVM_CONTEXT_MOST (8u << 20)                  /* the bound of the parser's table */

static uint64_t larger(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

/* The largest item: what the gate holds back until it is whole. */
static uint64_t hold_octets(const struct xv_policy *policy) {
    uint64_t most = larger(PAGE_DATA_MOST, HVM_CONTEXT_MOST);

    most = larger(most, 8 + policy->max_guest_pages / 512 * 8 + 8); /* P2M_FRAMES */
    most = larger(most, policy->max_emulator_bytes);
    if (policy->formats & XV_FORMAT_DRAFT_B_STREAM) /* P2M, which has each page */
        most = larger(
            most, 64 + (policy->max_guest_pages < DRAFT_P2M_MOST / 8 ? policy->max_guest_pages * 8 : DRAFT_P2M_MOST));
    most = larger(most, 64 + (uint64_t)policy->max_config_bytes); /* the xl header and its configuration */
    return most + RECORD_FRAME;
}

static size_t aligned(uint64_t n) {
    return (size_t)((n + 4095u) & ~(uint64_t)4095u);
}

/* The monitor's copy, which nobody can change any more. */
static const uint8_t *map_seal(uint64_t size) {
    int fd = xv_ipc_receive_descriptor(XV_WORKER_CONTROL);
    struct stat st;
    void *map = MAP_FAILED;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0 && size > 0 && (uint64_t)st.st_size == size)
        map = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, fd, 0);
    (void)close(fd);
    return map == MAP_FAILED ? NULL : map;
}

/* Parts of one mapping, one behind the other, each at a page. */
struct parts {
    uint8_t *base; /* NULL: only counts */
    size_t used;
};

static uint8_t *part(struct parts *parts, uint64_t octets) {
    uint8_t *at = parts->base != NULL ? parts->base + parts->used : NULL;

    parts->used += aligned(octets);
    return at;
}

static void lay_out_conversion(struct xv_worker_memory *memory, const struct xv_policy *policy, struct parts *parts) {
    memory->frames_max = (uint32_t)(policy->max_guest_pages / 512 + 1);
    memory->convert = (struct xv_convert *)(void *)part(parts, sizeof(struct xv_convert));
    memory->vet_parser = part(parts, xv_parser_size());
    memory->vet_arena = part(parts, memory->arena_size);
    memory->again_parser = part(parts, xv_parser_size());
    memory->again_arena = part(parts, memory->arena_size);
    memory->made = part(parts, memory->hold_size);
    memory->frames =
        (struct xv_convert_frame *)(void *)part(parts, memory->frames_max * sizeof(struct xv_convert_frame));
    memory->slots = (uint32_t *)(void *)part(parts, 2 * sizeof(uint32_t) * (uint64_t)memory->frames_max);
}

static void lay_out(struct xv_worker_memory *memory, const struct xv_hello *hello, struct parts *parts) {
    bool gate = hello->mode == XV_MODE_GATE;

    memory->arena_size = (size_t)xv_policy_arena_bytes(&hello->policy);
    memory->hold_size = gate ? (size_t)hold_octets(&hello->policy) : 0;
    memory->config_size = gate ? 64 + (size_t)hello->policy.max_config_bytes : 0;
    memory->parser = part(parts, xv_parser_size());
    memory->buffer = part(parts, XV_INPUT_BUFFER);
    memory->arena = part(parts, memory->arena_size);
    memory->hold = part(parts, memory->hold_size);
    memory->config = part(parts, memory->config_size);
    if (hello->convert)
        lay_out_conversion(memory, &hello->policy, parts);
}

bool xv_worker_map(struct xv_worker_memory *memory, const struct xv_hello *hello) {
    struct parts parts = {NULL, 0};

    memset(memory, 0, sizeof *memory);
    if (!xv_policy_valid(&hello->policy) || xv_policy_arena_bytes(&hello->policy) > SIZE_MAX / 16 ||
        hold_octets(&hello->policy) > SIZE_MAX / 16) {
        errno = EINVAL;
        return false;
    }
    memory->seal = hello->seal == XV_SEAL_COMPARE ? map_seal(hello->seal_size) : NULL;
    if (hello->seal == XV_SEAL_COMPARE && memory->seal == NULL)
        return false;
    lay_out(memory, hello, &parts);
    parts.base = mmap(NULL, parts.used, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (parts.base == MAP_FAILED)
        return false;
    parts.used = 0;
    lay_out(memory, hello, &parts);
    return true;
}
