/* SPDX-License-Identifier: MIT */
#ifndef XENVET_P2M_H
#define XENVET_P2M_H

/*
 * The X86_PV_P2M_FRAMES record (libxc 4.3): how large the guest is and which of its pages hold its p2m. The frames are
 * kept in the arena, four octets each; that each is an ordinary populated page, and listed once unless all it describes
 * is missing, is known when memory is complete.
 */
#include <stdbool.h>
#include <stdint.h>

#include "record.h"

/* Records after the first one. Savers write one; a reader accepts more, each at the cost of copying the whole p2m. */
#define XV_P2M_GROWTHS_MAX 8u

/* One frame of the list, of any format: its index, and where it stands. */
bool xv_p2m_frame(struct xv_parser *p, uint64_t index, uint64_t pfn, uint64_t at);

xv_body xv_p2m_frames_body; /* first piece: 8 octets */

/* At the end of a checkpoint or stream: each frame is an ordinary populated page, and none that describes pages is
 * listed twice. */
bool xv_p2m_complete(struct xv_parser *p, uint64_t at);

/* True if a frame of the p2m; meaningful after xv_p2m_complete(). */
bool xv_p2m_is_frame(const struct xv_parser *p, uint64_t pfn);

#endif
