/* SPDX-License-Identifier: MIT */
#ifndef XENVET_DRAFT_B_BODY_H
#define XENVET_DRAFT_B_BODY_H

/* Bodies that draft B has otherwise than versions 2 and 3 (draft-b 4); its PAGE_DATA is theirs. */
#include "record.h"

xv_body xv_draft_b_pv_info_body;      /* first piece: 8 octets, all of it */
xv_body xv_draft_b_p2m_body;          /* 16 octets */
xv_body xv_draft_b_vcpu_info_body;    /* 8 octets, all of it */
xv_body xv_draft_b_vcpu_context_body; /* 8 octets */

#endif
