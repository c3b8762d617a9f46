/* SPDX-License-Identifier: MIT */
/* The xl and libxl layers, and the framing of records. */
#include "verifier.h"

#include <string.h>

#define XL_MAGIC "Xen saved domain, xl format\n \0 \r"

enum { END, LIBXC_CONTEXT, XENSTORE_DATA, EMULATOR_CONTEXT, CHECKPOINT_END, CHECKPOINT_STATE };

bool verifier_fault(struct verifier_input *in, const char *fault) {
    in->fault = fault;
    return false;
}

const uint8_t *verifier_take(struct verifier_input *in, uint64_t n) {
    const uint8_t *p = in->p;

    if (n > in->n) {
        in->fault = "truncated";
        return NULL;
    }
    in->p += n;
    in->n -= (size_t)n;
    return p;
}

uint32_t verifier_u32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

uint32_t verifier_be32(const uint8_t *p) {
    return (uint32_t)p[3] | (uint32_t)p[2] << 8 | (uint32_t)p[1] << 16 | (uint32_t)p[0] << 24;
}

bool verifier_record(struct verifier_input *in, uint32_t *type, const uint8_t **body, uint32_t *length) {
    const uint8_t *header = verifier_take(in, 8);
    uint64_t padded;

    if (!header)
        return false;
    *type = verifier_u32(header);
    *length = verifier_u32(header + 4);
    padded = ((uint64_t)*length + 7) & ~(uint64_t)7;
    *body = verifier_take(in, padded);
    for (uint64_t i = *length; *body && i < padded; i++)
        if ((*body)[i])
            return verifier_fault(in, "padding");
    return *body != NULL;
}

/* Pairs of strings, each with its NUL. */
static bool are_pairs(const uint8_t *p, size_t n) {
    size_t nuls = 0;

    for (size_t i = 0; i < n; i++)
        nuls += p[i] == 0;
    return n == 0 || (p[n - 1] == 0 && nuls % 2 == 0);
}

static const char *libxl_fault(uint32_t type, const uint8_t *p, uint32_t n) {
    switch (type) {
    case END:
    case LIBXC_CONTEXT:
    case CHECKPOINT_END:
        return n ? "libxl: a record that should be empty" : NULL;
    case CHECKPOINT_STATE:
        return n ? NULL : "CHECKPOINT_STATE: empty";
    case XENSTORE_DATA:
    case EMULATOR_CONTEXT:
        if (n < 8 || verifier_u32(p) > 2)
            return "emulator record: length or id";
        return type == XENSTORE_DATA && !are_pairs(p + 8, n - 8) ? "EMULATOR_XENSTORE_DATA: pairs" : NULL;
    default:
        return "libxl: unknown type of record";
    }
}

static bool libxl(struct verifier_input *in) {
    const uint8_t *h = verifier_take(in, 16), *body;
    uint32_t type, length;
    const char *fault;

    if (!h)
        return false;
    if (memcmp(h, "LibxlFmt", 8) != 0 || verifier_be32(h + 8) != 2 || (verifier_be32(h + 12) & 0xfffc))
        return verifier_fault(in, "libxl header"); /* its masks leave bit 0, and bits from 16 on, alone */
    do {
        if (!verifier_record(in, &type, &body, &length))
            return false;
        fault = libxl_fault(type, body, length);
        if (fault)
            return verifier_fault(in, fault);
        if (type == LIBXC_CONTEXT && !verifier_libxc(in))
            return false;
    } while (type != END);
    return true;
}

const char *verifier_refuses(const uint8_t *image, size_t n) {
    struct verifier_input in = {image, n, NULL};
    bool v2 = true;

    if (n >= 32 && memcmp(image, XL_MAGIC, 32) == 0) {
        const uint8_t *h = verifier_take(&in, 48);

        if (h) {
            v2 = h[36] & 2;
            (void)verifier_take(&in, verifier_u32(h + 44));
        }
    } else if (n < 8 || memcmp(image, "LibxlFmt", 8) != 0) {
        if (n < 8 || memcmp(image, "\xff\xff\xff\xff\xff\xff\xff\xff", 8) != 0)
            return NULL;
        v2 = false;
    }
    if (!in.fault)
        (void)(v2 ? libxl(&in) : verifier_libxc(&in));
    return in.fault;
}
