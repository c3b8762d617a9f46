/* SPDX-License-Identifier: MIT */
/*
 * The recogniser of XML. The first octet says whether a NUL ends the document; the rest is the document. Oracle: a
 * second, slower walk over the events: tags nest, attributes belong to an open element, nothing is open at the end, and
 * what was refused stays refused.
 *
 * Target: xv_xml_octet
 */
#include <stdlib.h>
#include <string.h>

#include "xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the recogniser says after one octet, against the depth that its events so far make. */
static void follow(const struct xv_xml *x, enum xv_xml_event event, uint32_t *depth) {
    if (event == XV_XML_ELEMENT)
        ++*depth;
    if (event == XV_XML_LEAVE && (*depth)-- == 0)
        abort();
    if (event == XV_XML_ATTRIBUTE && (*depth == 0 || x->count == 0 || x->count > XV_XML_MAX_ATTRIBUTES))
        abort();
    if (*depth > XV_XML_MAX_DEPTH || x->elements > XV_XML_MAX_ELEMENTS)
        abort();
    if (event != XV_XML_ERROR && *depth != x->depth)
        abort();
    if (*depth > 0 && x->names[*depth - 1][XV_XML_NAME - 1] != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct xv_xml x;
    uint32_t depth = 0;
    bool failed = false;

    if (size < 2)
        return 0;
    xv_xml_begin(&x, (uint32_t)size);
    for (size_t i = 1; i <= size; i++) {
        uint8_t octet = i < size ? data[i] : data[0] & 1 ? ' ' : 0;
        enum xv_xml_event event = xv_xml_octet(&x, octet, i);

        if (failed && event != XV_XML_ERROR)
            abort();
        failed = event == XV_XML_ERROR;
        if (failed && (x.complete || xv_verdict_of(x.error) == NULL))
            abort();
        follow(&x, event, &depth);
    }
    if (x.complete == failed || (x.complete && (depth != 0 || x.elements == 0)))
        abort();
    return 0;
}
