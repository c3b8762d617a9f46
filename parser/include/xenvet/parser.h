/* SPDX-License-Identifier: MIT */
#ifndef XENVET_PARSER_H
#define XENVET_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenvet/policy.h>
#include <xenvet/verdict.h>

/*
 * A pull parser for Xen domain images. It never reads, never allocates and never buffers: it says what it wants next,
 * the caller provides exactly that, and the octets may be forgotten as soon as the call returns.
 *
 *     while (!finished) {
 *         struct xv_demand d = xv_parser_demand(p);
 *         switch (d.want) {
 *         case XV_WANT_BYTES:   read exactly d.n octets, xv_parser_feed(p, buf, d.n); on end of file xv_parser_eof(p,
 * had) case XV_WANT_OPAQUE:  skip up to d.n octets, xv_parser_pass(p, skipped);    likewise case XV_WANT_END:     try
 * to read one octet; none: xv_parser_eof(p, 0); one: xv_parser_feed(p, buf, 1) case XV_WANT_NOTHING:
 * xv_parser_report(p) has the verdict
 *         }
 *     }
 */

/* The most octets that one XV_WANT_BYTES demand asks for. */
#define XV_WANT_MAX 8208u

enum xv_want {
    XV_WANT_BYTES,   /* n contiguous octets, 1 <= n <= XV_WANT_MAX */
    XV_WANT_OPAQUE,  /* n octets whose content is not inspected; may go by in pieces */
    XV_WANT_END,     /* nothing may follow: end of file is expected */
    XV_WANT_NOTHING, /* finished */
};

struct xv_demand {
    enum xv_want want;
    uint64_t n;
};

enum xv_step {
    XV_STEP_MORE,     /* ask xv_parser_demand() again */
    XV_STEP_ACCEPTED, /* final */
    XV_STEP_REJECTED, /* final: see xv_parser_report() */
};

/* Says where and why a stream was refused. Numbers that do not apply are 0 and `has` lacks their bit. */
struct xv_report {
    enum xv_code code;
    uint64_t offset; /* absolute offset of the offending octet or field in the input */
    uint64_t record; /* records begun so far, of all streams together; the offending one is number `record` (from 1) */
    uint32_t record_type; /* its type field */
    uint64_t found;       /* the offending value */
    uint64_t allowed_min; /* the range it should have been in */
    uint64_t allowed_max;
    uint32_t has;            /* XV_HAS_* bits */
    const char *record_name; /* static; NULL outside records */
    const char *section;     /* the rule, as in the verdict table */
};
#define XV_HAS_RECORD  1u
#define XV_HAS_FOUND   2u
#define XV_HAS_ALLOWED 4u

/* What is known about the stream so far. Everything in it was checked before it was stored. */
struct xv_summary {
    enum xv_format format; /* the outermost container */
    enum xv_guest guest;   /* 0 until known */
    bool legacy_converted; /* written by the legacy converter */
    bool checkpointed, colo, verify;
    uint32_t image_version; /* libxc stream version */
    uint32_t xen_major, xen_minor;
    uint64_t bytes; /* octets consumed */
    uint64_t records;
    uint64_t checkpoints;    /* complete ones */
    uint64_t page_entries;   /* pfn entries of all PAGE_DATA records */
    uint64_t page_types[16]; /* the same by their type code */
    uint64_t data_pages;     /* entries that brought contents */
    uint64_t populated;      /* distinct pages that the restorer populates */
    uint64_t resent;         /* entries for pages that were populated already */
    uint32_t rounds;         /* passes over memory in the current checkpoint */
    uint64_t max_pfn;        /* PV: from P2M_FRAMES; HVM: largest seen */
    uint32_t vcpus;          /* vCPUs with state */
    uint32_t tolerated;      /* enum xv_tolerance bits that fired */
    uint32_t brings;         /* enum xv_allowance bits of things that the stream brought */
    /* the embedded configuration; 0 or "" where it does not say */
    uint32_t config_bytes;
    uint32_t config_max_vcpus;
    uint64_t config_max_memkb, config_target_memkb;
    bool config_text;         /* it is an xl.cfg, of which nothing is known but its length */
    bool legacy, legacy_wide; /* a legacy stream, of a 64-bit toolstack */
    char config_type[8];      /* "pv", "pvh", "hvm" */
    char config_name[64];     /* printable ASCII, others replaced by '?', cut */
    char config_uuid[40];
    /* a xenstore state: version 1 or 2, XV_XENSTORE_2020 for the proposal, 0 for other streams */
    uint32_t xenstore_version;
    uint32_t xenstore_big_endian; /* 0 or 1 */
    uint32_t xenstore_connections, xenstore_watches, xenstore_transactions, xenstore_domains, xenstore_quotas;
    uint32_t xenstore_nodes;    /* committed and in transactions */
    uint64_t xenstore_values;   /* octets of their values */
    uint64_t xenstore_buffered; /* octets of requests and responses on their way */
};
#define XV_XENSTORE_2020 2020u

/* Facts are told one by one while the stream is read, for `inspect`. */
enum xv_fact_kind {
    XV_FACT_LAYER,      /* a container or stream header was accepted: text = its name, a = version */
    XV_FACT_RECORD,     /* a record header was accepted: a = type, b = body length, text = name, c = enum xv_records */
    XV_FACT_PAGE,       /* one pfn entry: a = pfn, b = type code, c = 1 if it was populated before */
    XV_FACT_VCPU,       /* a = vCPU id, b = record type, c = blob octets */
    XV_FACT_HVM_ENTRY,  /* a = typecode, b = instance, c = length, text = name */
    XV_FACT_HVM_PARAM,  /* a = index, b = value, text = name */
    XV_FACT_TSC,        /* a = mode, b = kHz, c = elapsed ns */
    XV_FACT_CPUID_LEAF, /* a = leaf << 32 | subleaf, b = eax << 32 | ebx, c = ecx << 32 | edx */
    XV_FACT_MSR,        /* a = index, b = value, c = 1 for the policy, 0 for a vCPU */
    XV_FACT_EMULATOR,   /* a = id, b = blob octets */
    XV_FACT_EMULATOR_KEY, /* text = field of physmap entry a, b = its value as a number, 0 if it is none; or "other" */
    XV_FACT_CONFIG, /* a field of the configuration worth a person's eye: text = path "b_info.kernel", a = class */
    XV_FACT_XENSTORE_CONNECTION,  /* a = id, b = XV_XENSTORE_SOCKET | descriptor, or domain, c = buffered octets: in <<
                                     32 |  out */
    XV_FACT_XENSTORE_WATCH,       /* a = connection, b = depth or UINT64_MAX for none, text = path, cut */
    XV_FACT_XENSTORE_TRANSACTION, /* a = connection, b = id */
    XV_FACT_XENSTORE_NODE,   /* a = connection << 32 | transaction, b = octets of the value, c = owner | permissions <<
                                32,   text = path, cut */
    XV_FACT_XENSTORE_QUOTA,  /* a = value, b = domain, or XV_XENSTORE_ALL, text = name */
    XV_FACT_XENSTORE_DOMAIN, /* a = domain, b = features, c = quota values */
    XV_FACT_TOLERATED,       /* a = enum xv_tolerance */
};
#define XV_XENSTORE_SOCKET ((uint64_t)1 << 32)
#define XV_XENSTORE_ALL    ((uint64_t)1 << 16)

/* Which stream a record belongs to. */
enum xv_records {
    XV_RECORDS_LIBXC,
    XV_RECORDS_LIBXL,
    XV_RECORDS_XENOPSD,
    XV_RECORDS_DRAFT_B,
    XV_RECORDS_LEGACY,
    XV_RECORDS_XENSTORE,
    XV_RECORDS_XENSTORE_2020,
};

/* Fixed size, no pointers into the stream: it can cross a process boundary as it is. */
struct xv_fact {
    uint32_t kind;   /* enum xv_fact_kind */
    uint32_t spare;  /* 0 */
    uint64_t offset; /* of the item in the input */
    uint64_t a, b, c;
    char text[56]; /* printable ASCII, NUL-terminated */
};

/* Told of each fact as it becomes known; `tell` may be NULL. The fact is only valid during the call. */
struct xv_observer {
    void (*tell)(void *context, const struct xv_fact *fact);
    void *context;
    uint32_t skip; /* bit n: facts of kind n are not wanted, which saves making them */
};

/* Memory for per-page state, sized by xv_policy_arena_bytes(), zeroed by the caller, owned by the caller. */
struct xv_arena {
    uint8_t *bytes;
    size_t size;
};

struct xv_parser;

/* Octets of memory that a parser needs; a compile-time constant of this build of the library. */
size_t xv_parser_size(void);

/*
 * Makes a parser in `memory` (xv_parser_size() octets, aligned for any type). The policy is copied; memory and arena
 * stay the caller's and must outlive the parser. An invalid policy or a small arena gives a parser that has rejected
 * with POLICY_INVALID.
 */
struct xv_parser *xv_parser_init(void *memory, const struct xv_policy *policy, struct xv_arena arena,
                                 struct xv_observer observer);

struct xv_demand xv_parser_demand(const struct xv_parser *p);

/* Exactly demand.n octets (one octet for XV_WANT_END). They are not kept. */
enum xv_step xv_parser_feed(struct xv_parser *p, const uint8_t *bytes, size_t n);

/* n <= demand.n octets of an XV_WANT_OPAQUE demand went by. */
enum xv_step xv_parser_pass(struct xv_parser *p, uint64_t n);

/* The input ended; `had` octets (fewer than demanded) were there, and count for the reported offset only. */
enum xv_step xv_parser_eof(struct xv_parser *p, uint64_t had);

/* The caller gives up: the input changed under it. */
enum xv_step xv_parser_input_changed(struct xv_parser *p);

/* The caller gives up for a reason of its own: what stands behind it cannot take this stream. */
enum xv_step xv_parser_refuse(struct xv_parser *p, enum xv_code code);
/* The same, with the offset of what is to blame. */
enum xv_step xv_parser_refuse_at(struct xv_parser *p, enum xv_code code, uint64_t at);

/* Why it was rejected; code XV_ACCEPTED while nothing was wrong. Valid as long as the parser. */
const struct xv_report *xv_parser_report(const struct xv_parser *p);

const struct xv_summary *xv_parser_summary(const struct xv_parser *p);

/*
 * Everything before this offset belongs to whole, accepted items (headers, configurations, records with their padding):
 * what a gate may forward. Never decreases.
 */
uint64_t xv_parser_committed(const struct xv_parser *p);

/*
 * True if the item that ends at xv_parser_committed() is there by a tolerance and has no place in canonical output: a
 * gate leaves it out.
 */
bool xv_parser_dropped(const struct xv_parser *p);

/* True if the item that ends at xv_parser_committed() is one of the libxc stream: what libxenguest reads, of all
 * containers. */
bool xv_parser_in_libxc(const struct xv_parser *p);

/* The type of the record that ends at xv_parser_committed(), in its own layer's numbers: enum xv_legacy_item of a
 * legacy one. */
uint32_t xv_parser_item(const struct xv_parser *p);

/* What the guest is, as far as it is known after the libxc domain header: enum xv_guest bits. */
uint32_t xv_parser_guests(const struct xv_parser *p);

/* A token of the embedded configuration that canonical output keeps; `start` and `end` are its absolute offsets. */
enum xv_config_token {
    XV_TOKEN_OBJECT, /* { */
    XV_TOKEN_ARRAY,  /* [ */
    XV_TOKEN_CLOSE,  /* the end of the innermost of these */
    XV_TOKEN_NAME,   /* with its quotes */
    XV_TOKEN_VALUE,  /* a scalar, strings with their quotes */
};

/*
 * Has the tokens that a restore needs told one by one while the configuration is read; fields that it does not need
 * (kernel, command line, what is unknown) are not told. They spell a JSON document without commas, colons and white
 * space. Call it before the first octet is fed.
 */
void xv_parser_keep_config(struct xv_parser *p,
                           void (*token)(void *context, enum xv_config_token token, uint64_t start, uint64_t end),
                           void *context);

/* The name of a tolerance or allowance bit as policy files spell it, or NULL. */
const char *xv_tolerance_name(unsigned bit);
const char *xv_tolerance_text(unsigned bit);
const char *xv_allowance_name(unsigned bit);
const char *xv_allowance_text(unsigned bit);

#endif
