/* SPDX-License-Identifier: MIT */
#ifndef XENVET_PAGE_DATA_H
#define XENVET_PAGE_DATA_H

/* The PAGE_DATA record (libxc 4.1). */
#include "record.h"

xv_body xv_page_data_body; /* first piece: 8 octets, or with the first entry 16 */

#endif
