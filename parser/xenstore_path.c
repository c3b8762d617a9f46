/* SPDX-License-Identifier: MIT */
#include "xenstore_path.h"

#include <string.h>

#include "state.h"

void xv_xenstore_path_begin(struct xv_parser *p, bool watch) {
    memset(&p->xenstore.path, 0, sizeof(p->xenstore.path));
    p->xenstore.path.watch = watch;
}

static bool in_alphabet(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '/' ||
           c == '_' || c == '@';
}

/* A special watch that later releases do not know: any octets at all, up to Xen 4.17. */
static bool odd(struct xv_parser *p, enum xv_code code, uint8_t octet, uint64_t at) {
    const struct xv_xenstore_path *path = &p->xenstore.path;

    if (path->watch && path->first == '@')
        return xv_tolerates(p, XV_TOLERATE_XENSTORE_SPECIAL, at) ||
               xv_reject_value(p, XV_XENSTORE_WATCH_SPECIAL, at, octet);
    return xv_reject_value(p, code, at, octet);
}

static uint32_t longest(const struct xv_xenstore_path *path) {
    return path->first == '/' ? XV_XENSTORE_PATH_MAX : XV_XENSTORE_RELATIVE_MAX;
}

/* What an octet may be, by what came before it. */
static bool check_octet(struct xv_parser *p, uint8_t octet, uint64_t at) {
    struct xv_xenstore_path *path = &p->xenstore.path;

    if (path->length == 0) {
        path->first = octet;
        path->parent = octet != '/';
        if (!path->watch && octet != '/' && octet != '@')
            return xv_reject_value(p, XV_XENSTORE_PATH_RELATIVE, at, octet);
    }
    if (octet == 0)
        return xv_reject(p, XV_XENSTORE_PATH_NUL, at);
    if (!in_alphabet(octet) && !odd(p, XV_XENSTORE_PATH_OCTET, octet, at))
        return false;
    if (octet == '/' && path->last == '/' && !odd(p, XV_XENSTORE_PATH_SLASH, octet, at))
        return false;
    if (path->length >= longest(path))
        return xv_reject_range(p, XV_XENSTORE_PATH_LENGTH, at, (uint64_t)path->length + 1, 1, longest(path));
    return true;
}

/* A component begins: the first one, or behind a slash. */
static bool count_component(struct xv_parser *p, uint8_t octet, uint64_t at) {
    struct xv_xenstore_path *path = &p->xenstore.path;

    if (octet == '/' || (path->length != 0 && path->last != '/'))
        return true;
    path->depth++;
    if (path->depth > p->policy.max_xenstore_depth)
        return xv_reject_range(p, XV_XENSTORE_PATH_DEPTH, at, path->depth, 0, p->policy.max_xenstore_depth);
    return true;
}

static void keep_text(struct xv_xenstore_path *path, uint8_t octet) {
    static const char cut[4] = "...";

    if (path->length < XV_TEXT - 4)
        path->text[path->length] = octet >= 0x20 && octet <= 0x7e ? (char)octet : '?';
    else
        memcpy(path->text + XV_TEXT - 4, cut, sizeof(cut));
}

bool xv_xenstore_path_octet(struct xv_parser *p, uint8_t octet, uint64_t at) {
    struct xv_xenstore_path *path = &p->xenstore.path;

    if (!check_octet(p, octet, at) || !count_component(p, octet, at))
        return false;
    if (octet == '/' && path->length != 0) /* what came before the slash is the parent of what follows it */
        path->parent = xv_tree_marked(p);
    if (!xv_tree_octet(p, octet, at))
        return false;
    if (octet == '/' && path->length == 0)
        path->parent = xv_tree_marked(p);
    keep_text(path, octet);
    path->last = octet;
    path->length++;
    return true;
}

bool xv_xenstore_path_end(struct xv_parser *p, uint64_t at) {
    struct xv_xenstore_path *path = &p->xenstore.path;

    if (path->length == 0)
        return xv_reject_range(p, XV_XENSTORE_PATH_LENGTH, at, 0, 1, XV_XENSTORE_PATH_MAX);
    if (path->length == 1 && path->first == '/') {
        path->parent = true;
        return true;
    }
    return path->last != '/' || odd(p, XV_XENSTORE_PATH_SLASH, path->last, at);
}
