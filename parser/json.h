/* SPDX-License-Identifier: MIT */
#ifndef XENVET_JSON_H
#define XENVET_JSON_H

/*
 * A bounded, streaming recogniser of one JSON document (RFC 8259) that ends in one NUL, as xl embeds it (xl 1.3). It
 * takes one octet at a time, so pieces of any size give the same result; it knows nothing of what fields mean.
 */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/verdict.h>

#include "utf8.h"

#define XV_JSON_MAX_DEPTH 32u /* open containers; a configuration needs 9 */
#define XV_JSON_MAX_ELEMENTS \
    16384u /* values, containers included: avail_vcpus alone may have 8192; libxl is quadratic in them */
#define XV_JSON_MAX_STRING 8192u /* octets of a decoded string value */
#define XV_JSON_MAX_NAME   64u   /* octets of a decoded name */
#define XV_JSON_KEPT       64u   /* leading octets of a name or string that are kept */

/* What an octet completed. */
enum xv_json_event {
    XV_EVENT_NONE,
    XV_EVENT_OBJECT,  /* an object opened: start */
    XV_EVENT_ARRAY,   /* an array opened: start */
    XV_EVENT_LEAVE,   /* the innermost container closed, depth no longer counts it: end */
    XV_EVENT_NAME,    /* the name of the next value: start, end, text */
    XV_EVENT_STRING,  /* start, end, text, alphabet */
    XV_EVENT_INTEGER, /* start, end, negative, magnitude */
    XV_EVENT_TRUE,    /* start, end */
    XV_EVENT_FALSE,
    XV_EVENT_NULL,
    XV_EVENT_ERROR, /* the octet is refused: error */
};

/* Alphabets that a decoded string stays within, bits of xv_json.alphabet. */
enum xv_json_alphabet {
    XV_ALPHABET_WORD = 1 << 0,    /* letters, digits, _ . + - : */
    XV_ALPHABET_ADDRESS = 1 << 1, /* hexadecimal digits, . : [ ] */
    XV_ALPHABET_MASK = 1 << 2,    /* 0 1 x k s: libxl's CPUID and MSR policy masks */
    XV_ALPHABET_LEAF = 1 << 3,    /* no slash, no control character: safe as one component of a path */
};

struct xv_json {
    uint32_t state;    /* enum in json.c */
    uint32_t left;     /* octets of the declared length still to come, the NUL included */
    uint32_t elements; /* values begun */
    uint32_t depth;    /* open containers */
    bool is_object[XV_JSON_MAX_DEPTH];

    bool again;    /* the octet ended a number and must be offered once more */
    bool complete; /* the document and its NUL were there */
    enum xv_code error;

    uint64_t start, end;        /* absolute offsets of the event's first octet and of the octet after it */
    uint8_t text[XV_JSON_KEPT]; /* decoded, padded with zeroes */
    uint32_t text_len;          /* of the whole decoded string */
    uint32_t alphabet;
    uint64_t magnitude;
    bool negative;

    bool is_name; /* the string being read is a name */
    struct xv_utf8 utf8;
    uint32_t digits;          /* hexadecimal digits still to come */
    uint32_t unit;            /* the UTF-16 code unit that they spell */
    uint32_t lead;            /* high surrogate that waits for its low one, or 0 */
    uint32_t literal, letter; /* which of true, false, null, and how far */
};

/* Begins a document of `length` octets, the final NUL included. */
void xv_json_begin(struct xv_json *j, uint32_t length);

/* Takes the octet at absolute offset `at`. If it leaves `again` set, the same octet must be offered once more, at once.
 */
enum xv_json_event xv_json_octet(struct xv_json *j, uint8_t c, uint64_t at);

#endif
