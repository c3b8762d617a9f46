/* SPDX-License-Identifier: MIT */
#ifndef XENVET_LIBXC_RULES_H
#define XENVET_LIBXC_RULES_H

/* The table of libxc records: who may send them, where, how long, how often, after what (libxc 3, 5.3). */
#include <stdint.h>

#include "libxc.h"
#include "record.h"

enum xv_libxc_type {
    XV_REC_END = 0x0,
    XV_REC_PAGE_DATA = 0x1,
    XV_REC_PV_INFO = 0x2,
    XV_REC_P2M_FRAMES = 0x3,
    XV_REC_VCPU_BASIC = 0x4,
    XV_REC_VCPU_EXTENDED = 0x5,
    XV_REC_VCPU_XSAVE = 0x6,
    XV_REC_SHARED_INFO = 0x7,
    XV_REC_TSC_INFO = 0x8,
    XV_REC_HVM_CONTEXT = 0x9,
    XV_REC_HVM_PARAMS = 0xa,
    XV_REC_TOOLSTACK = 0xb,
    XV_REC_VCPU_MSRS = 0xc,
    XV_REC_VERIFY = 0xd,
    XV_REC_CHECKPOINT = 0xe,
    XV_REC_DIRTY_PFN_LIST = 0xf,
    XV_REC_STATIC_DATA_END = 0x10,
    XV_REC_CPUID_POLICY = 0x11,
    XV_REC_MSR_POLICY = 0x12,
    XV_LIBXC_TYPES = 0x13,
};

#define XV_OPTIONAL 0x80000000u /* bit 31 of a type */

/* Bit of a type, for sets of types. */
#define XV_BIT(type) ((uint32_t)1 << (type))

enum xv_multiplicity {
    XV_MANY,
    XV_ONCE,      /* in the whole stream */
    XV_ONCE_EACH, /* in each checkpoint */
};

struct xv_libxc_rule {
    char name[XV_TEXT];
    uint8_t guests;   /* bit 0: PV, bit 1: HVM */
    uint8_t versions; /* bit 2: version 2, bit 3: version 3 */
    uint8_t states;   /* enum xv_libxc_state bits in which it may appear */
    uint8_t next;     /* the state it leads to, 0: stays */
    enum xv_multiplicity often;
    uint32_t min, max, step; /* body length: min + k * step, at most max */
    uint32_t first;          /* octets of the first piece of the body; the body is opaque if this is 0 */
    uint32_t needs_pv;       /* types that must have come before, by guest */
    uint32_t needs_hvm;
    xv_body *body; /* NULL: nothing in the body is looked at */
};

/* The rule of a type, NULL if it is unknown. */
const struct xv_libxc_rule *xv_libxc_rule(uint32_t type);

#endif
