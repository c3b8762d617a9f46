/* SPDX-License-Identifier: MIT */
/*
 * CONNECTION_DATA: a ring or a socket, and what is on its way through it. xenstored trusts the lengths in the buffered
 * messages, so they are walked here: whole requests, the last of which may be cut; the rest of one response, then whole
 * responses (xenstore 4). What the messages say is between the client and xenstored.
 */
#include "state.h"
#include "xenstore.h"

#define HEAD         24u
#define MESSAGE      16u
#define RESPONSE_MAX (MESSAGE + XV_XENSTORE_PAYLOAD_MAX - 1) /* at least one octet is out already */
#define UNIQUE_ID    1u                                      /* in `fields` */

enum connection { RING, SOCKET };

/* Types of messages (xs_wire.h). */
enum { RESTRICT = 20, MESSAGE_TYPES = 27 };

/* rec.phase: what the next piece is */
enum { START, REQUEST, REQUEST_REST, RESPONSE_REST, RESPONSE, RESPONSE_BODY, PADDING, UNIQUE };

/* A number with one use, in the sense of `kind`. */
static bool once(struct xv_parser *p, enum xv_tree_kind kind, uint32_t number, uint64_t at) {
    if (!xv_tree_begin(p, kind, at) || !xv_tree_number(p, number, at))
        return false;
    if (xv_tree_marked(p))
        return xv_reject_value(p, XV_XENSTORE_CONNECTION_SHARED, at, number);
    xv_tree_mark(p);
    return true;
}

/* A reader has a domain of this number from here on. */
static bool know_domain(struct xv_parser *p, uint32_t domid, uint64_t at) {
    if (!xv_tree_begin(p, XV_TREE_DOMAIN, at) || !xv_tree_number(p, domid, at))
        return false;
    xv_tree_mark(p);
    return true;
}

static bool ring(struct xv_parser *p, struct xv_cursor *c, uint64_t *who) {
    uint64_t at = xv_at(c);
    uint32_t domid = xv_xenstore_u16(p, c), target = xv_xenstore_u16(p, c);

    *who = domid;
    (void)xv_skip(c, 4); /* any event channel: 0 when the ring was lost */
    if (domid >= XV_DOMID_FIRST_RESERVED)
        return xv_reject_range(p, XV_XENSTORE_CONNECTION_DOMAIN, at, domid, 0, XV_DOMID_FIRST_RESERVED - 1);
    if (target >= XV_DOMID_FIRST_RESERVED && target != XV_DOMID_INVALID)
        return xv_reject_range(p, XV_XENSTORE_CONNECTION_DOMAIN, at + 2, target, 0, XV_DOMID_FIRST_RESERVED - 1);
    if (!once(p, XV_TREE_RING, domid, at) || !know_domain(p, domid, at))
        return false;
    return target == XV_DOMID_INVALID || know_domain(p, target, at + 2);
}

static bool socket(struct xv_parser *p, struct xv_cursor *c, uint64_t *who) {
    uint64_t at = xv_at(c);
    uint32_t fd = xv_xenstore_u32(p, c), pad = xv_xenstore_u32(p, c);

    *who = XV_XENSTORE_SOCKET | fd;
    if (p->xenstore.one_domain)
        return xv_reject_value(p, XV_XENSTORE_CONNECTION_TYPE, at - 4, SOCKET);
    if (fd > INT32_MAX)
        return xv_reject_range(p, XV_XENSTORE_DESCRIPTOR, at, fd, 0, INT32_MAX);
    if (pad)
        return xv_reject_range(p, XV_XENSTORE_RESERVED, at + 4, pad, 0, 0);
    return once(p, XV_TREE_DESCRIPTOR, fd, at);
}

/* id, type and fields. */
static bool identity(struct xv_parser *p, struct xv_cursor *c) {
    struct xv_xenstore_connection *k = &p->xenstore.connection;
    uint64_t at = xv_at(c);

    k->id = xv_xenstore_u32(p, c);
    k->type = xv_xenstore_u16(p, c);
    k->fields = xv_xenstore_u16(p, c);
    if (p->xenstore.one_domain && p->sum.xenstore_connections != 0)
        return xv_reject_value(p, XV_XENSTORE_RECORD_REPEATED, p->rec.offset, p->rec.type);
    if (!xv_xenstore_count(p, &p->sum.xenstore_connections, p->policy.max_xenstore_connections, at))
        return false;
    if (!xv_tree_begin(p, XV_TREE_CONNECTION, at) || !xv_tree_number(p, k->id, at))
        return false;
    if (k->id == 0 || xv_tree_marked(p))
        return xv_reject_value(p, XV_XENSTORE_CONNECTION_ID, at, k->id);
    xv_tree_mark(p);
    if (k->type > SOCKET)
        return xv_reject_range(p, XV_XENSTORE_CONNECTION_TYPE, at + 4, k->type, RING, SOCKET);
    if (k->fields & ~UNIQUE_ID || (k->fields && k->type == SOCKET))
        return xv_reject_range(p, XV_XENSTORE_CONNECTION_FIELDS, at + 6, k->fields, 0, k->type == RING);
    return true;
}

static bool check_buffers(struct xv_parser *p, uint64_t at) {
    const struct xv_xenstore_connection *k = &p->xenstore.connection;
    uint64_t buffered = (uint64_t)k->in_left + k->out_left, contents = HEAD + buffered;
    uint32_t most = k->out_left < RESPONSE_MAX ? k->out_left : RESPONSE_MAX;

    if (buffered > p->policy.max_xenstore_buffer)
        return xv_reject_range(p, XV_XENSTORE_LIMIT_BUFFER, at, buffered, 0, p->policy.max_xenstore_buffer);
    if (k->response_left > most)
        return xv_reject_range(p, XV_XENSTORE_RESPONSE, at + 2, k->response_left, 0, most);
    p->sum.xenstore_buffered += buffered;
    if (!(k->fields & UNIQUE_ID))
        return xv_xenstore_fits(p, contents);
    contents = (contents + 7) / 8 * 8 + 8;
    if (p->rec.length != contents)
        return xv_reject_range(p, XV_XENSTORE_RECORD_LENGTH, p->rec.offset + 4, p->rec.length, contents, contents);
    return true;
}

static bool head(struct xv_parser *p, struct xv_cursor *c) {
    struct xv_xenstore_connection *k = &p->xenstore.connection;
    uint64_t at, who = 0;

    if (!identity(p, c) || !(k->type == RING ? ring(p, c, &who) : socket(p, c, &who)))
        return false;
    at = xv_at(c);
    k->in_left = xv_xenstore_u16(p, c);
    k->response_left = xv_xenstore_u16(p, c);
    k->out_left = xv_xenstore_u32(p, c);
    if (!check_buffers(p, at))
        return false;
    xv_tell(p, XV_FACT_XENSTORE_CONNECTION, p->rec.offset, k->id, who, (uint64_t)k->in_left << 32 | k->out_left, NULL);
    k->out_left -= k->response_left;
    k->pad = (8 - ((k->in_left + k->response_left + k->out_left) & 7u)) & 7u;
    return true;
}

/* Before opaque octets pass: what is left of the responses behind them begins with a whole header. */
static bool check_rest(struct xv_parser *p, uint32_t left, uint64_t at) {
    return left == 0 || left >= MESSAGE || xv_reject_range(p, XV_XENSTORE_MESSAGE_CUT, at, left, MESSAGE, MESSAGE);
}

/* The header of a buffered message: how many octets of its body are here. */
static bool message(struct xv_parser *p, struct xv_cursor *c, bool response, uint32_t here, uint32_t *body) {
    uint64_t at = xv_at(c);
    uint32_t type = xv_xenstore_u32(p, c), length;

    (void)xv_skip(c, 8); /* request and transaction ids are the client's */
    length = xv_xenstore_u32(p, c);
    if (length > XV_XENSTORE_PAYLOAD_MAX)
        return xv_reject_range(p, XV_XENSTORE_MESSAGE_LENGTH, at + 12, length, 0, XV_XENSTORE_PAYLOAD_MAX);
    if (response && (type >= MESSAGE_TYPES || type == RESTRICT)) /* a request may be anything: it will be refused */
        return xv_reject_range(p, XV_XENSTORE_MESSAGE_TYPE, at, type, 0, MESSAGE_TYPES - 1);
    if (response && length > here)
        return xv_reject_range(p, XV_XENSTORE_MESSAGE_CUT, at + 12, length, 0, here);
    *body = length < here ? length : here;
    return !response || check_rest(p, here - *body, at + MESSAGE + *body);
}

/* Takes n octets off what is left of a buffer, and lets them pass. */
static void pass(struct xv_parser *p, uint32_t *left, uint32_t n, uint32_t phase) {
    *left -= n <= *left ? n : *left;
    p->rec.phase = phase;
    xv_want_opaque(p, n);
}

static void take(struct xv_parser *p, uint32_t n, uint32_t phase) {
    p->rec.phase = phase;
    xv_want_bytes(p, n);
}

/* What comes next in the record, by what is left of it. */
static void next(struct xv_parser *p) {
    struct xv_xenstore_connection *k = &p->xenstore.connection;

    if (k->in_left >= MESSAGE) {
        take(p, MESSAGE, REQUEST);
    } else if (k->in_left) {
        pass(p, &k->in_left, k->in_left, REQUEST_REST);
    } else if (k->response_left) {
        pass(p, &k->response_left, k->response_left, RESPONSE_REST);
    } else if (k->out_left) {
        take(p, MESSAGE, RESPONSE);
    } else if (k->fields & UNIQUE_ID && p->rec.left == 8) {
        take(p, 8, UNIQUE);
    } else {
        take(p, k->fields & UNIQUE_ID ? k->pad : p->rec.left, PADDING);
    }
}

/* A request or a response begins; its body passes unseen. */
static bool begin_message(struct xv_parser *p, struct xv_cursor *c, uint32_t *left, uint32_t phase) {
    uint32_t body = 0;

    *left -= MESSAGE <= *left ? MESSAGE : *left;
    if (!message(p, c, phase == RESPONSE_BODY, *left, &body))
        return false;
    if (body == 0)
        next(p);
    else
        pass(p, left, body, phase);
    return true;
}

bool xv_xenstore_connection_body(struct xv_parser *p, struct xv_cursor *c) {
    struct xv_xenstore_connection *k = &p->xenstore.connection;

    switch (p->rec.phase) {
    case START:
        if (!head(p, c) || !check_rest(p, k->out_left, xv_at(c) + k->in_left + k->response_left))
            return false;
        next(p);
        return true;
    case REQUEST:
        return begin_message(p, c, &k->in_left, REQUEST_REST);
    case RESPONSE:
        return begin_message(p, c, &k->out_left, RESPONSE_BODY);
    case PADDING:
        next(p);
        return xv_xenstore_padding(p, c);
    case UNIQUE: /* any number: a later check of the domains compares it */
        return true;
    default:
        next(p);
        return true;
    }
}
