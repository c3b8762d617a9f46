/* SPDX-License-Identifier: MIT */
#ifndef XENVET_HVM_CONTEXT_H
#define XENVET_HVM_CONTEXT_H

/* The HVM_CONTEXT record: a chain of descriptors (blobs 9). The entries themselves are in hvm_entries.h. */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/policy.h>

#include "record.h"

#define XV_HVM_CODE_LIMIT     32u                      /* typecodes below this fit into the set of entries seen */
#define XV_HVM_INSTANCE_WORDS (XV_MAX_VCPUS_HVM / 64u) /* 64 instances a word */

struct xv_hvm_context {
    uint32_t vcpus; /* CPU entries */
    bool emulated;  /* the guest has emulated devices (PIC, IOAPIC, PIT, ...), so a device model serves it */
    uint64_t seen[XV_HVM_CODE_LIMIT][XV_HVM_INSTANCE_WORDS]; /* bit: entry (code, instance) came */
    uint32_t last;                                           /* code << 16 | instance of the last entry */

    /* the entry being read */
    uint32_t code, instance, length;
    uint32_t body_left; /* octets of its body after the current piece */
    uint32_t in_use;    /* of those, the extended state that CPU_XSAVE features call for; zeros must follow */
};

xv_body xv_hvm_context_body; /* first piece: 8 octets */

/* Forgets everything: a new checkpoint brings a new context. */
void xv_hvm_context_reset(struct xv_parser *p);

#endif
