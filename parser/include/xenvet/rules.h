/* SPDX-License-Identifier: MIT */
#ifndef XENVET_RULES_H
#define XENVET_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The tables by which records are accepted, for documentation: `xenvet records` prints them. What is here is what the
 * parser uses.
 */
struct xv_record_rule {
    const char *layer; /* "libxl", "libxc", "xenopsd", "xenstore", "xenstore-2020"; static, as all strings here */
    const char *name;  /* "PAGE_DATA" */
    uint32_t type;
    const char *guests;      /* "PV", "HVM", "PV HVM" or "" for none */
    const char *versions;    /* of the stream: "2", "3", "2 3" or "" for none */
    const char *states;      /* where it may stand, in words */
    const char *often;       /* "once", "once in each checkpoint", "many times" */
    uint32_t min, max, step; /* octets of the body: min + k * step, at most max */
    uint32_t
        needs; /* types of the same layer that must have come before, as a set of bits; the union over guest types */
};

/* Row i over all layers, in the order of types; false past the end. */
bool xv_record_rule_at(size_t i, struct xv_record_rule *out);

#endif
