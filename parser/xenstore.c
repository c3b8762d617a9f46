/* SPDX-License-Identifier: MIT */
#include "xenstore.h"

#include <stddef.h>

#include "state.h"

enum type { END, GLOBAL, CONNECTION, WATCH, TRANSACTION, NODE, GLOBAL_QUOTA, DOMAIN, WATCH_EXTENDED };

#define BIT(type) ((uint32_t)1 << (type))
#define V1        1u
#define V2        2u

#define WATCH_HEAD      8u
#define WATCH_MIN       3u     /* a path of one octet and an empty token, with their NULs */
#define NODE_MAX        12648u /* 16, 1365 permissions, the longest path and value, rounded up */
#define QUOTA_MAX       3848u  /* 8, 64 values and names of 55 octets with their NULs, rounded up */
#define WATCH_STRINGS   XV_XENSTORE_PAYLOAD_MAX
#define CONNECTION_HEAD 24u

static xv_body global_body;

/* How often, in which version, how long, after what; a state begins with GLOBAL_DATA (xenstore 3, 4, 5). */
static const struct rule {
    char name[XV_TEXT];
    uint8_t versions;
    bool once;
    bool update_only; /* of live updates: not in the state of one domain */
    uint32_t min, max;
    uint32_t first; /* octets of the first piece of the body */
    uint32_t needs; /* types that must have come before */
    xv_body *body;
} rules[XV_XENSTORE_TYPES] = {
    [END] = {"END", V1 | V2, true, false, 0, 0, 0, BIT(NODE), NULL},
    [GLOBAL] = {"GLOBAL_DATA", V1 | V2, true, true, 8, 8, 8, 0, global_body},
    [CONNECTION] = {"CONNECTION_DATA", V1 | V2, false, false, CONNECTION_HEAD, UINT32_MAX, CONNECTION_HEAD, 0,
                    xv_xenstore_connection_body},
    [WATCH] = {"WATCH_DATA", V1 | V2, false, false, WATCH_HEAD + WATCH_MIN, WATCH_HEAD + WATCH_STRINGS, WATCH_HEAD,
               BIT(CONNECTION), xv_xenstore_watch_body},
    [TRANSACTION] = {"TRANSACTION_DATA", V1 | V2, false, false, 8, 8, 8, BIT(CONNECTION), xv_xenstore_transaction_body},
    [NODE] = {"NODE_DATA", V1 | V2, false, false, 18, NODE_MAX, 16, 0, xv_xenstore_node_body},
    [GLOBAL_QUOTA] = {"GLOBAL_QUOTA_DATA", V1 | V2, true, true, 4, QUOTA_MAX, QUOTA_MAX, 0, xv_xenstore_quota_body},
    [DOMAIN] = {"DOMAIN_DATA", V1 | V2, false, false, 8, QUOTA_MAX, QUOTA_MAX, BIT(CONNECTION),
                xv_xenstore_domain_body},
    [WATCH_EXTENDED] = {"WATCH_DATA_EXTENDED", V2, false, false, WATCH_HEAD + WATCH_MIN, WATCH_HEAD + 8 + WATCH_STRINGS,
                        WATCH_HEAD, BIT(CONNECTION), xv_xenstore_watch_body},
};

static const char layer_name[XV_TEXT] = "xenstore";
static const char unknown_name[XV_TEXT] = "unknown";

bool xv_xenstore_rule_at(uint32_t type, struct xv_record_rule *out) {
    const struct rule *rule = type < XV_XENSTORE_TYPES ? &rules[type] : NULL;

    if (!rule)
        return false;
    *out = (struct xv_record_rule){
        .layer = "xenstore",
        .name = rule->name,
        .type = type,
        .guests = "-",
        .versions = rule->versions == V2 ? "2" : "1 2",
        .states = type == GLOBAL ? "first"
                  : type == END  ? "last"
                                 : "between",
        .often = rule->once ? "once" : "many times",
        .min = rule->min,
        .max = rule->max,
        .step = 1,
        .needs = rule->needs,
    };
    return true;
}

/* What follows the ident, big-endian whatever the flag says of the records (xenstore 2). */
bool xv_xenstore_header(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t version = 0, flags = 0;

    (void)xv_get_u32_be(c, &version);
    (void)xv_get_u32_be(c, &flags);
    if (version < 1 || version > 2)
        return xv_reject_range(p, XV_XENSTORE_VERSION, at, version, 1, 2);
    if (flags > 1)
        return xv_reject_range(p, XV_XENSTORE_FLAGS, at + 4, flags, 0, 1);
    p->sum.xenstore_version = version;
    p->sum.xenstore_big_endian = flags;
    p->xenstore.big_endian = flags == 1;
    xv_tell(p, XV_FACT_LAYER, at - 8, version, 0, 0, layer_name);
    p->await = XV_AWAIT_XENSTORE_RECORD;
    return true;
}

uint16_t xv_xenstore_u16(const struct xv_parser *p, struct xv_cursor *c) {
    uint16_t value = 0;

    (void)(p->xenstore.big_endian ? xv_get_u16_be(c, &value) : xv_get_u16(c, &value));
    return value;
}

uint32_t xv_xenstore_u32(const struct xv_parser *p, struct xv_cursor *c) {
    uint32_t value = 0;

    (void)(p->xenstore.big_endian ? xv_get_u32_be(c, &value) : xv_get_u32(c, &value));
    return value;
}

/* xenstored reads exactly as many octets as the length says, the specification counts the padding apart (xenstore 3).
 */
static bool check_length(struct xv_parser *p, const struct rule *rule, uint64_t at) {
    uint32_t length = p->rec.length, most = rule->max;

    if (length < rule->min || length > most)
        return xv_reject_range(p, XV_XENSTORE_RECORD_LENGTH, at, length, rule->min, most);
    if (length % 8 != 0 && !xv_tolerates(p, XV_TOLERATE_XENSTORE_ROUNDING, at))
        return xv_reject_value(p, XV_XENSTORE_RECORD_ROUNDING, at, length);
    return true;
}

/* A state begins with what only live updates have, unless it is that of one domain (xenstore 5). */
static bool check_first(struct xv_parser *p, uint32_t type, uint64_t at) {
    if (p->xenstore.seen == 0 && type != GLOBAL && !p->xenstore.one_domain) {
        if (!xv_tolerates(p, XV_TOLERATE_XENSTORE_ONE_DOMAIN, at))
            return xv_reject_value(p, XV_XENSTORE_RECORD_MISSING, at, GLOBAL);
        p->xenstore.one_domain = true;
    }
    if (p->xenstore.one_domain && rules[type].update_only)
        return xv_reject_value(p, XV_XENSTORE_RECORD_ORDER, at, type);
    return true;
}

static bool check_rule(struct xv_parser *p, uint32_t type, uint64_t at) {
    const struct rule *rule = &rules[type];
    uint32_t missing = rule->needs & ~p->xenstore.seen;

    if (!(rule->versions & (p->sum.xenstore_version == 1 ? V1 : V2)))
        return xv_reject_value(p, XV_XENSTORE_RECORD_VERSION, at, type);
    if (rule->once && p->xenstore.seen >> type & 1)
        return xv_reject_value(p, XV_XENSTORE_RECORD_REPEATED, at, type);
    if (!check_first(p, type, at) || !check_length(p, rule, at + 4))
        return false;
    if (missing)
        return xv_reject_value(p, XV_XENSTORE_RECORD_MISSING, at, missing & BIT(NODE) ? NODE : CONNECTION);
    return true;
}

/* A record header (xenstore 3). */
bool xv_xenstore_record(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t type = xv_xenstore_u32(p, c), length = xv_xenstore_u32(p, c);

    if (!xv_record_begin(p, type, length, type < XV_XENSTORE_TYPES ? rules[type].name : unknown_name, at,
                         XV_RECORDS_XENSTORE))
        return false;
    if (type >= XV_XENSTORE_TYPES)
        return xv_reject_range(p, XV_XENSTORE_RECORD_UNKNOWN, at, type, 0, XV_XENSTORE_TYPES - 1);
    if (!check_rule(p, type, at))
        return false;
    p->await = XV_AWAIT_XENSTORE_BODY;
    xv_want_bytes(p, rules[type].first);
    return length || xv_xenstore_record_done(p);
}

xv_body *xv_xenstore_body(uint32_t type) {
    return type < XV_XENSTORE_TYPES ? rules[type].body : NULL;
}

bool xv_xenstore_record_done(struct xv_parser *p) {
    uint32_t type = p->rec.type;

    p->xenstore.seen |= type < XV_XENSTORE_TYPES ? BIT(type) : 0;
    p->await = XV_AWAIT_XENSTORE_RECORD;
    if (type == END) {
        p->rec.name = NULL;
        p->await = XV_AWAIT_END;
    }
    return true;
}

bool xv_xenstore_fits(struct xv_parser *p, uint64_t contents) {
    if (contents > p->rec.length || p->rec.length - contents > 7)
        return xv_reject_range(p, XV_XENSTORE_RECORD_LENGTH, p->rec.offset + 4, p->rec.length, contents, contents + 7);
    return true;
}

/* Only quota and domain records have padding that a real writer leaves as it finds it (xenstore 3). */
bool xv_xenstore_padding(struct xv_parser *p, const struct xv_cursor *c) {
    struct xv_cursor rest = *c;
    bool heap = p->rec.type == GLOBAL_QUOTA || p->rec.type == DOMAIN;
    uint64_t at;
    uint8_t octet = 0;

    (void)xv_skip_zero(&rest);
    at = xv_at(&rest);
    if (!xv_get_u8(&rest, &octet) || (heap && xv_tolerates(p, XV_TOLERATE_XENSTORE_HEAP, at)))
        return true;
    return xv_reject_range(p, XV_XENSTORE_PADDING, at, octet, 0, 0);
}

bool xv_xenstore_known_connection(struct xv_parser *p, uint32_t id, uint64_t at) {
    if (!xv_tree_begin(p, XV_TREE_CONNECTION, at) || !xv_tree_number(p, id, at))
        return false;
    return xv_tree_marked(p) || xv_reject_value(p, XV_XENSTORE_CONNECTION_UNKNOWN, at, id);
}

bool xv_xenstore_count(struct xv_parser *p, uint32_t *count, uint32_t limit, uint64_t at) {
    if (*count >= limit)
        return xv_reject_range(p, XV_XENSTORE_LIMIT, at, (uint64_t)*count + 1, 0, limit);
    ++*count;
    return true;
}

/* A descriptor, or -1 for none; no two uses of one. */
static bool descriptor(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t fd = xv_xenstore_u32(p, c);

    if (fd == UINT32_MAX)
        return true;
    if (fd > INT32_MAX)
        return xv_reject_range(p, XV_XENSTORE_DESCRIPTOR, at, fd, 0, INT32_MAX);
    if (!xv_tree_begin(p, XV_TREE_DESCRIPTOR, at) || !xv_tree_number(p, fd, at))
        return false;
    if (xv_tree_marked(p))
        return xv_reject_value(p, XV_XENSTORE_CONNECTION_SHARED, at, fd);
    xv_tree_mark(p);
    return true;
}

/* The descriptors of the listening socket and of the event channel device (xenstore 4). */
static bool global_body(struct xv_parser *p, struct xv_cursor *c) {
    bool first = descriptor(p, c);

    return first && descriptor(p, c);
}
