/* SPDX-License-Identifier: MIT */
#ifndef XENVET_POLICY_JSON_H
#define XENVET_POLICY_JSON_H

/* The policy file, xenvet-policy(5). What is printed reads back as the same policy. */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "settings.h"

#define XV_POLICY_SCHEMA   "xenvet.policy/1"
#define XV_POLICY_FILE_MAX (1u << 20)

struct xv_policy_error {
    bool system;    /* the file could not be read; else its contents are wrong */
    char text[320]; /* "policy.json:3:5: unknown key 'max_page'" */
};

/* Reads a policy file: what it does not name comes from its "base" preset, which is strict unless it says so. */
bool xv_policy_read(const char *path, struct xv_settings *out, struct xv_policy_error *error);

/* A new reference, or NULL without memory. */
json_t *xv_policy_json(const struct xv_settings *settings);

#endif
