/* SPDX-License-Identifier: MIT */
/*
 * EMULATOR_XENSTORE_DATA: key NUL value NUL pairs. libxl writes each below the device model's own node without looking
 * at it, so only the three keys that QEMU saves for each physmap entry are let through (libxl 2.2, hazards libxl).
 */
#include <string.h>

#include "emulator.h"
#include "state.h"

enum field { FIELD_START, FIELD_SIZE, FIELD_NAME, FIELD_OTHER };

static const char field_names[][XV_TEXT] = {
    [FIELD_START] = "start_addr", [FIELD_SIZE] = "size", [FIELD_NAME] = "name", [FIELD_OTHER] = "other"};

/* The value of a hexadecimal digit, or 16. */
static uint32_t hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (uint32_t)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (uint32_t)(c - 'A') + 10;
    return 16;
}

/* Reads 1 to 16 hexadecimal digits from string[*i] on. */
static bool read_hex(const struct xv_emulator *e, uint32_t *i, uint64_t *out) {
    uint32_t digits = 0;

    *out = 0;
    while (*i < XV_EMULATOR_STRING_MAX && hex_digit(e->string[*i]) < 16 && digits < 17) {
        *out = *out << 4 | hex_digit(e->string[*i]);
        ++*i;
        digits++;
    }
    return digits >= 1 && digits <= 16;
}

/* True if string[i] on is exactly `rest`. */
static bool rest_is(const struct xv_emulator *e, uint32_t i, const char *rest) {
    for (uint32_t k = 0; k < XV_TEXT; k++) {
        if (i > XV_EMULATOR_STRING_MAX || e->string[i] != rest[k])
            return false;
        if (rest[k] == 0)
            return true;
        i++;
    }
    return false;
}

/* physmap/<hex>/<field>; anything else is FIELD_OTHER. */
static enum field parse_key(struct xv_emulator *e) {
    static const char prefix[8] = {'p', 'h', 'y', 's', 'm', 'a', 'p', '/'};
    uint32_t i = sizeof(prefix);

    if (memcmp(e->string, prefix, sizeof(prefix)) != 0 || !read_hex(e, &i, &e->address))
        return FIELD_OTHER;
    if (i > XV_EMULATOR_STRING_MAX || e->string[i] != '/')
        return FIELD_OTHER;
    for (uint32_t f = FIELD_START; f <= FIELD_NAME; f++) {
        if (rest_is(e, i + 1, field_names[f]))
            return (enum field)f;
    }
    return FIELD_OTHER;
}

/* The alphabet of xenstore paths; no empty component, no leading or trailing slash, no "..". */
static bool plain_key(const struct xv_emulator *e) {
    char before = '/';

    for (uint32_t i = 0; i <= XV_EMULATOR_STRING_MAX && e->string[i]; i++) {
        char c = e->string[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';

        if (!word && !(c == '/' && before != '/'))
            return false;
        before = c;
    }
    return before != '/';
}

/* Each field of each physmap entry once. */
static bool note_field(struct xv_parser *p, enum field field, uint64_t at) {
    struct xv_emulator *e = &p->libxl.emulator;
    uint32_t n = e->physmaps <= XV_PHYSMAPS_MAX ? e->physmaps : XV_PHYSMAPS_MAX, i = 0;

    while (i < n && e->physmap[i].address != e->address)
        i++;
    if (i >= XV_PHYSMAPS_MAX)
        return xv_reject_range(p, XV_EMULATOR_PAIRS, at, n + 1, 0, XV_PHYSMAPS_MAX);
    if (i == n) {
        e->physmap[i].address = e->address;
        e->physmap[i].fields = 0;
        e->physmaps = n + 1;
    }
    if (e->physmap[i].fields >> field & 1)
        return xv_reject_value(p, XV_EMULATOR_REPEATED, at, e->address);
    e->physmap[i].fields |= 1u << field;
    return true;
}

static bool end_of_key(struct xv_parser *p, uint64_t at) {
    struct xv_emulator *e = &p->libxl.emulator;
    enum field field = parse_key(e);

    e->keys++;
    if (e->keys > p->policy.max_emulator_keys)
        return xv_reject_range(p, XV_EMULATOR_PAIRS, at, e->keys, 0, p->policy.max_emulator_keys);
    e->field = field;
    if (field != FIELD_OTHER)
        return note_field(p, field, at);
    if (!plain_key(e) || !xv_tolerates(p, XV_TOLERATE_XENSTORE_KEYS, at))
        return xv_reject(p, XV_EMULATOR_KEY, at);
    return true;
}

static bool end_of_value(struct xv_parser *p, uint64_t at) {
    struct xv_emulator *e = &p->libxl.emulator;
    uint64_t value = 0;
    uint32_t i = 0;

    if (e->field == FIELD_START || e->field == FIELD_SIZE) {
        if (!read_hex(e, &i, &value) || i > XV_EMULATOR_STRING_MAX || e->string[i] != 0)
            return xv_reject(p, XV_EMULATOR_VALUE, at);
    }
    xv_tell(p, XV_FACT_EMULATOR_KEY, at, e->address, value, e->field,
            field_names[e->field < FIELD_OTHER ? e->field : FIELD_OTHER]);
    return true;
}

static bool string_octet(struct xv_parser *p, uint8_t octet, uint64_t at) {
    struct xv_emulator *e = &p->libxl.emulator;
    uint32_t n = e->length;

    if (n > XV_EMULATOR_STRING_MAX)
        n = XV_EMULATOR_STRING_MAX;
    e->string[n] = 0;
    if (octet == 0) {
        bool fine = e->in_value ? end_of_value(p, at) : end_of_key(p, at);

        e->in_value = !e->in_value;
        e->length = 0;
        memset(e->string, 0, sizeof(e->string));
        return fine;
    }
    if (n == XV_EMULATOR_STRING_MAX || octet < 0x20 || octet > 0x7e)
        return xv_reject_value(p, e->in_value ? XV_EMULATOR_VALUE : XV_EMULATOR_KEY, at, octet);
    e->string[n] = (char)octet;
    e->length = n + 1;
    return true;
}

bool xv_emulator_xenstore_body(struct xv_parser *p, struct xv_cursor *c) {
    struct xv_emulator *e = &p->libxl.emulator;
    uint64_t at = xv_at(c);
    uint8_t octet = 0;

    if (p->rec.phase == 0) {
        p->rec.phase = 1;
        e->keys = e->length = e->physmaps = 0;
        e->in_value = false;
        memset(e->string, 0, sizeof(e->string));
        if (!xv_emulator_header(p, c))
            return false;
    }
    while (xv_get_u8(c, &octet)) {
        if (!string_octet(p, octet, at))
            return false;
        at = xv_at(c);
    }
    if (p->rec.left == 0 && (e->in_value || e->length))
        return xv_reject(p, XV_EMULATOR_UNTERMINATED, at);
    xv_want_bytes(p, p->rec.left);
    return true;
}
