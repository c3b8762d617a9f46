/* SPDX-License-Identifier: MIT */
#include "hvm_context.h"

#include <string.h>

#include "hvm_entries.h"
#include "state.h"

#define DESCRIPTOR 8u

static const char end_name[XV_TEXT] = "END";

/* What the next piece is; kept in rec.phase, which starts at 0. */
enum {
    FIRST_DESCRIPTOR = 0,
    NEXT_DESCRIPTOR,
    ENTRY_BODY, /* all of it, or what is looked at */
    ENTRY_REST, /* extended processor state */
};

void xv_hvm_context_reset(struct xv_parser *p) {
    memset(&p->hvm_context, 0, sizeof(p->hvm_context));
}

static bool seen(const struct xv_hvm_context *h, uint32_t code, uint32_t instance) {
    uint32_t word = instance / 64;

    return code < XV_HVM_CODE_LIMIT && word < XV_HVM_INSTANCE_WORDS && (h->seen[code][word] >> (instance % 64) & 1);
}

static void mark_seen(struct xv_hvm_context *h, uint32_t code, uint32_t instance) {
    uint32_t word = instance / 64;

    if (code < XV_HVM_CODE_LIMIT && word < XV_HVM_INSTANCE_WORDS)
        h->seen[code][word] |= (uint64_t)1 << (instance % 64);
}

/* The instances that an entry may have: device 0, either PIC, or a vCPU of the guest (blobs 9). */
static bool check_instance(struct xv_parser *p, enum xv_hvm_per per, uint32_t instance, uint64_t at) {
    uint32_t count = per == XV_PER_DOMAIN ? 1 : 2;

    if (per == XV_PER_VCPU)
        count = p->policy.max_vcpus < XV_MAX_VCPUS_HVM ? p->policy.max_vcpus : XV_MAX_VCPUS_HVM;
    if (instance >= count)
        return xv_reject_range(p, XV_HVM_INSTANCE, at + 2, instance, 0, count ? count - 1 : 0);
    if (per == XV_PER_VCPU && p->config.present && instance >= p->sum.config_max_vcpus)
        return xv_reject_value(p, XV_CONFIG_VCPUS, at + 2, instance);
    return true;
}

/*
 * Every release saves typecode by typecode in ascending order and within one instance by instance (blobs 9). Xen's
 * loader takes any order and lets the last of two entries win.
 */
static bool check_order(struct xv_parser *p, uint32_t code, uint32_t instance, uint64_t at) {
    uint32_t key = code << 16 | (instance & 0xffff);

    if (seen(&p->hvm_context, code, instance))
        return xv_reject_value(p, XV_HVM_REPEATED, at, key);
    if (key <= p->hvm_context.last)
        return xv_reject_value(p, XV_HVM_ORDER, at, key);
    p->hvm_context.last = key;
    mark_seen(&p->hvm_context, code, instance);
    return true;
}

/* What every guest has: vCPU 0; and for each vCPU that runs its local APIC and its MTRRs (blobs 9). */
static bool check_complete(struct xv_parser *p, uint64_t at) {
    const struct xv_hvm_context *h = &p->hvm_context;

    if (!seen(h, XV_HVM_CODE_CPU, 0))
        return xv_reject_value(p, XV_HVM_MISSING, at, XV_HVM_CODE_CPU);
    for (uint32_t word = 0; word < XV_HVM_INSTANCE_WORDS; word++) {
        uint64_t have =
            h->seen[XV_HVM_CODE_LAPIC][word] & h->seen[XV_HVM_CODE_LAPIC_REGS][word] & h->seen[XV_HVM_CODE_MTRR][word];

        if ((h->seen[XV_HVM_CODE_CPU][word] & ~have) && !xv_tolerates(p, XV_TOLERATE_MINIMAL_CONTEXT, at))
            return xv_reject(p, XV_HVM_MISSING, at);
    }
    p->sum.vcpus = h->vcpus;
    return true;
}

static bool end_entry(struct xv_parser *p, uint32_t instance, uint32_t length, uint64_t at) {
    if (instance != 0 || length != 0)
        return xv_reject_value(p, XV_HVM_END, at, length != 0 ? length : instance);
    if (p->rec.left != 0) /* Xen would not look at what follows */
        return xv_reject_value(p, XV_HVM_END, at + DESCRIPTOR, p->rec.left);
    xv_tell(p, XV_FACT_HVM_ENTRY, at, XV_HVM_CODE_END, 0, 0, end_name);
    return check_complete(p, at);
}

/* A descriptor that is not END: asks for the body. */
static bool begin_entry(struct xv_parser *p, uint32_t code, uint32_t instance, uint32_t length, uint64_t at) {
    struct xv_hvm_context *h = &p->hvm_context;
    const struct xv_hvm_entry *entry = xv_hvm_entry(code);
    uint32_t look = code == XV_HVM_CODE_CPU_XSAVE ? XV_HVM_XSAVE_HEAD : length;

    if (!entry)
        return xv_reject_value(p, XV_HVM_TYPECODE, at, code);
    if (length > p->rec.left)
        return xv_reject_range(p, XV_HVM_OVERRUN, at + 4, length, 0, p->rec.left);
    if (!check_instance(p, entry->per, instance, at) || !xv_hvm_length_fits(p, entry, length, at + 4) ||
        !check_order(p, code, instance, at))
        return false;
    if (entry->device && !(p->policy.guests & XV_GUEST_HVM)) /* a stream without a configuration says it here first */
        return xv_reject_value(p, XV_DOMAIN_REFUSED, at, XV_GUEST_HVM);
    if (entry->device && p->sum.guest == XV_GUEST_PVH) /* Xen has none to load it into (blobs 9) */
        return xv_reject_value(p, p->config.present ? XV_CONFIG_GUEST_TYPE : XV_HVM_INSTANCE, at, code);
    h->emulated = h->emulated || entry->device;
    h->vcpus += code == XV_HVM_CODE_CPU && h->vcpus < XV_MAX_VCPUS_HVM ? 1 : 0;
    h->code = code;
    h->instance = instance;
    h->length = length;
    h->in_use = 0;
    h->body_left = look < length ? length - look : 0;
    xv_tell(p, XV_FACT_HVM_ENTRY, at, code, instance, length, entry->name);
    p->rec.phase = ENTRY_BODY;
    xv_want_bytes(p, look);
    return true;
}

static bool descriptor(struct xv_parser *p, struct xv_cursor *c, bool first) {
    uint16_t code = 0, instance = 0;
    uint32_t length = 0;
    uint64_t at = xv_at(c);

    if (!xv_get_u16(c, &code) || !xv_get_u16(c, &instance) || !xv_get_u32(c, &length))
        return xv_reject(p, first ? XV_HVM_HEADER : XV_HVM_END, at);
    if (first && (code != XV_HVM_CODE_HEADER || instance != 0 || length != 24)) /* (blobs 9) */
        return xv_reject_range(p, XV_HVM_HEADER, at, code, XV_HVM_CODE_HEADER, XV_HVM_CODE_HEADER);
    if (code == XV_HVM_CODE_END)
        return end_entry(p, instance, length, at);
    return begin_entry(p, code, instance, length, at);
}

/* Behind an entry: more of it, or the next descriptor, which cannot be missing. */
static bool go_on(struct xv_parser *p, uint64_t at) {
    if (p->rec.left == 0)
        return xv_reject(p, XV_HVM_END, at);
    if (p->hvm_context.body_left != 0) {
        p->rec.phase = ENTRY_REST;
        xv_want_bytes(p, p->hvm_context.body_left);
    } else {
        p->rec.phase = NEXT_DESCRIPTOR;
        xv_want_bytes(p, DESCRIPTOR);
    }
    return true;
}

static bool entry_body(struct xv_parser *p, struct xv_cursor *c) {
    const struct xv_hvm_entry *entry = xv_hvm_entry(p->hvm_context.code);

    if (!entry)
        return xv_reject(p, XV_MISUSE, xv_at(c));
    if (entry->check && !entry->check(p, c, p->hvm_context.instance))
        return false;
    return go_on(p, xv_at(c) + xv_left(c));
}

/* Extended state is the guest's register contents; what follows it must be zero, as Xen requires (blobs 9). */
static bool entry_rest(struct xv_parser *p, struct xv_cursor *c) {
    struct xv_hvm_context *h = &p->hvm_context;
    size_t left = xv_left(c);
    uint32_t piece = left <= XV_WANT_MAX ? (uint32_t)left : 0;
    uint32_t in_use = h->in_use < piece ? h->in_use : piece;

    if (piece == 0 || piece > h->body_left || !xv_skip(c, in_use))
        return xv_reject(p, XV_MISUSE, xv_at(c));
    if (!xv_rest_is_zero(c))
        return xv_reject(p, XV_HVM_XSAVE, xv_at(c) + xv_skip_zero(c));
    h->in_use -= in_use;
    h->body_left -= piece;
    return go_on(p, xv_at(c) + xv_left(c));
}

bool xv_hvm_context_body(struct xv_parser *p, struct xv_cursor *c) {
    switch (p->rec.phase) {
    case FIRST_DESCRIPTOR:
        xv_hvm_context_reset(p);
        return descriptor(p, c, true);
    case NEXT_DESCRIPTOR:
        return descriptor(p, c, false);
    case ENTRY_BODY:
        return entry_body(p, c);
    default:
        return entry_rest(p, c);
    }
}
