/* SPDX-License-Identifier: MIT */
#include "legacy_rules.h"

#include <stddef.h>

#define PV  1
#define HVM 2

#define PARAM 12u /* a pad, which is never looked at, and the value */

/* clang-format off */
static const struct xv_legacy_rule rules[XV_LEGACY_CHUNKS] = {
    /*    name                         guests    once   in_memory octets param refuse */
    [0] =  {"END_OF_CHUNKS",             PV | HVM, false, false, 0,     0,  XV_ACCEPTED},
    [1] =  {"ENABLE_VERIFY_MODE",        PV | HVM, true,  true,  0,     0,  XV_ACCEPTED},
    [2] =  {"VCPU_INFO",                 PV | HVM, true,  false, 4,     0,  XV_ACCEPTED},
    [3] =  {"HVM_IDENT_PT",              HVM,      true,  false, PARAM, 12, XV_ACCEPTED},
    [4] =  {"HVM_VM86_TSS",              HVM,      true,  false, PARAM, 15, XV_ACCEPTED},
    [5] =  {"TMEM",                      PV | HVM, false, false, 0,     0,  XV_LEGACY_TMEM},
    [6] =  {"TMEM_EXTRA",                PV | HVM, false, false, 0,     0,  XV_LEGACY_TMEM},
    [7] =  {"TSC_INFO",                  PV | HVM, true,  true,  20,    0,  XV_ACCEPTED},
    [8] =  {"HVM_CONSOLE_PFN",           HVM,      true,  false, PARAM, 17, XV_ACCEPTED},
    [9] =  {"LAST_CHECKPOINT",           PV | HVM, true,  true,  0,     0,  XV_ACCEPTED},
    [10] = {"HVM_ACPI_IOPORTS_LOCATION", HVM,      true,  false, PARAM, 19, XV_ACCEPTED},
    [11] = {"HVM_VIRIDIAN",              HVM,      true,  false, PARAM, 9,  XV_ACCEPTED},
    [12] = {"COMPRESSED_DATA",           PV | HVM, false, true,  0,     0,  XV_LEGACY_COMPRESSED},
    [13] = {"ENABLE_COMPRESSION",        PV | HVM, false, true,  0,     0,  XV_LEGACY_COMPRESSED},
    [14] = {"HVM_GENERATION_ID_ADDR",    HVM,      true,  false, PARAM, 34, XV_ACCEPTED},
    [15] = {"HVM_PAGING_RING_PFN",       HVM,      true,  false, PARAM, 27, XV_ACCEPTED},
    [16] = {"HVM_ACCESS_RING_PFN",       HVM,      true,  false, PARAM, 28, XV_ACCEPTED},
    [17] = {"HVM_SHARING_RING_PFN",      HVM,      true,  false, PARAM, 29, XV_ACCEPTED},
    [18] = {"TOOLSTACK",                 HVM,      true,  false, 4,     0,  XV_ACCEPTED},
    [19] = {"HVM_IOREQ_SERVER_PFN",      HVM,      true,  false, PARAM, 32, XV_ACCEPTED},
    [20] = {"HVM_NR_IOREQ_SERVER_PAGES", HVM,      true,  false, PARAM, 33, XV_ACCEPTED},
    [21] = {"HVM_X87_FIP_WIDTH",         HVM,      true,  false, PARAM, 36, XV_ACCEPTED},
};
/* clang-format on */

const struct xv_legacy_rule *xv_legacy_rule(uint32_t n) {
    return n < XV_LEGACY_CHUNKS ? &rules[n] : NULL;
}

const char *xv_legacy_item_name(uint32_t type) {
    static const char unknown[XV_TEXT] = "unknown", pages[XV_TEXT] = "PAGE_BATCH", info[XV_TEXT] = "EXTENDED_INFO",
                      frames[XV_TEXT] = "P2M_FRAMES", unmapped[XV_TEXT] = "UNMAPPED_PFNS", vcpu[XV_TEXT] = "VCPU",
                      shared[XV_TEXT] = "SHARED_INFO", magic[XV_TEXT] = "MAGIC_PFNS", context[XV_TEXT] = "HVM_CONTEXT",
                      emulator[XV_TEXT] = "DEVICE_MODEL", data[XV_TEXT] = "DEVICE_MODEL_DATA";

    if (type < XV_LEGACY_CHUNKS)
        return rules[type].name;
    switch (type) {
    case XV_LEGACY_PAGES:
        return pages;
    case XV_LEGACY_EXTENDED_INFO:
        return info;
    case XV_LEGACY_FRAMES:
        return frames;
    case XV_LEGACY_UNMAPPED_PFNS:
        return unmapped;
    case XV_LEGACY_VCPU:
        return vcpu;
    case XV_LEGACY_SHARED_INFO:
        return shared;
    case XV_LEGACY_MAGIC_PFNS:
        return magic;
    case XV_LEGACY_HVM_CONTEXT:
        return context;
    case XV_LEGACY_EMULATOR:
        return emulator;
    case XV_LEGACY_EMULATOR_DATA:
        return data;
    default:
        return unknown;
    }
}

bool xv_legacy_rule_at(uint32_t i, struct xv_record_rule *out) {
    static const char *const guests[] = {"", "PV", "HVM", "PV HVM"};
    const struct xv_legacy_rule *rule = xv_legacy_rule(i);

    if (!rule)
        return false;
    *out = (struct xv_record_rule){
        .layer = "legacy",
        .name = rule->name,
        .type = i,
        .guests = guests[rule->guests & 3u],
        .versions = "-",
        .states = rule->refuse != XV_ACCEPTED ? "refused"
                  : i == 0                    ? "after all other chunks"
                  : rule->in_memory           ? "between page batches"
                                              : "after the page batches",
        .often = rule->once || i == 0 ? "once" : "-",
        .min = rule->octets,
        .max = i == XV_LEGACY_TOOLSTACK_CHUNK   ? 4 + (1u << 20)
               : i == XV_LEGACY_VCPU_INFO_CHUNK ? 4 + 4096 / 8
                                                : rule->octets,
        .step = 1,
        .needs = 0,
    };
    return true;
}

uint32_t xv_legacy_param(uint32_t n) {
    const struct xv_legacy_rule *rule = xv_legacy_rule(n);

    return rule ? rule->param : 0;
}
