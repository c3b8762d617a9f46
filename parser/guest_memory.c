/* SPDX-License-Identifier: MIT */
#include "guest_memory.h"

#include "state.h"

/* Pages that the configuration declares, rounded up, with the slack that the policy grants it. */
static uint64_t config_pages(const struct xv_parser *p) {
    uint64_t kib = p->sum.config_max_memkb;

    return kib / 4 + (kib % 4 != 0) + p->policy.config_slack_pages;
}

bool xv_memory_init(struct xv_parser *p, bool hvm, uint64_t at) {
    struct xv_memory *m = &p->memory;
    uint64_t pages = p->policy.max_guest_pages;

    if (pages < 1 || pages > XV_MAX_GUEST_PAGES)
        return xv_reject_range(p, XV_POLICY_INVALID, at, pages, 1, XV_MAX_GUEST_PAGES);
    m->p2m_at = pages / 2 + pages % 2;
    m->start_info_at = m->p2m_at + XV_P2M_CELL * (pages / XV_P2M_PAGES + (pages % XV_P2M_PAGES != 0));
    m->limit_pages = pages;
    m->by_config = p->config.present && p->sum.config_max_memkb != 0 && config_pages(p) < pages;
    if (m->by_config)
        m->limit_pages = config_pages(p);
    if (hvm)
        m->limit_pfn = pages + XV_HOLE_PAGES - 1;
    else
        m->limit_pfn = m->limit_pages ? m->limit_pages - 1 : 0;
    return true;
}

uint32_t xv_arena_get_u32(const struct xv_parser *p, uint64_t at) {
    uint32_t value = 0;

    for (unsigned i = 4; i > 0; i--)
        value = value << 8 | xv_byte_get(p->arena.bytes, p->arena.size, at + i - 1);
    return value;
}

void xv_arena_put_u32(struct xv_parser *p, uint64_t at, uint32_t value) {
    for (unsigned i = 0; i < 4; i++)
        xv_byte_put(p->arena.bytes, p->arena.size, at + i, (uint8_t)(value >> 8 * i & 0xffu));
}

/* Pages of a PV guest lie below max_guest_pages, which p2m.c has checked max_pfn against. */
static uint32_t get_state(const struct xv_parser *p, uint64_t pfn) {
    uint8_t pair;

    if (pfn >= p->policy.max_guest_pages)
        return XV_PAGE_NEVER;
    pair = xv_byte_get(p->arena.bytes, p->arena.size, pfn / 2);
    return pfn % 2 ? pair >> 4 : pair & 15u;
}

static void put_state(struct xv_parser *p, uint64_t pfn, uint32_t state) {
    uint8_t pair;

    if (pfn >= p->policy.max_guest_pages)
        return;
    pair = xv_byte_get(p->arena.bytes, p->arena.size, pfn / 2);
    pair = (uint8_t)(pfn % 2 ? (pair & 15u) | (state & 15u) << 4 : (pair & 0xf0u) | (state & 15u));
    xv_byte_put(p->arena.bytes, p->arena.size, pfn / 2, pair);
}

enum xv_page_state xv_memory_state(const struct xv_parser *p, uint64_t pfn) {
    return (enum xv_page_state)get_state(p, pfn);
}

bool xv_memory_populated(const struct xv_parser *p, uint64_t pfn) {
    if (p->libxc.hvm)
        return pfn <= p->memory.limit_pfn && xv_byte_get(p->arena.bytes, p->arena.size, pfn / 8) >> pfn % 8 & 1;
    return get_state(p, pfn) >= XV_PAGE_REFERENCED;
}

bool xv_memory_is_notab(const struct xv_parser *p, uint64_t pfn) {
    uint32_t state = get_state(p, pfn);

    return state == XV_PAGE_NOTAB || state == XV_PAGE_NOTAB_P2M;
}

static uint32_t level_of(uint32_t state) {
    return state >= XV_PAGE_L1 ? (state - XV_PAGE_L1) % 4 + 1 : 0;
}

uint32_t xv_memory_level(const struct xv_parser *p, uint64_t pfn) {
    return level_of(get_state(p, pfn));
}

bool xv_memory_mark_p2m(struct xv_parser *p, uint64_t pfn) {
    if (get_state(p, pfn) != XV_PAGE_NOTAB)
        return false;
    put_state(p, pfn, XV_PAGE_NOTAB_P2M);
    return true;
}

/* One more page that the restorer gives memory to (hazards libxenguest: XALLOC flood; policy max_guest_pages). */
static bool count_page(struct xv_parser *p, uint64_t at) {
    uint64_t limit = p->memory.limit_pages;

    if (p->sum.populated >= limit)
        return xv_reject_range(p, p->memory.by_config ? XV_CONFIG_MEMORY : XV_GUEST_MEMORY, at, p->sum.populated + 1, 0,
                               limit);
    p->sum.populated++;
    return true;
}

bool xv_memory_reference(struct xv_parser *p, uint64_t pfn, uint64_t at) {
    uint32_t state = get_state(p, pfn);

    if (state != XV_PAGE_NEVER && state != XV_PAGE_ABSENT)
        return true;
    if (!count_page(p, at))
        return false;
    p->memory.dangling++;
    put_state(p, pfn, state == XV_PAGE_NEVER ? XV_PAGE_REFERENCED : XV_PAGE_ABSENT_REFERENCED);
    return true;
}

static bool is_absent(uint32_t type) {
    return type == XV_TYPE_XTAB || type == XV_TYPE_BROKEN;
}

/* What a page is after an entry of this type. */
static uint32_t next_state(uint32_t state, uint32_t type) {
    switch (type) {
    case XV_TYPE_NOTAB:
        return state == XV_PAGE_NOTAB_P2M ? XV_PAGE_NOTAB_P2M : XV_PAGE_NOTAB;
    case XV_TYPE_XALLOC:
        return XV_PAGE_XALLOC;
    case XV_TYPE_XTAB:
    case XV_TYPE_BROKEN:
        if (state == XV_PAGE_NEVER || state == XV_PAGE_ABSENT)
            return XV_PAGE_ABSENT;
        if (state == XV_PAGE_REFERENCED || state == XV_PAGE_ABSENT_REFERENCED)
            return XV_PAGE_ABSENT_REFERENCED;
        return XV_PAGE_ABSENT_POPULATED;
    default:
        if (type & XV_TYPE_PIN)
            return XV_PAGE_PINNED_L1 + ((type - 1) & 3u);
        return XV_PAGE_L1 + ((type - 1) & 3u);
    }
}

/* The VERIFY pass repeats what came before: the reader compares contents instead of loading them (libxc 6). */
static bool check_verify(struct xv_parser *p, uint32_t state, uint32_t type, uint64_t at) {
    uint32_t next = next_state(state, type);

    if (is_absent(type))
        return true;
    if (state < XV_PAGE_ABSENT_POPULATED)
        return xv_reject_value(p, XV_VERIFY_PAGE, at, type);
    if (next != state && (level_of(state) == 0 || level_of(next) != level_of(state)))
        return xv_reject_value(p, XV_VERIFY_TYPE, at, type);
    return true;
}

/* Keeps the totals; `state` is what the page was before. */
static bool count_entry(struct xv_parser *p, uint32_t state, uint32_t type, uint64_t at) {
    p->sum.page_entries++;
    p->sum.page_types[type & 15u]++;
    if (!is_absent(type) && type != XV_TYPE_XALLOC)
        p->sum.data_pages++;
    if (state >= XV_PAGE_ABSENT_POPULATED)
        p->sum.resent++;
    if (is_absent(type))
        return true;
    if (state == XV_PAGE_NEVER || state == XV_PAGE_ABSENT)
        return count_page(p, at);
    if (state == XV_PAGE_REFERENCED || state == XV_PAGE_ABSENT_REFERENCED)
        p->memory.dangling -= p->memory.dangling != 0;
    return true;
}

static bool pv_entry(struct xv_parser *p, uint64_t pfn, uint32_t type, uint64_t at) {
    uint32_t state = get_state(p, pfn), next = next_state(state, type);

    /* a checkpoint after the one that proved the p2m: its frames stay what they are (libxc 8.5) */
    if (state == XV_PAGE_NOTAB_P2M && next != XV_PAGE_NOTAB_P2M)
        return xv_reject_value(p, XV_P2M_FRAME_TYPE, at, pfn);
    if (p->libxc.state == XV_S_VERIFY) {
        if (!check_verify(p, state, type, at))
            return false;
    } else if (!count_entry(p, state, type, at)) {
        return false;
    }
    put_state(p, pfn, next);
    return true;
}

static bool hvm_entry(struct xv_parser *p, uint64_t pfn, uint32_t type, uint64_t at) {
    bool populated = xv_memory_populated(p, pfn);
    uint8_t octet = xv_byte_get(p->arena.bytes, p->arena.size, pfn / 8);

    if (pfn > p->sum.max_pfn)
        p->sum.max_pfn = pfn;
    if (p->libxc.state == XV_S_VERIFY) {
        if (!populated && !is_absent(type))
            return xv_reject_value(p, XV_VERIFY_PAGE, at, type);
        return true;
    }
    if (!count_entry(p, populated ? XV_PAGE_NOTAB : XV_PAGE_NEVER, type, at))
        return false;
    if (!is_absent(type))
        xv_byte_put(p->arena.bytes, p->arena.size, pfn / 8, (uint8_t)(octet | 1u << pfn % 8));
    return true;
}

bool xv_memory_entry(struct xv_parser *p, uint64_t pfn, uint32_t type, uint64_t at) {
    if (xv_wants_fact(p, XV_FACT_PAGE))
        xv_tell(p, XV_FACT_PAGE, at, pfn, type, xv_memory_populated(p, pfn), NULL);
    return p->libxc.hvm ? hvm_entry(p, pfn, type, at) : pv_entry(p, pfn, type, at);
}

bool xv_memory_round(struct xv_parser *p, uint64_t first_pfn, uint64_t at) {
    struct xv_memory *m = &p->memory;

    if (m->rounds != 0 && first_pfn > m->last_pfn)
        return true;
    if (m->rounds >= p->policy.max_rounds) /* no progress (hazards libxenguest: endless repeated records) */
        return xv_reject_range(p, XV_PAGE_ROUNDS, at, (uint64_t)m->rounds + 1, 0, p->policy.max_rounds);
    p->sum.rounds = ++m->rounds;
    return true;
}

void xv_memory_checkpoint(struct xv_parser *p) {
    p->memory.rounds = 0;
}

bool xv_memory_verify_begin(struct xv_parser *p, uint64_t at) {
    if (p->sum.data_pages == 0) /* (libxc 6, hazards libxenguest) */
        return xv_reject(p, XV_VERIFY_EMPTY, at);
    return true;
}
