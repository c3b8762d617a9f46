/* SPDX-License-Identifier: MIT */
#ifndef XENVET_STATE_H
#define XENVET_STATE_H

/* All state of a parser: one struct of compile-time size. Each module owns the member named after it. */
#include <xenvet/parser.h>
#include <xenvet/policy.h>

#include "config.h"
#include "cpu_policy.h"
#include "draft_b.h"
#include "guest_memory.h"
#include "hvm_context.h"
#include "hvm_params.h"
#include "legacy.h"
#include "libvirt.h"
#include "libxc.h"
#include "libxl.h"
#include "pv.h"
#include "record.h"
#include "xenopsd.h"
#include "xenstore.h"
#include "xl.h"

/* What the parser awaits; each has one row in the table of parser.c. */
enum xv_await {
    XV_AWAIT_MAGIC,     /* the first eight octets of the input */
    XV_AWAIT_XL_HEADER, /* the rest of the xl header */
    XV_AWAIT_XL_CONFIG_LEN,
    XV_AWAIT_XL_CONFIG,         /* a piece of the embedded configuration */
    XV_AWAIT_LIBVIRT_HEADER,    /* the rest of libvirt's header */
    XV_AWAIT_LIBVIRT_XML,       /* a piece of the XML */
    XV_AWAIT_XENOPSD_SIGNATURE, /* the rest of xenopsd's signature */
    XV_AWAIT_XENOPSD_RECORD,    /* a xenopsd record header */
    XV_AWAIT_XENOPSD_BODY,
    XV_AWAIT_LIBXL_IDENT,  /* libxl ident inside an xl file or a libvirt image */
    XV_AWAIT_LIBXL_HEADER, /* what follows the ident */
    XV_AWAIT_LIBXL_RECORD, /* a libxl record header */
    XV_AWAIT_LIBXL_BODY,
    XV_AWAIT_LIBXL_PAD,
    XV_AWAIT_LIBXC_MARKER, /* libxc marker inside a libxl stream or a xenopsd image */
    XV_AWAIT_LIBXC_HEADER, /* what follows the marker */
    XV_AWAIT_DOMAIN_HEADER,
    XV_AWAIT_LIBXC_RECORD, /* a libxc record header */
    XV_AWAIT_LIBXC_BODY,
    XV_AWAIT_LIBXC_PAD,
    XV_AWAIT_DRAFT_DOMAIN, /* draft B */
    XV_AWAIT_DRAFT_RECORD,
    XV_AWAIT_DRAFT_BODY,
    XV_AWAIT_DRAFT_PAD,
    XV_AWAIT_DRAFT_FOOTER,
    XV_AWAIT_LEGACY_ITEM, /* legacy: an item begins */
    XV_AWAIT_LEGACY_PIECE,
    XV_AWAIT_LEGACY_BODY,
    XV_AWAIT_LEGACY_REST,     /* the device model's state, to the end of the input */
    XV_AWAIT_XENSTORE_HEADER, /* what follows the ident of a xenstore state */
    XV_AWAIT_XENSTORE_RECORD,
    XV_AWAIT_XENSTORE_BODY,
    XV_AWAIT_XENSTORE_PAD,
    XV_AWAIT_XENSTORE_2020_RECORD, /* in a libxl stream of DOMAIN_XENSTORE_DATA */
    XV_AWAIT_XENSTORE_2020_BODY,
    XV_AWAIT_XENSTORE_2020_PAD,
    XV_AWAIT_GO_AHEAD, /* the optional go-ahead after an xl stream */
    XV_AWAIT_END,      /* end of file */
    XV_AWAIT_NOTHING,  /* accepted or rejected */
};

struct xv_parser {
    struct xv_policy policy;
    struct xv_arena arena;
    struct xv_observer observer;
    struct xv_report report;
    struct xv_summary sum;

    enum xv_await await;
    uint64_t offset;      /* octets consumed before the current demand */
    uint64_t committed;   /* see xv_parser_committed() */
    uint64_t opaque_left; /* of the current XV_WANT_OPAQUE demand */

    bool drop_item;  /* see xv_parser_dropped() */
    bool libxc_item; /* see xv_parser_in_libxc() */
    uint32_t item;   /* see xv_parser_item() */
    void (*token)(void *context, enum xv_config_token token, uint64_t start,
                  uint64_t end); /* see xv_parser_keep_config() */
    void *token_context;

    bool big_endian;      /* the byte order of the fields, see xv_field_u32() */
    struct xv_record rec; /* the current record of whichever layer is being read */

    struct xv_xl xl;
    struct xv_libvirt libvirt;
    struct xv_xenopsd xenopsd;
    struct xv_config config;
    struct xv_libxl libxl;
    struct xv_libxc libxc;
    struct xv_draft_b draft_b;
    struct xv_legacy legacy;
    struct xv_memory memory;
    struct xv_pv pv;
    struct xv_hvm_context hvm_context;
    struct xv_hvm_params hvm_params;
    struct xv_cpu_policy cpu_policy;
    struct xv_xenstore xenstore;
};

#endif
