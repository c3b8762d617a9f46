/* SPDX-License-Identifier: MIT */
#ifndef XENVET_JSON_H
#define XENVET_JSON_H

struct xv_json {
    unsigned spare;
};

#endif
