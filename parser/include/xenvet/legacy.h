/* SPDX-License-Identifier: MIT */
#ifndef XENVET_LEGACY_H
#define XENVET_LEGACY_H

/*
 * The items of a legacy stream (legacy 2), as xv_parser_item() and XV_FACT_RECORD name them. Those of chunks are the
 * chunk's id with its sign changed, so that they fit an unsigned type.
 */
#include <stdint.h>

enum xv_legacy_item {
    XV_LEGACY_END_OF_CHUNKS = 0,
    XV_LEGACY_VERIFY = 1,
    XV_LEGACY_VCPU_INFO_CHUNK = 2,
    XV_LEGACY_TSC_INFO = 7,
    XV_LEGACY_LAST_CHECKPOINT = 9,
    XV_LEGACY_TOOLSTACK_CHUNK = 18,
    XV_LEGACY_CHUNKS = 22, /* the others below it are HVM parameters, or refused */
    /* what is not a chunk, or is one without an id of its own */
    XV_LEGACY_PAGES = 0x100,
    XV_LEGACY_EXTENDED_INFO,
    XV_LEGACY_FRAMES,
    XV_LEGACY_UNMAPPED_PFNS,
    XV_LEGACY_VCPU,
    XV_LEGACY_SHARED_INFO,
    XV_LEGACY_MAGIC_PFNS,
    XV_LEGACY_HVM_CONTEXT,
    XV_LEGACY_EMULATOR,      /* the signature and, if it has one, the length of the device model's state */
    XV_LEGACY_EMULATOR_DATA, /* the state */
};

/* The HVM parameter that chunk -n sets; 0: none. */
uint32_t xv_legacy_param(uint32_t n);

#endif
