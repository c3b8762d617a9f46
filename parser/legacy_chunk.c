/* SPDX-License-Identifier: MIT */
/* The chunks between the head and the tail: page batches, and what the table of legacy_rules.c lists (legacy 3). */
#include "hvm_params.h"
#include "legacy.h"
#include "legacy_rules.h"
#include "page_data.h"
#include "state.h"
#include "tsc.h"

#define FILLER      0xf0000000u /* a page that the saver could not map: XTAB of pfn 0 (legacy 3) */
#define PFN_MASK    0x0fffffffu
#define PAGE_OCTETS 4096u

static bool end_of_chunks(struct xv_parser *p) {
    if (p->sum.page_entries == 0)
        return xv_reject_value(p, XV_LEGACY_CHUNK_ORDER, p->legacy.at, 0);
    xv_legacy_tail(p);
    return true;
}

/* A page batch: `count` words, then the contents. */
static bool page_batch(struct xv_parser *p, uint32_t count) {
    p->rec = (struct xv_record){
        .type = XV_LEGACY_PAGES, .offset = p->legacy.at, .name = xv_legacy_item_name(XV_LEGACY_PAGES)};
    if (!xv_record_count(p, p->legacy.at))
        return false;
    if (count > XV_MAX_PAGE_COUNT)
        return xv_reject_range(p, XV_LEGACY_BATCH, p->legacy.at, count, 1, XV_MAX_PAGE_COUNT);
    if (p->legacy.tail)
        return xv_reject_value(p, XV_LEGACY_CHUNK_ORDER, p->legacy.at, count);
    p->legacy.entries = count;
    xv_page_begin(p, count);
    xv_legacy_want(p, XV_LG_ENTRIES, count * xv_legacy_word_size(p));
    return true;
}

/* The saver goes on to send all pages once more, to be compared (libxc 6). */
static bool verify(struct xv_parser *p) {
    if (!xv_allows(p, XV_ALLOW_VERIFY))
        return xv_reject(p, XV_VERIFY_REFUSED, p->legacy.at);
    if (!xv_memory_verify_begin(p, p->legacy.at))
        return false;
    p->sum.verify = true;
    p->libxc.state = XV_S_VERIFY;
    return true;
}

static bool check_rule(struct xv_parser *p, uint32_t n, const struct xv_legacy_rule *rule) {
    if (rule->refuse != XV_ACCEPTED)
        return xv_reject_value(p, rule->refuse, p->legacy.at, n);
    if (!(rule->guests & (p->libxc.hvm ? 2 : 1)))
        return xv_reject_value(p, XV_LEGACY_CHUNK_GUEST, p->legacy.at, n);
    if (rule->once && (p->legacy.seen >> (n & 31u) & 1))
        return xv_reject_value(p, XV_LEGACY_CHUNK_REPEATED, p->legacy.at, n);
    if (rule->in_memory && p->legacy.tail && n != XV_LEGACY_LAST_CHECKPOINT)
        return xv_reject_value(p, XV_LEGACY_CHUNK_ORDER, p->legacy.at, n);
    p->legacy.seen |= (uint32_t)1 << (n & 31u);
    p->legacy.tail = p->legacy.tail || !rule->in_memory;
    return true;
}

/* A chunk's id: a count of pages, or minus the number of a row of the table. */
bool xv_legacy_chunk_id(struct xv_parser *p, uint32_t id) {
    uint32_t n = 0u - id;
    const struct xv_legacy_rule *rule = xv_legacy_rule(n);

    if (id != 0 && id <= INT32_MAX)
        return page_batch(p, id);
    if (!xv_record_begin(p, n, rule ? rule->octets : 0, xv_legacy_item_name(n), p->legacy.at, XV_RECORDS_LEGACY))
        return false;
    if (!rule)
        return xv_reject_value(p, XV_LEGACY_CHUNK_UNKNOWN, p->legacy.at, id);
    if (!check_rule(p, n, rule) || (n == XV_LEGACY_VERIFY && !verify(p)))
        return false;
    if (n == XV_LEGACY_END_OF_CHUNKS)
        return end_of_chunks(p);
    p->legacy.last = p->legacy.last || n == XV_LEGACY_LAST_CHECKPOINT;
    if (rule->octets)
        xv_legacy_want(p, XV_LG_CHUNK_BODY, rule->octets);
    else
        xv_legacy_item(p, XV_LG_CHUNK, 4);
    return true;
}

bool xv_legacy_chunk(struct xv_parser *p, struct xv_cursor *c) {
    uint32_t id = 0;

    (void)xv_get_u32(c, &id);
    return xv_legacy_chunk_id(p, id);
}

/* max_id; then the map of vCPUs that are online. */
static bool vcpu_info(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);

    (void)xv_get_u32(c, &p->legacy.max_id);
    if (p->legacy.max_id >= XV_LEGACY_VCPUS_MAX)
        return xv_reject_range(p, XV_LEGACY_VCPU_MAP, at, p->legacy.max_id, 0, XV_LEGACY_VCPUS_MAX - 1);
    xv_legacy_want(p, XV_LG_VCPU_MAP, 8 * (p->legacy.max_id / 64 + 1));
    return true;
}

/* vCPU 0 is online, and no vCPU beyond max_id is (legacy 8). */
bool xv_legacy_vcpu_map(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t last = p->legacy.max_id;
    uint8_t octet = 0;

    for (uint32_t i = 0; i < XV_LEGACY_VCPUS_MAX / 8 && xv_get_u8(c, &octet); i++) {
        uint32_t valid = i < last / 8 ? 0xffu : i == last / 8 ? (2u << last % 8) - 1 : 0;

        if ((octet & ~valid) || (i == 0 && !(octet & 1)))
            return xv_reject_value(p, XV_LEGACY_VCPU_MAP, at + i, octet);
        p->legacy.online[i] = octet;
    }
    xv_legacy_item(p, XV_LG_CHUNK, 4);
    return true;
}

/* 20 octets, unpadded, in another order than X86_TSC_INFO (legacy 3). */
static bool tsc_info(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    struct xv_tsc tsc = {0, 0, 0, 0};

    (void)xv_get_u32(c, &tsc.mode);
    (void)xv_get_u64(c, &tsc.nsec);
    (void)xv_get_u32(c, &tsc.khz);
    if (!xv_tsc_take(p, &tsc, at, at + 12))
        return false;
    xv_legacy_item(p, XV_LG_CHUNK, 4);
    return true;
}

static bool hvm_param(struct xv_parser *p, struct xv_cursor *c, uint32_t index) {
    uint64_t at = xv_at(c), value = 0;

    (void)xv_skip(c, 4);
    (void)xv_get_u64(c, &value);
    if (!xv_hvm_param(p, index, value, p->legacy.at, at + 4))
        return false;
    xv_legacy_item(p, XV_LG_CHUNK, 4);
    return true;
}

bool xv_legacy_chunk_body(struct xv_parser *p, struct xv_cursor *c) {
    const struct xv_legacy_rule *rule = xv_legacy_rule(p->rec.type);
    uint64_t at = xv_at(c);
    uint32_t length = 0;

    if (rule && rule->param)
        return hvm_param(p, c, rule->param);
    switch (p->rec.type) {
    case XV_LEGACY_VCPU_INFO_CHUNK:
        return vcpu_info(p, c);
    case XV_LEGACY_TSC_INFO:
        return tsc_info(p, c);
    default: /* TOOLSTACK */
        (void)xv_get_u32(c, &length);
        return xv_legacy_toolstack(p, length, at);
    }
}

/* An entry as PAGE_DATA has it: pfn below, type above (legacy 7). */
static bool entry(struct xv_parser *p, uint64_t word, uint64_t at) {
    if (word > UINT32_MAX)
        return xv_reject_range(p, XV_LEGACY_ENTRY, at, word, 0, UINT32_MAX);
    if (word == FILLER)
        return true;
    return xv_page_take(p, (word & ~(uint64_t)PFN_MASK) << 32 | (word & PFN_MASK), at);
}

bool xv_legacy_entries(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c), word = 0;
    uint32_t octets = p->legacy.entries * xv_legacy_word_size(p);

    while (xv_legacy_word(p, c, &word)) {
        if (!entry(p, word, at))
            return false;
        at = xv_at(c);
    }
    p->rec.left = p->memory.data_count <= XV_MAX_PAGE_COUNT ? p->memory.data_count * PAGE_OCTETS : 0;
    xv_tell(p, XV_FACT_RECORD, p->legacy.at, p->rec.type, (uint64_t)octets + p->rec.left, XV_RECORDS_LEGACY,
            p->rec.name);
    if (p->rec.left == 0) {
        xv_legacy_item(p, XV_LG_CHUNK, 4);
        return true;
    }
    p->rec.length = p->rec.left;
    p->await = XV_AWAIT_LEGACY_BODY;
    return xv_page_contents(p);
}
