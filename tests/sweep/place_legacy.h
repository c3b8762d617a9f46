/* SPDX-License-Identifier: MIT */
#ifndef XENVET_SWEEP_PLACE_LEGACY_H
#define XENVET_SWEEP_PLACE_LEGACY_H

/* What the walks of place.c and place_legacy.c share. */
#include "place.h"

struct walk {
    const struct stream *s;
    size_t at;  /* the octet that is looked for */
    size_t off; /* where the walk is */
    bool libxl, xenopsd, in_libxc, hvm, after_checkpoint, done;
    struct place place;
};

uint64_t walk_get(const struct stream *s, size_t at, unsigned octets);

/* Moves past n octets; true, and the place is known, if the octet is among them. */
bool walk_past(struct walk *w, size_t n, enum place_kind kind, uint32_t type);

void walk_hvm_context(struct walk *w, size_t end);

/* From where the stream begins. */
void walk_legacy(struct walk *w);

#endif
