/* SPDX-License-Identifier: MIT */
/* GLOBAL_QUOTA_DATA and DOMAIN_DATA: values, then their names (xenstore 4). */
#include <string.h>

#include "state.h"
#include "xenstore.h"

#define QUOTAS_MAX 64u
#define NAME_MAX   (XV_TEXT - 1u)

static bool in_alphabet(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* One name with its NUL. */
static bool name(struct xv_parser *p, struct xv_cursor *c, char text[XV_TEXT]) {
    uint64_t start = xv_at(c), at = start;
    uint8_t octet = 0;

    for (uint32_t i = 0; i < XV_TEXT; i++) {
        if (!xv_get_u8(c, &octet))
            return xv_reject(p, XV_XENSTORE_QUOTA_NAME, at);
        if (octet == 0)
            return i != 0 || xv_reject(p, XV_XENSTORE_QUOTA_NAME, at);
        if (i == NAME_MAX || !in_alphabet(octet))
            return xv_reject_value(p, XV_XENSTORE_QUOTA_NAME, at, octet);
        if (!xv_tree_octet(p, octet, at))
            return false;
        text[i] = (char)(octet & 0x7fu);
        at++;
    }
    return xv_reject(p, XV_XENSTORE_QUOTA_NAME, start);
}

static bool quota(struct xv_parser *p, struct xv_cursor *values, struct xv_cursor *names, uint32_t whose) {
    char text[XV_TEXT];
    uint64_t at = xv_at(names);
    uint32_t value = xv_xenstore_u32(p, values);

    memset(text, 0, sizeof(text));
    if (!xv_tree_begin(p, XV_TREE_QUOTA, at) || !xv_tree_number(p, whose, at) || !name(p, names, text))
        return false;
    if (xv_tree_marked(p))
        return xv_reject(p, XV_XENSTORE_QUOTA_REPEATED, at);
    xv_tree_mark(p);
    p->sum.xenstore_quotas++;
    xv_tell(p, XV_FACT_XENSTORE_QUOTA, at, value, whose, 0, text);
    return true;
}

/* n values, then n names, then padding; `at` is where n stands. */
static bool quotas(struct xv_parser *p, struct xv_cursor *c, uint32_t n, uint32_t whose, uint64_t at) {
    struct xv_cursor values;

    if (p->rec.left != 0 || n > QUOTAS_MAX || !xv_take(c, 4 * (size_t)n, &values))
        return xv_reject_range(p, XV_XENSTORE_QUOTA_COUNT, at, n, 0, QUOTAS_MAX);
    for (uint32_t i = 0; i < n && i < QUOTAS_MAX; i++) {
        if (!quota(p, &values, c, whose))
            return false;
    }
    return xv_xenstore_fits(p, xv_at(c) - p->rec.offset - 8) && xv_xenstore_padding(p, c);
}

bool xv_xenstore_quota_body(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t domains = xv_xenstore_u16(p, c), global = xv_xenstore_u16(p, c);

    return quotas(p, c, domains + global, XV_XENSTORE_ALL, at);
}

/* A reader has such a domain: the reader of this release aborts otherwise. */
static bool check_domain(struct xv_parser *p, uint32_t domid, uint64_t at) {
    if (!xv_tree_begin(p, XV_TREE_DOMAIN, at) || !xv_tree_number(p, domid, at))
        return false;
    if (!xv_tree_marked(p) && !xv_tolerates(p, XV_TOLERATE_XENSTORE_DOMAIN_ALONE, at))
        return xv_reject_value(p, XV_XENSTORE_DOMAIN_UNKNOWN, at, domid);
    if (!xv_tree_begin(p, XV_TREE_DOMAIN_DATA, at) || !xv_tree_number(p, domid, at))
        return false;
    if (xv_tree_marked(p))
        return xv_reject_value(p, XV_XENSTORE_DOMAIN_REPEATED, at, domid);
    xv_tree_mark(p);
    return true;
}

bool xv_xenstore_domain_body(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t domid = xv_xenstore_u16(p, c), n = xv_xenstore_u16(p, c), features = xv_xenstore_u32(p, c);

    if (!check_domain(p, domid, at))
        return false;
    if (p->sum.xenstore_version == 1 && features != 0)
        return xv_reject_range(p, XV_XENSTORE_DOMAIN_FEATURES, at + 4, features, 0, 0);
    p->sum.xenstore_domains++;
    xv_tell(p, XV_FACT_XENSTORE_DOMAIN, p->rec.offset, domid, features, n, NULL);
    return quotas(p, c, n, domid, at + 2);
}
