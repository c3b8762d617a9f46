/* SPDX-License-Identifier: MIT */
#ifndef XENVET_PV_VCPU_H
#define XENVET_PV_VCPU_H

/* The X86_PV_VCPU_* records (libxc 4.4, blobs 1 and 4). Guest memory is complete when they come. */
#include <stdbool.h>
#include <stdint.h>

#include "pv.h"
#include "record.h"

/*
 * For formats that have the same state without these records. Each part of a vCPU's state is begun: its id is one of
 * the domain, it comes once, contexts come in ascending order. Then the octets of a context, of an extended context, or
 * of XSAVE state from xcr0 on (16 or XV_XSAVE_HEAD octets, `image` octets in all behind the first 16) are checked.
 */
bool xv_vcpu_begin(struct xv_parser *p, enum xv_vcpu_kind kind, uint32_t vcpu, uint64_t at);
bool xv_vcpu_context(struct xv_parser *p, struct xv_cursor *c);
bool xv_vcpu_extended(struct xv_parser *p, struct xv_cursor *c);
bool xv_vcpu_xsave(struct xv_parser *p, struct xv_cursor *c, uint32_t image);

/* First piece of each: 8 octets (vcpu_id, reserved). */
xv_body xv_vcpu_basic_body;
xv_body xv_vcpu_extended_body;
xv_body xv_vcpu_xsave_body;
xv_body xv_vcpu_msrs_body;

#endif
