/* SPDX-License-Identifier: MIT */
#ifndef XENVET_MEMORY_MAP_H
#define XENVET_MEMORY_MAP_H

/*
 * What the stream says about each guest page, four bits a page, for `inspect`. The memory is reserved at the start and
 * only what is touched is ever used: at most four bits for each page that the policy allows, and a little for the holes
 * of HVM.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum xv_page_kind {
    XV_PAGE_ABSENT, /* never named */
    XV_PAGE_DATA,
    XV_PAGE_TABLE,     /* a page table of a PV guest */
    XV_PAGE_ALLOCATED, /* populated without contents */
    XV_PAGE_HOLE,      /* named as not present */
    XV_PAGE_BROKEN,
};

struct xv_memory_map {
    uint8_t *nibbles;
    size_t size;
    uint64_t pages;   /* it covers pfns below this */
    uint64_t end;     /* largest pfn named + 1 */
    uint64_t outside; /* facts about pfns that it does not cover */
};

struct xv_page_range {
    uint64_t first, last;
    enum xv_page_kind kind;
    bool resent; /* each page of the range came more than once */
};

bool xv_memory_map_begin(struct xv_memory_map *map, uint64_t max_guest_pages);
void xv_memory_map_end(struct xv_memory_map *map);

/* One pfn entry of the stream and its page type code. */
void xv_memory_map_note(struct xv_memory_map *map, uint64_t pfn, uint64_t type);

/* The first range of named pages at or after pfn `from`; false if there is none. */
bool xv_memory_map_next(const struct xv_memory_map *map, uint64_t from, struct xv_page_range *range);

const char *xv_page_kind_name(enum xv_page_kind kind);

#endif
