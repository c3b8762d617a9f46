/* SPDX-License-Identifier: MIT */
#ifndef XENVET_TSC_H
#define XENVET_TSC_H

#include "record.h"

/* X86_TSC_INFO (libxc 4.6, blobs 8). */
xv_body xv_tsc_body;

#endif
