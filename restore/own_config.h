/* SPDX-License-Identifier: MIT */
#ifndef XENVET_OWN_CONFIG_H
#define XENVET_OWN_CONFIG_H

/* The operator's configuration as xl reads it: a header of our own, then JSON with its NUL, or xl.cfg text (xl 1.1
 * to 1.3). */
#include <stddef.h>
#include <stdint.h>

struct xv_own_config {
    uint8_t *bytes; /* NULL: could not be read */
    size_t size;
    char name[64], uuid[40]; /* that it gives the domain, "" if that was not found */
};

/* Reads a file; at most `most` octets. `bytes` NULL, with errno (EFBIG: too large; ENODATA: empty), if it cannot be
 * had. */
struct xv_own_config xv_own_config_read(const char *path, size_t most);

/* The XML of a domain behind libvirt's header, with its NUL (libvirt 1). It is the operator's: nobody reads it here. */
struct xv_own_config xv_own_config_read_xml(const char *path, size_t most);

#endif
