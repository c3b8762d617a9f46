/* SPDX-License-Identifier: MIT */
/* WATCH_DATA and WATCH_DATA_EXTENDED: connection, path and token (xenstore 4, 5). */
#include "state.h"
#include "xenstore.h"

#define EXTENDED    8u /* the type */
#define UNLIMITED   0xffffu
#define HEAD        8u
#define STRINGS_MIN 3u /* a path of one octet, an empty token, two NULs */

/* rec.phase */
enum { START, FIRST_STRINGS, STRINGS };

bool xv_xenstore_watch_begin(struct xv_parser *p, uint64_t at) {
    if (!xv_xenstore_count(p, &p->sum.xenstore_watches, p->policy.max_xenstore_watches, at))
        return false;
    xv_xenstore_path_begin(p, true);
    return xv_tree_begin(p, XV_TREE_WATCH, at) && xv_tree_number(p, p->xenstore.watch.connection, at);
}

bool xv_xenstore_watch_path_end(struct xv_parser *p, uint64_t at) {
    return xv_xenstore_path_end(p, at) && xv_tree_octet(p, 0, at);
}

bool xv_xenstore_watch_end(struct xv_parser *p, uint64_t at) {
    const struct xv_xenstore_watch *w = &p->xenstore.watch;

    if (xv_tree_marked(p))
        return xv_reject_value(p, XV_XENSTORE_WATCH_REPEATED, at, w->connection);
    xv_tree_mark(p);
    xv_tell(p, XV_FACT_XENSTORE_WATCH, p->rec.offset, w->connection, w->depth, 0, p->xenstore.path.text);
    return true;
}

static bool head(struct xv_parser *p, struct xv_cursor *c) {
    struct xv_xenstore_watch *w = &p->xenstore.watch;
    uint64_t at = xv_at(c);
    uint32_t token;

    w->connection = xv_xenstore_u32(p, c);
    w->path_length = xv_xenstore_u16(p, c);
    token = xv_xenstore_u16(p, c);
    w->total = w->path_length + token;
    w->at = 0;
    w->depth = UINT64_MAX;
    if (w->path_length < 2)
        return xv_reject_range(p, XV_XENSTORE_WATCH_LENGTH, at + 4, w->path_length, 2, XV_XENSTORE_PAYLOAD_MAX - 1);
    if (token < 1 || w->total > XV_XENSTORE_PAYLOAD_MAX)
        return xv_reject_range(p, XV_XENSTORE_WATCH_LENGTH, at + 6, token, 1, XV_XENSTORE_PAYLOAD_MAX - w->path_length);
    if (p->rec.type != EXTENDED && !xv_xenstore_fits(p, HEAD + (uint64_t)w->total))
        return false;
    if (!xv_xenstore_known_connection(p, w->connection, at))
        return false;
    p->rec.phase = FIRST_STRINGS;
    xv_want_bytes(p, p->rec.type == EXTENDED ? (w->total + 7) / 8 * 8 : p->rec.left);
    return xv_xenstore_watch_begin(p, at);
}

/* The octet at i of what is left; 1, which is no NUL, beyond its end. */
static uint8_t peek(const struct xv_cursor *c, uint32_t i) {
    struct xv_cursor copy = *c;
    uint8_t octet = 1;

    if (!xv_skip(&copy, i) || !xv_get_u8(&copy, &octet))
        return 1;
    return octet;
}

/* The specification's: depth, two octets of zero, then the strings. */
static bool specified_layout(struct xv_parser *p, struct xv_cursor *c) {
    p->xenstore.watch.depth = xv_xenstore_u16(p, c);
    (void)xv_skip(c, 2);
    return xv_xenstore_fits(p, HEAD + 4 + (uint64_t)p->xenstore.watch.total);
}

/*
 * As xenstored 4.22 writes it: the strings at once, no depth, and a length that counts the depth and its padding, so
 * that it may be eight octets more than what was written.
 */
static bool written_layout(struct xv_parser *p, uint64_t at) {
    uint32_t total = p->xenstore.watch.total, written = HEAD + (total + 7) / 8 * 8;

    if (!xv_tolerates(p, XV_TOLERATE_XENSTORE_DEPTH_LOST, at))
        return xv_reject_value(p, XV_XENSTORE_WATCH_LAYOUT, at, HEAD);
    if (!xv_xenstore_fits(p, HEAD + 4 + (uint64_t)total))
        return false;
    if (p->rec.left == 8) {
        p->rec.left = 0;
        p->rec.length = written;
    }
    return true;
}

/* As xenstored 4.22 reads it: the strings right after the depth. */
static bool read_layout(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);

    if (!xv_tolerates(p, XV_TOLERATE_XENSTORE_DEPTH_AT_10, at))
        return xv_reject_value(p, XV_XENSTORE_WATCH_LAYOUT, at, HEAD + 2);
    p->xenstore.watch.depth = xv_xenstore_u16(p, c);
    return xv_xenstore_fits(p, HEAD + 2 + (uint64_t)p->xenstore.watch.total);
}

/*
 * A path has no NULs, so the two octets of padding tell the specified layout from the others; the place of the NULs,
 * and that a path begins with no small number, tell those apart.
 */
static bool layout(struct xv_parser *p, struct xv_cursor *c) {
    struct xv_xenstore_watch *w = &p->xenstore.watch;

    if (peek(c, 2) == 0 && peek(c, 3) == 0) {
        if (!specified_layout(p, c))
            return false;
    } else if (peek(c, 0) >= '-' && peek(c, w->path_length - 1) == 0 && peek(c, w->total - 1) == 0) {
        if (!written_layout(p, xv_at(c)))
            return false;
    } else if (!read_layout(p, c)) {
        return false;
    }
    if (w->depth == UNLIMITED)
        w->depth = UINT64_MAX;
    return true;
}

/* The octets of path and token; each ends in its only NUL. */
static bool string_octet(struct xv_parser *p, uint8_t octet, uint64_t at) {
    const struct xv_xenstore_watch *w = &p->xenstore.watch;

    if (w->at < w->path_length - 1)
        return xv_xenstore_path_octet(p, octet, at);
    if (w->at == w->path_length - 1)
        return octet == 0 ? xv_xenstore_watch_path_end(p, at) : xv_reject_value(p, XV_XENSTORE_PATH_NUL, at, octet);
    if ((octet == 0) != (w->at == w->total - 1))
        return xv_reject_value(p, XV_XENSTORE_WATCH_TOKEN, at, octet);
    return octet == 0 ? xv_xenstore_watch_end(p, at) : xv_tree_octet(p, octet, at);
}

bool xv_xenstore_watch_body(struct xv_parser *p, struct xv_cursor *c) {
    struct xv_xenstore_watch *w = &p->xenstore.watch;

    if (p->rec.phase == START)
        return head(p, c);
    if (p->rec.phase == FIRST_STRINGS && p->rec.type == EXTENDED && !layout(p, c))
        return false;
    p->rec.phase = STRINGS;
    while (w->at < w->total) {
        uint64_t at = xv_at(c);
        uint8_t octet = 0;

        if (!xv_get_u8(c, &octet))
            break;
        if (!string_octet(p, octet, at))
            return false;
        w->at++;
    }
    xv_want_bytes(p, p->rec.left);
    return xv_xenstore_padding(p, c);
}
