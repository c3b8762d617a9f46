/* SPDX-License-Identifier: MIT */
#ifndef XENVET_PV_VCPU_H
#define XENVET_PV_VCPU_H

/* The X86_PV_VCPU_* records (libxc 4.4, blobs 1 and 4). Guest memory is complete when they come. */
#include "record.h"

/* First piece of each: 8 octets (vcpu_id, reserved). */
xv_body xv_vcpu_basic_body;
xv_body xv_vcpu_extended_body;
xv_body xv_vcpu_xsave_body;
xv_body xv_vcpu_msrs_body;

#endif
