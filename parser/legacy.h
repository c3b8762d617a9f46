/* SPDX-License-Identifier: MIT */
#ifndef XENVET_LEGACY_STATE_H
#define XENVET_LEGACY_STATE_H

/*
 * The legacy stream of Xen 4.0 to 4.5 (legacy 1-8): no header, no alignment, and words that are as wide as the
 * toolstack that wrote it. legacy.c reads what precedes the chunks and hands octets to whoever awaits them;
 * legacy_chunk.c, legacy_toolstack.c, legacy_tail.c and legacy_emulator.c read the rest.
 */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/legacy.h>

#include "record.h"

struct xv_parser;

#define XV_LEGACY_VCPUS_MAX 4096u

/* Blocks of extended information. */
enum { XV_LEGACY_HAS_VCPU = 1, XV_LEGACY_HAS_EXTV = 2, XV_LEGACY_HAS_XCNT = 4 };

/* What the next octets are; each has a function in the table of legacy.c. */
enum xv_legacy_state {
    XV_LG_START,  /* the first eight octets, inside a container */
    XV_LG_MARKER, /* half of the marker of extended information, or the first chunk (64-bit toolstack) */
    XV_LG_MARKER_REST,
    XV_LG_INFO_LENGTH, /* extended information */
    XV_LG_INFO_HEAD,
    XV_LG_INFO_BLOCK,
    XV_LG_FRAMES,
    XV_LG_CHUNK,
    XV_LG_CHUNK_BODY,
    XV_LG_ENTRIES,
    XV_LG_VCPU_MAP,
    XV_LG_TOOLSTACK_HEAD,
    XV_LG_TOOLSTACK_ENTRY,
    XV_LG_TOOLSTACK_NAME,
    XV_LG_UNMAPPED_COUNT, /* PV tail */
    XV_LG_UNMAPPED,
    XV_LG_CONTEXT,
    XV_LG_EXTENDED,
    XV_LG_XSAVE,
    XV_LG_SHARED_INFO,
    XV_LG_MAGIC, /* HVM tail */
    XV_LG_CONTEXT_LENGTH,
    XV_LG_SIGNATURE, /* device model */
    XV_LG_SIGNATURE_REST,
    XV_LG_SIGNATURE_LINE, /* with its length: that of xenopsd */
    XV_LG_EMULATOR_LENGTH,
    XV_LG_EMULATOR_HEAD,
    XV_LG_STATES,
};

struct xv_legacy {
    enum xv_legacy_state state;
    uint32_t want;      /* octets of the next piece */
    uint8_t first;      /* octet of a signature that was read as one too many */
    bool wide;          /* words of 64 bits */
    bool last;          /* LAST_CHECKPOINT came */
    bool to_the_end;    /* the device model's state has no length */
    bool tail;          /* a chunk that no page batch may follow came */
    uint64_t p2m_size;  /* pages */
    uint64_t at;        /* where the current item begins */
    uint32_t seen;      /* bit n: chunk -n came */
    uint32_t info_left; /* octets of extended information */
    uint32_t info_seen; /* its blocks */
    uint32_t block;     /* the current one */
    uint32_t xsave;     /* from "xcnt": what each vCPU has in the tail, 0 = nothing */
    uint64_t left;      /* frames, unmapped pfns or octets of toolstack data still to come */
    uint32_t entries;   /* of a page batch */
    uint32_t names;     /* entries of toolstack data still to come */
    uint32_t max_id;    /* of the vCPU map */
    uint32_t vcpu;      /* the next one of the tail */
    uint8_t online[XV_LEGACY_VCPUS_MAX / 8];
};

/* True if a stream may begin so: its first two words, were they 32 bits wide (legacy 1). */
bool xv_legacy_looks(uint32_t first, uint32_t second);

/* The first eight octets of the input or, inside a container, of what it holds. */
bool xv_legacy_begin(struct xv_parser *p, struct xv_cursor *c);

/* Octets that were awaited. */
bool xv_legacy_piece(struct xv_parser *p, struct xv_cursor *c);

/* The current record's body, as far as the functions of other formats read it. */
xv_body *xv_legacy_body(uint32_t type);
bool xv_legacy_body_done(struct xv_parser *p);

/* The device model's state without a length: it grew too large, or the input ends. */
bool xv_legacy_rest(struct xv_parser *p, struct xv_cursor *c);
bool xv_legacy_may_end(struct xv_parser *p, uint64_t at);

/* Something follows the tail of a bare stream: the device model's state, maybe. `octet` is the first one of it. */
bool xv_legacy_more(struct xv_parser *p, uint8_t octet, uint64_t at);

/* For the files of this layer: the next piece, of the same item or of the next one. */
void xv_legacy_want(struct xv_parser *p, enum xv_legacy_state state, uint32_t octets);
void xv_legacy_item(struct xv_parser *p, enum xv_legacy_state state, uint32_t octets);
bool xv_legacy_word(const struct xv_parser *p, struct xv_cursor *c, uint64_t *out);
uint32_t xv_legacy_word_size(const struct xv_parser *p);

/* Begins an item at legacy.at. */
bool xv_legacy_record(struct xv_parser *p, enum xv_legacy_item type, uint32_t length);

typedef bool xv_legacy_reader(struct xv_parser *p, struct xv_cursor *c);

/* legacy_chunk.c */
bool xv_legacy_chunk_id(struct xv_parser *p, uint32_t id);
xv_legacy_reader xv_legacy_chunk, xv_legacy_chunk_body, xv_legacy_entries, xv_legacy_vcpu_map;
/* legacy_toolstack.c */
bool xv_legacy_toolstack(struct xv_parser *p, uint32_t length, uint64_t at);
xv_legacy_reader xv_legacy_toolstack_head, xv_legacy_toolstack_entry, xv_legacy_toolstack_name;
/* legacy_tail.c */
void xv_legacy_tail(struct xv_parser *p);
xv_legacy_reader xv_legacy_unmapped_count, xv_legacy_unmapped, xv_legacy_context, xv_legacy_extended, xv_legacy_xsave,
    xv_legacy_shared_info, xv_legacy_magic, xv_legacy_context_length;
bool xv_legacy_vcpu_done(struct xv_parser *p);
xv_body xv_legacy_xsave_body;
/* legacy_emulator.c */
void xv_legacy_emulator(struct xv_parser *p);
xv_legacy_reader xv_legacy_signature, xv_legacy_signature_rest, xv_legacy_signature_line, xv_legacy_emulator_length,
    xv_legacy_emulator_head;

#endif
