/* SPDX-License-Identifier: MIT */
#ifndef XENVET_LEGACY_RULES_H
#define XENVET_LEGACY_RULES_H

/* The table of chunks (legacy 3), and the names of what is no chunk. */
#include <stdint.h>

#include <xenvet/legacy.h>
#include <xenvet/rules.h>
#include <xenvet/verdict.h>

#include "record.h"

struct xv_legacy_rule {
    char name[XV_TEXT];
    uint8_t guests;      /* bit 0: PV, bit 1: HVM; 0: there is no such chunk */
    bool once;           /* at most one of it */
    bool in_memory;      /* page batches may follow it */
    uint32_t octets;     /* that follow the id, or the first of them */
    uint32_t param;      /* the HVM parameter that it sets, 0: none */
    enum xv_code refuse; /* the verdict of what is recognised and never accepted */
};

/* The rule of chunk -n, NULL if there is no such chunk. */
const struct xv_legacy_rule *xv_legacy_rule(uint32_t n);

/* The name of any item, an array of XV_TEXT octets. */
const char *xv_legacy_item_name(uint32_t type);

/* Row i of the table, for documentation; false past the end. */
bool xv_legacy_rule_at(uint32_t i, struct xv_record_rule *out);

#endif
