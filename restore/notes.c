/* SPDX-License-Identifier: MIT */
#include "notes.h"

#include <stdbool.h>
#include <string.h>

#include "text.h"

static bool known(const struct xv_notes *notes, const char *field) {
    for (uint32_t i = 0; i < notes->count; i++) {
        if (strcmp(notes->items[i].field, field) == 0)
            return true;
    }
    return false;
}

void xv_notes_take(struct xv_notes *notes, const struct xv_fact *fact) {
    struct xv_note note = {.class = fact->a, .offset = fact->offset};
    if (fact->kind != XV_FACT_CONFIG)
        return;
    (void)xv_text_ascii(note.field, sizeof note.field, fact->text, sizeof fact->text);
    if (known(notes, note.field))
        return;
    if (notes->count < XV_NOTES_MAX)
        notes->items[notes->count++] = note;
    else
        notes->omitted++;
}
