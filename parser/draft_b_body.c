/* SPDX-License-Identifier: MIT */
#include "draft_b_body.h"

#include "pv_info.h"
#include "pv_vcpu.h"
#include "state.h"

#define MFN_MAX     (((uint64_t)1 << 40) - 1) /* addresses have 52 bits */
#define MFN_INVALID UINT64_MAX

/* rec.phase of P2M */
enum { RANGE, ENTRIES };

bool xv_draft_b_pv_info_body(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint8_t width = 0, levels = 0, options = 0;

    (void)xv_get_u8(c, &width);
    (void)xv_get_u8(c, &levels);
    (void)xv_get_u8(c, &options);
    if (!xv_pv_info_take(p, width, levels, at))
        return false;
    if (options > (width == 4)) /* pae_extended_cr3, which 64-bit guests have no use for */
        return xv_reject_range(p, XV_DRAFT_PV_OPTIONS, at + 2, options, 0, width == 4);
    return xv_rest_is_zero(c) || xv_reject(p, XV_PV_INFO_RESERVED, at + 3);
}

/* The ranges lie end to end from pfn 0 on, so every pfn has one entry. */
static bool p2m_range(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c), begin = 0, end = 0, limit = p->memory.limit_pfn + 1;

    (void)xv_field_u64(p, c, &begin);
    (void)xv_field_u64(p, c, &end);
    if (begin != p->draft_b.p2m_end)
        return xv_reject_range(p, XV_DRAFT_P2M_RANGE, at, begin, p->draft_b.p2m_end, p->draft_b.p2m_end);
    if (end > limit)
        return xv_reject_range(p, XV_DRAFT_P2M_LIMIT, at + 8, end, begin + 1, limit);
    if (end <= begin)
        return xv_reject_range(p, XV_DRAFT_P2M_RANGE, at + 8, end, begin + 1, limit);
    if (p->rec.left != 8 * (end - begin))
        return xv_reject_range(p, XV_DRAFT_RECORD_LENGTH, p->rec.offset + 4, p->rec.length, 16 + 8 * (end - begin),
                               16 + 8 * (end - begin));
    p->draft_b.p2m_end = end;
    p->sum.max_pfn = end - 1;
    p->rec.phase = ENTRIES;
    xv_want_bytes(p, p->rec.left);
    return true;
}

bool xv_draft_b_p2m_body(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c), mfn = 0;

    if (p->rec.phase == RANGE)
        return p2m_range(p, c);
    while (xv_field_u64(p, c, &mfn)) {
        if (mfn > MFN_MAX && mfn != MFN_INVALID)
            return xv_reject_range(p, XV_DRAFT_P2M_ENTRY, at, mfn, 0, MFN_MAX);
        at = xv_at(c);
    }
    xv_want_bytes(p, p->rec.left);
    return true;
}

bool xv_draft_b_vcpu_info_body(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t id = 0, reserved = 0, most = p->policy.max_vcpus < XV_MAX_VCPUS_PV ? p->policy.max_vcpus : XV_MAX_VCPUS_PV;

    (void)xv_field_u32(p, c, &id);
    (void)xv_field_u32(p, c, &reserved);
    if (id >= most)
        return xv_reject_range(p, XV_DRAFT_VCPU_INFO, at, id, 0, most ? most - 1 : 0);
    if (reserved)
        return xv_reject_range(p, XV_VCPU_RESERVED, at + 4, reserved, 0, 0);
    p->draft_b.max_vcpu_id = id;
    return true;
}

/* That of versions 2 and 3, with a bound of its own for the id. */
bool xv_draft_b_vcpu_context_body(struct xv_parser *p, struct xv_cursor *c) {
    struct xv_cursor head = *c;
    uint32_t id = 0;

    if (p->rec.phase == 0 && xv_field_u32(p, &head, &id) && id > p->draft_b.max_vcpu_id)
        return xv_reject_range(p, XV_VCPU_ID, xv_at(c), id, 0, p->draft_b.max_vcpu_id);
    return xv_vcpu_basic_body(p, c);
}
