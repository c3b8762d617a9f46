/* SPDX-License-Identifier: MIT */
#ifndef XENVET_CPU_POLICY_H
#define XENVET_CPU_POLICY_H

/* X86_CPUID_POLICY and X86_MSR_POLICY (blobs 5, 6), and what other checks need of them: the sizes of XSAVE components. */
#include <stdint.h>

#include "record.h"

struct xv_cpu_policy {
    uint32_t xstate_size[63];   /* octets of XSAVE component n from leaf 0xd subleaf n; 0 = not told */
    uint32_t xstate_offset[63];
};

xv_body xv_cpuid_policy_body; /* asks for the whole record */
xv_body xv_msr_policy_body;

#endif
