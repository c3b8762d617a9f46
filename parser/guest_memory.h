/* SPDX-License-Identifier: MIT */
#ifndef XENVET_GUEST_MEMORY_H
#define XENVET_GUEST_MEMORY_H

/*
 * What is known of each guest page, kept in the arena: for PV four bits a page (its last type, whether it is populated, whether a
 * page table pointed to it before it came), for HVM one bit a page (populated). Counts distinct populated pages.
 */
#include <stdbool.h>
#include <stdint.h>

struct xv_parser;

struct xv_memory {
    uint64_t limit_pages; /* populated pages allowed: the policy's limit, lowered by the configuration */
    uint64_t limit_pfn;   /* largest pfn allowed */
};

#endif
