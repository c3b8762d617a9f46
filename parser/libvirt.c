/* SPDX-License-Identifier: MIT */
#include "libvirt.h"

#include "state.h"

static const char layer_name[XV_TEXT] = "libvirt";

/* The magic after its first eight octets, by which the format was recognised (libvirt 1). */
static bool check_magic(struct xv_parser *p, struct xv_cursor *c) {
    static const uint8_t rest[8] = {'x', 'm', 'l', '\n', ' ', 0, ' ', '\r'};

    for (unsigned i = 0; i < sizeof(rest); i++) {
        uint64_t at = xv_at(c);
        uint8_t octet = 0;

        if (!xv_get_u8(c, &octet) || octet != rest[i])
            return xv_reject_range(p, XV_LIBVIRT_MAGIC, at, octet, rest[i], rest[i]);
    }
    return true;
}

/* Version, length of the XML with its NUL, ten words without a meaning: in the byte order of the writer (libvirt 1). */
bool xv_libvirt_header(struct xv_parser *p, struct xv_cursor *c) {
    uint32_t version = 0, length = 0;
    uint64_t at;

    if (!check_magic(p, c))
        return false;
    at = xv_at(c);
    (void)xv_get_u32(c, &version);
    (void)xv_get_u32(c, &length);
    if (version < 1 || version > 2)
        return xv_reject_range(p, XV_LIBVIRT_VERSION, at, version, 1, 2);
    if (version == 1 && !(p->policy.formats & XV_FORMAT_LEGACY_STREAM))
        return xv_reject_range(p, XV_LIBVIRT_LEGACY, at, version, 2, 2);
    if (length < 1 || length > p->policy.max_config_bytes)
        return xv_reject_range(p, XV_LIBVIRT_XML_LEN, at + 4, length, 1, p->policy.max_config_bytes);
    (void)xv_skip_zero(c);
    if (xv_left(c))
        return xv_reject(p, XV_LIBVIRT_UNUSED, xv_at(c));
    xv_tell(p, XV_FACT_LAYER, 0, version, 0, 0, layer_name);
    p->libvirt.legacy = version == 1;
    p->libvirt.xml_left = length;
    p->sum.config_bytes = length;
    xv_xml_begin(&p->libvirt.xml, length);
    p->await = XV_AWAIT_LIBVIRT_XML;
    return true;
}

static bool feed(struct xv_parser *p, struct xv_cursor *c) {
    struct xv_xml *x = &p->libvirt.xml;

    while (xv_left(c) > 0) {
        uint64_t at = xv_at(c);
        enum xv_xml_event event;
        uint8_t octet = 0;

        (void)xv_get_u8(c, &octet);
        event = xv_xml_octet(x, octet, at);
        if (event == XV_XML_ERROR)
            return xv_reject(p, x->error, at);
        if (event != XV_XML_NONE && !xv_libvirt_domain(p, event))
            return false;
    }
    return true;
}

bool xv_libvirt_xml(struct xv_parser *p, struct xv_cursor *c) {
    uint32_t n = (uint32_t)xv_left(c), left = p->libvirt.xml_left;

    if (!feed(p, c))
        return false;
    p->libvirt.xml_left = n < left ? left - n : 0;
    if (p->libvirt.xml_left)
        return true;
    p->await = XV_AWAIT_LIBXL_IDENT; /* the last octet was the NUL, which only a whole document may have */
    if (p->libvirt.legacy)
        xv_legacy_item(p, XV_LG_START, 8);
    return true;
}
