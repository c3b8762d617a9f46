/* SPDX-License-Identifier: MIT */
#ifndef XENVET_LIBVIRT_H
#define XENVET_LIBVIRT_H

/* The file header that libvirt's libxl driver puts before a libxl stream, and the domain's XML (libvirt 1). */
#include <stdbool.h>
#include <stdint.h>

#include "cursor.h"
#include "xml.h"

struct xv_parser;

struct xv_libvirt {
    uint32_t xml_left; /* octets of the XML still to come */
    bool legacy;       /* version 1: a legacy stream follows */
    struct xv_xml xml;
};

bool xv_libvirt_header(struct xv_parser *p, struct xv_cursor *c);
bool xv_libvirt_xml(struct xv_parser *p, struct xv_cursor *c);

/* What the XML completed with this event: judges elements that reach into the host. False once it has rejected. */
bool xv_libvirt_domain(struct xv_parser *p, enum xv_xml_event event);

#endif
