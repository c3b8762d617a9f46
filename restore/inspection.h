/* SPDX-License-Identifier: MIT */
#ifndef XENVET_INSPECTION_H
#define XENVET_INSPECTION_H

/*
 * Everything that `inspect` remembers of the facts, of fixed size: lists have a cap, and count what did not fit. The
 * facts come from the parser that read the untrusted stream, so nothing in them is trusted to be in any range.
 */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/parser.h>

#include "memory_map.h"
#include "notes.h"

#define XV_INSPECT_LAYERS  8
#define XV_INSPECT_RECORDS 1024
#define XV_INSPECT_VCPUS   512
#define XV_INSPECT_ITEMS   256
#define XV_INSPECT_NODES   4096

/* One item of a list: the meaning of a, b and c is that of the fact. */
struct xv_item {
    uint64_t offset;
    uint64_t a, b, c;
    uint64_t count;  /* consecutive items that this one stands for */
    uint64_t octets; /* all of theirs */
    char text[56];
};

struct xv_list {
    struct xv_item *items;
    uint32_t capacity;
    uint32_t count;
    uint64_t omitted;
};

struct xv_vcpu_state {
    bool seen;
    uint32_t octets[4]; /* of VCPU_BASIC, _EXTENDED, _XSAVE, _MSRS */
    uint32_t has;       /* bits in the same order */
};

struct xv_inspection {
    struct xv_memory_map map;
    struct xv_list layers, records, hvm_entries, hvm_params, cpuid_leaves, policy_msrs, vcpu_msrs, emulators,
        emulator_keys, xenstore_connections, xenstore_watches, xenstore_transactions, xenstore_nodes, xenstore_quotas,
        xenstore_domains;
    struct xv_vcpu_state vcpus[XV_INSPECT_VCPUS];
    uint64_t vcpus_omitted; /* facts about vCPUs beyond the table */
    bool has_tsc;
    struct xv_item tsc;
    struct xv_notes notes;
    struct xv_item store[XV_INSPECT_LAYERS + XV_INSPECT_RECORDS + XV_INSPECT_NODES + 12 * XV_INSPECT_ITEMS];
};

/* All its memory, or NULL; freed by xv_inspection_free(). */
struct xv_inspection *xv_inspection_new(uint64_t max_guest_pages);
void xv_inspection_free(struct xv_inspection *inspection);

/* Fits xv_observer.tell; `context` is the struct xv_inspection. */
void xv_inspection_take(void *context, const struct xv_fact *fact);

/* "VCPU_BASIC" and so on, i in 0..3. */
const char *xv_vcpu_record_name(unsigned i);

#endif
