/* SPDX-License-Identifier: MIT */
#ifndef XENVET_XML_H
#define XENVET_XML_H

/*
 * A bounded, streaming recogniser of one XML document that ends in one NUL, as libvirt embeds it (libvirt 1): elements,
 * attributes, text and comments in UTF-8; no document type, no CDATA, no declaration or processing instruction, and of
 * references only the five predefined ones and numbers. It takes one octet at a time, so pieces of any size give the
 * same result; it knows nothing of what elements mean.
 */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/verdict.h>

#include "utf8.h"

#define XV_XML_MAX_DEPTH      32u    /* open elements; a domain needs 7 */
#define XV_XML_MAX_ELEMENTS   16384u /* in the document */
#define XV_XML_MAX_ATTRIBUTES 32u    /* in one element */
#define XV_XML_NAME           64u    /* octets of the longest name + 1 */
#define XV_XML_KEPT           64u    /* leading octets of a value or text that are kept */

/* What an octet completed. */
enum xv_xml_event {
    XV_XML_NONE,
    XV_XML_ELEMENT,   /* an element opened, names[depth - 1]: start */
    XV_XML_ATTRIBUTE, /* of that element: attributes[count - 1], text, start */
    XV_XML_LEAVE,     /* the element names[depth] closed: text, leaf, start */
    XV_XML_ERROR,     /* the octet is refused: error */
};

struct xv_xml {
    uint32_t state;                               /* enum in xml.c */
    uint32_t left;                                /* octets of the declared length still to come, the NUL included */
    uint32_t elements;                            /* begun */
    uint32_t depth;                               /* open ones */
    uint32_t count;                               /* attributes of the innermost one */
    uint8_t names[XV_XML_MAX_DEPTH][XV_XML_NAME]; /* padded with zeroes */
    uint8_t attributes[XV_XML_MAX_ATTRIBUTES][XV_XML_NAME];

    bool complete; /* the document and its NUL were there */
    enum xv_code error;

    uint64_t start;            /* absolute offset of the current tag */
    uint8_t text[XV_XML_KEPT]; /* the value or text, each character that is not ASCII as ?, padded with zeroes */
    uint32_t text_len;         /* of the whole value or text, in characters */
    uint32_t leaf;             /* 1 if text is all that the element holds */
    uint8_t name[XV_XML_NAME]; /* being read */
    uint32_t name_len, quote;  /* of the value that is being read */
    uint32_t left_one;         /* an element closed with the last octet */
    uint32_t brackets;         /* ] in a row in text */
    uint32_t back;             /* state after a sequence or reference */
    struct xv_utf8 utf8;
    uint32_t tail;          /* the last three octets, as a number */
    uint32_t value, digits; /* of a numeric reference */
};

/* Begins a document of `length` octets, the final NUL included. */
void xv_xml_begin(struct xv_xml *x, uint32_t length);

/* Takes the octet at absolute offset `at`. */
enum xv_xml_event xv_xml_octet(struct xv_xml *x, uint8_t c, uint64_t at);

#endif
