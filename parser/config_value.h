/* SPDX-License-Identifier: MIT */
#ifndef XENVET_CONFIG_VALUE_H
#define XENVET_CONFIG_VALUE_H

/* What the scalar values of a configuration may be. */
#include <stdbool.h>
#include <stdint.h>

#include "config_fields.h"
#include "json.h"

struct xv_parser;

/* True if a value of this kind of JSON may stand in a field of this kind (compat 4). */
bool xv_config_fits(uint32_t kind, enum xv_json_event event);

/*
 * Checks the scalar that the event brought against its row, and uses it if the row says so. False once it has rejected;
 * *harmless says whether the value needs no allowance.
 */
bool xv_config_value(struct xv_parser *p, const struct xv_config_field *field, enum xv_json_event event,
                     bool *harmless);

#endif
