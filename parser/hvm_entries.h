/* SPDX-License-Identifier: MIT */
#ifndef XENVET_HVM_ENTRIES_H
#define XENVET_HVM_ENTRIES_H

/* The entries of an HVM context: one row for each typecode, and how each release wrote it (blobs 9, compat 3). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenvet/verdict.h>

#include "record.h"

struct xv_parser;

enum xv_hvm_code {
    XV_HVM_CODE_END = 0,
    XV_HVM_CODE_HEADER = 1,
    XV_HVM_CODE_CPU = 2,
    XV_HVM_CODE_PIC = 3,
    XV_HVM_CODE_IOAPIC = 4,
    XV_HVM_CODE_LAPIC = 5,
    XV_HVM_CODE_LAPIC_REGS = 6,
    XV_HVM_CODE_PCI_IRQ = 7,
    XV_HVM_CODE_ISA_IRQ = 8,
    XV_HVM_CODE_PCI_LINK = 9,
    XV_HVM_CODE_PIT = 10,
    XV_HVM_CODE_RTC = 11,
    XV_HVM_CODE_HPET = 12,
    XV_HVM_CODE_PMTIMER = 13,
    XV_HVM_CODE_MTRR = 14,
    XV_HVM_CODE_VIRIDIAN_DOMAIN = 15,
    XV_HVM_CODE_CPU_XSAVE = 16,
    XV_HVM_CODE_VIRIDIAN_VCPU = 17,
    XV_HVM_CODE_VMCE_VCPU = 18,
    XV_HVM_CODE_TSC_ADJUST = 19,
    XV_HVM_CODE_CPU_MSR = 20,
    XV_HVM_CODES = 21,
};

/* Octets of a CPU_XSAVE entry that are looked at: xfeature_mask and XV_XSAVE_HEAD. */
#define XV_HVM_XSAVE_HEAD 600u

/* Entries of CPU_MSR: the ten MSRs that a vCPU may save, and one more, so that what is reported is which one came
 * twice. */
#define XV_HVM_MSRS 11u

enum xv_hvm_per {
    XV_PER_DOMAIN, /* instance 0 */
    XV_PER_PIC,    /* instances 0 and 1 */
    XV_PER_VCPU,   /* instance = vCPU id */
};

/* A length, and the releases that write it, XV_XEN(major, minor), inclusive. */
struct xv_hvm_length {
    uint32_t octets, since, until;
};

/* Checks the contents of an entry; the cursor covers its body, of CPU_XSAVE the first XV_HVM_XSAVE_HEAD octets. */
typedef bool xv_hvm_check(struct xv_parser *p, const struct xv_cursor *body, uint32_t instance);

struct xv_hvm_entry {
    char name[XV_TEXT];
    enum xv_hvm_per per;
    bool device; /* an emulated device that a PVH guest does not have */
    struct xv_hvm_length lengths[3];
    uint32_t max, step; /* variable length: lengths[0].octets, and every `step` octets more up to `max` */
    xv_hvm_check *check;
};

/* The row of a typecode; NULL if there is none. */
const struct xv_hvm_entry *xv_hvm_entry(uint32_t code);

/* The type has this length, the saver's release writes it, the target release loads it. `at` is the descriptor's
 * offset. */
bool xv_hvm_length_fits(struct xv_parser *p, const struct xv_hvm_entry *entry, uint32_t length, uint64_t at);

/*
 * What a field may hold: only these bits, and at most this value. Fields past the end of an entry read as 0, as Xen
 * itself extends short entries.
 */
struct xv_hvm_field {
    uint16_t offset, octets; /* 1, 2, 4 or 8 octets */
    enum xv_code code;
    uint64_t bits, max;
};
/* A set of fields; the first one of 0 octets ends it. */
#define XV_HVM_FIELDS_MAX 24u
struct xv_hvm_fields {
    struct xv_hvm_field list[XV_HVM_FIELDS_MAX];
};
#define XV_HVM_BITS(offset, octets, code, bits) \
    { (offset), (octets), XV_##code, (bits), UINT64_MAX }
#define XV_HVM_MAX(offset, octets, code, max) \
    { (offset), (octets), XV_##code, UINT64_MAX, (max) }

uint64_t xv_hvm_get(const struct xv_cursor *body, uint32_t offset, uint32_t octets);
bool xv_hvm_fields_fit(struct xv_parser *p, const struct xv_cursor *body, const struct xv_hvm_fields *fields);

/* The checkers: hvm_cpu.c and hvm_devices.c. */
xv_hvm_check xv_hvm_check_cpu, xv_hvm_check_xsave, xv_hvm_check_msrs;
xv_hvm_check xv_hvm_check_header, xv_hvm_check_pic, xv_hvm_check_lapic, xv_hvm_check_pci_link, xv_hvm_check_pit,
    xv_hvm_check_rtc, xv_hvm_check_mtrr, xv_hvm_check_viridian_vcpu, xv_hvm_check_vmce;

#endif
