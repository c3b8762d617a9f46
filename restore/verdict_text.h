/* SPDX-License-Identifier: MIT */
#ifndef XENVET_VERDICT_TEXT_H
#define XENVET_VERDICT_TEXT_H

/* The words of a verdict, shared by the text and the JSON reports. */
#include <stddef.h>

#include "outcome.h"

#define XV_VERDICT_TEXT 640u

/* "a page-table entry points beyond the guest's memory: found 0x18, allowed 0x0..0x17" */
const char *xv_verdict_sentence(char *out, size_t size, const struct xv_outcome *outcome);

/* "record 7, PAGE_DATA", or "" outside records */
const char *xv_verdict_place(char *out, size_t size, const struct xv_outcome *outcome);

/* "xl image, PVH guest "name", 2 vCPUs, 4 MiB in 1040 pages, saved by Xen 4.17, libxc v3": what is known of it */
const char *xv_stream_sentence(char *out, size_t size, const struct xv_summary *summary);

#endif
