/* SPDX-License-Identifier: MIT */
#include "xenopsd.h"

#include <stddef.h>

#include "state.h"

#define SIGNATURE_REST 7u
#define QEVM_HEAD      9u
#define MIB            (1u << 20)

enum type {
    XENOPS = 0x000f,
    LIBXC = 0x00f0,
    LIBXL = 0x00f1,
    LIBXC_LEGACY = 0x00f2,
    QEMU_TRAD = 0x0f00,
    QEMU_XEN = 0x0f01,
    DEMU = 0x0f10,
    VARSTORED = 0x0f11,
    SWTPM0 = 0x0f12,
    SWTPM = 0x0f13,
    END_OF_IMAGE = 0xffff,
};

/* Which limit of the policy bounds a record, beside its own. */
enum limit { LIMIT_NONE, LIMIT_CONFIG, LIMIT_EMULATOR };

static xv_body xenops_body;

/* Where a record may stand, how long it is, how often it comes (xenopsd 2). */
static const struct rule {
    char name[XV_TEXT];
    uint32_t type;
    uint8_t states; /* enum xv_xenopsd_state bits; 0: see `code` */
    bool once, device;
    uint32_t min, max;
    enum limit limit;
    xv_body *body;
    uint32_t first; /* octets of its first piece, 0: not looked at */
    enum xv_code code;
} rules[XV_XENOPSD_TYPES] = {
    {"Xenops", XENOPS, XV_X_START, true, false, 1, 16 * MIB, LIMIT_CONFIG, xenops_body, XV_WANT_MAX, XV_ACCEPTED},
    {"Libxc", LIBXC, XV_X_METADATA, true, false, 0, 0, LIMIT_NONE, NULL, 0, XV_ACCEPTED},
    {"Libxl", LIBXL, 0, true, false, 0, 0, LIMIT_NONE, NULL, 0, XV_XENOPSD_UNSUPPORTED},
    {"Libxc_legacy", LIBXC_LEGACY, 0, true, false, 0, 0, LIMIT_NONE, NULL, 0, XV_XENOPSD_UNSUPPORTED},
    {"Qemu_trad", QEMU_TRAD, XV_X_DEVICES, true, false, QEVM_HEAD, MIB, LIMIT_EMULATOR, xv_emulator_context_body,
     QEVM_HEAD, XV_ACCEPTED},
    {"Qemu_xen", QEMU_XEN, 0, true, false, 0, 0, LIMIT_NONE, NULL, 0, XV_XENOPSD_UNSUPPORTED},
    {"Demu", DEMU, 0, true, false, 0, 0, LIMIT_NONE, NULL, 0, XV_XENOPSD_DEMU},
    {"Varstored", VARSTORED, XV_X_DEVICES, true, true, 1, 16 * MIB, LIMIT_EMULATOR, NULL, 0, XV_ACCEPTED},
    {"Swtpm0", SWTPM0, XV_X_DEVICES, true, true, 1, 16 * MIB, LIMIT_EMULATOR, NULL, 0, XV_ACCEPTED},
    {"Swtpm", SWTPM, XV_X_DEVICES, false, true, 1, 16 * MIB, LIMIT_EMULATOR, NULL, 0, XV_ACCEPTED},
    {"End_of_image", END_OF_IMAGE, XV_X_DEVICES, true, false, 0, 0, LIMIT_NONE, NULL, 0, XV_ACCEPTED},
};

static const char layer_name[XV_TEXT] = "xenopsd";
static const char unknown_name[XV_TEXT] = "unknown";

static uint32_t row_of(uint64_t type) {
    uint32_t i = 0;

    while (i < XV_XENOPSD_TYPES && rules[i].type != type)
        i++;
    return i;
}

static const char *states_text(const struct rule *rule) {
    switch (rule->states) {
    case XV_X_START:
        return "first";
    case XV_X_METADATA:
        return "after Xenops";
    case XV_X_DEVICES:
        return rule->type == END_OF_IMAGE ? "last, after the libxc END" : "after the libxc END";
    default:
        return "nowhere";
    }
}

bool xv_xenopsd_rule_at(uint32_t i, struct xv_record_rule *out) {
    const struct rule *rule = i < XV_XENOPSD_TYPES ? &rules[i] : NULL;

    if (!rule)
        return false;
    *out = (struct xv_record_rule){
        .layer = layer_name,
        .name = rule->name,
        .type = rule->type,
        .guests = rule->states == 0                         ? ""
                  : rule->type == QEMU_TRAD || rule->device ? "HVM"
                                                            : "PV HVM",
        .versions = "2",
        .states = states_text(rule),
        .often = rule->once ? "once" : "many times",
        .min = rule->min,
        .max = rule->max,
        .step = 1,
        .needs = 0,
    };
    return true;
}

/* The older kind: nothing stands around the legacy stream (xenopsd 4). */
static bool legacy_image(struct xv_parser *p, uint64_t at) {
    if (!(p->policy.formats & XV_FORMAT_LEGACY_STREAM))
        return xv_reject(p, XV_XENOPSD_LEGACY, at);
    xv_tell(p, XV_FACT_LAYER, 0, 1, 0, 0, layer_name);
    p->xenopsd.legacy = true;
    xv_legacy_item(p, XV_LG_START, 8);
    return true;
}

/* What follows "XenSaved": the framing of records, or the older one without them (xenopsd 1, 4). */
bool xv_xenopsd_signature(struct xv_parser *p, struct xv_cursor *c) {
    static const char framed[SIGNATURE_REST + 1] = "Domv2-\n", legacy[SIGNATURE_REST + 1] = "Domain\n";
    uint64_t at = xv_at(c);
    uint32_t as_framed = 0, as_legacy = 0;

    for (uint32_t i = 0; i < SIGNATURE_REST; i++) {
        uint8_t octet = 0;

        (void)xv_get_u8(c, &octet);
        as_framed += as_framed == i && octet == (uint8_t)framed[i];
        as_legacy += as_legacy == i && octet == (uint8_t)legacy[i];
    }
    if (as_legacy == SIGNATURE_REST)
        return legacy_image(p, at);
    if (as_framed != SIGNATURE_REST)
        return xv_reject(p, XV_XENOPSD_SIGNATURE, at + as_framed);
    xv_tell(p, XV_FACT_LAYER, 0, 2, 0, 0, layer_name);
    p->xenopsd.present = true;
    p->xenopsd.state = XV_X_START;
    p->await = XV_AWAIT_XENOPSD_RECORD;
    return true;
}

/* The state of a device model belongs to a guest that has one; other devices are a matter of the policy. */
static bool check_guest(struct xv_parser *p, const struct rule *rule, uint64_t at) {
    if (rule->type != QEMU_TRAD && !rule->device)
        return true;
    if (!p->libxc.hvm || p->sum.guest == XV_GUEST_PVH) /* (xenopsd 2) */
        return xv_reject_value(p, XV_XENOPSD_GUEST, at, rule->type);
    if (rule->device && !xv_allows(p, XV_ALLOW_OTHER_DEVICES))
        return xv_reject_value(p, XV_XENOPSD_DEVICE, at, rule->type);
    return true;
}

/* A guest with emulated devices has the state of its device model, or a restore would go on without it. */
static bool check_complete(struct xv_parser *p, uint64_t at) {
    if (p->sum.guest == XV_GUEST_HVM && !(p->xenopsd.seen >> row_of(QEMU_TRAD) & 1u))
        return xv_reject_value(p, XV_XENOPSD_MISSING, at, QEMU_TRAD);
    return true;
}

static bool check_length(struct xv_parser *p, const struct rule *rule, uint64_t length, uint64_t at) {
    uint64_t max = rule->max;

    if (rule->limit == LIMIT_CONFIG && p->policy.max_config_bytes < max)
        max = p->policy.max_config_bytes;
    if (rule->limit == LIMIT_EMULATOR && p->policy.max_emulator_bytes < max)
        max = p->policy.max_emulator_bytes;
    if (length < rule->min || length > max)
        return xv_reject_range(p, XV_XENOPSD_LENGTH, at + 8, length, rule->min, max);
    return true;
}

static bool check_rule(struct xv_parser *p, uint32_t row, uint64_t length, uint64_t at) {
    const struct rule *rule = &rules[row < XV_XENOPSD_TYPES ? row : 0];

    if (rule->code != XV_ACCEPTED)
        return xv_reject_value(p, rule->code, at, rule->type);
    if (rule->once && p->xenopsd.seen >> (row & 31u) & 1u)
        return xv_reject_value(p, XV_XENOPSD_REPEATED, at, rule->type);
    if (rule->type == END_OF_IMAGE && p->xenopsd.state != XV_X_DEVICES)
        return xv_reject_value(p, XV_XENOPSD_MISSING, at, p->xenopsd.state == XV_X_START ? XENOPS : LIBXC);
    if (!(rule->states & (uint32_t)p->xenopsd.state))
        return xv_reject_value(p, XV_XENOPSD_ORDER, at, rule->type);
    if (!check_length(p, rule, length, at) || !check_guest(p, rule, at))
        return false;
    return rule->type != END_OF_IMAGE || check_complete(p, at);
}

/* A record header: type and length, 64 bits each (xenopsd 1). */
bool xv_xenopsd_record(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c), type = 0, length = 0;
    uint32_t row, shown;

    (void)xv_get_u64(c, &type);
    (void)xv_get_u64(c, &length);
    row = row_of(type);
    shown = length <= UINT32_MAX ? (uint32_t)length : UINT32_MAX;
    if (!xv_record_begin(p, (uint32_t)(type & UINT32_MAX), shown,
                         row < XV_XENOPSD_TYPES ? rules[row].name : unknown_name, at, XV_RECORDS_XENOPSD))
        return false;
    if (row >= XV_XENOPSD_TYPES)
        return xv_reject_value(p, XV_XENOPSD_UNKNOWN, at, type);
    if (!check_rule(p, row, length, at))
        return false;
    p->await = XV_AWAIT_XENOPSD_BODY;
    if (rules[row].first)
        xv_want_bytes(p, rules[row].first);
    else
        xv_want_opaque(p, length);
    if (type == XENOPS)
        xv_xenops_begin(&p->xenopsd.xenops);
    if (type == QEMU_TRAD)
        xv_emulator_blob(p, at);
    return length || xv_xenopsd_record_done(p);
}

static bool xenops_body(struct xv_parser *p, struct xv_cursor *c) {
    struct xv_xenops *x = &p->xenopsd.xenops;

    while (xv_left(c) > 0) {
        uint64_t at = xv_at(c);
        uint8_t octet = 0;

        (void)xv_get_u8(c, &octet);
        if (!xv_xenops_octet(x, octet))
            return xv_reject(p, x->error, at);
    }
    if (p->rec.left == 0 && !xv_xenops_finish(x))
        return xv_reject(p, x->error, xv_at(c));
    xv_want_bytes(p, XV_WANT_MAX);
    return true;
}

xv_body *xv_xenopsd_body(uint32_t type) {
    uint32_t row = row_of(type);

    return row < XV_XENOPSD_TYPES ? rules[row].body : NULL;
}

bool xv_xenopsd_record_done(struct xv_parser *p) {
    uint32_t row = row_of(p->rec.type);

    p->xenopsd.seen |= row < XV_XENOPSD_TYPES ? (uint32_t)1 << row : 0;
    p->await = XV_AWAIT_XENOPSD_RECORD;
    switch (p->rec.type) {
    case XENOPS:
        p->xenopsd.state = XV_X_METADATA;
        return true;
    case LIBXC:
        p->await = XV_AWAIT_LIBXC_MARKER;
        return true;
    case END_OF_IMAGE:
        p->rec.name = NULL;
        p->await = XV_AWAIT_END;
        return true;
    default:
        return true;
    }
}

void xv_xenopsd_resume(struct xv_parser *p) {
    p->xenopsd.state = XV_X_DEVICES;
    p->await = XV_AWAIT_XENOPSD_RECORD;
}
