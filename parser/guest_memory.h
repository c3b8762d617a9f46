/* SPDX-License-Identifier: MIT */
#ifndef XENVET_GUEST_MEMORY_H
#define XENVET_GUEST_MEMORY_H

/*
 * What is known of each guest page, kept in the arena. Layout, in octets, for L = policy.max_guest_pages:
 *
 *   PV    ceil(L / 2)        four bits a page: enum xv_page_state
 *         4 * ceil(L / 512)  the p2m frames in order (p2m.h)
 *         65536              pages that look like start_info (start_info.h)
 *   HVM   ceil((L + 2^20) / 8)  one bit a page: populated; 2^20 pages make room for the hole below 4 GiB
 *
 * Zeroed memory is the right start; nothing is touched before a page needs it. "Populated" means what the restorer of
 * libxenguest gives memory to: pages with contents, XALLOC pages, and pages that a present page-table entry points to
 * (libxc 8.7).
 */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/policy.h>

#include "record.h"

#define XV_HOLE_PAGES \
    ((uint64_t)1 << 20) /* below 4 GiB: device memory, and pages that the toolstack puts at its end \
                         */

/* A p2m list has a frame for this many pages at least (libxc 4.3), which takes this many octets of the arena. */
#define XV_P2M_PAGES 512u
#define XV_P2M_CELL  4u

/* A PV page's four bits. From XV_PAGE_REFERENCED on it is populated, from XV_PAGE_ABSENT_POPULATED on it was sent. */
enum xv_page_state {
    XV_PAGE_NEVER = 0,         /* not heard of */
    XV_PAGE_ABSENT,            /* XTAB or BROKEN, and nothing else before */
    XV_PAGE_REFERENCED,        /* never sent; a page table points to it */
    XV_PAGE_ABSENT_REFERENCED, /* the same, XTAB or BROKEN */
    XV_PAGE_ABSENT_POPULATED,  /* XTAB or BROKEN now, after contents: the restorer keeps these */
    XV_PAGE_XALLOC,
    XV_PAGE_NOTAB,
    XV_PAGE_NOTAB_P2M,                  /* NOTAB, and found to be a p2m frame by a completion check */
    XV_PAGE_L1,                         /* L1 .. L4 */
    XV_PAGE_PINNED_L1 = XV_PAGE_L1 + 4, /* pinned L1 .. L4: 12 .. 15 */
};

/* Page types of the stream (libxc 4.1). */
#define XV_TYPE_NOTAB  0x0u
#define XV_TYPE_L1     0x1u
#define XV_TYPE_L4     0x4u
#define XV_TYPE_PIN    0x8u
#define XV_TYPE_BROKEN 0xdu
#define XV_TYPE_XALLOC 0xeu
#define XV_TYPE_XTAB   0xfu

struct xv_memory {
    uint64_t limit_pages; /* populated pages allowed: the policy's limit, lowered by the configuration */
    uint64_t limit_pfn;   /* largest pfn allowed; for PV P2M_FRAMES tells the real one, sum.max_pfn */
    bool by_config;       /* limit_pages is the configuration's */
    uint64_t p2m_at;      /* where the parts of a PV arena begin */
    uint64_t start_info_at;
    uint64_t dangling; /* pages that page tables point to and that were never sent */
    uint32_t rounds;   /* passes over memory in this checkpoint */
    uint64_t last_pfn; /* of the last PAGE_DATA record */

    /* the PAGE_DATA record being read */
    uint32_t count;                   /* its entries */
    uint32_t next;                    /* those that were read */
    uint32_t data_count;              /* those of them with contents */
    uint32_t data_next;               /* index in data[] of the page whose contents are being read */
    uint64_t data[XV_MAX_PAGE_COUNT]; /* entries with contents, as in the record */
};

/* At the domain header: limits from the policy and, if there is one, the configuration. */
bool xv_memory_init(struct xv_parser *p, bool hvm, uint64_t at);

/* What is known of a PV page; XV_PAGE_NEVER beyond the allowed ones. */
enum xv_page_state xv_memory_state(const struct xv_parser *p, uint64_t pfn);

/* True if the restorer has memory for the page. */
bool xv_memory_populated(const struct xv_parser *p, uint64_t pfn);

/* True for an ordinary page with contents: what rings, p2m frames, GDT frames and start_info must be (PV only). */
bool xv_memory_is_notab(const struct xv_parser *p, uint64_t pfn);

/* The page-table level of a PV page, 1..4, or 0 for any other. */
uint32_t xv_memory_level(const struct xv_parser *p, uint64_t pfn);

/* Marks an XV_PAGE_NOTAB page as a p2m frame; false if it is marked already or is no such page. */
bool xv_memory_mark_p2m(struct xv_parser *p, uint64_t pfn);

/* An entry of PAGE_DATA; pfn and type were checked. `at` is the entry's offset. */
bool xv_memory_entry(struct xv_parser *p, uint64_t pfn, uint32_t type, uint64_t at);

/* A present page-table entry points to this page; pfn <= max_pfn was checked. `at` is the entry's offset. */
bool xv_memory_reference(struct xv_parser *p, uint64_t pfn, uint64_t at);

/* A PAGE_DATA record begins with this pfn: counts rounds over memory. */
bool xv_memory_round(struct xv_parser *p, uint64_t first_pfn, uint64_t at);

/* A new checkpoint: rounds are counted anew, pages stay. */
void xv_memory_checkpoint(struct xv_parser *p);

/* The VERIFY record: pages must have come before. */
bool xv_memory_verify_begin(struct xv_parser *p, uint64_t at);

/* 32-bit cells of the arena, for p2m.c and start_info.c: zero and no effect outside it. */
uint32_t xv_arena_get_u32(const struct xv_parser *p, uint64_t at);
void xv_arena_put_u32(struct xv_parser *p, uint64_t at, uint32_t value);

#endif
