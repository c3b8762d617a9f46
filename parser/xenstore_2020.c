/* SPDX-License-Identifier: MIT */
#include "xenstore_2020.h"

#include "state.h"
#include "xenstore.h"

/* Record types of the stream, and kinds of its records. */
#define END                  0u
#define DOMAIN_XENSTORE_DATA 7u
enum kind { INVALID, NODE, WATCH, TRANSACTION, TRANSACTION_NODE, GUEST_RING, DOMAIN_START };

#define PERMISSION      4u
#define PERMISSIONS_MAX (XV_XENSTORE_PAYLOAD_MAX / 3)

/* rec.phase: the field that the next piece holds */
enum field {
    KIND,
    TRANSACTION_ID,
    PATH_LENGTH,
    PATH,
    PERMISSION_COUNT,
    PERMISSIONS,
    VALUE_LENGTH,
    VALUE,
    TOKEN_LENGTH,
    TOKEN,
    RING_LENGTH,
    RING,
    DOMAIN,
    PADDING, /* of the last string */
    NOTHING,
};

/* How a record of each kind begins, and how long it is (xenstore-2020 7). */
static const struct rule {
    char name[XV_TEXT];
    enum field first; /* after the kind */
    uint32_t min;
} rules[XV_XENSTORE_2020_KINDS] = {
    [INVALID] = {"", NOTHING, 0},
    [NODE] = {"NODE_DATA", PATH_LENGTH, 24},
    [WATCH] = {"WATCH_DATA", PATH_LENGTH, 16},
    [TRANSACTION] = {"TRANSACTION_DATA", TRANSACTION_ID, 8},
    [TRANSACTION_NODE] = {"TRANSACTION_NODE_DATA", TRANSACTION_ID, 24},
    [GUEST_RING] = {"GUEST_RING_DATA", RING_LENGTH, 12},
    [DOMAIN_START] = {"DOMAIN_START", DOMAIN, 8},
};

static const char layer_name[XV_TEXT] = "xenstore-2020";
static const char end_name[XV_TEXT] = "END";
static const char data_name[XV_TEXT] = "DOMAIN_XENSTORE_DATA";
static const char unknown_name[XV_TEXT] = "unknown";

bool xv_xenstore_2020_rule_at(uint32_t kind, struct xv_record_rule *out) {
    if (kind == INVALID || kind >= XV_XENSTORE_2020_KINDS)
        return false;
    *out = (struct xv_record_rule){
        .layer = layer_name,
        .name = rules[kind].name,
        .type = kind,
        .guests = "-",
        .versions = "-",
        .states = kind == DOMAIN_START ? "first, and before the data of each other domain"
                                       : "after DOMAIN_START, or in a stream without any",
        .often = kind == GUEST_RING || kind == DOMAIN_START ? "once for each domain" : "many times",
        .min = rules[kind].min,
        .max = UINT32_MAX,
        .step = 4,
        .needs = kind == TRANSACTION_NODE ? (uint32_t)1 << TRANSACTION : 0,
    };
    return true;
}

static bool data_record(struct xv_parser *p, uint32_t length, uint64_t at) {
    if (length < 8 || length % 4 != 0)
        return xv_reject_range(p, XV_XENSTORE_RECORD_LENGTH, at + 4, length, 8, UINT32_MAX);
    p->await = XV_AWAIT_XENSTORE_2020_BODY;
    xv_want_bytes(p, 4);
    return true;
}

bool xv_xenstore_2020_first(struct xv_parser *p, uint32_t length, uint64_t at) {
    if (!(p->policy.formats & (uint32_t)XV_FORMAT_XENSTORE_2020))
        return xv_reject(p, XV_XENSTORE_REFUSED, at);
    if (p->libxl.legacy) /* there is nothing to convert from */
        return xv_reject_range(p, XV_XENSTORE_FLAGS, 12, 2, 0, 0);
    p->sum.format = XV_FORMAT_XENSTORE_2020;
    p->sum.xenstore_version = XV_XENSTORE_2020;
    xv_tell(p, XV_FACT_LAYER, at, 0, 0, 0, layer_name);
    return xv_record_begin(p, DOMAIN_XENSTORE_DATA, length, data_name, at, XV_RECORDS_XENSTORE_2020) &&
           data_record(p, length, at);
}

bool xv_xenstore_2020_record(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t type = 0, length = 0;

    (void)xv_get_u32(c, &type);
    (void)xv_get_u32(c, &length);
    if (!xv_record_begin(p, type, length,
                         type == END                    ? end_name
                         : type == DOMAIN_XENSTORE_DATA ? data_name
                                                        : unknown_name,
                         at, XV_RECORDS_XENSTORE_2020))
        return false;
    if (type == DOMAIN_XENSTORE_DATA)
        return data_record(p, length, at);
    if (type != END) /* no other record has a place beside them */
        return xv_reject_value(p, XV_XENSTORE_RECORD_UNKNOWN, at, type);
    if (length)
        return xv_reject_range(p, XV_XENSTORE_RECORD_LENGTH, at + 4, length, 0, 0);
    p->rec.name = NULL;
    p->await = XV_AWAIT_END;
    return true;
}

bool xv_xenstore_2020_record_done(struct xv_parser *p) {
    p->await = XV_AWAIT_XENSTORE_2020_RECORD;
    return true;
}

static bool too_short(struct xv_parser *p, uint64_t n, uint64_t at) {
    return xv_reject_range(p, XV_XENSTORE_2020_LENGTH, at, p->rec.left, n, UINT32_MAX);
}

/* The next field of n octets, which the record must have. */
static bool take(struct xv_parser *p, enum field field, uint32_t n, uint64_t at) {
    if (p->rec.left < n)
        return too_short(p, n, at);
    p->rec.phase = field;
    xv_want_bytes(p, n);
    return true;
}

/* The record ends here. */
static bool done(struct xv_parser *p, uint64_t at) {
    if (p->rec.left)
        return xv_reject_range(p, XV_XENSTORE_2020_LENGTH, at, p->rec.left, 0, 0);
    return true;
}

static uint32_t padding_of(uint32_t n) {
    return (4 - (n & 3u)) & 3u;
}

/* A string of n octets and its padding, 1 at the least. Nothing looks at it if it is opaque; the record then ends with
 * it. */
static bool text_field(struct xv_parser *p, enum field field, uint32_t n, bool opaque, uint64_t at) {
    struct xv_xenstore_2020 *x = &p->xenstore.proposal;
    uint64_t whole = (uint64_t)n + padding_of(n);

    if (p->rec.left < whole)
        return too_short(p, whole, at);
    if (opaque && p->rec.left != whole)
        return xv_reject_range(p, XV_XENSTORE_2020_LENGTH, at, p->rec.left, whole, whole);
    x->pad = padding_of(n);
    p->rec.phase = field;
    if (opaque)
        xv_want_opaque(p, n);
    else
        xv_want_bytes(p, n);
    return true;
}

static bool zeroes(struct xv_parser *p, const struct xv_cursor *c) {
    struct xv_cursor rest = *c;
    uint64_t at;
    uint8_t octet = 0;

    (void)xv_skip_zero(&rest);
    at = xv_at(&rest);
    return !xv_get_u8(&rest, &octet) || xv_reject_range(p, XV_XENSTORE_PADDING, at, octet, 0, 0);
}

/* A stream of several domains begins with a DOMAIN_START; one without is the state of one domain, some of whose nodes'
 * parents are elsewhere. */
static bool check_domain(struct xv_parser *p, enum kind kind, uint64_t at) {
    const struct xv_xenstore_2020 *x = &p->xenstore.proposal;

    if (kind == DOMAIN_START)
        return !p->xenstore.one_domain || xv_reject(p, XV_XENSTORE_2020_DOMAIN, at);
    p->xenstore.one_domain = !x->domains;
    return true;
}

static bool read_kind(struct xv_parser *p, struct xv_cursor *c) {
    struct xv_xenstore_2020 *x = &p->xenstore.proposal;
    uint64_t at = xv_at(c);
    uint32_t kind = xv_xenstore_u32(p, c);

    if (kind == INVALID || kind >= XV_XENSTORE_2020_KINDS)
        return xv_reject_range(p, XV_XENSTORE_2020_TYPE, at, kind, NODE, DOMAIN_START);
    x->kind = kind;
    p->rec.name = rules[kind].name;
    p->xenstore.node = (struct xv_xenstore_node){0};
    return check_domain(p, (enum kind)kind, at) && take(p, rules[kind].first, 4, xv_at(c));
}

static bool read_transaction(struct xv_parser *p, struct xv_cursor *c) {
    const struct xv_xenstore_2020 *x = &p->xenstore.proposal;
    struct xv_xenstore_node *n = &p->xenstore.node;
    uint64_t at = xv_at(c);
    uint32_t id = xv_xenstore_u32(p, c);

    if (x->kind == TRANSACTION)
        return xv_xenstore_transaction(p, x->domid, id, at) && done(p, xv_at(c));
    n->connection = x->domid;
    n->transaction = id;
    if (!xv_tree_begin(p, XV_TREE_TRANSACTION, at) || !xv_tree_number(p, x->domid, at) || !xv_tree_number(p, id, at))
        return false;
    if (id == 0 || !xv_tree_marked(p))
        return xv_reject_value(p, XV_XENSTORE_TRANSACTION_UNKNOWN, at, id);
    return take(p, PATH_LENGTH, 4, xv_at(c));
}

static bool read_path_length(struct xv_parser *p, struct xv_cursor *c) {
    const struct xv_xenstore_2020 *x = &p->xenstore.proposal;
    uint64_t at = xv_at(c);
    uint32_t n = xv_xenstore_u32(p, c);

    if (n < 1 || n > XV_XENSTORE_PATH_MAX)
        return xv_reject_range(p, XV_XENSTORE_PATH_LENGTH, at, n, 1, XV_XENSTORE_PATH_MAX);
    if (x->kind == WATCH) {
        p->xenstore.watch.connection = x->domid;
        p->xenstore.watch.path_length = n;
        p->xenstore.watch.depth = UINT64_MAX;
        return text_field(p, PATH, n, false, at) && xv_xenstore_watch_begin(p, at);
    }
    return text_field(p, PATH, n, false, at) && xv_xenstore_node_begin(p, at);
}

/* Nodes of this proposal all have absolute paths: the special ones are not in it. */
static bool read_path(struct xv_parser *p, struct xv_cursor *c) {
    const struct xv_xenstore_2020 *x = &p->xenstore.proposal;
    uint64_t at = xv_at(c);
    uint8_t octet = 0;

    while (xv_get_u8(c, &octet)) {
        if (!xv_xenstore_path_octet(p, octet, at))
            return false;
        at = xv_at(c);
    }
    if (x->kind != WATCH && p->xenstore.path.first == '@')
        return xv_reject_value(p, XV_XENSTORE_PATH_RELATIVE, at - p->xenstore.path.length, '@');
    if (x->kind == WATCH ? !xv_xenstore_watch_path_end(p, at) : !xv_xenstore_node_end(p, at))
        return false;
    p->rec.phase = PADDING;
    if (x->pad == 0)
        return take(p, x->kind == WATCH ? TOKEN_LENGTH : PERMISSION_COUNT, 4, at);
    xv_want_bytes(p, x->pad);
    return true;
}

/* Behind a path: what follows depends on the kind. */
static bool read_padding(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t end = xv_at(c) + xv_left(c);

    return zeroes(p, c) && take(p, p->xenstore.proposal.kind == WATCH ? TOKEN_LENGTH : PERMISSION_COUNT, 4, end);
}

/* N permissions, the first of which is the owner's; none: the node was deleted in the transaction. */
static bool read_permission_count(struct xv_parser *p, struct xv_cursor *c) {
    const struct xv_xenstore_2020 *x = &p->xenstore.proposal;
    uint64_t at = xv_at(c);
    uint32_t n = xv_xenstore_u32(p, c);

    if (n > PERMISSIONS_MAX || (n == 0 && x->kind == NODE))
        return xv_reject_range(p, XV_XENSTORE_PERM_COUNT, at, n, x->kind == NODE, PERMISSIONS_MAX);
    p->xenstore.node.permissions = n;
    if (n == 0)
        return take(p, VALUE_LENGTH, 4, xv_at(c));
    return take(p, PERMISSIONS, PERMISSION * n, xv_at(c));
}

static bool read_permissions(struct xv_parser *p, struct xv_cursor *c) {
    for (uint32_t i = 0; xv_left(c) >= PERMISSION; i++) {
        if (!xv_xenstore_permission(p, c, i == 0))
            return false;
    }
    return take(p, VALUE_LENGTH, 4, xv_at(c));
}

static bool read_value_length(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t n = xv_xenstore_u32(p, c);

    if (n > XV_XENSTORE_PAYLOAD_MAX)
        return xv_reject_range(p, XV_XENSTORE_NODE_VALUE, at, n, 0, XV_XENSTORE_PAYLOAD_MAX);
    if (n && p->xenstore.node.permissions == 0)
        return xv_reject_range(p, XV_XENSTORE_NODE_ACCESS, at, n, 0, 0);
    p->xenstore.node.value_length = n;
    xv_xenstore_node_tell(p);
    if (n == 0)
        return done(p, xv_at(c));
    return text_field(p, VALUE, n, true, at);
}

static bool read_token_length(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t n = xv_xenstore_u32(p, c), most = XV_XENSTORE_PAYLOAD_MAX - 2 - p->xenstore.watch.path_length;

    if (n > most)
        return xv_reject_range(p, XV_XENSTORE_WATCH_LENGTH, at, n, 0, most);
    if (n == 0)
        return xv_xenstore_watch_end(p, at) && done(p, xv_at(c));
    return text_field(p, TOKEN, n, false, at);
}

static bool read_token(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint8_t octet = 0;

    while (xv_get_u8(c, &octet)) {
        if (octet == 0)
            return xv_reject(p, XV_XENSTORE_WATCH_TOKEN, at);
        if (!xv_tree_octet(p, octet, at))
            return false;
        at = xv_at(c);
    }
    if (p->rec.left != p->xenstore.proposal.pad)
        return xv_reject_range(p, XV_XENSTORE_2020_LENGTH, at, p->rec.left, p->xenstore.proposal.pad,
                               p->xenstore.proposal.pad);
    p->rec.phase = NOTHING;
    xv_want_bytes(p, p->rec.left);
    return xv_xenstore_watch_end(p, at);
}

/* What is still to go out to the guest: it may begin inside a message, so that nobody can walk it. */
static bool read_ring_length(struct xv_parser *p, struct xv_cursor *c) {
    struct xv_xenstore_2020 *x = &p->xenstore.proposal;
    uint64_t at = xv_at(c);
    uint32_t n = xv_xenstore_u32(p, c);

    if (n == 0 || x->ring)
        return xv_reject_value(p, XV_XENSTORE_2020_RING, at, n);
    if (n > p->policy.max_xenstore_buffer)
        return xv_reject_range(p, XV_XENSTORE_LIMIT_BUFFER, at, n, 1, p->policy.max_xenstore_buffer);
    x->ring = true;
    p->sum.xenstore_buffered += n;
    return text_field(p, RING, n, true, at);
}

static bool read_domain(struct xv_parser *p, struct xv_cursor *c) {
    struct xv_xenstore_2020 *x = &p->xenstore.proposal;
    uint64_t at = xv_at(c);
    uint32_t domid = xv_xenstore_u16(p, c), pad = xv_xenstore_u16(p, c);

    if (domid >= XV_DOMID_FIRST_RESERVED)
        return xv_reject_range(p, XV_XENSTORE_CONNECTION_DOMAIN, at, domid, 0, XV_DOMID_FIRST_RESERVED - 1);
    if (pad)
        return xv_reject_range(p, XV_XENSTORE_RESERVED, at + 2, pad, 0, 0);
    if (!xv_tree_begin(p, XV_TREE_RING, at) || !xv_tree_number(p, domid, at))
        return false;
    if (xv_tree_marked(p))
        return xv_reject_value(p, XV_XENSTORE_DOMAIN_REPEATED, at, domid);
    xv_tree_mark(p);
    x->domid = domid;
    x->domains = true;
    x->ring = false;
    p->sum.xenstore_domains++;
    xv_tell(p, XV_FACT_XENSTORE_DOMAIN, p->rec.offset, domid, 0, 0, NULL);
    return done(p, xv_at(c));
}

static bool nothing(struct xv_parser *p, struct xv_cursor *c) {
    return zeroes(p, c);
}

/* An opaque string went by. */
static bool opaque_end(struct xv_parser *p, struct xv_cursor *c) {
    (void)c;
    p->rec.phase = NOTHING;
    xv_want_bytes(p, p->rec.left);
    return true;
}

static bool data_body(struct xv_parser *p, struct xv_cursor *c) {
    static xv_body *const readers[] = {
        [KIND] = read_kind,
        [TRANSACTION_ID] = read_transaction,
        [PATH_LENGTH] = read_path_length,
        [PATH] = read_path,
        [PERMISSION_COUNT] = read_permission_count,
        [PERMISSIONS] = read_permissions,
        [VALUE_LENGTH] = read_value_length,
        [VALUE] = opaque_end,
        [TOKEN_LENGTH] = read_token_length,
        [TOKEN] = read_token,
        [RING_LENGTH] = read_ring_length,
        [RING] = opaque_end,
        [DOMAIN] = read_domain,
        [PADDING] = read_padding,
        [NOTHING] = nothing,
    };

    return p->rec.phase <= NOTHING && readers[p->rec.phase](p, c);
}

xv_body *xv_xenstore_2020_body(uint32_t type) {
    return type == DOMAIN_XENSTORE_DATA ? data_body : NULL;
}
