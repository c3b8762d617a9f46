/* SPDX-License-Identifier: MIT */
#include "xl.h"

#include "state.h"

#define MANDATORY_JSON     1u
#define MANDATORY_STREAMV2 2u

static const char layer_name[XV_TEXT] = "xl";

/* The magic after its first eight octets, by which the format was recognised (xl 1.1). */
static bool check_magic(struct xv_parser *p, struct xv_cursor *c) {
    static const uint8_t rest[24] = {'d', ' ', 'd', 'o', 'm', 'a', 'i', 'n',  ',', ' ', 'x', 'l',
                                     ' ', 'f', 'o', 'r', 'm', 'a', 't', '\n', ' ', 0,   ' ', '\r'};

    for (unsigned i = 0; i < sizeof(rest); i++) {
        uint64_t at = xv_at(c);
        uint8_t octet;

        if (!xv_get_u8(c, &octet) || octet != rest[i])
            return xv_reject_range(p, XV_XL_MAGIC, at, octet, rest[i], rest[i]);
    }
    return true;
}

static bool check_flags(struct xv_parser *p, uint32_t mandatory, uint32_t optional, uint64_t at) {
    if (mandatory & ~(MANDATORY_JSON | MANDATORY_STREAMV2)) /* (xl 1.2) */
        return xv_reject_range(p, XV_XL_FLAG_UNKNOWN, at, mandatory, 3, 3);
    p->xl.legacy = !(mandatory & MANDATORY_STREAMV2);
    p->xl.text = p->xl.legacy && !(mandatory & MANDATORY_JSON);
    if (p->xl.legacy && !(p->policy.formats & XV_FORMAT_LEGACY_STREAM))
        return xv_reject_range(p, XV_XL_FLAG_STREAMV2, at, mandatory, 3, 3);
    if (!(mandatory & MANDATORY_JSON) && !p->xl.text)
        return xv_reject_range(p, XV_XL_FLAG_JSON, at, mandatory, 3, 3);
    if (optional)
        return xv_reject_range(p, XV_XL_OPTIONAL_FLAGS, at + 4, optional, 0, 0);
    return true;
}

bool xv_xl_header(struct xv_parser *p, struct xv_cursor *c) {
    uint32_t order = 0, mandatory = 0, optional = 0, length = 0, least;
    uint64_t at;

    if (!check_magic(p, c))
        return false;
    at = xv_at(c);
    (void)xv_get_u32(c, &order);
    (void)xv_get_u32(c, &mandatory);
    (void)xv_get_u32(c, &optional);
    (void)xv_get_u32(c, &length);
    if (order != 0x01020304) /* (xl 1.1) */
        return xv_reject_range(p, XV_XL_BYTEORDER, at, order, 0x01020304, 0x01020304);
    if (!check_flags(p, mandatory, optional, at + 4))
        return false;
    least = p->xl.text ? 4 : 5; /* the JSON flag promises a configuration (xl 1.3) */
    if (length < least)
        return xv_reject_range(p, XV_XL_OPTIONAL_LEN, at + 12, length, least, 4 + (uint64_t)p->policy.max_config_bytes);
    xv_tell(p, XV_FACT_LAYER, 0, 0, 0, 0, layer_name);
    p->xl.optional_len = length;
    p->await = XV_AWAIT_XL_CONFIG_LEN;
    return true;
}

/* The configuration is complete. */
static bool config_done(struct xv_parser *p) {
    p->await = XV_AWAIT_LIBXL_IDENT;
    if (p->xl.legacy)
        xv_legacy_item(p, XV_LG_START, 8);
    return true;
}

bool xv_xl_config_len(struct xv_parser *p, struct xv_cursor *c) {
    uint32_t length = 0, room = p->xl.optional_len - 4, least = !p->xl.text;
    uint64_t at = xv_at(c);

    (void)xv_get_u32(c, &length);
    if (length < least || length > p->policy.max_config_bytes) /* (xl 1.3) */
        return xv_reject_range(p, XV_XL_CONFIG_LEN, at, length, least, p->policy.max_config_bytes);
    if (length != room)
        return xv_reject_range(p, XV_XL_OPTIONAL_LEN, at, length, room, room);
    p->xl.config_left = length;
    p->sum.config_bytes = length;
    p->sum.config_text = p->xl.text;
    if (!p->xl.text)
        xv_config_begin(p, length);
    p->await = XV_AWAIT_XL_CONFIG;
    return length || config_done(p);
}

/* The xl.cfg of a legacy image: text of the sender's host, which nothing here interprets (xl 1.3). */
static bool config_text(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint8_t octet = 0;

    while (xv_get_u8(c, &octet)) {
        if ((octet < 0x20 && octet != '\t' && octet != '\n' && octet != '\r') || octet == 0x7f)
            return xv_reject_value(p, XV_LEGACY_CONFIG_TEXT, at, octet);
        at = xv_at(c);
    }
    return true;
}

bool xv_xl_config(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t n = (uint32_t)xv_left(c);

    if (!(p->xl.text ? config_text(p, c) : xv_config_feed(p, c)))
        return false;
    if (n < p->xl.config_left) {
        p->xl.config_left -= n;
        return true;
    }
    p->xl.config_left = 0;
    if (!p->xl.text && !xv_config_finish(p, at + n))
        return false;
    return config_done(p);
}
