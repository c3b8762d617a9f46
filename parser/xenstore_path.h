/* SPDX-License-Identifier: MIT */
#ifndef XENVET_XENSTORE_PATH_H
#define XENVET_XENSTORE_PATH_H

/* Paths of xenstore, octet by octet: their syntax, and their way into the tree of names (xenstore 5). */
#include <stdbool.h>
#include <stdint.h>

#include "record.h"

#define XV_XENSTORE_PATH_MAX     3072u /* XENSTORE_ABS_PATH_MAX */
#define XV_XENSTORE_RELATIVE_MAX 2048u /* XENSTORE_REL_PATH_MAX */
#define XV_XENSTORE_PAYLOAD_MAX  4096u /* of a message */

struct xv_xenstore_path {
    uint32_t length;    /* octets so far */
    uint32_t depth;     /* components so far */
    uint8_t last;       /* the octet before */
    uint8_t first;      /* '/', '@', or what a relative path begins with */
    bool watch;         /* a relative or any special path will do */
    bool parent;        /* the node above came before; of a special node or the root: true */
    char text[XV_TEXT]; /* its beginning, for a person */
};

/* The walk in the tree stands where the path goes on from. */
void xv_xenstore_path_begin(struct xv_parser *p, bool watch);

/* The next octet, which is not the NUL that ends the path. */
bool xv_xenstore_path_octet(struct xv_parser *p, uint8_t octet, uint64_t at);

/* The path is whole; the walk in the tree stands on its last octet. */
bool xv_xenstore_path_end(struct xv_parser *p, uint64_t at);

#endif
