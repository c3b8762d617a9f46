/* SPDX-License-Identifier: MIT */
#ifndef XENVET_PV_H
#define XENVET_PV_H

/* State of a PV guest: X86_PV_INFO, the p2m, vCPUs, and what completion needs. */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/policy.h>

enum xv_vcpu_kind { XV_VCPU_BASIC, XV_VCPU_EXTENDED, XV_VCPU_XSAVE, XV_VCPU_MSRS, XV_VCPU_KINDS };

struct xv_pv {
    uint32_t width;  /* 4 or 8; 0 before X86_PV_INFO */
    uint32_t levels; /* 3 or 4 */

    /* X86_PV_P2M_FRAMES; max_pfn itself is sum.max_pfn */
    bool p2m;             /* one came */
    uint32_t p2m_growths; /* records after the first one */
    uint64_t p2m_frames;  /* frames in the list */
    uint64_t p2m_next;    /* index of the next frame of the record being read */
    uint64_t p2m_marked;  /* the first so many were proved by a completion check, and are marked in guest memory */

    /* vCPU records of this checkpoint */
    uint32_t vcpu;                                    /* of the record being read */
    uint32_t vcpus;                                   /* VCPU_BASIC records */
    uint8_t seen[XV_VCPU_KINDS][XV_MAX_VCPUS_PV / 8]; /* bit n: vCPU n has that record */
    uint8_t before[XV_MAX_VCPUS_PV / 8];              /* bit n: vCPU n was in the checkpoint before */
    uint32_t next_vcpu;                               /* the id that VCPU_BASIC must have unless gaps are tolerated */
    uint64_t start_info;                              /* pfn, from vCPU 0 */
    uint64_t start_info_field;                        /* offset of the register that says so */
};

#endif
