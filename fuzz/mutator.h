/* SPDX-License-Identifier: MIT */
#ifndef XENVET_MUTATOR_H
#define XENVET_MUTATOR_H

/*
 * A mutator that knows where the records of an image are, and nothing about what is legal. It keeps lengths, counts and
 * padding consistent, except in one of eight calls. It shares no code with the parser.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUT_SWITCHES 8u /* octets before the image that choose a policy */
#define MUT_ITEMS    1024u

enum mut_kind {
    MUT_HEADER, /* switches, container headers, configuration */
    MUT_LIBXL,
    MUT_LIBXC,
    MUT_REST, /* what is no record */
};

struct mut_item {
    enum mut_kind kind;
    uint32_t type;
    size_t at, n;    /* with header and padding */
    size_t body_len; /* of a record, as its header says */
};

struct mut_image {
    uint8_t *p;
    size_t n, max;
    struct mut_item items[MUT_ITEMS];
    size_t count;
    bool fix; /* keep lengths, counts and padding right */
};

/* mutator_random.c */
void mut_seed(uint64_t seed);
uint64_t mut_random(void);
size_t mut_below(size_t n); /* 0 for n = 0 */
uint64_t mut_number(void);  /* likely near a boundary */

/* mutator_tree.c */
void mut_parse(struct mut_image *m);
/* Replaces `gone` octets at `at` by `n` of `with` (NULL: zeroes). False if there is no room. Does not parse again. */
bool mut_splice(struct mut_image *m, size_t at, size_t gone, const uint8_t *with, size_t n);
/* The same inside the body of a record, whose length and padding follow; parses again. */
bool mut_splice_body(struct mut_image *m, size_t item, size_t at, size_t gone, const uint8_t *with, size_t n);
/* A random record, or `count` if there is none; of `type` in libxc unless that is UINT32_MAX. */
size_t mut_pick(const struct mut_image *m, uint32_t type);
uint32_t mut_get32(const uint8_t *p);
void mut_put32(uint8_t *p, uint32_t v);
void mut_put64(uint8_t *p, uint64_t v);

/* mutator_records.c, mutator_lists.c: one change; false if it could not be made. */
bool mut_change_record(struct mut_image *m);
bool mut_change_field(struct mut_image *m);
bool mut_change_list(struct mut_image *m);
bool mut_change_pages(struct mut_image *m);
bool mut_change_table(struct mut_image *m);
bool mut_change_context(struct mut_image *m);
bool mut_cross(struct mut_image *m, const struct mut_image *other);

/* mutator.c: a few changes; returns the new size. */
size_t mut_mutate(uint8_t *data, size_t size, size_t max, uint64_t seed);
size_t mut_mutate_two(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint8_t *out, size_t max,
                      uint64_t seed);

#endif
