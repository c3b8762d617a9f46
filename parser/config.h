/* SPDX-License-Identifier: MIT */
#ifndef XENVET_CONFIG_H
#define XENVET_CONFIG_H

/* The domain configuration that xl embeds: JSON, one document, one trailing NUL (xl 1.3, hazards xl). */
#include <stdbool.h>
#include <stdint.h>

#include "cursor.h"
#include "json.h"

struct xv_parser;

struct xv_config {
    bool present;  /* the stream has one, and it was accepted */
    struct xv_json json;
};

/* Begins a configuration of `length` octets, its NUL included; the length was checked. */
void xv_config_begin(struct xv_parser *p, uint32_t length);

/* Takes all octets of the cursor; pieces may have any size. False once it has rejected. */
bool xv_config_feed(struct xv_parser *p, struct xv_cursor *c);

/* After the last octet: document complete, required fields there, values in range. Sets config.present. */
bool xv_config_finish(struct xv_parser *p, uint64_t at);

#endif
