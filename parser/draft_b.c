/* SPDX-License-Identifier: MIT */
#include "draft_b.h"

#include "crc32.h"
#include "draft_b_rules.h"
#include "pv_complete.h"
#include "state.h"

#define OPTION_BIG_ENDIAN 1u /* of the image header */
#define OPTION_CHECKSUM   1u /* of a record header */

static const char layer_name[XV_TEXT] = "draft-b";
static const char unknown_name[XV_TEXT] = "unknown";

bool xv_draft_b_header(struct xv_parser *p, uint16_t options, uint16_t reserved16, uint32_t reserved32, uint64_t at) {
    if (p->sum.format != XV_FORMAT_LIBXC || !(p->policy.formats & XV_FORMAT_DRAFT_B_STREAM))
        return xv_reject_range(p, XV_FORMAT_DRAFT_B, at - 4, 1, 2, 3);
    if (options & ~OPTION_BIG_ENDIAN) /* (draft-b 1) */
        return xv_reject_range(p, XV_DRAFT_OPTIONS, at, options, 0, OPTION_BIG_ENDIAN);
    if (reserved16)
        return xv_reject_range(p, XV_DRAFT_RESERVED, at + 2, reserved16, 0, 0);
    if (reserved32)
        return xv_reject_range(p, XV_DRAFT_RESERVED, at + 4, reserved32, 0, 0);
    p->big_endian = options & OPTION_BIG_ENDIAN;
    p->sum.format = XV_FORMAT_DRAFT_B_STREAM;
    p->sum.image_version = 1;
    p->libxc.version = 1;
    xv_tell(p, XV_FACT_LAYER, at - 16, 1, p->big_endian, 0, layer_name);
    p->await = XV_AWAIT_DRAFT_DOMAIN;
    return true;
}

/* Eight octets, in the byte order of the image as all that follow (draft-b 2). */
bool xv_draft_b_domain_header(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint16_t arch = 0, type = 0, shift = 0, reserved = 0;

    (void)xv_field_u16(p, c, &arch);
    (void)xv_field_u16(p, c, &type);
    (void)xv_field_u16(p, c, &shift);
    (void)xv_field_u16(p, c, &reserved);
    if (arch != 1)
        return xv_reject_range(p, XV_DRAFT_DOMAIN_TYPE, at, arch, 1, 1);
    if (type != 1)
        return xv_reject_range(p, XV_DRAFT_DOMAIN_TYPE, at + 2, type, 1, 1);
    if (shift != 12)
        return xv_reject_range(p, XV_DRAFT_PAGE_SHIFT, at + 4, shift, 12, 12);
    if (reserved)
        return xv_reject_range(p, XV_DRAFT_DOMAIN_RESERVED, at + 6, reserved, 0, 0);
    if (!(p->policy.guests & (XV_GUEST_PV64 | XV_GUEST_PV32)))
        return xv_reject_value(p, XV_DOMAIN_REFUSED, at, type);
    p->libxc.hvm = false;
    p->libxc.state = XV_S_MEMORY;
    p->draft_b.last = XV_DRAFT_START;
    p->await = XV_AWAIT_DRAFT_RECORD;
    return xv_memory_init(p, false, at);
}

/* Options and reserved octets of a record header (draft-b 3). */
static bool check_options(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint16_t options = 0, reserved16 = 0;
    uint32_t reserved32 = 0;

    (void)xv_field_u16(p, c, &options);
    (void)xv_field_u16(p, c, &reserved16);
    (void)xv_field_u32(p, c, &reserved32);
    if (options & ~OPTION_CHECKSUM)
        return xv_reject_range(p, XV_DRAFT_RECORD_OPTIONS, at, options, 0, OPTION_CHECKSUM);
    if (reserved16)
        return xv_reject_range(p, XV_DRAFT_RECORD_RESERVED, at + 2, reserved16, 0, 0);
    if (reserved32)
        return xv_reject_range(p, XV_DRAFT_RECORD_RESERVED, at + 4, reserved32, 0, 0);
    p->draft_b.summed = options & OPTION_CHECKSUM;
    if (!p->draft_b.summed && !xv_tolerates(p, XV_TOLERATE_UNSUMMED, at))
        return xv_reject_range(p, XV_DRAFT_UNSUMMED, at, options, OPTION_CHECKSUM, OPTION_CHECKSUM);
    return true;
}

/* The draft has no optional records: any other order is an error (draft-b 5). */
static bool check_rule(struct xv_parser *p, const struct xv_draft_b_rule *rule, uint64_t at) {
    uint32_t length = p->rec.length;

    if (!(rule->after & p->draft_b.last))
        return xv_reject_value(p, XV_DRAFT_RECORD_ORDER, at, p->rec.type);
    if (length < rule->min || length > rule->max || (length - rule->min) % rule->step)
        return xv_reject_range(p, XV_DRAFT_RECORD_LENGTH, at + 4, length, rule->min, rule->max);
    return true;
}

bool xv_draft_b_record(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t type = 0, length = 0;
    const struct xv_draft_b_rule *rule;

    (void)xv_field_u32(p, c, &type);
    (void)xv_field_u32(p, c, &length);
    rule = xv_draft_b_rule(type);
    if (!xv_record_begin(p, type, length, rule ? rule->name : unknown_name, at, XV_RECORDS_DRAFT_B))
        return false;
    if (!rule) /* (draft-b 5) */
        return xv_reject_value(p, XV_DRAFT_RECORD_UNKNOWN, at, type);
    if (!check_rule(p, rule, at) || !check_options(p, c))
        return false;
    p->draft_b.last = XV_DRAFT_BIT(type & 7u);
    p->draft_b.sum = 0;
    p->rec.summed = p->draft_b.summed;
    p->await = XV_AWAIT_DRAFT_BODY;
    xv_want_bytes(p, rule->first);
    return length || xv_draft_b_body_done(p);
}

xv_body *xv_draft_b_body(uint32_t type) {
    const struct xv_draft_b_rule *rule = xv_draft_b_rule(type);

    return rule ? rule->body : NULL;
}

void xv_draft_b_add(struct xv_parser *p, const struct xv_cursor *octets) {
    p->draft_b.sum = xv_crc32(p->draft_b.sum, octets);
}

bool xv_draft_b_body_done(struct xv_parser *p) {
    p->await = XV_AWAIT_DRAFT_FOOTER;
    return true;
}

/* END: memory and state are said to be complete. The draft has no list of p2m frames, so none are checked. */
static bool finish(struct xv_parser *p) {
    if (!xv_pv_complete(p, p->rec.offset))
        return false;
    p->rec.name = NULL;
    p->await = XV_AWAIT_END;
    return true;
}

/* The checksum of body and padding, which is 0 where it is not valid (draft-b 3). */
bool xv_draft_b_footer(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t sum = 0, reserved = 0, want = p->draft_b.summed ? p->draft_b.sum : 0;

    (void)xv_field_u32(p, c, &sum);
    (void)xv_field_u32(p, c, &reserved);
    if (sum != want)
        return xv_reject_range(p, p->draft_b.summed ? XV_DRAFT_CHECKSUM : XV_DRAFT_UNSUMMED_VALUE, at, sum, want, want);
    if (reserved)
        return xv_reject_range(p, XV_DRAFT_RECORD_RESERVED, at + 4, reserved, 0, 0);
    if (p->rec.type == XV_DREC_END)
        return finish(p);
    p->await = XV_AWAIT_DRAFT_RECORD;
    return true;
}
