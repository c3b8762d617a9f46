/* SPDX-License-Identifier: MIT */
#ifndef XENVET_TEXT_H
#define XENVET_TEXT_H

/* Small pieces of text that several reports use. All write into the caller's buffer and return it. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenvet/parser.h>

#include "outcome.h"

#define XV_TEXT_SHORT 48u /* large enough for every number that the functions below write */

/* A file name as a terminal may see it: printable UTF-8, everything else as \xNN; cut to fit. */
const char *xv_text_name(char *out, size_t size, const char *name);

/* Text from the stream: printable ASCII, everything else as '?'; cut to fit. */
const char *xv_text_ascii(char *out, size_t size, const char *text, size_t length);

const char *xv_text_hex(char *out, size_t size, uint64_t value);

/* "4 MiB", "4.1 MiB", "512 octets" */
const char *xv_text_octets(char *out, size_t size, uint64_t octets);

/* "4.17", or "unknown" for 0.0 (the legacy converter). */
const char *xv_text_release(char *out, size_t size, uint32_t major, uint32_t minor);

/* "s" unless n is 1. */
const char *xv_plural(uint64_t n);

const char *xv_format_name(uint32_t format);  /* "xl image" */
const char *xv_records_name(uint64_t stream); /* "libxc": enum xv_records */
const char *xv_guest_name(uint32_t guest);    /* "64-bit PV" */
const char *xv_page_type_name(uint32_t type); /* "L1 page table", type 0..15 */

/* The same for programs: "xl", "pvh", "L1TAB"; NULL if there is no such thing. */
const char *xv_format_id(uint32_t format);
const char *xv_guest_id(uint32_t guest);
const char *xv_page_type_id(uint32_t type);

/* The sentence for a run that ended without a verdict, as "is a directory"; NULL for a verdict. */
const char *xv_ending_text(char *out, size_t size, const struct xv_outcome *outcome);

#endif
