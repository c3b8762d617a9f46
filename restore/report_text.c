/* SPDX-License-Identifier: MIT */
#include "report.h"

#include "hints.h"
#include "text.h"
#include "verdict_text.h"

static void print_hints(FILE *out, const struct xv_outcome *o, const struct xv_policy *policy) {
    const struct xv_hint *hint;
    for (size_t i = 0; (hint = xv_hint_for((enum xv_code)o->code, policy, i)) != NULL; i++)
        (void)fprintf(out, "hint: %s %s this\n", hint->option, hint->certain ? "admits" : "may admit");
}

static void print_tolerated(FILE *out, const struct xv_summary *s) {
    for (unsigned bit = 0; bit < 32; bit++) {
        const char *name = (s->tolerated >> bit & 1u) != 0 ? xv_tolerance_name(bit) : NULL;
        if (name != NULL)
            (void)fprintf(out, "note: tolerated: %s (%s)\n", name, xv_tolerance_text(bit));
    }
    for (unsigned bit = 0; bit < 32; bit++) {
        const char *name = (s->brings >> bit & 1u) != 0 ? xv_allowance_name(bit) : NULL;
        if (name != NULL)
            (void)fprintf(out, "note: brings: %s (%s)\n", name, xv_allowance_text(bit));
    }
}

static void print_notes(FILE *out, const struct xv_notes *notes) {
    if (notes->count == 0)
        return;
    (void)fputs("note: the configuration sets ", out);
    for (uint32_t i = 0; i < notes->count; i++)
        (void)fprintf(out, "%s%s", i > 0 ? ", " : "", notes->items[i].field);
    if (notes->omitted > 0)
        (void)fprintf(out, " and %llu more", (unsigned long long)notes->omitted);
    (void)fputc('\n', out);
}

static void print_rejection(FILE *out, const char *name, const struct xv_outcome *o) {
    const struct xv_verdict *v = xv_verdict_of((enum xv_code)o->code);
    char place[XV_TEXT_SHORT * 2];
    char sentence[XV_VERDICT_TEXT];
    (void)xv_verdict_place(place, sizeof place, o);
    (void)xv_verdict_sentence(sentence, sizeof sentence, o);
    (void)fprintf(out, "%s: rejected: %s at offset 0x%llx", name, v != NULL ? v->name : "?",
                  (unsigned long long)o->offset);
    if (place[0] != '\0')
        (void)fprintf(out, " (%s)", place);
    (void)fprintf(out, ": %s [%s]\n", sentence, v != NULL ? v->rule : "-");
}

void xv_report_error(FILE *out, const char *input, const struct xv_outcome *outcome) {
    char name[256];
    char sentence[XV_VERDICT_TEXT];
    const char *text = xv_ending_text(sentence, sizeof sentence, outcome);
    if (text != NULL)
        (void)fprintf(out, "xenvet: %s: %s\n", xv_text_name(name, sizeof name, input), text);
}

void xv_report_text(FILE *out, const char *input, const struct xv_outcome *outcome, const struct xv_notes *notes,
                    const struct xv_policy *policy) {
    char name[256];
    char sentence[XV_VERDICT_TEXT];
    (void)xv_text_name(name, sizeof name, input);
    if (outcome->ending == XV_ENDED_ACCEPTED) {
        (void)fprintf(out, "%s: accepted: %s\n", name,
                      xv_stream_sentence(sentence, sizeof sentence, &outcome->summary));
        print_tolerated(out, &outcome->summary);
        print_notes(out, notes);
    } else if (outcome->ending == XV_ENDED_REJECTED) {
        print_rejection(out, name, outcome);
        print_hints(out, outcome, policy);
    }
}
