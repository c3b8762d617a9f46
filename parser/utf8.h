/* SPDX-License-Identifier: MIT */
#ifndef XENVET_UTF8_H
#define XENVET_UTF8_H

/* UTF-8 octet by octet (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF. */
#include <stdbool.h>
#include <stdint.h>

struct xv_utf8 {
    uint32_t low, high; /* bounds of the next continuation octet */
    uint32_t more;      /* continuation octets still to come */
};

/* The first octet of a sequence of several; false if none begins so. */
bool xv_utf8_lead(struct xv_utf8 *u, uint8_t c);

/* A continuation octet; false if it is none. The sequence is whole when `more` is 0. */
bool xv_utf8_more(struct xv_utf8 *u, uint8_t c);

#endif
