/* SPDX-License-Identifier: MIT */
#ifndef XENVET_CPU_POLICY_H
#define XENVET_CPU_POLICY_H

/* X86_CPUID_POLICY and X86_MSR_POLICY (blobs 5, 6), and what other checks need of them: the sizes of XSAVE components.
 */
#include <stdbool.h>
#include <stdint.h>

#include "record.h"

#define XV_XSTATE_COMPONENTS 63u

struct xv_cpu_policy {
    bool xstate_told; /* leaf 0xd was given: a component of size 0 then is one that the guest does not have */
    uint32_t xstate_size[XV_XSTATE_COMPONENTS];   /* octets of XSAVE component n from leaf 0xd subleaf n; 0 = none */
    uint32_t xstate_offset[XV_XSTATE_COMPONENTS]; /* where it lies in an uncompressed image */
};

xv_body xv_cpuid_policy_body; /* asks for the whole record */
xv_body xv_msr_policy_body;

#endif
