/* SPDX-License-Identifier: MIT */
#include "detect.h"

#include "state.h"

/* The first eight octets, read as one big-endian number. */
#define MAGIC_XL         0x58656e2073617665u /* "Xen save" */
#define MAGIC_LIBXL      0x4c6962786c466d74u /* "LibxlFmt" */
#define MAGIC_LIBXC      0xffffffffffffffffu
#define MAGIC_LIBVIRT    0x6c6962766972742du /* "libvirt-" */
#define MAGIC_XENOPSD    0x58656e5361766564u /* "XenSaved" */
#define MAGIC_XEND       0x4c696e7578477565u /* "LinuxGue" */
#define MAGIC_XENSTORE   0x78656e73746f7265u /* "xenstore" */
#define MAGIC_OXENSTORED 0x2478656e73746f72u /* "$xenstor" */

static const struct magic {
    uint64_t value;
    enum xv_format format; /* XV_FORMAT_NONE: recognised, not supported */
    enum xv_await next;
    enum xv_code code; /* of those that are not supported, or that the policy does not accept */
} magics[] = {
    {MAGIC_XL, XV_FORMAT_XL, XV_AWAIT_XL_HEADER, XV_FORMAT_REFUSED},
    {MAGIC_LIBXL, XV_FORMAT_LIBXL, XV_AWAIT_LIBXL_HEADER, XV_FORMAT_REFUSED},
    {MAGIC_LIBXC, XV_FORMAT_LIBXC, XV_AWAIT_LIBXC_HEADER, XV_FORMAT_REFUSED}, /* the version may say draft B */
    {MAGIC_LIBVIRT, XV_FORMAT_LIBVIRT, XV_AWAIT_LIBVIRT_HEADER, XV_FORMAT_REFUSED},
    {MAGIC_XENOPSD, XV_FORMAT_XENOPSD, XV_AWAIT_XENOPSD_SIGNATURE, XV_FORMAT_REFUSED},
    {MAGIC_XENSTORE, XV_FORMAT_XENSTORE, XV_AWAIT_XENSTORE_HEADER, XV_XENSTORE_REFUSED},
    {MAGIC_XEND, XV_FORMAT_NONE, XV_AWAIT_NOTHING, XV_FORMAT_XEND},
    {MAGIC_OXENSTORED, XV_FORMAT_NONE, XV_AWAIT_NOTHING, XV_FORMAT_OXENSTORED},
};

/* What people keep images in, by its first octets. */
static const struct packed {
    uint64_t value, bits;
} packed[] = {
    {0x1f8b080000000000u, 0xffffff0000000000u}, /* gzip */
    {0xfd377a585a000000u, 0xffffffffffff0000u}, /* xz */
    {0x28b52ffd00000000u, 0xffffffff00000000u}, /* zstd */
    {0x425a680000000000u, 0xffffff0000000000u}, /* bzip2 */
    {0x04224d1800000000u, 0xffffffff00000000u}, /* lz4 */
    {0x894c5a4f000d0a1au, 0xffffffffffffffffu}, /* lzop */
};

static bool is_packed(uint64_t magic) {
    for (unsigned i = 0; i < sizeof(packed) / sizeof(packed[0]); i++)
        if ((magic & packed[i].bits) == packed[i].value)
            return true;
    return false;
}

/* True if the policy has a format that may begin with this one's magic: what follows tells them apart. */
static bool accepted(const struct xv_parser *p, enum xv_format format) {
    uint32_t formats = (uint32_t)format;

    if (format == XV_FORMAT_LIBXC)
        formats |= (uint32_t)XV_FORMAT_DRAFT_B_STREAM;
    if (format == XV_FORMAT_LIBXL)
        formats |= (uint32_t)XV_FORMAT_XENSTORE_2020;
    return p->policy.formats & formats;
}

/* No magic: the first number can only be plausible as a legacy stream's number of pages, or not (legacy 1). */
static bool without_magic(struct xv_parser *p, struct xv_cursor *c, uint64_t magic) {
    struct xv_cursor words = *c;
    uint32_t first = 0, second = 0;
    bool legacy;

    (void)xv_get_u32(&words, &first);
    (void)xv_get_u32(&words, &second);
    legacy = xv_legacy_looks(first, second);
    if (legacy && (p->policy.formats & XV_FORMAT_LEGACY_STREAM)) {
        p->sum.format = XV_FORMAT_LEGACY_STREAM;
        return xv_legacy_begin(p, c);
    }
    if (is_packed(magic)) /* what gzip writes can look like a number of pages */
        return xv_reject_value(p, XV_FORMAT_COMPRESSED, xv_at(c), magic);
    return xv_reject_value(p, legacy ? XV_FORMAT_LEGACY : XV_FORMAT_UNKNOWN, xv_at(c), magic);
}

bool xv_detect(struct xv_parser *p, struct xv_cursor *c) {
    struct xv_cursor start = *c;
    uint64_t at = xv_at(c), magic = 0;

    (void)xv_get_u64_be(c, &magic);
    for (unsigned i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        if (magics[i].value != magic)
            continue;
        if (!accepted(p, magics[i].format))
            return xv_reject(p, magics[i].code, at);
        p->sum.format = magics[i].format;
        p->libxl.present = magics[i].format == XV_FORMAT_LIBXL;
        p->await = magics[i].next;
        return true;
    }
    return without_magic(p, &start, magic);
}

bool xv_detect_libxl(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c), magic = 0;

    (void)xv_get_u64_be(c, &magic);
    if (magic != MAGIC_LIBXL) /* (libxl 1) */
        return xv_reject_range(p, XV_LIBXL_IDENT, at, magic, MAGIC_LIBXL, MAGIC_LIBXL);
    p->libxl.present = true;
    p->await = XV_AWAIT_LIBXL_HEADER;
    return true;
}

bool xv_detect_libxc(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c), magic = 0;

    (void)xv_get_u64_be(c, &magic);
    if (magic != MAGIC_LIBXC) /* (libxc 1) */
        return xv_reject_range(p, XV_LIBXC_MARKER, at, magic, MAGIC_LIBXC, MAGIC_LIBXC);
    p->await = XV_AWAIT_LIBXC_HEADER;
    return true;
}
