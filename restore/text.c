/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdio.h>
#include <string.h>

#include "layers.h"
#include "settings.h"

/* Octets of the printable UTF-8 character at s, or 0. C1 controls drive terminals too, so they are not printable. */
static size_t printable(const unsigned char *s) {
    if (s[0] >= 0x20 && s[0] < 0x7f)
        return 1;
    if (s[0] == 0xc2)
        return s[1] >= 0xa0 && s[1] <= 0xbf ? 2 : 0;
    if (s[0] >= 0xc3 && s[0] <= 0xdf)
        return (s[1] & 0xc0u) == 0x80 ? 2 : 0;
    if (s[0] >= 0xe0 && s[0] <= 0xef) {
        bool overlong = s[0] == 0xe0 && s[1] < 0xa0;
        bool surrogate = s[0] == 0xed && s[1] >= 0xa0;
        bool bidi = s[0] == 0xe2 && (s[1] == 0x80 || s[1] == 0x81); /* U+2000..U+207F: direction marks among them */
        return (s[1] & 0xc0u) == 0x80 && !overlong && !surrogate && !bidi && (s[2] & 0xc0u) == 0x80 ? 3 : 0;
    }
    return 0;
}

const char *xv_text_name(char *out, size_t size, const char *name) {
    static const char digits[] = "0123456789abcdef";
    const unsigned char *s = (const unsigned char *)name;
    size_t used = 0;
    if (strcmp(name, "-") == 0)
        s = (const unsigned char *)"standard input";
    while (*s != '\0') {
        size_t n = printable(s);
        if (used + (n > 0 ? n : 4) >= size)
            break;
        if (n == 0) {
            out[used++] = '\\';
            out[used++] = 'x';
            out[used++] = digits[*s >> 4];
            out[used++] = digits[*s & 15u];
            s++;
        }
        for (; n > 0; n--)
            out[used++] = (char)*s++;
    }
    out[used] = '\0';
    return out;
}

const char *xv_text_ascii(char *out, size_t size, const char *text, size_t length) {
    size_t n = 0;
    while (n + 1 < size && n < length && text[n] != '\0') {
        out[n] = text[n] >= 0x20 && text[n] < 0x7f ? text[n] : '?';
        n++;
    }
    out[n] = '\0';
    return out;
}

const char *xv_text_hex(char *out, size_t size, uint64_t value) {
    (void)snprintf(out, size, "0x%llx", (unsigned long long)value);
    return out;
}

const char *xv_text_octets(char *out, size_t size, uint64_t octets) {
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    uint64_t unit = 1024;
    size_t i = 0;
    if (octets < 1024) {
        (void)snprintf(out, size, "%u octet%s", (unsigned)octets, xv_plural(octets));
        return out;
    }
    while (i < 5 && octets / unit >= 1024) {
        unit *= 1024;
        i++;
    }
    unsigned tenths = (unsigned)((octets % unit) / (unit / 10 + 1));
    if (tenths == 0)
        (void)snprintf(out, size, "%u %s", (unsigned)(octets / unit), units[i]);
    else
        (void)snprintf(out, size, "%u.%u %s", (unsigned)(octets / unit), tenths, units[i]);
    return out;
}

const char *xv_text_release(char *out, size_t size, uint32_t major, uint32_t minor) {
    if (major == 0)
        (void)snprintf(out, size, "unknown");
    else
        (void)snprintf(out, size, "%u.%u", (unsigned)major, (unsigned)minor);
    return out;
}

const char *xv_plural(uint64_t n) {
    return n == 1 ? "" : "s";
}

const char *xv_format_name(uint32_t format) {
    switch (format) {
    case XV_FORMAT_XL:
        return "xl image";
    case XV_FORMAT_LIBXL:
        return "libxl stream";
    case XV_FORMAT_LIBXC:
        return "libxc stream";
    case XV_FORMAT_LIBVIRT:
        return "libvirt image";
    case XV_FORMAT_XENOPSD:
        return "xenopsd image";
    case XV_FORMAT_LEGACY_STREAM:
        return "legacy stream";
    case XV_FORMAT_DRAFT_B_STREAM:
        return "draft B stream";
    case XV_FORMAT_XENSTORE:
        return "xenstore state";
    case XV_FORMAT_XENSTORE_2020:
        return "xenstore state as proposed in April 2020";
    default:
        return "unknown format";
    }
}

const char *xv_records_name(uint64_t stream) {
    static const char *const names[] = {
        [XV_RECORDS_LIBXC] = "libxc",
        [XV_RECORDS_LIBXL] = "libxl",
        [XV_RECORDS_XENOPSD] = "xenopsd",
        [XV_RECORDS_DRAFT_B] = "draft-b",
        [XV_RECORDS_LEGACY] = "legacy",
        [XV_RECORDS_XENSTORE] = "xenstore",
        [XV_RECORDS_XENSTORE_2020] = "xenstore-2020",
    };
    return stream < sizeof names / sizeof names[0] ? names[stream] : "?";
}

const char *xv_guest_name(uint32_t guest) {
    switch (guest) {
    case XV_GUEST_PV64:
        return "64-bit PV";
    case XV_GUEST_PV32:
        return "32-bit PV";
    case XV_GUEST_HVM:
        return "HVM";
    case XV_GUEST_PVH:
        return "PVH";
    default:
        return "unknown";
    }
}

const char *xv_page_type_name(uint32_t type) {
    static const char *const names[16] = {
        [0] = "ordinary",
        [1] = "L1 page table",
        [2] = "L2 page table",
        [3] = "L3 page table",
        [4] = "L4 page table",
        [9] = "L1 page table, pinned",
        [10] = "L2 page table, pinned",
        [11] = "L3 page table, pinned",
        [12] = "L4 page table, pinned",
        [13] = "broken",
        [14] = "allocated, no contents",
        [15] = "not present",
    };
    return type < 16 && names[type] != NULL ? names[type] : "undefined";
}

const char *xv_page_type_id(uint32_t type) {
    static const char *const ids[16] = {
        "NOTAB", "L1TAB",        "L2TAB",        "L3TAB",        "L4TAB",        NULL,     NULL,     NULL,
        NULL,    "L1TAB_PINNED", "L2TAB_PINNED", "L3TAB_PINNED", "L4TAB_PINNED", "BROKEN", "XALLOC", "XTAB",
    };
    return type < 16 ? ids[type] : NULL;
}

/* The name of the only bit of a word, from a table of settings.h. */
static const char *bit_id(uint32_t word, size_t set) {
    for (unsigned bit = 0; bit < 32; bit++) {
        if (word == (uint32_t)1 << bit)
            return xv_name_set_at(set)->name(bit);
    }
    return NULL;
}

const char *xv_format_id(uint32_t format) {
    return bit_id(format, XV_SET_FORMATS);
}

const char *xv_guest_id(uint32_t guest) {
    return bit_id(guest, XV_SET_GUESTS);
}

const char *xv_ending_text(char *out, size_t size, const struct xv_outcome *outcome) {
    const char *layer = NULL;
    switch (outcome->ending) {
    case XV_ENDED_ACCEPTED:
    case XV_ENDED_REJECTED:
        return NULL;
    case XV_ENDED_ERROR:
        return strerror(outcome->error);
    case XV_ENDED_DIRECTORY:
        return "is a directory, not an image";
    case XV_ENDED_LATE:
        return "not read to its end within the time allowed (--timeout)";
    case XV_ENDED_IDLE:
        return "no input for as long as allowed (--idle)";
    case XV_ENDED_BACKEND:
        if (outcome->code != XV_ACCEPTED && xv_verdict_of((enum xv_code)outcome->code) != NULL)
            (void)snprintf(out, size, "%s", xv_verdict_of((enum xv_code)outcome->code)->text);
        else
            (void)snprintf(out, size, "the receiving side takes no more: %s", strerror(outcome->error));
        return out;
    case XV_ENDED_SANDBOX:
        for (unsigned bit = 0; layer == NULL && xv_layer_name(bit) != NULL; bit++)
            layer = outcome->layer >> bit & 1u ? xv_layer_name(bit) : NULL;
        (void)snprintf(out, size,
                       "not read: the sandbox layer %s cannot be set up: %s; --without-layer %s does without it",
                       layer != NULL ? layer : "?", strerror(outcome->error), layer != NULL ? layer : "?");
        return out;
    default:
        return "internal error: the worker ended without a verdict";
    }
}
