/* SPDX-License-Identifier: MIT */
#ifndef XENVET_RECORD_H
#define XENVET_RECORD_H

/*
 * How the body of a record is read. The framing (libxl.c, libxc.c) checks the header against its table of rules, then
 * hands the body over in pieces: the body function of the type is called once with each piece it asked for, the first
 * piece being as long as its rule says. While `left` is not 0 when it is called, it must ask for the next piece before
 * it returns. The call that finds left == 0 is the last one; what must hold for the whole body is checked there.
 */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/parser.h>

#include "cursor.h"

struct xv_parser;

struct xv_record {
    uint32_t type;
    uint32_t length; /* body length as the header gives it */
    uint32_t left;   /* octets of the body after the current piece */
    uint32_t phase;  /* the body function's own; 0 at its first call */
    uint32_t piece;  /* octets of the next piece, set by xv_want_bytes / xv_want_opaque */
    bool opaque;     /* the next piece is not inspected: the body function then gets an empty cursor */
    bool summed;     /* a checksum goes over the body: what would be opaque is wanted as bytes, and not inspected */
    uint64_t offset; /* absolute, of the record header */
    const char *name;
};

/* A body function: false once it has rejected. */
typedef bool xv_body(struct xv_parser *p, struct xv_cursor *c);

/* Begins a record of any stream: framing state, counters, the observer. `name` is static, of XV_TEXT octets. */
bool xv_record_begin(struct xv_parser *p, uint32_t type, uint32_t length, const char *name, uint64_t at,
                     enum xv_records stream);

/* Counts a record against the policy's limit; xv_record_begin() does it by itself. */
bool xv_record_count(struct xv_parser *p, uint64_t at);

/* The next field, in the byte order of the stream: only draft B knows another one than little-endian. */
bool xv_field_u16(const struct xv_parser *p, struct xv_cursor *c, uint16_t *out);
bool xv_field_u32(const struct xv_parser *p, struct xv_cursor *c, uint32_t *out);
bool xv_field_u64(const struct xv_parser *p, struct xv_cursor *c, uint64_t *out);

/* Asks for the next piece of the body; n is cut to what is left of the body (and to XV_WANT_MAX for bytes). */
void xv_want_bytes(struct xv_parser *p, uint64_t n);
void xv_want_opaque(struct xv_parser *p, uint64_t n);

/* Rejects; always returns false. The first rejection stays. */
bool xv_reject(struct xv_parser *p, enum xv_code code, uint64_t at);
bool xv_reject_value(struct xv_parser *p, enum xv_code code, uint64_t at, uint64_t found);
bool xv_reject_range(struct xv_parser *p, enum xv_code code, uint64_t at, uint64_t found, uint64_t min, uint64_t max);

/* True if the policy has the tolerance; the summary and the observer then learn that it fired. */
bool xv_tolerates(struct xv_parser *p, uint32_t tolerance, uint64_t at);

/* True if the policy allows such a thing; the summary then learns that the stream brought it. */
bool xv_allows(struct xv_parser *p, uint32_t allowance);

/* The size of every array that holds a text for the observer: reading one never depends on where its NUL is. */
#define XV_TEXT 56

/* True if the observer wants facts of this kind: what is costly to make is made only then. */
bool xv_wants_fact(const struct xv_parser *p, uint32_t kind);

/* Tells the observer. `text` is NULL or an array of XV_TEXT octets, printable ASCII and NULs. */
void xv_tell(struct xv_parser *p, uint32_t kind, uint64_t offset, uint64_t a, uint64_t b, uint64_t c, const char *text);

#endif
