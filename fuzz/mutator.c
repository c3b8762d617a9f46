/* SPDX-License-Identifier: MIT */
#include "mutator.h"

#include <stdlib.h>
#include <string.h>

static struct mut_image image, second;

static bool change(struct mut_image *m) {
    static bool (*const changes[])(struct mut_image *) = {mut_change_record,  mut_change_record,  mut_change_field,
                                                          mut_change_field,   mut_change_field,   mut_change_list,
                                                          mut_change_list,    mut_change_pages,   mut_change_pages,
                                                          mut_change_context, mut_change_context, mut_change_table};

    return changes[mut_below(sizeof(changes) / sizeof(changes[0]))](m);
}

static void begin(struct mut_image *m, uint8_t *data, size_t size, size_t max) {
    m->p = data;
    m->n = size;
    m->max = max;
    m->fix = mut_below(8) != 0;
    mut_parse(m);
}

/* More than one change hides what the first did: mostly few. */
static void some_changes(struct mut_image *m) {
    size_t wanted = 1 + (mut_below(2) ? 0 : mut_below(4));

    for (size_t tries = 0; wanted && tries < 32; tries++)
        wanted -= change(m) ? 1 : 0;
}

size_t mut_mutate(uint8_t *data, size_t size, size_t max, uint64_t seed) {
    mut_seed(seed);
    begin(&image, data, size, max);
    some_changes(&image);
    return image.n;
}

size_t mut_mutate_two(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint8_t *out, size_t max,
                      uint64_t seed) {
    static uint8_t copy[(size_t)4 << 20];

    mut_seed(seed);
    na = na < max ? na : max;
    nb = nb < sizeof(copy) ? nb : sizeof(copy);
    memcpy(out, a, na);
    memcpy(copy, b, nb);
    begin(&image, out, na, max);
    begin(&second, copy, nb, sizeof(copy));
    for (size_t n = 1 + mut_below(3); n; n--)
        (void)mut_cross(&image, &second);
    if (mut_below(2))
        some_changes(&image);
    return image.n;
}
