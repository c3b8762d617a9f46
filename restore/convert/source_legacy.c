/* SPDX-License-Identifier: MIT */
/* Items of a legacy stream, in the order and with the octets that Xen's converter gives them (legacy 9). */
#include <string.h>

#include <xenvet/legacy.h>

#include "convert.h"

enum {
    PAGE_DATA = 0x1,
    PV_INFO = 0x2,
    P2M_FRAMES = 0x3,
    VCPU_BASIC = 0x4,
    VCPU_EXTENDED = 0x5,
    VCPU_XSAVE = 0x6,
    SHARED_INFO = 0x7,
    TSC_INFO = 0x8,
    HVM_CONTEXT = 0x9,
    HVM_PARAMS = 0xa,
    VERIFY = 0xd,
    STATIC_DATA_END = 0x10,
    EMULATOR_XENSTORE_DATA = 2,
    EMULATOR_CONTEXT = 3,
};

#define FILLER  0xf0000000u
#define PAGE    4096u
#define UNKNOWN 0u /* which device model it was */

static size_t word_size(const struct xv_convert *c) {
    return xv_parser_summary(c->source)->legacy_wide ? 8 : 4;
}

/* A word; what is above 32 bits is 0 in all that was accepted. */
static uint32_t word(const struct xv_convert *c, const uint8_t *words, size_t i) {
    return xv_read_u32(words + i * word_size(c));
}

/* The parts that each vCPU has in the tail; then the stream begins. */
static bool extended_info(struct xv_convert *c, const uint8_t *item, size_t n) {
    uint8_t info[8] = {0};
    size_t at = word_size(c) + 4;

    while (n - at >= 8) {
        uint32_t size = xv_read_u32(item + at + 4);

        if (memcmp(item + at, "vcpu", 4) == 0)
            c->width = size;
        else if (memcmp(item + at, "extv", 4) == 0)
            c->extended = 128;
        else
            c->xsave = xv_read_u32(item + at + 8);
        at += 8 + (size_t)size;
    }
    info[0] = c->width == 5168 ? 8 : 4;
    info[1] = c->width == 5168 ? 4 : 3;
    return xv_convert_begin(c, NULL) && xv_convert_record(c, PV_INFO, info, sizeof info, NULL, 0) &&
           xv_convert_record(c, STATIC_DATA_END, NULL, 0, NULL, 0);
}

static bool frames(struct xv_convert *c, const uint8_t *item, size_t n) {
    size_t count = n / word_size(c);

    xv_make_begin(c, P2M_FRAMES);
    xv_make_u32(c, 0);
    xv_make_u32(c, (uint32_t)(c->p2m_size - 1));
    for (size_t i = 0; i < count; i++)
        xv_make_u64(c, word(c, item, i));
    return xv_make_end(c);
}

/* Fillers say nothing, and a record of nothing else would be none. */
static bool pages(struct xv_convert *c, const uint8_t *item, size_t n) {
    size_t count = xv_read_u32(item), contents = 4 + count * word_size(c);
    uint32_t kept = 0;

    xv_make_begin(c, PAGE_DATA);
    xv_make_u64(c, 0);
    for (size_t i = 0; i < count; i++) {
        uint32_t entry = word(c, item + 4, i);

        if (entry == FILLER)
            continue;
        xv_make_u64(c, (uint64_t)(entry & 0xf0000000u) << 32 | (entry & 0x0fffffffu));
        kept++;
    }
    if (kept == 0)
        return true;
    xv_make_octets(c, item + contents, n - contents);
    if (!c->overflow)
        xv_write_u32(c->made + 8, kept);
    return xv_make_end(c);
}

static bool put_params(struct xv_convert *c) {
    if (c->params == 0)
        return true;
    xv_make_begin(c, HVM_PARAMS);
    xv_make_u32(c, c->params);
    xv_make_u32(c, 0);
    for (uint32_t i = 0; i < 2 * c->params; i++)
        xv_make_u64(c, c->param[i]);
    c->params = 0;
    return xv_make_end(c);
}

static void add_param(struct xv_convert *c, uint32_t index, uint64_t value) {
    if (c->params < sizeof c->param / sizeof c->param[0] / 2) {
        c->param[2 * c->params] = index;
        c->param[2 * c->params + 1] = value;
        c->params++;
    }
}

/* Octets of the device model's keys; there is room for more than the parser lets in. */
static void add_key(struct xv_convert *c, const char *octets, size_t n) {
    if (n <= sizeof c->key_octets - c->keys) {
        memcpy(c->key_octets + c->keys, octets, n);
        c->keys += n;
    }
}

/* Lower case, without leading zeroes; with a NUL. */
static size_t hex(char out[17], uint64_t value) {
    unsigned digits = 1;

    while (digits < 16 && value >> (4 * digits))
        digits++;
    for (unsigned i = 0; i < digits; i++)
        out[i] = "0123456789abcdef"[value >> (4 * (digits - 1 - i)) & 15];
    out[digits] = 0;
    return digits;
}

static void add_field(struct xv_convert *c, const char *address, size_t digits, const char *field) {
    add_key(c, "physmap/", 8);
    add_key(c, address, digits);
    add_key(c, field, strlen(field) + 1);
}

static bool toolstack(struct xv_convert *c, const uint8_t *item, size_t n) {
    size_t at = 8 + 8, stray = word_size(c) == 8 ? 4 : 0;

    while (n >= at + 28) {
        char address[17], number[17];
        size_t digits = hex(address, xv_read_u64(item + at)), name = xv_read_u32(item + at + 24);

        add_field(c, address, digits, "/start_addr");
        add_key(c, number, hex(number, xv_read_u64(item + at + 8)) + 1);
        add_field(c, address, digits, "/size");
        add_key(c, number, hex(number, xv_read_u64(item + at + 16)) + 1);
        add_field(c, address, digits, "/name");
        add_key(c, (const char *)item + at + 28, name);
        at += 28 + name + stray;
    }
    return true;
}

static bool tsc(struct xv_convert *c, const uint8_t *item) {
    uint8_t body[24] = {0};

    memcpy(body, item + 4, 4);       /* mode */
    memcpy(body + 4, item + 16, 4);  /* kHz */
    memcpy(body + 8, item + 8, 8);   /* ns */
    memcpy(body + 16, item + 20, 4); /* incarnation */
    return xv_convert_record(c, TSC_INFO, body, sizeof body, NULL, 0);
}

static bool chunk(struct xv_convert *c, uint32_t type, const uint8_t *item, size_t n) {
    uint32_t param = xv_legacy_param(type);

    if (param != 0) {
        add_param(c, param, xv_read_u64(item + 8));
        return true;
    }
    switch (type) {
    case XV_LEGACY_END_OF_CHUNKS:
        return put_params(c);
    case XV_LEGACY_VERIFY:
        return xv_convert_record(c, VERIFY, NULL, 0, NULL, 0);
    case XV_LEGACY_VCPU_INFO_CHUNK:
        memset(c->online, 0, sizeof c->online);
        memcpy(c->online, item + 8, n - 8 <= sizeof c->online ? n - 8 : 0);
        return true;
    case XV_LEGACY_TSC_INFO:
        return tsc(c, item);
    case XV_LEGACY_TOOLSTACK_CHUNK:
        return toolstack(c, item, n);
    default:
        return true;
    }
}

/* The id is the next one of the map. */
static bool vcpu(struct xv_convert *c, const uint8_t *item) {
    uint8_t head[8] = {0};

    while (c->vcpu < 8 * sizeof c->online && !(c->online[c->vcpu / 8] >> c->vcpu % 8 & 1))
        c->vcpu++;
    xv_write_u32(head, c->vcpu++);
    if (!xv_convert_record(c, VCPU_BASIC, head, sizeof head, item, c->width))
        return false;
    item += c->width;
    if (c->extended && !xv_convert_record(c, VCPU_EXTENDED, head, sizeof head, item, c->extended))
        return false;
    item += c->extended;
    return c->xsave == 0 || xv_convert_record(c, VCPU_XSAVE, head, sizeof head, item + 16, c->xsave - 16);
}

static bool magic(struct xv_convert *c, const uint8_t *item) {
    static const uint32_t indices[3] = {5, 6, 1};

    for (unsigned i = 0; i < 3; i++) {
        if (xv_read_u64(item + (size_t)8 * i) != 0)
            add_param(c, indices[i], xv_read_u64(item + (size_t)8 * i));
    }
    return put_params(c);
}

static bool device_model(struct xv_convert *c, const uint8_t *item, size_t n) {
    if (c->keys && !xv_convert_make_emulator(c, EMULATOR_XENSTORE_DATA, UNKNOWN, c->key_octets, c->keys))
        return false;
    return xv_convert_make_emulator(c, EMULATOR_CONTEXT, UNKNOWN, item, n);
}

/* The first item begins with the p2m size; an HVM guest's goes on with its first chunk. */
static bool first(struct xv_convert *c, uint32_t type, const uint8_t **item, size_t *n) {
    c->p2m_size = xv_read_u32(*item);
    *item += word_size(c);
    *n -= word_size(c);
    c->hvm = type != XV_LEGACY_EXTENDED_INFO;
    c->online[0] = 1;
    return !c->hvm || (xv_convert_begin(c, NULL) && xv_convert_record(c, STATIC_DATA_END, NULL, 0, NULL, 0));
}

bool xv_source_legacy(struct xv_convert *c, const uint8_t *item, size_t n) {
    uint32_t type = xv_parser_item(c->source);

    if (!c->begun && !first(c, type, &item, &n))
        return false;
    switch (type) {
    case XV_LEGACY_EXTENDED_INFO:
        return extended_info(c, item, n);
    case XV_LEGACY_FRAMES:
        return frames(c, item, n);
    case XV_LEGACY_PAGES:
        return pages(c, item, n);
    case XV_LEGACY_VCPU:
        return vcpu(c, item);
    case XV_LEGACY_SHARED_INFO:
        return xv_convert_record(c, SHARED_INFO, item, PAGE, NULL, 0) && xv_convert_record(c, 0, NULL, 0, NULL, 0);
    case XV_LEGACY_MAGIC_PFNS:
        return magic(c, item);
    case XV_LEGACY_HVM_CONTEXT:
        return xv_convert_record(c, HVM_CONTEXT, item + 4, n - 4, NULL, 0) && xv_convert_record(c, 0, NULL, 0, NULL, 0);
    case XV_LEGACY_EMULATOR_DATA:
        return device_model(c, item, n);
    default:
        return type >= XV_LEGACY_CHUNKS || chunk(c, type, item, n);
    }
}
