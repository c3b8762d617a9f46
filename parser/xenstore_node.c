/* SPDX-License-Identifier: MIT */
/* TRANSACTION_DATA and NODE_DATA: permissions, path and value of a node (xenstore 4, 5). */
#include "state.h"
#include "xenstore.h"

#define HEAD            16u
#define PERMISSION      4u
#define PERMISSIONS_MAX (XV_XENSTORE_PAYLOAD_MAX / 3) /* "r0" and a NUL each, in one message */
#define ACCESS_BITS     3u
#define STALE           1u

/* rec.phase */
enum { START, PERMISSIONS, PATH, VALUE, PADDING };

bool xv_xenstore_transaction(struct xv_parser *p, uint32_t connection, uint32_t id, uint64_t at) {
    if (!xv_xenstore_count(p, &p->sum.xenstore_transactions, p->policy.max_xenstore_transactions, at))
        return false;
    if (!xv_tree_begin(p, XV_TREE_TRANSACTION, at) || !xv_tree_number(p, connection, at) || !xv_tree_number(p, id, at))
        return false;
    if (id == 0 || xv_tree_marked(p))
        return xv_reject_value(p, XV_XENSTORE_TRANSACTION_ID, at, id);
    xv_tree_mark(p);
    xv_tell(p, XV_FACT_XENSTORE_TRANSACTION, p->rec.offset, connection, id, 0, NULL);
    return true;
}

bool xv_xenstore_transaction_body(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t connection = xv_xenstore_u32(p, c), id = xv_xenstore_u32(p, c);

    return xv_xenstore_known_connection(p, connection, at) && xv_xenstore_transaction(p, connection, id, at + 4);
}

/* The transaction of a node came before it. */
static bool known_transaction(struct xv_parser *p, uint64_t at) {
    const struct xv_xenstore_node *n = &p->xenstore.node;

    if (!xv_tree_begin(p, XV_TREE_TRANSACTION, at) || !xv_tree_number(p, n->connection, at) ||
        !xv_tree_number(p, n->transaction, at))
        return false;
    return xv_tree_marked(p) || xv_reject_value(p, XV_XENSTORE_TRANSACTION_UNKNOWN, at, n->transaction);
}

/* Whatever else an entry names, its domain may be gone, or never have been: clients choose it. */
bool xv_xenstore_permission(struct xv_parser *p, struct xv_cursor *c, bool owner) {
    uint64_t at = xv_at(c);
    uint8_t letter = 0, flags = 0;
    uint32_t domid;

    (void)xv_get_u8(c, &letter);
    (void)xv_get_u8(c, &flags);
    domid = xv_xenstore_u16(p, c);
    if (letter != 'n' && letter != 'r' && letter != 'w' && letter != 'b')
        return xv_reject_value(p, XV_XENSTORE_PERM_LETTER, at, letter);
    if (flags > (p->sum.xenstore_version == XV_XENSTORE_2020 ? 0 : STALE))
        return xv_reject_range(p, XV_XENSTORE_PERM_FLAGS, at + 1, flags, 0,
                               p->sum.xenstore_version == XV_XENSTORE_2020 ? 0 : STALE);
    if (!owner)
        return true;
    if (domid >= XV_DOMID_FIRST_RESERVED)
        return xv_reject_range(p, XV_XENSTORE_PERM_OWNER, at + 2, domid, 0, XV_DOMID_FIRST_RESERVED - 1);
    p->xenstore.node.owner = domid;
    return true;
}

/* Committed: an owner, and nothing about a transaction. In a transaction: deleted, or like a committed one. */
static bool check_access(struct xv_parser *p, uint32_t access, uint64_t at) {
    const struct xv_xenstore_node *n = &p->xenstore.node;

    if (n->connection == 0 && n->transaction != 0)
        return xv_reject_range(p, XV_XENSTORE_RESERVED, at + 4, n->transaction, 0, 0);
    if (n->connection == 0 && access != 0)
        return xv_reject_range(p, XV_XENSTORE_RESERVED, at + 12, access, 0, 0);
    if (access & ~ACCESS_BITS)
        return xv_reject_range(p, XV_XENSTORE_RESERVED, at + 12, access, 0, ACCESS_BITS);
    if (n->connection != 0 && (access == 0) != (n->permissions == 0))
        return xv_reject_value(p, XV_XENSTORE_NODE_ACCESS, at + 12, access);
    if (n->connection != 0 && access == 0 && n->value_length != 0)
        return xv_reject_range(p, XV_XENSTORE_NODE_ACCESS, at + 10, n->value_length, 0, 0);
    return true;
}

static bool check_lengths(struct xv_parser *p, uint64_t at) {
    const struct xv_xenstore_node *n = &p->xenstore.node;

    if (n->path_length < 2 || n->path_length > XV_XENSTORE_PATH_MAX + 1)
        return xv_reject_range(p, XV_XENSTORE_PATH_LENGTH, at + 8, n->path_length, 2, XV_XENSTORE_PATH_MAX + 1);
    if (n->value_length > XV_XENSTORE_PAYLOAD_MAX)
        return xv_reject_range(p, XV_XENSTORE_NODE_VALUE, at + 10, n->value_length, 0, XV_XENSTORE_PAYLOAD_MAX);
    if (n->permissions > PERMISSIONS_MAX || (n->permissions == 0 && n->connection == 0))
        return xv_reject_range(p, XV_XENSTORE_PERM_COUNT, at + 14, n->permissions, n->connection == 0, PERMISSIONS_MAX);
    return xv_xenstore_fits(p, HEAD + PERMISSION * (uint64_t)n->permissions + n->path_length + n->value_length);
}

static void take(struct xv_parser *p, uint32_t n, uint32_t phase) {
    p->rec.phase = phase;
    xv_want_bytes(p, n);
}

static bool head(struct xv_parser *p, struct xv_cursor *c) {
    struct xv_xenstore_node *n = &p->xenstore.node;
    uint64_t at = xv_at(c);
    uint32_t access;

    n->connection = xv_xenstore_u32(p, c);
    n->transaction = xv_xenstore_u32(p, c);
    n->path_length = xv_xenstore_u16(p, c);
    n->value_length = xv_xenstore_u16(p, c);
    access = xv_xenstore_u16(p, c);
    n->permissions = xv_xenstore_u16(p, c);
    n->owner = 0;
    if (!check_access(p, access, at) || !check_lengths(p, at))
        return false;
    if (n->connection != 0 && (!xv_xenstore_known_connection(p, n->connection, at) || !known_transaction(p, at + 4)))
        return false;
    if (n->permissions)
        take(p, PERMISSION * n->permissions, PERMISSIONS);
    else
        take(p, n->path_length, PATH);
    return true;
}

static bool permissions(struct xv_parser *p, struct xv_cursor *c) {
    for (uint32_t i = 0; xv_left(c) >= PERMISSION; i++) {
        if (!xv_xenstore_permission(p, c, i == 0))
            return false;
    }
    take(p, p->xenstore.node.path_length, PATH);
    return true;
}

bool xv_xenstore_node_begin(struct xv_parser *p, uint64_t at) {
    const struct xv_xenstore_node *n = &p->xenstore.node;

    if (!xv_xenstore_count(p, &p->sum.xenstore_nodes, p->policy.max_xenstore_nodes, at))
        return false;
    xv_xenstore_path_begin(p, false);
    if (n->connection == 0 && n->transaction == 0)
        return xv_tree_begin(p, XV_TREE_NODE, at);
    return xv_tree_begin(p, XV_TREE_TRANSACTION_NODE, at) && xv_tree_number(p, n->connection, at) &&
           xv_tree_number(p, n->transaction, at);
}

/* What is watched for domains coming and going; nothing else begins with an at sign. */
static bool special_exists(const struct xv_xenstore_path *path) {
    static const char names[2][XV_TEXT] = {"@introduceDomain", "@releaseDomain"};

    for (unsigned i = 0; i < 2; i++) {
        unsigned k = 0;

        while (k < XV_TEXT && path->text[k] == names[i][k])
            k++;
        if (k == XV_TEXT)
            return true;
    }
    return false;
}

bool xv_xenstore_node_end(struct xv_parser *p, uint64_t at) {
    const struct xv_xenstore_node *n = &p->xenstore.node;
    const struct xv_xenstore_path *path = &p->xenstore.path;

    if (!xv_xenstore_path_end(p, at))
        return false;
    if (path->first == '@' && !special_exists(path))
        return xv_reject(p, XV_XENSTORE_NODE_SPECIAL, at - path->length);
    if (n->connection == 0 && n->transaction == 0 && !path->parent && path->first == '/' && !p->xenstore.one_domain)
        return xv_reject(p, XV_XENSTORE_NODE_PARENT, at - path->length);
    if (xv_tree_marked(p))
        return xv_reject(p, XV_XENSTORE_NODE_REPEATED, at - path->length);
    xv_tree_mark(p);
    return true;
}

void xv_xenstore_node_tell(struct xv_parser *p) {
    const struct xv_xenstore_node *n = &p->xenstore.node;

    p->sum.xenstore_values += n->value_length;
    xv_tell(p, XV_FACT_XENSTORE_NODE, p->rec.offset, (uint64_t)n->connection << 32 | n->transaction, n->value_length,
            (uint64_t)n->permissions << 32 | n->owner, p->xenstore.path.text);
}

/* The path and its NUL; the value passes unseen. */
static bool path(struct xv_parser *p, struct xv_cursor *c) {
    uint8_t octet = 0;

    if (!xv_xenstore_node_begin(p, xv_at(c)))
        return false;
    while (xv_left(c) > 1) {
        uint64_t at = xv_at(c);

        (void)xv_get_u8(c, &octet);
        if (!xv_xenstore_path_octet(p, octet, at))
            return false;
    }
    (void)xv_get_u8(c, &octet);
    if (octet != 0)
        return xv_reject_value(p, XV_XENSTORE_PATH_NUL, xv_at(c) - 1, octet);
    if (!xv_xenstore_node_end(p, xv_at(c) - 1))
        return false;
    xv_xenstore_node_tell(p);
    p->rec.phase = VALUE;
    if (p->xenstore.node.value_length)
        xv_want_opaque(p, p->xenstore.node.value_length);
    else
        take(p, p->rec.left, PADDING);
    return true;
}

bool xv_xenstore_node_body(struct xv_parser *p, struct xv_cursor *c) {
    switch (p->rec.phase) {
    case START:
        return head(p, c);
    case PERMISSIONS:
        return permissions(p, c);
    case PATH:
        return path(p, c);
    case VALUE:
        take(p, p->rec.left, PADDING);
        return true;
    default:
        return xv_xenstore_padding(p, c);
    }
}
