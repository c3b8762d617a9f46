/* SPDX-License-Identifier: MIT */
#include "libxl.h"

#include <stddef.h>

#include "state.h"

enum type { END, LIBXC_CONTEXT, EMULATOR_XENSTORE_DATA, EMULATOR_CONTEXT, CHECKPOINT_END, CHECKPOINT_STATE, TYPES };

#define BIT(type) ((uint32_t)1 << (type))

#define DOMAIN_XENSTORE_DATA 7u /* proposed, never taken up (xenstore-2020 7) */

/* A key/value record that is within max_emulator_keys and the longest strings fits in this. */
#define XENSTORE_DATA_MAX (8u + 65536u)

/* Where a record may stand, how long it is, how often it comes (libxl 2, 3, 4). */
static const struct rule {
    char name[XV_TEXT];
    uint8_t states; /* enum xv_libxl_state bits */
    bool once;      /* in the stream, or in a checkpoint */
    uint32_t min, max;
    uint32_t not_after; /* types it must not follow */
    xv_body *body;
} rules[TYPES] = {
    [END] = {"END", XV_L_EMULATOR | XV_L_FINISH, true, 0, 0, 0, NULL},
    [LIBXC_CONTEXT] = {"LIBXC_CONTEXT", XV_L_START, true, 0, 0, 0, NULL},
    [EMULATOR_XENSTORE_DATA] = {"EMULATOR_XENSTORE_DATA", XV_L_EMULATOR | XV_L_CHECKPOINT, true, 8, XENSTORE_DATA_MAX,
                                BIT(EMULATOR_CONTEXT), xv_emulator_xenstore_body},
    [EMULATOR_CONTEXT] = {"EMULATOR_CONTEXT", XV_L_EMULATOR | XV_L_CHECKPOINT, true, 8, 0xffffffff, 0,
                          xv_emulator_context_body},
    [CHECKPOINT_END] = {"CHECKPOINT_END", XV_L_CHECKPOINT, false, 0, 0, 0, NULL},
    [CHECKPOINT_STATE] = {"CHECKPOINT_STATE", XV_L_STATE, false, 4, 4, 0, NULL},
};

static const char layer_name[XV_TEXT] = "libxl";
static const char unknown_name[XV_TEXT] = "unknown";

static const char *states_text(uint32_t type) {
    switch (type) {
    case LIBXC_CONTEXT:
        return "first";
    case END:
        return "last, after the libxc END and the emulator records";
    case CHECKPOINT_END:
        return "after a libxc CHECKPOINT and the emulator records";
    case CHECKPOINT_STATE:
        return "after CHECKPOINT_END (COLO)";
    default:
        return "after the libxc END or CHECKPOINT";
    }
}

bool xv_libxl_rule_at(uint32_t type, struct xv_record_rule *out) {
    const struct rule *rule = type < TYPES ? &rules[type] : NULL;

    if (!rule)
        return false;
    *out = (struct xv_record_rule){
        .layer = "libxl",
        .name = rule->name,
        .type = type,
        .guests = type == EMULATOR_XENSTORE_DATA || type == EMULATOR_CONTEXT ? "HVM" : "PV HVM",
        .versions = "2",
        .states = states_text(type),
        .often = rule->once ? "once, or once in each checkpoint" : "many times",
        .min = rule->min,
        .max = rule->max,
        .step = 1,
        .needs = 0,
    };
    return true;
}

/* What follows the ident, big-endian (libxl 1). */
bool xv_libxl_header(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t version = 0, options = 0;

    (void)xv_get_u32_be(c, &version);
    (void)xv_get_u32_be(c, &options);
    if (version != 2)
        return xv_reject_range(p, XV_LIBXL_VERSION, at, version, 2, 2);
    if (options & 1)
        return xv_reject_range(p, XV_LIBXL_ENDIAN, at + 4, options, 0, 2);
    if (options & ~2u)
        return xv_reject_range(p, XV_LIBXL_OPTIONS, at + 4, options, 0, 2);
    p->libxl.legacy = options & 2;
    p->libxl.state = XV_L_START;
    xv_tell(p, XV_FACT_LAYER, at - 8, version, 0, 0, layer_name);
    p->await = XV_AWAIT_LIBXL_RECORD;
    return true;
}

static bool has_emulator(const struct xv_parser *p) {
    return p->libxc.hvm && p->sum.guest != XV_GUEST_PVH;
}

/* Emulator records belong to HVM guests; what has neither configuration nor emulator turns out to be PVH at the end. */
static bool check_guest(struct xv_parser *p, uint32_t type, uint64_t at) {
    if (type != EMULATOR_XENSTORE_DATA && type != EMULATOR_CONTEXT)
        return true;
    if (!has_emulator(p)) /* (libxl 3) */
        return xv_reject_value(p, XV_LIBXL_RECORD_GUEST, at, type);
    if (!(p->policy.guests & XV_GUEST_HVM))
        return xv_reject_value(p, XV_DOMAIN_REFUSED, at, XV_GUEST_HVM);
    p->sum.guest = XV_GUEST_HVM;
    return true;
}

/* END and CHECKPOINT_END: a guest with a device model has its state, or a restore would go on without it (hazards
 * libxl). */
static bool check_emulator_complete(struct xv_parser *p, uint64_t at) {
    bool needed = p->config.present ? p->sum.guest == XV_GUEST_HVM : p->libxc.hvm && p->hvm_context.emulated;

    if (needed && !(p->libxl.seen & BIT(EMULATOR_CONTEXT)))
        return xv_reject_value(p, XV_LIBXL_RECORD_MISSING, at, EMULATOR_CONTEXT);
    if (p->libxc.hvm && p->sum.guest == 0) {
        if (!(p->policy.guests & XV_GUEST_PVH))
            return xv_reject_value(p, XV_DOMAIN_REFUSED, at, XV_GUEST_PVH);
        p->sum.guest = XV_GUEST_PVH;
    }
    return true;
}

static bool check_rule(struct xv_parser *p, const struct rule *rule, uint64_t at) {
    uint32_t type = p->rec.type, length = p->rec.length, max = rule->max;

    if (rule->once && type < TYPES && p->libxl.seen & BIT(type))
        return xv_reject_value(p, XV_LIBXL_RECORD_REPEATED, at, type);
    if (type == END && p->libxl.state == XV_L_START)
        return xv_reject_value(p, XV_LIBXL_RECORD_MISSING, at, LIBXC_CONTEXT);
    if (!(rule->states & p->libxl.state) || rule->not_after & p->libxl.seen)
        return xv_reject_value(p, XV_LIBXL_RECORD_ORDER, at, type);
    if (type == EMULATOR_CONTEXT && p->policy.max_emulator_bytes < max)
        max = (uint32_t)p->policy.max_emulator_bytes;
    if (length < rule->min || length > max)
        return xv_reject_range(p, XV_LIBXL_RECORD_LENGTH, at + 4, length, rule->min, max);
    return check_guest(p, type, at);
}

/* A libxl stream that is not inside a file of xl may be a proposed xenstore state; its first record says so. */
static bool first_record(struct xv_parser *p, uint32_t type, uint32_t length, uint64_t at, bool *proposal) {
    *proposal = false;
    if (p->libxl.state != XV_L_START || p->sum.format != XV_FORMAT_LIBXL)
        return true;
    *proposal = type == DOMAIN_XENSTORE_DATA;
    if (*proposal)
        return xv_xenstore_2020_first(p, length, at);
    return p->policy.formats & (uint32_t)XV_FORMAT_LIBXL || xv_reject(p, XV_FORMAT_REFUSED, 0);
}

/* A record header (libxl 2). libxl refuses unknown optional records too, so there is no tolerance for them. */
bool xv_libxl_record(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t type = 0, length = 0;
    bool proposal;

    (void)xv_get_u32(c, &type);
    (void)xv_get_u32(c, &length);
    if (!first_record(p, type, length, at, &proposal))
        return false;
    if (proposal)
        return true;
    if (!xv_record_begin(p, type, length, type < TYPES ? rules[type].name : unknown_name, at, XV_RECORDS_LIBXL))
        return false;
    if (type >= TYPES)
        return xv_reject_value(p, XV_LIBXL_RECORD_UNKNOWN, at, type);
    if (!check_rule(p, &rules[type], at))
        return false;
    p->await = XV_AWAIT_LIBXL_BODY;
    xv_want_bytes(p, 8); /* the sub-header of the emulator records */
    return length || xv_libxl_record_done(p);
}

xv_body *xv_libxl_body(uint32_t type) {
    if (type == CHECKPOINT_STATE)
        return xv_checkpoint_state_body;
    return type < TYPES ? rules[type].body : NULL;
}

void xv_libxl_resume(struct xv_parser *p, enum xv_libxl_state state) {
    p->libxl.state = state;
    p->libxl.seen = state == XV_L_FINISH ? p->libxl.seen : 0;
    p->await = XV_AWAIT_LIBXL_RECORD;
}

/* CHECKPOINT_END: the checkpoint is whole, libxc goes on (libxl 4). */
static void next_checkpoint(struct xv_parser *p) {
    xv_libxc_next_checkpoint(p);
    p->libxl.seen = 0;
    p->libxl.state = XV_L_STATE;
    p->await = XV_AWAIT_LIBXC_RECORD;
}

bool xv_libxl_record_done(struct xv_parser *p) {
    uint32_t type = p->rec.type;

    p->libxl.seen |= type < TYPES ? BIT(type) : 0;
    switch (type) {
    case LIBXC_CONTEXT:
        p->libxl.state = XV_L_RUNNING;
        p->await = XV_AWAIT_LIBXC_MARKER;
        return true;
    case END:
        if (p->libxl.state == XV_L_EMULATOR && !check_emulator_complete(p, p->rec.offset))
            return false;
        p->rec.name = NULL;
        p->await = XV_AWAIT_END;
        return true;
    case CHECKPOINT_END:
        if (!check_emulator_complete(p, p->rec.offset))
            return false;
        next_checkpoint(p);
        return true;
    case CHECKPOINT_STATE:
        p->libxl.state = XV_L_RUNNING;
        p->await = XV_AWAIT_LIBXC_RECORD;
        return true;
    default:
        p->await = XV_AWAIT_LIBXL_RECORD;
        return true;
    }
}

/* The sender sends one id only: CHECKPOINT_NEW (libxl 5). */
bool xv_checkpoint_state_body(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t id = 0;

    (void)xv_get_u32(c, &id);
    if (id)
        return xv_reject_range(p, XV_CHECKPOINT_STATE, at, id, 0, 0);
    return true;
}

bool xv_libxl_checkpoint_state(struct xv_parser *p, uint32_t length, uint64_t at) {
    if (!xv_record_begin(p, CHECKPOINT_STATE, length, rules[CHECKPOINT_STATE].name, at, XV_RECORDS_LIBXL))
        return false;
    if (!xv_allows(p, XV_ALLOW_COLO))
        return xv_reject(p, XV_COLO_REFUSED, at);
    p->sum.colo = true;
    p->await = XV_AWAIT_LIBXL_BODY;
    xv_want_bytes(p, length);
    return true;
}
