/* SPDX-License-Identifier: MIT */
#ifndef XENVET_EMULATOR_H
#define XENVET_EMULATOR_H

/* The bodies of EMULATOR_XENSTORE_DATA and EMULATOR_CONTEXT (libxl 2.1 - 2.3). */
#include <stdbool.h>
#include <stdint.h>

#include "record.h"

/* The longest key and value; both end in a NUL that does not count. */
#define XV_EMULATOR_STRING_MAX 255u
/* physmap entries of a record, three keys each, whatever max_emulator_keys says: each is checked for repeats. */
#define XV_PHYSMAPS_MAX 64u

struct xv_emulator {
    uint32_t id;     /* of the first emulator record in this checkpoint */
    uint32_t keys;   /* key/value pairs of the current record so far */
    uint32_t length; /* octets of the current string so far */
    bool in_value;
    char string[XV_EMULATOR_STRING_MAX + 1];
    uint32_t field;   /* enum of the current key */
    uint64_t address; /* <hex> of the current key */
    uint32_t physmaps;
    struct {
        uint64_t address;
        uint32_t fields; /* bit per field that came */
    } physmap[XV_PHYSMAPS_MAX];
};

/* The sub-header of both records: emulator id and index. */
bool xv_emulator_header(struct xv_parser *p, struct xv_cursor *c);

/* Begins the state of a device model that has no sub-header, as xenopsd writes it; its first piece is QEMU's head. */
void xv_emulator_blob(struct xv_parser *p, uint64_t at);
/* The first nine octets of QEMU's file; `more` octets follow them. */
bool xv_qevm_head(struct xv_parser *p, struct xv_cursor *c, bool more);

/* The same, after which xv_emulator_context_body() goes on with rec.left octets. */
bool xv_emulator_qevm(struct xv_parser *p, struct xv_cursor *c);

xv_body xv_emulator_xenstore_body; /* first piece 8 octets */
xv_body xv_emulator_context_body;

#endif
