/* SPDX-License-Identifier: MIT */
#ifndef XENVET_XSAVE_H
#define XENVET_XSAVE_H

/* Extended processor state, as X86_PV_VCPU_XSAVE and the CPU_XSAVE entries of an HVM context carry it (blobs 4, 9). */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/verdict.h>

#include "cursor.h"

struct xv_parser;
struct xv_cpu_policy;

#define XV_XSAVE_MIN  576u                 /* FXSAVE image and XSAVE header */
#define XV_XSAVE_MAX  16384u               /* no processor has a larger uncompressed image: AMX ends at 11008 */
#define XV_XSAVE_HEAD (16u + XV_XSAVE_MIN) /* xcr0, xcr0_accum, FXSAVE image, XSAVE header: what the check reads */

/* The verdicts of the caller's layer, and its one freedom. */
struct xv_xsave_rule {
    enum xv_code xcr0;   /* XCR0, or its accumulated value, is not a combination that a processor allows */
    enum xv_code accum;  /* XCR0 has bits that the accumulated value lacks */
    enum xv_code size;   /* the image is not as large as the accumulated features call for */
    enum xv_code header; /* compacted, reserved bits, or features outside the accumulated ones */
    bool longer;         /* the image may be longer; the caller checks that the excess is zero */
};

/* True if XCR0 is a combination of components that a processor allows. */
bool xv_xcr0_valid(uint64_t xcr0);

/*
 * Octets of the uncompressed image for these components: from the policy's leaf 0xd where it tells, else from the
 * architecture. False, and 0, if a component's size is not known or the image would exceed XV_XSAVE_MAX.
 */
bool xv_xsave_area_size(const struct xv_cpu_policy *cpu, uint64_t accum, uint32_t *out);

/*
 * Reads xcr0 and xcr0_accum and, if `image` is not 0, the FXSAVE image and the XSAVE header after them: the cursor must
 * hold 16 or XV_XSAVE_HEAD octets. `image` is how many octets of XSAVE image there are in all, the head included. What
 * lies behind the head is the guest's register contents and stays unread; *used, if the image may be longer, says how
 * much of it is in use.
 */
bool xv_xsave_check(struct xv_parser *p, struct xv_cursor *c, uint32_t image, const struct xv_xsave_rule *rule,
                    uint32_t *used);

#endif
