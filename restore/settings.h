/* SPDX-License-Identifier: MIT */
#ifndef XENVET_SETTINGS_H
#define XENVET_SETTINGS_H

/*
 * The policy together with the time limits, and tables of its fields: the policy file, the command line and the manual
 * all know the same names.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenvet/policy.h>

struct xv_settings {
    struct xv_policy policy;
    uint32_t timeout_seconds; /* for the whole run, 0 = none */
    uint32_t idle_seconds;    /* without any input, 0 = none */
};

/* A number. */
struct xv_limit {
    const char *key; /* "max_records"; the option is --max-records */
    size_t offset;   /* in struct xv_settings */
    bool wide;       /* uint64_t, else uint32_t */
    bool octets;     /* the option takes K, M, G, T */
};

/* A set of names. */
struct xv_name_set {
    const char *key;
    size_t offset;                     /* of a uint32_t in struct xv_settings */
    const char *(*name)(unsigned bit); /* NULL for a bit without a meaning */
    const char *(*text)(unsigned bit); /* or NULL */
};

/* A Xen release. */
struct xv_release_field {
    const char *key;
    size_t offset; /* of a uint32_t in struct xv_settings */
    uint32_t none; /* stored for null: no bound, no check */
};

enum { XV_SET_FORMATS, XV_SET_GUESTS, XV_SET_TOLERATE, XV_SET_ALLOW, XV_SETS };

/* NULL past the end. */
const struct xv_limit *xv_limit_at(size_t i);
const struct xv_name_set *xv_name_set_at(size_t i);
const struct xv_release_field *xv_release_field_at(size_t i);

uint64_t xv_limit_get(const struct xv_settings *s, const struct xv_limit *limit);
bool xv_limit_put(struct xv_settings *s, const struct xv_limit *limit, uint64_t value);
uint32_t xv_word_get(const struct xv_settings *s, size_t offset);
void xv_word_put(struct xv_settings *s, size_t offset, uint32_t value);

/* The bit with this name, or 0. */
uint32_t xv_name_bit(const struct xv_name_set *set, const char *name);

/* "strict" or "lenient"; false if there is no such preset. */
bool xv_settings_preset(struct xv_settings *out, const char *name);

/* "4.17"; false if it is not one. */
bool xv_release_parse(const char *text, uint32_t *out);

/* NULL if the settings are valid, else the key of a value that is not. */
const char *xv_settings_fault(const struct xv_settings *s);

#endif
