/* SPDX-License-Identifier: MIT */
#include "libxc_rules.h"

#include <stddef.h>

#include <xenvet/policy.h>

#include "cpu_policy.h"
#include "hvm_context.h"
#include "hvm_params.h"
#include "p2m.h"
#include "page_data.h"
#include "pv_info.h"
#include "pv_vcpu.h"
#include "tsc.h"

#define PV  1
#define HVM 2
#define V2  4
#define V3  8

#define PAGES_MAX (8u + 8u * XV_MAX_PAGE_COUNT + 4096u * XV_MAX_PAGE_COUNT)
#define PFNS_MAX  (8u + 64u * 1024 * 1024) /* 2^32 pfns / 512, 8 octets each (libxc 9) */

/* What the state records of a PV guest rest on, and those of an HVM guest. */
#define PV_MEMORY  (XV_BIT(XV_REC_PV_INFO) | XV_BIT(XV_REC_P2M_FRAMES) | XV_BIT(XV_REC_PAGE_DATA))
#define HVM_MEMORY XV_BIT(XV_REC_PAGE_DATA)
/* What must have come when memory and state are said to be complete; BASIC and HVM_PARAMS have checks of their own. */
#define PV_ALL  (PV_MEMORY | XV_BIT(XV_REC_SHARED_INFO))
#define HVM_ALL (HVM_MEMORY | XV_BIT(XV_REC_HVM_CONTEXT))

#define IN_MEMORY (XV_S_MEMORY | XV_S_VERIFY | XV_S_AGAIN)
#define LATER     (XV_S_MEMORY | XV_S_VERIFY | XV_S_AGAIN | XV_S_TAIL)
#define ANYWHERE  (XV_S_STATIC | LATER)

/* clang-format off */
static const struct xv_libxc_rule rules[XV_LIBXC_TYPES] = {
    /*                      name                   guests    versions  states       next         often         min   max         step first needs_pv  needs_hvm  body */
    [XV_REC_END] =             {"END",                 PV | HVM, V2 | V3, ANYWHERE,    0,           XV_ONCE,      0,    0,          1,   0,    PV_ALL,    HVM_ALL,    NULL},
    [XV_REC_PAGE_DATA] =       {"PAGE_DATA",           PV | HVM, V2 | V3, XV_S_STATIC_V2 | IN_MEMORY, 0, XV_MANY,    8,    PAGES_MAX,  8,   16,   XV_BIT(XV_REC_PV_INFO) | XV_BIT(XV_REC_P2M_FRAMES), 0, xv_page_data_body},
    [XV_REC_PV_INFO] =     {"X86_PV_INFO",         PV,       V2 | V3, XV_S_STATIC, 0,           XV_ONCE,      8,    8,          1,   8,    0,         0,          xv_pv_info_body},
    [XV_REC_P2M_FRAMES] =      {"X86_PV_P2M_FRAMES",   PV,       V2 | V3, XV_S_STATIC_V2 | XV_S_MEMORY, 0, XV_MANY,  16,   PFNS_MAX,   8,   8,    XV_BIT(XV_REC_PV_INFO), 0, xv_p2m_frames_body},
    [XV_REC_VCPU_BASIC] =      {"X86_PV_VCPU_BASIC",   PV,       V2 | V3, LATER,       XV_S_TAIL,   XV_MANY,      8,    8 + 5168,   1,   8,    PV_MEMORY, 0,          xv_vcpu_basic_body},
    [XV_REC_VCPU_EXTENDED] =   {"X86_PV_VCPU_EXTENDED", PV,      V2 | V3, LATER,       XV_S_TAIL,   XV_MANY,      8,    8 + 128,    1,   8,    PV_MEMORY, 0,          xv_vcpu_extended_body},
    [XV_REC_VCPU_XSAVE] =      {"X86_PV_VCPU_XSAVE",   PV,       V2 | V3, LATER,       XV_S_TAIL,   XV_MANY,      8,    8 + 16384,  1,   8,    PV_MEMORY, 0,          xv_vcpu_xsave_body},
    [XV_REC_SHARED_INFO] =     {"SHARED_INFO",         PV,       V2 | V3, LATER,       XV_S_TAIL,   XV_ONCE_EACH, 4096, 4096,       1,   0,    PV_MEMORY, 0,          NULL},
    [XV_REC_TSC_INFO] =        {"X86_TSC_INFO",        PV | HVM, V2 | V3, ANYWHERE,    0,           XV_ONCE_EACH, 24,   24,         1,   24,   0,         0,          xv_tsc_body},
    [XV_REC_HVM_CONTEXT] =     {"HVM_CONTEXT",         HVM,      V2 | V3, LATER,       XV_S_TAIL,   XV_ONCE_EACH, 8,    8u << 20,   1,   8,    0,         HVM_MEMORY, xv_hvm_context_body},
    [XV_REC_HVM_PARAMS] =      {"HVM_PARAMS",          HVM,      V2 | V3, LATER,       XV_S_TAIL,   XV_MANY,      8,    8 + 16 * 39, 16, 8 + 16 * 39, 0,  HVM_MEMORY, xv_hvm_params_body},
    [XV_REC_TOOLSTACK] =       {"TOOLSTACK",           0,        0,       0,           0,           XV_MANY,      0,    0,          1,   0,    0,         0,          NULL},
    [XV_REC_VCPU_MSRS] =       {"X86_PV_VCPU_MSRS",    PV,       V2 | V3, LATER,       XV_S_TAIL,   XV_MANY,      8,    8 + 16 * 7, 16,  8,    PV_MEMORY, 0,          xv_vcpu_msrs_body},
    [XV_REC_VERIFY] =          {"VERIFY",              PV | HVM, V2 | V3, XV_S_MEMORY, XV_S_VERIFY, XV_ONCE,      0,    0,          1,   0,    0,         0,          NULL},
    [XV_REC_CHECKPOINT] =      {"CHECKPOINT",          PV | HVM, V2 | V3, LATER,       0,           XV_MANY,      0,    0,          1,   0,    PV_ALL,    HVM_ALL,    NULL},
    [XV_REC_DIRTY_PFN_LIST] =  {"CHECKPOINT_DIRTY_PFN_LIST", PV | HVM, V2 | V3, 0,     0,           XV_MANY,      0,    0,          1,   0,    0,         0,          NULL},
    [XV_REC_STATIC_DATA_END] = {"STATIC_DATA_END",     PV | HVM, V3,      XV_S_STATIC, XV_S_MEMORY, XV_ONCE,      0,    0,          1,   0,    XV_BIT(XV_REC_PV_INFO), 0, NULL},
    [XV_REC_CPUID_POLICY] =    {"X86_CPUID_POLICY",    PV | HVM, V3,      XV_S_STATIC, 0,           XV_ONCE,      24,   24 * 342,   24,  24 * 342, XV_BIT(XV_REC_PV_INFO), 0, xv_cpuid_policy_body},
    [XV_REC_MSR_POLICY] =      {"X86_MSR_POLICY",      PV | HVM, V3,      XV_S_STATIC, 0,           XV_ONCE,      16,   16 * 512,   16,  16 * 512, XV_BIT(XV_REC_PV_INFO), 0, xv_msr_policy_body},
};
/* clang-format on */

const struct xv_libxc_rule *xv_libxc_rule(uint32_t type) {
    return type < XV_LIBXC_TYPES && rules[type].name[0] ? &rules[type] : NULL;
}
