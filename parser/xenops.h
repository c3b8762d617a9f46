/* SPDX-License-Identifier: MIT */
#ifndef XENVET_XENOPS_H
#define XENVET_XENOPS_H

/*
 * The Xenops record of a xenopsd image: one s-expression, a list of fields in any order, each a list of its name and
 * its value (xenopsd 3). Taken octet by octet, in fixed memory.
 */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/verdict.h>

#define XV_XENOPS_KEPT 16u /* leading octets of an atom that are kept */

struct xv_xenops {
    uint32_t state; /* enum in xenops.c */
    uint32_t depth; /* open lists */
    uint32_t items; /* begun in the list that is open at depth 2 */
    uint32_t field; /* enum of that list */
    uint32_t seen;  /* bit n: field n came */
    uint8_t atom[XV_XENOPS_KEPT];
    uint32_t length;        /* of the whole atom */
    uint32_t digits, value; /* of an escape */
    enum xv_code error;
};

void xv_xenops_begin(struct xv_xenops *x);

/* Takes one octet; false if it is refused: `error`. */
bool xv_xenops_octet(struct xv_xenops *x, uint8_t c);

/* After the last octet: false if something lacks. */
bool xv_xenops_finish(struct xv_xenops *x);

#endif
