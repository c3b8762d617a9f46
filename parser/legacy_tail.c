/* SPDX-License-Identifier: MIT */
/* What follows the chunks: vCPUs and shared info of a PV guest, special pages and context of an HVM guest (legacy 4,
 * 5). */
#include "hvm_context.h"
#include "hvm_params.h"
#include "legacy.h"
#include "legacy_rules.h"
#include "page_data.h"
#include "pv_complete.h"
#include "pv_context.h"
#include "pv_vcpu.h"
#include "state.h"
#include "xsave.h"

#define PIECE_OCTETS    8192u
#define EXTENDED_OCTETS 128u
#define XSAVE_HEADER    16u /* xfeature_mask and size */
#define CONTEXT_MAX     (8u << 20)
#define MAGIC_PFNS      3u

void xv_legacy_tail(struct xv_parser *p) {
    if (p->libxc.hvm)
        xv_legacy_item(p, XV_LG_MAGIC, 8 * MAGIC_PFNS);
    else
        xv_legacy_item(p, XV_LG_UNMAPPED_COUNT, 4);
    if (!(p->legacy.seen & (uint32_t)1 << XV_LEGACY_VCPU_INFO_CHUNK))
        p->legacy.online[0] = 1; /* vCPU 0 alone, as libxenguest takes it (legacy 4) */
}

/* The next vCPU that is online, or the shared info behind the last one. */
static void next_vcpu(struct xv_parser *p) {
    uint32_t vcpu = p->legacy.vcpu;

    while (vcpu < XV_LEGACY_VCPUS_MAX && !(p->legacy.online[vcpu / 8] >> vcpu % 8 & 1))
        vcpu++;
    p->legacy.vcpu = vcpu;
    if (vcpu < XV_LEGACY_VCPUS_MAX)
        xv_legacy_item(p, XV_LG_CONTEXT, xv_context_size(p->pv.width));
    else
        xv_legacy_item(p, XV_LG_SHARED_INFO, 4096);
}

/* The list of unmapped pfns goes by in pieces, each an item: nobody needs it whole, or at all. */
static void next_unmapped(struct xv_parser *p) {
    uint64_t octets = p->legacy.left * xv_legacy_word_size(p);

    if (octets)
        xv_legacy_item(p, XV_LG_UNMAPPED, octets < PIECE_OCTETS ? (uint32_t)octets : PIECE_OCTETS);
    else
        next_vcpu(p);
}

bool xv_legacy_unmapped_count(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t count = 0;

    (void)xv_get_u32(c, &count);
    if (!xv_legacy_record(p, XV_LEGACY_UNMAPPED_PFNS, 4))
        return false;
    if (count > p->legacy.p2m_size)
        return xv_reject_range(p, XV_LEGACY_UNMAPPED, at, count, 0, p->legacy.p2m_size);
    p->legacy.left = count;
    next_unmapped(p);
    return true;
}

bool xv_legacy_unmapped(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c), pfn = 0;

    p->rec.name = xv_legacy_item_name(XV_LEGACY_UNMAPPED_PFNS);
    while (p->legacy.left && xv_legacy_word(p, c, &pfn)) {
        if (pfn >= p->legacy.p2m_size)
            return xv_reject_range(p, XV_LEGACY_UNMAPPED, at, pfn, 0, p->legacy.p2m_size - 1);
        p->legacy.left--;
        at = xv_at(c);
    }
    next_unmapped(p);
    return true;
}

/* One vCPU is an item: its context, and the two other parts if extended information said that they are there. */
bool xv_legacy_context(struct xv_parser *p, struct xv_cursor *c) {
    bool extended = p->legacy.info_seen & XV_LEGACY_HAS_EXTV;
    uint32_t octets = xv_context_size(p->pv.width) + (extended ? EXTENDED_OCTETS : 0) + p->legacy.xsave;

    if (!xv_legacy_record(p, XV_LEGACY_VCPU, octets) ||
        !xv_vcpu_begin(p, XV_VCPU_BASIC, p->legacy.vcpu, p->legacy.at) || !xv_vcpu_context(p, c))
        return false;
    if (extended) {
        xv_legacy_want(p, XV_LG_EXTENDED, EXTENDED_OCTETS);
        return true;
    }
    return xv_legacy_vcpu_done(p);
}

/* Behind the context, or the extended one: the extended registers, or the next vCPU. */
static bool want_xsave(struct xv_parser *p) {
    xv_legacy_want(p, XV_LG_XSAVE, XSAVE_HEADER);
    return true;
}

bool xv_legacy_vcpu_done(struct xv_parser *p) {
    if (p->legacy.state != XV_LG_XSAVE && p->legacy.xsave)
        return want_xsave(p);
    p->legacy.vcpu++;
    next_vcpu(p);
    return true;
}

bool xv_legacy_extended(struct xv_parser *p, struct xv_cursor *c) {
    return xv_vcpu_begin(p, XV_VCPU_EXTENDED, p->legacy.vcpu, xv_at(c)) && xv_vcpu_extended(p, c) &&
           xv_legacy_vcpu_done(p);
}

/* xfeature_mask, which nobody reads, and the size of what follows. */
bool xv_legacy_xsave(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c), mask = 0, size = 0;
    uint32_t want = p->legacy.xsave - XSAVE_HEADER;

    (void)xv_get_u64(c, &mask);
    (void)xv_get_u64(c, &size);
    if (size != want)
        return xv_reject_range(p, XV_LEGACY_XSAVE_LENGTH, at + 8, size, want, want);
    if (want < 16 || want > 16 + XV_XSAVE_MAX || (want > 16 && want < XV_XSAVE_HEAD))
        return xv_reject_range(p, XV_XSAVE_SIZE, at + 8, size, XV_XSAVE_HEAD, 16 + XV_XSAVE_MAX);
    if (!xv_vcpu_begin(p, XV_VCPU_XSAVE, p->legacy.vcpu, at))
        return false;
    p->rec.length = p->rec.left = want;
    p->rec.phase = 0;
    p->await = XV_AWAIT_LEGACY_BODY;
    xv_want_bytes(p, want == 16 ? 16 : XV_XSAVE_HEAD);
    return true;
}

bool xv_legacy_xsave_body(struct xv_parser *p, struct xv_cursor *c) {
    if (p->rec.phase == 0 && !xv_vcpu_xsave(p, c, p->rec.length - 16))
        return false;
    p->rec.phase = 1;
    if (p->rec.left)
        xv_want_opaque(p, p->rec.left);
    return true;
}

/* The last of a PV stream; its contents are the guest's. */
bool xv_legacy_shared_info(struct xv_parser *p, struct xv_cursor *c) {
    if (!xv_legacy_record(p, XV_LEGACY_SHARED_INFO, 4096) || !xv_pv_complete(p, xv_at(c)))
        return false;
    p->await = XV_AWAIT_END;
    return true;
}

/* Three parameters without an index; a saver whose guest lacks one writes 0 (legacy 4). */
bool xv_legacy_magic(struct xv_parser *p, struct xv_cursor *c) {
    static const uint32_t indices[MAGIC_PFNS] = {5, 6, 1}; /* IOREQ_PFN, BUFIOREQ_PFN, STORE_PFN */

    if (!xv_legacy_record(p, XV_LEGACY_MAGIC_PFNS, 8 * MAGIC_PFNS))
        return false;
    for (unsigned i = 0; i < MAGIC_PFNS; i++) {
        uint64_t at = xv_at(c), pfn = 0;

        (void)xv_get_u64(c, &pfn);
        if (pfn && !xv_hvm_param(p, indices[i], pfn, at, at))
            return false;
    }
    xv_legacy_item(p, XV_LG_CONTEXT_LENGTH, 4);
    return true;
}

bool xv_legacy_context_length(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t length = 0;

    (void)xv_get_u32(c, &length);
    if (!xv_legacy_record(p, XV_LEGACY_HVM_CONTEXT, length))
        return false;
    if (length < 8 || length > CONTEXT_MAX)
        return xv_reject_range(p, XV_LEGACY_CONTEXT_SIZE, at, length, 8, CONTEXT_MAX);
    p->await = XV_AWAIT_LEGACY_BODY;
    xv_want_bytes(p, 8);
    return true;
}

xv_body *xv_legacy_body(uint32_t type) {
    switch (type) {
    case XV_LEGACY_PAGES:
        return xv_page_data_body;
    case XV_LEGACY_VCPU:
        return xv_legacy_xsave_body;
    case XV_LEGACY_HVM_CONTEXT:
        return xv_hvm_context_body;
    default: /* XV_LEGACY_EMULATOR_DATA */
        return xv_emulator_context_body;
    }
}

bool xv_legacy_body_done(struct xv_parser *p) {
    switch (p->rec.type) {
    case XV_LEGACY_PAGES:
        xv_legacy_item(p, XV_LG_CHUNK, 4);
        return true;
    case XV_LEGACY_VCPU:
        return xv_legacy_vcpu_done(p);
    case XV_LEGACY_HVM_CONTEXT:
        if (!xv_hvm_params_complete(p, p->legacy.at))
            return false;
        xv_legacy_emulator(p);
        return true;
    default:
        p->rec.name = NULL;
        p->await = XV_AWAIT_END;
        return true;
    }
}
