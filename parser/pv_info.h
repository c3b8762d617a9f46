/* SPDX-License-Identifier: MIT */
#ifndef XENVET_PV_INFO_H
#define XENVET_PV_INFO_H

/* The X86_PV_INFO record (libxc 4.2). */
#include "record.h"

xv_body xv_pv_info_body; /* first piece: the whole record, 8 octets */

#endif
