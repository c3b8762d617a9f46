/* SPDX-License-Identifier: MIT */
#include <xenvet/seal.h>

#include <string.h>

#include "cursor.h"

#define MAGIC       0x58656e765365616cu /* "XenvSeal" */
#define FLAG_SIGNED 1u
#define ENTRIES_MAX ((uint64_t)1 << 32)

/* The fields before the digests (seal 1). */
struct fields {
    uint64_t magic, entries, octets;
    uint32_t version, flags, header, entry, code, format;
};

static void read_fields(struct xv_cursor *c, struct fields *f) {
    (void)xv_get_u64_be(c, &f->magic);
    (void)xv_get_u32(c, &f->version);
    (void)xv_get_u32(c, &f->flags);
    (void)xv_get_u32(c, &f->header);
    (void)xv_get_u32(c, &f->entry);
    (void)xv_get_u64(c, &f->entries);
    (void)xv_get_u64(c, &f->octets);
    (void)xv_get_u32(c, &f->code);
    (void)xv_get_u32(c, &f->format);
}

/* Text of printable ASCII, then zeroes to the end of the window. */
static bool is_text(struct xv_cursor *c) {
    uint8_t octet = 0;

    while (xv_get_u8(c, &octet) && octet != 0) {
        if (octet < 0x20 || octet > 0x7e)
            return false;
    }
    return xv_rest_is_zero(c);
}

static enum xv_code check(const struct fields *f, uint64_t size) {
    if (f->magic != MAGIC)
        return XV_SEAL_MAGIC;
    if (f->version != XV_SEAL_VERSION)
        return XV_SEAL_UNKNOWN_VERSION;
    if (f->flags & ~FLAG_SIGNED || f->header != XV_SEAL_HEADER || f->entry != XV_SEAL_ENTRY || f->code != 0)
        return XV_SEAL_FIELD;
    if (f->format == 0 || f->format & (f->format - 1) || f->entries < 1 || f->entries > ENTRIES_MAX ||
        f->octets < f->entries)
        return XV_SEAL_FIELD;
    if (size - XV_SEAL_HEADER != f->entries * XV_SEAL_ENTRY)
        return XV_SEAL_LENGTH;
    return XV_ACCEPTED;
}

/* What stands behind the digest of the table: the name of the tool, reserved octets, the signature or zeroes. */
static bool good_rest(struct xv_cursor *c, bool is_signed) {
    struct xv_cursor tool, reserved, signature;

    (void)xv_take(c, 32, &tool);
    (void)xv_take(c, XV_SEAL_SIGNED - XV_SEAL_AT_TOOL - 32, &reserved);
    (void)xv_take(c, XV_SEAL_HEADER - XV_SEAL_SIGNED, &signature);
    return is_text(&tool) && xv_rest_is_zero(&reserved) && (is_signed || xv_rest_is_zero(&signature));
}

enum xv_code xv_seal_begin(struct xv_seal *seal, const uint8_t header[XV_SEAL_HEADER], uint64_t size) {
    struct xv_cursor c;
    struct fields f;
    enum xv_code code;

    memset(seal, 0, sizeof(*seal));
    if (size < XV_SEAL_HEADER)
        return XV_SEAL_LENGTH;
    c = xv_cursor_over(header, XV_SEAL_HEADER, 0);
    read_fields(&c, &f);
    code = check(&f, size);
    if (code != XV_ACCEPTED)
        return code;
    (void)xv_skip(&c, XV_SEAL_AT_TABLE - XV_SEAL_AT_IMAGE); /* digests of the image and of the policy: for people */
    for (uint32_t i = 0; i < XV_DIGEST; i++)
        (void)xv_get_u8(&c, &seal->table[i]);
    if (!good_rest(&c, f.flags & FLAG_SIGNED))
        return XV_SEAL_FIELD;
    seal->entries = f.entries;
    seal->octets = f.octets;
    seal->is_signed = f.flags & FLAG_SIGNED;
    return XV_ACCEPTED;
}

enum xv_code xv_seal_item(struct xv_seal *seal, const uint8_t entry[XV_SEAL_ENTRY], uint64_t end,
                          const uint8_t digest[XV_DIGEST]) {
    struct xv_cursor c = xv_cursor_over(entry, XV_SEAL_ENTRY, 0);
    uint64_t sealed = 0;
    uint8_t octet = 0, differ = 0;

    if (seal->taken >= seal->entries)
        return XV_SEAL_EXTENT;
    (void)xv_get_u64(&c, &sealed);
    for (uint32_t i = 0; i < XV_DIGEST; i++) {
        (void)xv_get_u8(&c, &octet);
        differ |= octet ^ digest[i];
    }
    if (sealed <= seal->end || sealed > seal->octets)
        return XV_SEAL_ORDER;
    if (sealed != end)
        return XV_SEAL_EXTENT;
    if (differ)
        return XV_SEAL_RECORD;
    seal->taken++;
    seal->end = end;
    return XV_ACCEPTED;
}

enum xv_code xv_seal_finish(const struct xv_seal *seal) {
    if (seal->taken != seal->entries)
        return XV_SEAL_EXTENT;
    return seal->end == seal->octets ? XV_ACCEPTED : XV_SEAL_ORDER;
}
