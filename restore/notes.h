/* SPDX-License-Identifier: MIT */
#ifndef XENVET_NOTES_H
#define XENVET_NOTES_H

/* What `check` remembers of the facts: fields of the configuration that a person should know of. Of bounded size. */
#include <stdint.h>

#include <xenvet/parser.h>

#define XV_NOTES_MAX 64

struct xv_note {
    char field[56]; /* "b_info.kernel" */
    uint64_t class;
    uint64_t offset;
};

struct xv_notes {
    struct xv_note items[XV_NOTES_MAX];
    uint32_t count;   /* of items */
    uint64_t omitted; /* that did not fit */
};

/* Takes one fact; those that are no notes are ignored. */
void xv_notes_take(struct xv_notes *notes, const struct xv_fact *fact);

#endif
