/* SPDX-License-Identifier: MIT */
#include "legacy.h"

#include "legacy_rules.h"
#include "p2m.h"
#include "pv_context.h"
#include "pv_info.h"
#include "state.h"

#define P2M_SIZE_MAX 0x10000000u /* pfns of page batches have 28 bits (legacy 3) */
#define ALL_ONES     0xffffffffu
#define CHUNK_IDS    21u   /* -21 .. -1 */
#define INFO_MAX     8192u /* of extended information: three blocks, the largest of 5168 octets */
#define PIECE_OCTETS 8192u /* of lists: a multiple of both word sizes */

/* Blocks of extended information, their names as little-endian numbers. */
#define BLOCK_VCPU 0x75706376u /* "vcpu" */
#define BLOCK_EXTV 0x76747865u /* "extv" */
#define BLOCK_XCNT 0x746e6378u /* "xcnt" */

static const char layer_name[XV_TEXT] = "legacy";

bool xv_legacy_looks(uint32_t first, uint32_t second) {
    bool chunk = (second >= 1 && second <= XV_MAX_PAGE_COUNT) || second > ALL_ONES - CHUNK_IDS;

    return first >= 1 && first <= P2M_SIZE_MAX && (second == 0 || chunk); /* all ones, the marker, is chunk -1 too */
}

uint32_t xv_legacy_word_size(const struct xv_parser *p) {
    return p->legacy.wide ? 8 : 4;
}

bool xv_legacy_word(const struct xv_parser *p, struct xv_cursor *c, uint64_t *out) {
    uint32_t narrow = 0;
    bool there;

    if (p->legacy.wide)
        return xv_get_u64(c, out);
    there = xv_get_u32(c, &narrow);
    *out = narrow;
    return there;
}

static void await(struct xv_parser *p, enum xv_await await, enum xv_legacy_state state, uint32_t octets) {
    p->await = await;
    p->legacy.state = state;
    p->legacy.want = octets;
}

void xv_legacy_want(struct xv_parser *p, enum xv_legacy_state state, uint32_t octets) {
    await(p, XV_AWAIT_LEGACY_PIECE, state, octets);
}

void xv_legacy_item(struct xv_parser *p, enum xv_legacy_state state, uint32_t octets) {
    p->rec.name = NULL;
    await(p, XV_AWAIT_LEGACY_ITEM, state, octets);
}

bool xv_legacy_record(struct xv_parser *p, enum xv_legacy_item type, uint32_t length) {
    return xv_record_begin(p, (uint32_t)type, length, xv_legacy_item_name((uint32_t)type), p->legacy.at,
                           XV_RECORDS_LEGACY);
}

/* What the guest is, as its first word after the p2m size tells, against configuration and policy. */
static bool begin_guest(struct xv_parser *p, bool hvm, uint64_t at) {
    uint64_t last = p->legacy.p2m_size - 1;
    const char *type = p->sum.config_type;

    p->libxc.hvm = hvm;
    p->libxc.state = XV_S_MEMORY;
    if (p->config.present && (hvm ? type[0] != 'h' : type[0] != 'p' || type[2] == 'h'))
        return xv_reject_value(p, XV_CONFIG_GUEST_TYPE, at, hvm ? 2 : 1);
    if (!(p->policy.guests & (hvm ? (uint32_t)XV_GUEST_HVM : (uint32_t)(XV_GUEST_PV64 | XV_GUEST_PV32))))
        return xv_reject_value(p, XV_DOMAIN_REFUSED, at, hvm ? 2 : 1);
    if (!xv_memory_init(p, hvm, at))
        return false;
    if (last > p->memory.limit_pfn)
        return xv_reject_range(p, XV_P2M_LIMIT, p->legacy.at, last + 1, 1, p->memory.limit_pfn + 1);
    if (hvm) {
        p->sum.guest = XV_GUEST_HVM;
        p->memory.limit_pfn = last; /* the policy's allows for the hole, which p2m_size counts */
    } else {
        p->sum.max_pfn = last;
    }
    return true;
}

static bool begin_pv(struct xv_parser *p, uint64_t at) {
    if (!begin_guest(p, false, at) || !xv_legacy_record(p, XV_LEGACY_EXTENDED_INFO, 0))
        return false;
    xv_legacy_want(p, XV_LG_INFO_LENGTH, 4);
    return true;
}

static bool begin_hvm(struct xv_parser *p, uint32_t id, uint64_t at) {
    return begin_guest(p, true, at) && xv_legacy_chunk_id(p, id);
}

bool xv_legacy_begin(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t size = 0, second = 0;

    (void)xv_get_u32(c, &size);
    (void)xv_get_u32(c, &second);
    if (!xv_legacy_looks(size, second)) /* (legacy 2, 8) */
        return xv_reject_range(p, XV_LEGACY_P2M_SIZE, at, (uint64_t)second << 32 | size, 1, P2M_SIZE_MAX);
    if (p->xenopsd.legacy && second == 0) /* (xenopsd 4) */
        return xv_reject(p, XV_XENOPSD_WIDE, at + 4);
    p->legacy.p2m_size = size;
    p->legacy.at = at;
    p->legacy.wide = second == 0;
    p->sum.legacy = true;
    p->sum.legacy_wide = p->legacy.wide;
    xv_tell(p, XV_FACT_LAYER, at, 0, xv_legacy_word_size(p), 0, layer_name);
    if (second == ALL_ONES)
        return begin_pv(p, at + 4);
    if (second != 0)
        return begin_hvm(p, second, at + 4);
    xv_legacy_want(p, XV_LG_MARKER, 4);
    return true;
}

static bool marker(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t word = 0;

    (void)xv_get_u32(c, &word);
    if (word != ALL_ONES)
        return begin_hvm(p, word, at);
    xv_legacy_want(p, XV_LG_MARKER_REST, 4);
    return true;
}

static bool marker_rest(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t word = 0;

    (void)xv_get_u32(c, &word);
    if (word != ALL_ONES)
        return xv_reject_range(p, XV_LEGACY_MARKER, at, word, ALL_ONES, ALL_ONES);
    return begin_pv(p, at);
}

/* Octets of the blocks that follow (legacy 2). */
static bool info_length(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);

    (void)xv_get_u32(c, &p->legacy.info_left);
    if (p->legacy.info_left < 8 || p->legacy.info_left > INFO_MAX)
        return xv_reject_range(p, XV_LEGACY_INFO_LENGTH, at, p->legacy.info_left, 8, INFO_MAX);
    xv_legacy_want(p, XV_LG_INFO_HEAD, 8);
    return true;
}

/* The block's bit, if it is known and of its size, else 0. */
static uint32_t known_block(uint32_t name, uint32_t size) {
    if (name == BLOCK_VCPU)
        return size == xv_context_size(8) || size == xv_context_size(4) ? XV_LEGACY_HAS_VCPU : 0;
    if (name == BLOCK_EXTV)
        return size == 0 ? XV_LEGACY_HAS_EXTV : 0;
    return name == BLOCK_XCNT && size == 4 ? XV_LEGACY_HAS_XCNT : 0;
}

/* Octets of the next piece of the list of frames. */
static uint32_t frames_piece(const struct xv_parser *p) {
    uint64_t octets = p->legacy.left * xv_legacy_word_size(p);

    return octets < PIECE_OCTETS ? (uint32_t)octets : PIECE_OCTETS;
}

/* All of extended information is there: the list of p2m frames follows (legacy 2). */
static bool info_done(struct xv_parser *p, uint64_t at) {
    uint32_t per_frame = p->pv.width == 4 ? 1024 : 512;

    if (p->legacy.info_left >= 8) {
        xv_legacy_want(p, XV_LG_INFO_HEAD, 8);
        return true;
    }
    if (p->legacy.info_left)
        return xv_reject_range(p, XV_LEGACY_INFO_LENGTH, at, p->legacy.info_left, 0, 0);
    if (!(p->legacy.info_seen & XV_LEGACY_HAS_VCPU))
        return xv_reject(p, XV_LEGACY_INFO, at);
    p->legacy.left = (p->legacy.p2m_size - 1) / per_frame + 1;
    p->pv.p2m = true;
    xv_legacy_item(p, XV_LG_FRAMES, frames_piece(p));
    return true;
}

static bool info_head(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t name = 0, size = 0, bit;

    (void)xv_get_u32(c, &name);
    (void)xv_get_u32(c, &size);
    bit = known_block(name, size);
    if (bit == 0 || (p->legacy.info_seen & bit) || (p->legacy.info_seen == 0 && bit != XV_LEGACY_HAS_VCPU))
        return xv_reject_value(p, XV_LEGACY_INFO, at, name);
    if (size > p->legacy.info_left - 8 || p->legacy.info_left < 8)
        return xv_reject_range(p, XV_LEGACY_INFO_LENGTH, at + 4, size, 0, p->legacy.info_left - 8);
    p->legacy.info_left -= 8 + size;
    p->legacy.info_seen |= bit;
    p->legacy.block = bit;
    if (bit == XV_LEGACY_HAS_VCPU &&
        !xv_pv_info_take(p, size == xv_context_size(8) ? 8 : 4, size == xv_context_size(8) ? 4 : 3, at))
        return false;
    if (size == 0)
        return info_done(p, xv_at(c));
    xv_legacy_want(p, XV_LG_INFO_BLOCK, size);
    return true;
}

/* Only the size of "vcpu" matters. "xcnt" counts a head of 16 octets, and is 0 where there is no such state. */
static bool info_block(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    size_t n = xv_left(c);

    if (p->legacy.block == XV_LEGACY_HAS_XCNT) {
        (void)xv_get_u32(c, &p->legacy.xsave);
        if (p->legacy.xsave != 0 && p->legacy.xsave < 32)
            return xv_reject_range(p, XV_LEGACY_INFO, at, p->legacy.xsave, 32, UINT32_MAX);
    }
    return info_done(p, at + n);
}

static bool frames(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c), pfn = 0;

    if (p->pv.p2m_next == 0 &&
        !xv_legacy_record(p, XV_LEGACY_FRAMES, (uint32_t)(p->legacy.left * xv_legacy_word_size(p) & UINT32_MAX)))
        return false;
    while (p->legacy.left && xv_legacy_word(p, c, &pfn)) {
        if (!xv_p2m_frame(p, p->pv.p2m_next, pfn, at))
            return false;
        p->pv.p2m_next++;
        p->legacy.left--;
        at = xv_at(c);
    }
    if (p->legacy.left) {
        xv_legacy_want(p, XV_LG_FRAMES, frames_piece(p));
        return true;
    }
    p->pv.p2m_frames = p->pv.p2m_next;
    xv_legacy_item(p, XV_LG_CHUNK, 4);
    return true;
}

bool xv_legacy_piece(struct xv_parser *p, struct xv_cursor *c) {
    static xv_legacy_reader *const readers[XV_LG_STATES] = {
        [XV_LG_START] = xv_legacy_begin,
        [XV_LG_MARKER] = marker,
        [XV_LG_MARKER_REST] = marker_rest,
        [XV_LG_INFO_LENGTH] = info_length,
        [XV_LG_INFO_HEAD] = info_head,
        [XV_LG_INFO_BLOCK] = info_block,
        [XV_LG_FRAMES] = frames,
        [XV_LG_CHUNK] = xv_legacy_chunk,
        [XV_LG_CHUNK_BODY] = xv_legacy_chunk_body,
        [XV_LG_ENTRIES] = xv_legacy_entries,
        [XV_LG_VCPU_MAP] = xv_legacy_vcpu_map,
        [XV_LG_TOOLSTACK_HEAD] = xv_legacy_toolstack_head,
        [XV_LG_TOOLSTACK_ENTRY] = xv_legacy_toolstack_entry,
        [XV_LG_TOOLSTACK_NAME] = xv_legacy_toolstack_name,
        [XV_LG_UNMAPPED_COUNT] = xv_legacy_unmapped_count,
        [XV_LG_UNMAPPED] = xv_legacy_unmapped,
        [XV_LG_CONTEXT] = xv_legacy_context,
        [XV_LG_EXTENDED] = xv_legacy_extended,
        [XV_LG_XSAVE] = xv_legacy_xsave,
        [XV_LG_SHARED_INFO] = xv_legacy_shared_info,
        [XV_LG_MAGIC] = xv_legacy_magic,
        [XV_LG_CONTEXT_LENGTH] = xv_legacy_context_length,
        [XV_LG_SIGNATURE] = xv_legacy_signature,
        [XV_LG_SIGNATURE_REST] = xv_legacy_signature_rest,
        [XV_LG_SIGNATURE_LINE] = xv_legacy_signature_line,
        [XV_LG_EMULATOR_LENGTH] = xv_legacy_emulator_length,
        [XV_LG_EMULATOR_HEAD] = xv_legacy_emulator_head,
    };

    if (p->await == XV_AWAIT_LEGACY_ITEM && p->legacy.state != XV_LG_START)
        p->legacy.at = xv_at(c);
    return p->legacy.state < XV_LG_STATES ? readers[p->legacy.state](p, c) : xv_reject(p, XV_MISUSE, xv_at(c));
}
