/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "memory_map.h"

#include <stdbool.h>
#include <sys/mman.h>

#define HOLE_PAGES ((uint64_t)1 << 20) /* HVM pfns reach past the guest's size by the hole below 4 GiB */
#define RESENT     8u

bool xv_memory_map_begin(struct xv_memory_map *map, uint64_t max_guest_pages) {
    void *memory;
    map->pages = max_guest_pages + HOLE_PAGES;
    map->size = (size_t)(map->pages / 2 + 1);
    map->end = 0;
    map->outside = 0;
    memory = mmap(NULL, map->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    map->nibbles = memory == MAP_FAILED ? NULL : memory;
    return map->nibbles != NULL;
}

void xv_memory_map_end(struct xv_memory_map *map) {
    if (map->nibbles != NULL)
        (void)munmap(map->nibbles, map->size);
    map->nibbles = NULL;
}

static enum xv_page_kind kind_of(uint64_t type) {
    if (type == 0)
        return XV_PAGE_DATA;
    if (type == 13)
        return XV_PAGE_BROKEN;
    if (type == 14)
        return XV_PAGE_ALLOCATED;
    return type == 15 ? XV_PAGE_HOLE : XV_PAGE_TABLE;
}

static unsigned get(const struct xv_memory_map *map, uint64_t pfn) {
    unsigned byte = map->nibbles[pfn / 2];
    return (pfn & 1u) != 0 ? byte >> 4 : byte & 15u;
}

void xv_memory_map_note(struct xv_memory_map *map, uint64_t pfn, uint64_t type) {
    unsigned value = (unsigned)kind_of(type);
    unsigned before;
    uint8_t *byte;
    if (pfn >= map->pages) {
        map->outside++;
        return;
    }
    before = get(map, pfn) & 7u;
    if (before != XV_PAGE_ABSENT && before != XV_PAGE_HOLE)
        value |= RESENT;
    byte = &map->nibbles[pfn / 2];
    if ((pfn & 1u) != 0)
        *byte = (uint8_t)((*byte & 0x0fu) | value << 4);
    else
        *byte = (uint8_t)((*byte & 0xf0u) | value);
    if (pfn >= map->end)
        map->end = pfn + 1;
}

bool xv_memory_map_next(const struct xv_memory_map *map, uint64_t from, struct xv_page_range *range) {
    uint64_t pfn = from;
    unsigned value;
    while (pfn < map->end && get(map, pfn) == XV_PAGE_ABSENT)
        pfn++;
    if (pfn >= map->end)
        return false;
    value = get(map, pfn);
    range->first = pfn;
    range->kind = (enum xv_page_kind)(value & 7u);
    range->resent = (value & RESENT) != 0;
    while (pfn + 1 < map->end && get(map, pfn + 1) == value)
        pfn++;
    range->last = pfn;
    return true;
}

const char *xv_page_kind_name(enum xv_page_kind kind) {
    switch (kind) {
    case XV_PAGE_DATA:
        return "data";
    case XV_PAGE_TABLE:
        return "page-tables";
    case XV_PAGE_ALLOCATED:
        return "allocated";
    case XV_PAGE_HOLE:
        return "hole";
    case XV_PAGE_BROKEN:
        return "broken";
    default:
        return "absent";
    }
}
