/* SPDX-License-Identifier: MIT */
#ifndef XENVET_SWEEP_PLACE_H
#define XENVET_SWEEP_PLACE_H

/* What an octet of a stream is part of, found by a walk of its own that knows nothing of the parser. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sweep.h"

enum place_kind {
    PLACE_XL,           /* the xl header, to the length of the configuration */
    PLACE_LIBVIRT,      /* the libvirt header */
    PLACE_XML,          /* its XML */
    PLACE_XML_EMULATOR, /* the program that libxl would run, in it */
    PLACE_XENOPSD,      /* a xenopsd signature or record header */
    PLACE_XENOPS,       /* the body of a Xenops record */
    PLACE_XENOPSD_BODY, /* the body of another one; type */
    PLACE_CONFIG,       /* the configuration: `path` names the field */
    PLACE_LIBXL,        /* the libxl header */
    PLACE_LIBXL_HEADER, /* a libxl record header; type */
    PLACE_LIBXL_BODY,   /* its body and padding */
    PLACE_LIBXC,        /* libxc image and domain header */
    PLACE_LIBXC_HEADER, /* a libxc record header; type */
    PLACE_LIBXC_BODY,   /* a libxc record body and padding; type */
    PLACE_HVM_ENTRY,    /* an entry of HVM_CONTEXT with its descriptor; typecode */
    PLACE_PARAM,        /* an entry of HVM_PARAMS; index */
    PLACE_LEAF,         /* an entry of X86_CPUID_POLICY; leaf */
    PLACE_MSR,          /* an entry of X86_MSR_POLICY or X86_PV_VCPU_MSRS; index */
    PLACE_PFN_PV,       /* a pfn entry of PAGE_DATA */
    PLACE_PFN_HVM,
    PLACE_PTE,         /* a page-table entry; level */
    PLACE_PAGE_HEAD,   /* the head of an ordinary page of a PV guest */
    PLACE_GO_AHEAD,    /* behind the stream */
    PLACE_DRAFT,       /* of draft B: headers, footers, and bodies with a checksum */
    PLACE_UNSUMMED,    /* of draft B: the body of a record without one; type */
    PLACE_LEGACY,      /* of a legacy stream: chunks by their number, other parts by numbers of place_legacy.c */
    PLACE_TEXT,        /* an xl.cfg */
    PLACE_LEGACY_INFO, /* its extended information; type 1: the context that only its length is read of */
    /* of a xenstore state; type is the record's, or PLACE_XENSTORE_2020 plus the kind of a proposed one */
    PLACE_XENSTORE,            /* the header of the stream */
    PLACE_XENSTORE_RECORD,     /* a record header */
    PLACE_XENSTORE_HEAD,       /* fields before lists and strings */
    PLACE_XENSTORE_DEPTH,      /* of a watch, with its padding */
    PLACE_XENSTORE_LENGTH,     /* of a string of a proposed record */
    PLACE_XENSTORE_NUMBER,     /* a transaction or domain of a proposed record */
    PLACE_XENSTORE_PERMISSION, /* an entry */
    PLACE_XENSTORE_PATH,       /* without its NUL */
    PLACE_XENSTORE_TOKEN,      /* likewise */
    PLACE_XENSTORE_MESSAGE,    /* the header of a buffered message */
    PLACE_XENSTORE_UNIQUE,     /* the unique id of a domain */
    PLACE_XENSTORE_VALUE,      /* of a quota */
    PLACE_XENSTORE_NAME,       /* of a quota */
    PLACE_XENSTORE_REST,       /* NULs, padding, and what nothing looks at */
};
#define PLACE_XENSTORE_2020 100u

#define PLACE_PATH 96

struct place {
    enum place_kind kind;
    uint32_t type;
    uint64_t offset;       /* in the part that `kind` names */
    uint64_t record;       /* where the record begins */
    bool later;            /* a complete checkpoint came before */
    char path[PLACE_PATH]; /* of a field of the configuration, "d_config.c_info.name"; array members are "[]" */
    bool is_name;          /* the octet is in the name of the field, not in its value */
};

struct place place_of(const struct stream *s, size_t at);

/* place_xenstore.c: the same for a xenstore state, or a proposed one. */
void xenstore_place(const struct stream *s, size_t at, bool proposal, struct place *place);

/* json_path.c: the field that octet `at` of the document belongs to. */
void json_path(const uint8_t *json, size_t n, size_t at, char path[PLACE_PATH], bool *is_name);

const char *place_kind_name(enum place_kind kind);

/* harmless.c: why a change of this bit may be accepted under this policy, or NULL. */
const char *harmless(const struct place *place, unsigned bit, const struct xv_policy *policy);

#endif
