/* SPDX-License-Identifier: MIT */
#include "libxc.h"

#include "compat.h"
#include "libxc_rules.h"
#include "pv_complete.h"
#include "state.h"

/* An unknown optional record that is tolerated is still bounded. */
#define OPTIONAL_MAX 65536u

static const char layer_name[XV_TEXT] = "libxc";
static const char optional_name[XV_TEXT] = "optional";
static const char unknown_name[XV_TEXT] = "unknown";

/* The 16 octets after the marker, big-endian (libxc 1). */
bool xv_libxc_header(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t id = 0, version = 0, reserved = 0;
    uint16_t options = 0, reserved16 = 0;

    p->rec.name = NULL;
    (void)xv_get_u32_be(c, &id);
    (void)xv_get_u32_be(c, &version);
    (void)xv_get_u16_be(c, &options);
    (void)xv_get_u16_be(c, &reserved16);
    (void)xv_get_u32_be(c, &reserved);
    if (id != 0x58454e46)
        return xv_reject_range(p, XV_LIBXC_ID, at, id, 0x58454e46, 0x58454e46);
    if (version == 1)
        return xv_draft_b_header(p, options, reserved16, reserved, at + 8);
    if (version < 2 || version > 3)
        return xv_reject_range(p, XV_LIBXC_VERSION, at + 4, version, 2, 3);
    if (options & 1)
        return xv_reject_range(p, XV_LIBXC_ENDIAN, at + 8, options, 0, 0);
    if (options)
        return xv_reject_range(p, XV_LIBXC_OPTIONS, at + 8, options, 0, 0);
    if (reserved16)
        return xv_reject_range(p, XV_LIBXC_RESERVED, at + 10, reserved16, 0, 0);
    if (reserved)
        return xv_reject_range(p, XV_LIBXC_RESERVED, at + 12, reserved, 0, 0);
    if (p->sum.format == XV_FORMAT_LIBXC &&
        !(p->policy.formats & XV_FORMAT_LIBXC)) /* detect.c let it pass as a draft B stream */
        return xv_reject(p, XV_FORMAT_REFUSED, at - 8);
    p->libxc.version = version;
    p->sum.image_version = version;
    xv_tell(p, XV_FACT_LAYER, at - 8, version, 0, 0, layer_name);
    p->await = XV_AWAIT_DOMAIN_HEADER;
    return true;
}

/* What the guest may be, as far as the domain header and the configuration tell. */
static uint32_t possible_guests(const struct xv_parser *p) {
    if (!p->libxc.hvm)
        return XV_GUEST_PV64 | XV_GUEST_PV32; /* X86_PV_INFO will tell */
    if (!p->config.present)
        return XV_GUEST_HVM | XV_GUEST_PVH; /* the HVM context or the emulator records will tell */
    return p->sum.config_type[0] == 'h' ? XV_GUEST_HVM : XV_GUEST_PVH;
}

static bool check_guest(struct xv_parser *p, uint64_t at) {
    uint32_t guests = possible_guests(p);

    if (p->config.present && p->libxc.hvm != (p->sum.config_type[0] == 'h' || p->sum.config_type[2] == 'h'))
        return xv_reject_value(p, XV_CONFIG_GUEST_TYPE, at, p->libxc.hvm ? 2 : 1);
    if (!(guests & p->policy.guests))
        return xv_reject_value(p, XV_DOMAIN_REFUSED, at, p->libxc.hvm ? 2 : 1);
    if (guests == XV_GUEST_HVM)
        p->sum.guest = XV_GUEST_HVM;
    if (guests == XV_GUEST_PVH)
        p->sum.guest = XV_GUEST_PVH;
    return true;
}

/* The domain header (libxc 2). */
bool xv_libxc_domain_header(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t type = 0;
    uint16_t shift = 0, reserved = 0;

    (void)xv_get_u32(c, &type);
    (void)xv_get_u16(c, &shift);
    (void)xv_get_u16(c, &reserved);
    (void)xv_get_u32(c, &p->sum.xen_major);
    (void)xv_get_u32(c, &p->sum.xen_minor);
    if (type < 1 || type > 2)
        return xv_reject_range(p, XV_DOMAIN_TYPE, at, type, 1, 2);
    if (shift != 12)
        return xv_reject_range(p, XV_DOMAIN_PAGE_SHIFT, at + 4, shift, 12, 12);
    if (reserved)
        return xv_reject_range(p, XV_DOMAIN_RESERVED, at + 6, reserved, 0, 0);
    p->libxc.hvm = type == 2;
    if (!xv_compat_image(p, at + 8) || !check_guest(p, at) || !xv_memory_init(p, p->libxc.hvm, at))
        return false;
    p->libxc.state = XV_S_STATIC;
    p->await = XV_AWAIT_LIBXC_RECORD;
    return true;
}

/* From the second checkpoint on, libxenguest keeps all records of a checkpoint in memory (libxc 7). */
static bool check_checkpoint_budget(struct xv_parser *p, uint64_t at, uint64_t octets) {
    if (p->sum.checkpoints == 0)
        return true;
    if (p->libxc.checkpoint_records == 0)
        p->libxc.checkpoint_start = at;
    p->libxc.checkpoint_records++;
    if (p->libxc.checkpoint_records > p->policy.max_checkpoint_records)
        return xv_reject_range(p, XV_LIMIT_CHECKPOINT, at, p->libxc.checkpoint_records, 0,
                               p->policy.max_checkpoint_records);
    octets += at - p->libxc.checkpoint_start;
    if (octets > p->policy.max_checkpoint_bytes)
        return xv_reject_range(p, XV_LIMIT_CHECKPOINT, at, octets, 0, p->policy.max_checkpoint_bytes);
    return true;
}

/* An unknown record, or one that has a name and no meaning (libxc 3). */
static bool unknown_record(struct xv_parser *p, uint32_t type, uint32_t length, uint64_t at) {
    if (!(type & XV_OPTIONAL))
        return xv_reject_value(p, XV_RECORD_UNKNOWN, at, type);
    if (p->sum.checkpoints || !xv_tolerates(p, XV_TOLERATE_OPTIONAL_RECORD, at)) /* (libxc 7) */
        return xv_reject_value(p, XV_RECORD_OPTIONAL, at, type);
    if (length > OPTIONAL_MAX)
        return xv_reject_range(p, XV_RECORD_LENGTH, at + 4, length, 0, OPTIONAL_MAX);
    xv_want_opaque(p, length);
    return true;
}

/* The lowest type of a set, for a report of what is missing. */
static uint32_t lowest(uint32_t set) {
    uint32_t type = 0;

    while (type < XV_LIBXC_TYPES && !(set & XV_BIT(type)))
        type++;
    return type;
}

static bool check_needs(struct xv_parser *p, const struct xv_libxc_rule *rule, uint64_t at) {
    uint32_t needs = p->libxc.hvm ? rule->needs_hvm : rule->needs_pv;

    if (p->libxc.version == 3 && rule->states != XV_S_STATIC)
        needs |= XV_BIT(XV_REC_STATIC_DATA_END);
    if (needs & ~p->libxc.seen)
        return xv_reject_value(p, XV_RECORD_MISSING, at, lowest(needs & ~p->libxc.seen));
    return true;
}

/* Version 2 has no STATIC_DATA_END: the first record of guest memory ends the static data (libxc 5.2). */
static enum xv_libxc_state effective_state(const struct xv_parser *p, const struct xv_libxc_rule *rule) {
    if (p->libxc.version == 2 && p->libxc.state == XV_S_STATIC && rule->states & XV_S_STATIC_V2)
        return XV_S_MEMORY;
    return p->libxc.state;
}

static bool check_rule(struct xv_parser *p, const struct xv_libxc_rule *rule, uint64_t at) {
    uint32_t type = p->rec.type, length = p->rec.length;

    if (!(rule->guests & (p->libxc.hvm ? 2 : 1)))
        return xv_reject_value(p, rule->guests ? XV_RECORD_GUEST : XV_RECORD_UNKNOWN, at, type);
    if (!(rule->versions & (p->libxc.version == 2 ? 4 : 8)))
        return xv_reject_value(p, XV_RECORD_VERSION, at, type);
    if (rule->often != XV_MANY && type < XV_LIBXC_TYPES && (p->libxc.seen & XV_BIT(type)))
        return xv_reject_value(p, XV_RECORD_REPEATED, at, type);
    if (length < rule->min || length > rule->max || (length - rule->min) % rule->step)
        return xv_reject_range(p, XV_RECORD_LENGTH, at + 4, length, rule->min, rule->max);
    if (!check_needs(p, rule, at))
        return false;
    if (!(rule->states & effective_state(p, rule)))
        return xv_reject_value(p, XV_RECORD_ORDER, at, type);
    return xv_compat_length(p, length, at + 4);
}

/* VERIFY and CHECKPOINT turn the stream into something else; the policy says whether it may. */
static bool check_mode(struct xv_parser *p, uint64_t at) {
    if (p->rec.type == XV_REC_VERIFY) {
        if (!xv_allows(p, XV_ALLOW_VERIFY))
            return xv_reject(p, XV_VERIFY_REFUSED, at);
        if (!xv_memory_verify_begin(p, at))
            return false;
        p->sum.verify = true;
    }
    if (p->rec.type == XV_REC_CHECKPOINT) {
        /* only plain streams have a VERIFY pass (libxc 6); nobody writes checkpoints into an image (libvirt 3) */
        if (p->sum.verify || p->sum.format == XV_FORMAT_LIBVIRT || p->sum.format == XV_FORMAT_XENOPSD)
            return xv_reject_value(p, XV_RECORD_ORDER, at, XV_REC_CHECKPOINT);
        if (!xv_allows(p, XV_ALLOW_CHECKPOINTED))
            return xv_reject(p, XV_CHECKPOINT_REFUSED, at);
        p->sum.checkpointed = true;
    }
    return true;
}

/* The END of a checkpointed stream follows a whole checkpoint; it is checked apart from the table (libxc 7). */
static bool end_of_checkpointed(struct xv_parser *p, uint32_t length, uint64_t at) {
    if (length)
        return xv_reject_range(p, XV_RECORD_LENGTH, at + 4, length, 0, 0);
    if (p->libxc.checkpoint_records > 1)
        return xv_reject(p, XV_CHECKPOINT_UNPROCESSED, at);
    return xv_libxc_record_done(p);
}

/* A record header (libxc 3). */
bool xv_libxc_record(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t type = 0, length = 0;
    const struct xv_libxc_rule *rule;

    (void)xv_get_u32(c, &type);
    (void)xv_get_u32(c, &length);
    if (p->libxl.state == XV_L_STATE && type == 5 && length == 4)
        return xv_libxl_checkpoint_state(p, length, at);
    rule = xv_libxc_rule(type);
    if (!xv_record_begin(p, type, length,
                         rule                 ? rule->name
                         : type & XV_OPTIONAL ? optional_name
                                              : unknown_name,
                         at, XV_RECORDS_LIBXC) ||
        !check_checkpoint_budget(p, at, 8 + (uint64_t)length))
        return false;
    p->await = XV_AWAIT_LIBXC_BODY;
    if (!rule)
        return unknown_record(p, type, length, at) && (length || xv_libxc_record_done(p));
    if (type == XV_REC_END && p->sum.checkpointed)
        return end_of_checkpointed(p, length, at);
    if (!check_rule(p, rule, at) || !check_mode(p, at))
        return false;
    p->libxl.state = p->libxl.present ? XV_L_RUNNING : p->libxl.state;
    p->libxc.state = rule->next ? (enum xv_libxc_state)rule->next : effective_state(p, rule);
    if (rule->first)
        xv_want_bytes(p, rule->first);
    else
        xv_want_opaque(p, length);
    return length || xv_libxc_record_done(p);
}

xv_body *xv_libxc_body(uint32_t type) {
    const struct xv_libxc_rule *rule = xv_libxc_rule(type);

    return rule ? rule->body : NULL;
}

void xv_libxc_next_checkpoint(struct xv_parser *p) {
    const uint32_t lasting = XV_BIT(XV_REC_PV_INFO) | XV_BIT(XV_REC_P2M_FRAMES) | XV_BIT(XV_REC_PAGE_DATA) |
                             XV_BIT(XV_REC_STATIC_DATA_END) | XV_BIT(XV_REC_CPUID_POLICY) | XV_BIT(XV_REC_MSR_POLICY);

    p->sum.checkpoints++;
    p->libxc.seen &= lasting;
    p->libxc.state = XV_S_AGAIN;
    p->libxc.checkpoint_records = 0;
    xv_memory_checkpoint(p);
    xv_pv_checkpoint(p);
    xv_hvm_context_reset(p);
    xv_hvm_params_reset(p);
}

/* Guest memory and state are said to be complete. */
static bool check_complete(struct xv_parser *p, uint64_t at) {
    if (!p->libxc.hvm)
        return xv_pv_complete(p, at);
    return xv_hvm_params_complete(p, at);
}

/* No configuration and no emulator records: emulated devices in the HVM context tell HVM from PVH. */
static bool settle_guest(struct xv_parser *p, uint64_t at) {
    if (p->sum.guest == 0)
        p->sum.guest = p->hvm_context.emulated ? XV_GUEST_HVM : XV_GUEST_PVH;
    return (p->policy.guests & (uint32_t)p->sum.guest) || xv_reject_value(p, XV_DOMAIN_REFUSED, at, p->sum.guest);
}

/* END: the next layer goes on, or the file ends. */
static bool finish(struct xv_parser *p, uint64_t at) {
    if (!p->sum.checkpointed && !check_complete(p, at))
        return false;
    if (p->libxl.present) {
        xv_libxl_resume(p, p->sum.checkpointed ? XV_L_FINISH : XV_L_EMULATOR);
        return true;
    }
    if (p->libxc.hvm && !settle_guest(p, at))
        return false;
    if (p->xenopsd.present) {
        xv_xenopsd_resume(p);
        return true;
    }
    p->rec.name = NULL;
    p->await = XV_AWAIT_END;
    return true;
}

bool xv_libxc_record_done(struct xv_parser *p) {
    uint32_t type = p->rec.type;

    if (type < XV_LIBXC_TYPES)
        p->libxc.seen |= XV_BIT(type);
    if (type == XV_REC_END)
        return finish(p, p->rec.offset);
    if (type == XV_REC_CHECKPOINT) {
        if (!check_complete(p, p->rec.offset))
            return false;
        if (p->libxl.present) {
            xv_libxl_resume(p, XV_L_CHECKPOINT);
            return true;
        }
        if (p->libxc.hvm && !settle_guest(p, p->rec.offset))
            return false;
        xv_libxc_next_checkpoint(p);
    }
    p->await = XV_AWAIT_LIBXC_RECORD;
    return true;
}
