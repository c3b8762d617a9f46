/* SPDX-License-Identifier: MIT */
#ifndef XENVET_CONFIG_H
#define XENVET_CONFIG_H

/*
 * The domain configuration that xl embeds: JSON, one document, one trailing NUL (xl 1.3, hazards xl). What each field
 * is, and what becomes of it, is data: config_fields.h.
 */
#include <stdbool.h>
#include <stdint.h>

#include "cursor.h"
#include "json.h"

struct xv_parser;

/* What is known of an open container. */
struct xv_config_frame {
    uint32_t row;   /* its own row; 0 for the document and inside unknown fields */
    uint32_t group; /* where its members' rows are; 0 if they are skipped */
    uint32_t next;  /* row of the next member; 0 if it is skipped */
    uint32_t count; /* members begun */
    uint64_t start; /* absolute offset of its first octet */
    uint32_t kept;  /* 1 if canonical output has it; no bool, whose other values Eva would have to rule out */
    uint64_t name_start, name_end; /* of the current member's name, both 0 in an array */
    uint64_t seen[2];              /* bit n: the group's field n came */
    uint64_t next_bit;             /* the least member that a bitmap may have next */
};

struct xv_config {
    bool present; /* the stream has one, and it was accepted */
    struct xv_json json;
    struct xv_config_frame frames[XV_JSON_MAX_DEPTH];
    uint32_t length;
    uint32_t type;     /* enum xv_config_type, 0 before it came */
    uint32_t selected; /* bit n: b_info selects type n; bit 0: the invalid one */
    bool has_target;
    uint64_t avail_vcpus; /* the highest of avail_vcpus + 1 */
    uint64_t selected_at, avail_at, target_at;
};

/* c_info.type; position in its list + 1. */
enum xv_config_type {
    XV_TYPE_NONE,
    XV_TYPE_HVM,
    XV_TYPE_PV,
    XV_TYPE_PVH,
};

/* Begins a configuration of `length` octets, its NUL included; the length was checked. */
void xv_config_begin(struct xv_parser *p, uint32_t length);

/* Takes all octets of the cursor; pieces may have any size. False once it has rejected. */
bool xv_config_feed(struct xv_parser *p, struct xv_cursor *c);

/* After the last octet: document complete, required fields there, values in range. Sets config.present. */
bool xv_config_finish(struct xv_parser *p, uint64_t at);

#endif
