/* SPDX-License-Identifier: MIT */
#include "page_data.h"

#include "page_table.h"
#include "start_info.h"
#include "state.h"

#define PAGE_OCTETS 4096u
#define PFN_MASK    (((uint64_t)1 << 52) - 1)

/* rec.phase */
enum { HEADER, ENTRIES, CONTENTS, TABLE, HEAD, REST };

static bool has_data(uint32_t type) {
    return type < XV_TYPE_BROKEN;
}

void xv_page_begin(struct xv_parser *p, uint32_t count) {
    p->memory.count = count;
    p->memory.next = 0;
    p->memory.data_count = 0;
    p->memory.data_next = 0;
}

/* count and reserved (libxc 4.1). */
static bool header(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t count = 0, reserved = 0;

    if (!xv_field_u32(p, c, &count) || !xv_field_u32(p, c, &reserved))
        return xv_reject_range(p, XV_RECORD_LENGTH, at, p->rec.length, 8, UINT32_MAX);
    if (count < 1 || count > XV_MAX_PAGE_COUNT)
        return xv_reject_range(p, XV_PAGE_COUNT, at, count, 1, XV_MAX_PAGE_COUNT);
    if (reserved)
        return xv_reject_range(p, XV_PAGE_RESERVED, at + 4, reserved, 0, 0);
    if ((uint64_t)p->rec.length - 8 < 8 * (uint64_t)count)
        return xv_reject_range(p, XV_PAGE_LENGTH, p->rec.offset + 4, p->rec.length, 8 + 8 * (uint64_t)count,
                               8 + (8 + PAGE_OCTETS) * (uint64_t)count);
    xv_page_begin(p, count);
    return true;
}

/* Types that the guest has (libxc 4.1, blobs 3). */
static bool check_type(struct xv_parser *p, uint32_t type, uint64_t at) {
    bool table = (type >= XV_TYPE_L1 && type <= XV_TYPE_L4) ||
                 (type >= (XV_TYPE_PIN | XV_TYPE_L1) && type <= (XV_TYPE_PIN | XV_TYPE_L4));

    if (!table && type != XV_TYPE_NOTAB && type < XV_TYPE_BROKEN)
        return xv_reject_value(p, XV_PAGE_TYPE, at, type);
    if (table && p->libxc.hvm)
        return xv_reject_value(p, XV_PAGE_TYPE_HVM, at, type);
    if (table && (type & 7u) > p->pv.levels)
        return xv_reject_range(p, XV_PTE_LEVEL, at, type & 7u, 1, p->pv.levels);
    return true;
}

/* One pfn entry (libxc 4.1). */
static bool check_entry(struct xv_parser *p, uint64_t entry, uint64_t at) {
    uint64_t pfn = entry & PFN_MASK, last = p->libxc.hvm ? p->memory.limit_pfn : p->sum.max_pfn;

    if (entry >> 52 & 0xffu)
        return xv_reject_value(p, XV_PAGE_PFN_BITS, at, entry);
    if (!check_type(p, (uint32_t)(entry >> 60), at))
        return false;
    if (pfn > last)
        return xv_reject_range(p, XV_PAGE_PFN_RANGE, at, pfn, 0, last);
    return true;
}

/* Asks for the contents of the next page; those of an HVM guest are its own business altogether. */
bool xv_page_contents(struct xv_parser *p) {
    uint32_t i = p->memory.data_next;
    uint32_t type = i < XV_MAX_PAGE_COUNT ? (uint32_t)(p->memory.data[i] >> 60) : 0;

    if (p->libxc.hvm) {
        p->rec.phase = CONTENTS;
        xv_want_opaque(p, p->rec.left);
    } else if (type != XV_TYPE_NOTAB) {
        p->rec.phase = TABLE;
        xv_want_bytes(p, PAGE_OCTETS);
    } else if (p->libxc.state == XV_S_VERIFY) { /* compared, not loaded: a start_info keeps what was loaded */
        p->rec.phase = REST;
        xv_want_opaque(p, PAGE_OCTETS);
    } else {
        p->rec.phase = HEAD;
        xv_want_bytes(p, XV_START_INFO_HEAD);
    }
    return true;
}

/* One more entry: ascending, as every saver writes them, so none appears twice (libxc 4.1). */
bool xv_page_take(struct xv_parser *p, uint64_t entry, uint64_t at) {
    uint64_t pfn = entry & PFN_MASK, previous = p->memory.last_pfn;
    uint32_t type = (uint32_t)(entry >> 60), n = p->memory.data_count;
    bool first = p->memory.next == 0;

    if (!check_entry(p, entry, at))
        return false;
    if (!first && pfn <= previous)
        return xv_reject_range(p, XV_PAGE_DUPLICATE, at, pfn, previous + 1, PFN_MASK);
    if (first && !xv_memory_round(p, pfn, at))
        return false;
    p->memory.last_pfn = pfn;
    if (!xv_memory_entry(p, pfn, type, at))
        return false;
    if (has_data(type) && n < XV_MAX_PAGE_COUNT) {
        p->memory.data[n] = entry;
        p->memory.data_count = n + 1;
    }
    p->memory.next++;
    return true;
}

/* Eight entries at a time, as long as there are so many: of a guest of gigabytes these are what takes time. */
static bool blocks(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t words[XV_BLOCK_WORDS] = {0}, at = xv_at(c);

    while (!p->big_endian && p->memory.next < p->memory.count && p->memory.count - p->memory.next >= XV_BLOCK_WORDS &&
           xv_get_block(c, words)) {
        for (uint32_t i = 0; i < XV_BLOCK_WORDS; i++) {
            if (!xv_page_take(p, words[i], at + 8 * (uint64_t)i))
                return false;
        }
        at = xv_at(c);
    }
    return true;
}

/* The entries that are there; the contents follow the last one. */
static bool entries(struct xv_parser *p, struct xv_cursor *c) {
    uint32_t count = p->memory.count;
    uint64_t entry = 0, at;

    p->rec.phase = ENTRIES;
    if (!blocks(p, c))
        return false;
    at = xv_at(c);
    while (p->memory.next < count && xv_field_u64(p, c, &entry)) {
        if (!xv_page_take(p, entry, at))
            return false;
        at = xv_at(c);
    }
    if (p->memory.next < count) {
        xv_want_bytes(p, 8 * ((uint64_t)count - p->memory.next));
        return true;
    }
    if (p->rec.left != (uint64_t)p->memory.data_count * PAGE_OCTETS) {
        uint64_t want = 8 + 8 * (uint64_t)count + PAGE_OCTETS * (uint64_t)p->memory.data_count;

        return xv_reject_range(p, XV_PAGE_LENGTH, p->rec.offset + 4, p->rec.length, want, want);
    }
    return p->memory.data_count == 0 || xv_page_contents(p);
}

/* Done with one page of a PV guest. */
static bool next_page(struct xv_parser *p) {
    if (p->rec.left == 0)
        return true;
    if (p->memory.data_next < XV_MAX_PAGE_COUNT)
        p->memory.data_next++;
    return xv_page_contents(p);
}

bool xv_page_data_body(struct xv_parser *p, struct xv_cursor *c) {
    uint32_t i = p->memory.data_next;
    uint64_t entry = i < XV_MAX_PAGE_COUNT ? p->memory.data[i] : 0;

    switch (p->rec.phase) {
    case HEADER:
        return header(p, c) && entries(p, c);
    case ENTRIES:
        return entries(p, c);
    case TABLE:
        return xv_page_table(p, c, (uint32_t)(entry >> 60) & 7u) && next_page(p);
    case HEAD:
        xv_start_info_look(p, c, entry & PFN_MASK);
        p->rec.phase = REST;
        xv_want_opaque(p, PAGE_OCTETS - XV_START_INFO_HEAD);
        return true;
    case REST:
        return next_page(p);
    default: /* CONTENTS */
        return true;
    }
}
