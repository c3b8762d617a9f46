/* SPDX-License-Identifier: MIT */
/* The device model's state behind an HVM guest's stream (legacy 6): a signature that says whether a length follows. */
#include "legacy.h"
#include "state.h"

#define SIGNATURE 21u
#define LINE      22u
#define QEVM_HEAD 9u
#define MIB       (1u << 20)

/* What stands in a container has it; a bare stream may end without. */
void xv_legacy_emulator(struct xv_parser *p) {
    if (p->xenopsd.legacy) {
        xv_legacy_item(p, XV_LG_SIGNATURE_LINE, LINE + 4);
        return;
    }
    xv_legacy_item(p, XV_LG_SIGNATURE, SIGNATURE);
    if (p->sum.format == XV_FORMAT_LEGACY_STREAM)
        p->await = XV_AWAIT_END; /* xv_legacy_more() goes on */
}

static const struct {
    char text[SIGNATURE + 1];
    bool length; /* four octets of it follow; else the state ends with the input */
} signatures[] = {
    {"DeviceModelRecord0002", true},
    {"QemuDeviceModelRecord", false},
};
#define SIGNATURES (sizeof(signatures) / sizeof(signatures[0]))

/* The signature from octet `from` on. A Remus stream has another one, and goes on after it. */
static bool take_signature(struct xv_parser *p, struct xv_cursor *c, uint32_t from, uint8_t first) {
    uint32_t fits = (1u << SIGNATURES) - 1;

    if (!xv_legacy_record(p, XV_LEGACY_EMULATOR, 0))
        return false;
    for (uint32_t i = 0; i < SIGNATURE; i++) {
        uint8_t octet = first;

        if (i >= from)
            (void)xv_get_u8(c, &octet);
        if (i == 0 && octet == 'R')
            return xv_reject(p, XV_LEGACY_CHECKPOINT, p->legacy.at);
        for (uint32_t s = 0; s < SIGNATURES; s++)
            if ((uint8_t)signatures[s].text[i] != octet)
                fits &= ~(1u << s);
        if (!fits)
            return xv_reject_value(p, XV_LEGACY_SIGNATURE, p->legacy.at + i, octet);
    }
    p->legacy.to_the_end = !signatures[fits & 1 ? 0 : 1].length;
    if (p->legacy.to_the_end)
        xv_legacy_item(p, XV_LG_EMULATOR_HEAD, QEVM_HEAD);
    else
        xv_legacy_want(p, XV_LG_EMULATOR_LENGTH, 4);
    return true;
}

bool xv_legacy_signature(struct xv_parser *p, struct xv_cursor *c) {
    return take_signature(p, c, 0, 0);
}

bool xv_legacy_signature_rest(struct xv_parser *p, struct xv_cursor *c) {
    return take_signature(p, c, 1, p->legacy.first);
}

bool xv_legacy_more(struct xv_parser *p, uint8_t octet, uint64_t at) {
    if (p->libxc.hvm && p->legacy.state == XV_LG_SIGNATURE) {
        p->legacy.at = at;
        p->legacy.first = octet;
        xv_legacy_want(p, XV_LG_SIGNATURE_REST, SIGNATURE - 1);
        return true;
    }
    if (!p->legacy.last && p->legacy.state != XV_LG_EMULATOR_HEAD) /* libxenguest would take it for a checkpoint */
        return xv_reject_value(p, XV_LEGACY_CHECKPOINT, at, octet);
    return xv_reject_value(p, XV_TRAILING, at, octet);
}

/* As much as the EMULATOR_CONTEXT that it becomes may have, but for its sub-header; xenopsd reads a MiB (xenopsd 4). */
static uint64_t most(const struct xv_parser *p) {
    uint64_t limit = p->policy.max_emulator_bytes < UINT32_MAX ? p->policy.max_emulator_bytes : UINT32_MAX;

    limit = limit > 8 ? limit - 8 : 0;
    return p->xenopsd.legacy && limit > MIB ? MIB : limit;
}

static bool take_length(struct xv_parser *p, uint32_t length, uint64_t at) {
    if (length < QEVM_HEAD || length > most(p))
        return xv_reject_range(p, XV_LEGACY_EMULATOR_LENGTH, at, length, QEVM_HEAD, most(p));
    p->legacy.left = length;
    xv_legacy_item(p, XV_LG_EMULATOR_HEAD, QEVM_HEAD);
    return true;
}

bool xv_legacy_emulator_length(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t length = 0;

    (void)xv_get_u32(c, &length);
    return take_length(p, length, at);
}

/* That of xenopsd ends in a line feed, and the length has its most significant octet first (xenopsd 4). */
bool xv_legacy_signature_line(struct xv_parser *p, struct xv_cursor *c) {
    static const char text[LINE + 1] = "QemuDeviceModelRecord\n";
    uint32_t length = 0;

    if (!xv_legacy_record(p, XV_LEGACY_EMULATOR, 0))
        return false;
    for (uint32_t i = 0; i < LINE; i++) {
        uint8_t octet = 0;

        (void)xv_get_u8(c, &octet);
        if (octet != (uint8_t)text[i])
            return xv_reject_value(p, XV_LEGACY_SIGNATURE, p->legacy.at + i, octet);
    }
    (void)xv_get_u32_be(c, &length);
    return take_length(p, length, p->legacy.at + LINE);
}

/* The head of QEMU's file; behind it octets that nobody looks at, and if the length is known the last one. */
bool xv_legacy_emulator_head(struct xv_parser *p, struct xv_cursor *c) {
    uint32_t length = p->legacy.to_the_end ? 0 : (uint32_t)(p->legacy.left & UINT32_MAX);

    if (!xv_legacy_record(p, XV_LEGACY_EMULATOR_DATA, length))
        return false;
    xv_tell(p, XV_FACT_EMULATOR, p->legacy.at, 0, length, 0, NULL);
    if (p->legacy.to_the_end) {
        if (!xv_qevm_head(p, c, true))
            return false;
        p->opaque_left = most(p) >= QEVM_HEAD ? most(p) - QEVM_HEAD + 1 : 1;
        p->await = XV_AWAIT_LEGACY_REST;
        return true;
    }
    p->rec.left = length - QEVM_HEAD;
    p->await = XV_AWAIT_LEGACY_BODY;
    if (!xv_emulator_qevm(p, c))
        return false;
    return p->rec.left || xv_legacy_body_done(p);
}

/* One octet more than the policy allows went by. */
bool xv_legacy_rest(struct xv_parser *p, struct xv_cursor *c) {
    return xv_reject_range(p, XV_LEGACY_EMULATOR_LENGTH, p->legacy.at, xv_at(c) - p->legacy.at, QEVM_HEAD, most(p));
}

/* The input ended behind state without a length: that is its end. */
bool xv_legacy_may_end(struct xv_parser *p, uint64_t at) {
    p->committed = at;
    p->item = XV_LEGACY_EMULATOR_DATA;
    return true;
}
