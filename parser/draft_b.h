/* SPDX-License-Identifier: MIT */
#ifndef XENVET_DRAFT_B_H
#define XENVET_DRAFT_B_H

/* Version 1 of the libxc stream, "Domain Save Image Format" draft B: headers, framing, checksums (draft-b 1-5). */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/rules.h>

#include "record.h"

struct xv_parser;

struct xv_draft_b {
    uint32_t last;        /* bit of the type that came last, XV_DRAFT_START at the start */
    uint32_t sum;         /* CRC-32 of the body and padding so far */
    bool summed;          /* the record has a checksum */
    uint64_t p2m_end;     /* first pfn that no P2M record describes yet */
    uint32_t max_vcpu_id; /* from VCPU_INFO */
};

/* What follows the version in the image header, which libxc.c has read up to there; `at` is the options' offset. */
bool xv_draft_b_header(struct xv_parser *p, uint16_t options, uint16_t reserved16, uint32_t reserved32, uint64_t at);
bool xv_draft_b_domain_header(struct xv_parser *p, struct xv_cursor *c);
bool xv_draft_b_record(struct xv_parser *p, struct xv_cursor *c);
bool xv_draft_b_footer(struct xv_parser *p, struct xv_cursor *c);

/* Adds octets of a body or its padding to the checksum. */
void xv_draft_b_add(struct xv_parser *p, const struct xv_cursor *octets);

/* The body function of a record type, NULL if it has none. */
xv_body *xv_draft_b_body(uint32_t type);

/* Body and padding are complete: the footer follows. */
bool xv_draft_b_body_done(struct xv_parser *p);

#endif
