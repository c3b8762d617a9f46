/* SPDX-License-Identifier: MIT */
#include "convert_options.h"

#include <string.h>

#include "settings.h"

#define STALL_SECONDS 120u

/* Whoever converts has named a file that may be of any format; what is made is judged as any image. */
void xv_convert_defaults(struct xv_options *o) {
    if (o->command != XV_COMMAND_CONVERT)
        return;
    o->convert.stall_seconds = STALL_SECONDS;
    o->settings.policy.formats |= (uint32_t)(XV_FORMAT_LEGACY_STREAM | XV_FORMAT_DRAFT_B_STREAM);
}

static const char *take_from(struct xv_options *o, const char *text) {
    uint32_t bit = xv_name_bit(xv_name_set_at(XV_SET_FORMATS), text);

    if (strcmp(text, "auto") == 0)
        return NULL;
    if (bit == 0)
        return "unknown name; known: auto, xl, libxl, libxc, libvirt, xenopsd, legacy, draft-b";
    o->settings.policy.formats = bit;
    if (bit == XV_FORMAT_LEGACY_STREAM)
        o->settings.policy.formats |= (uint32_t)(XV_FORMAT_XL | XV_FORMAT_LIBVIRT | XV_FORMAT_XENOPSD);
    return NULL;
}

static const char *take_to(struct xv_convert_options *o, const char *text) {
    static const struct {
        const char *name;
        enum xv_convert_to to;
    } names[] = {{"v3", XV_TO_V3},
                 {"libxl", XV_TO_LIBXL},
                 {"xl", XV_TO_XL},
                 {"libvirt", XV_TO_LIBVIRT},
                 {"xenopsd", XV_TO_XENOPSD}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i].name) == 0) {
            o->to = names[i].to;
            return NULL;
        }
    }
    return "unknown name; known: v3, libxl, xl, libvirt, xenopsd";
}

const char *xv_convert_option(struct xv_options *o, int option, const char *text) {
    switch (option) {
    case XV_CONVERT_FROM:
        return take_from(o, text);
    case XV_CONVERT_TO:
        return take_to(&o->convert, text);
    case XV_CONVERT_LOSS:
        o->convert.lossy = true;
        return NULL;
    default:
        o->convert.config = text;
        return NULL;
    }
}

const char *xv_convert_operands(struct xv_convert_options *o, int argc, char **argv) {
    if (argc != 2)
        return "name two files, IN and OUT; - is standard input or output";
    if (o->config != NULL && o->to != XV_TO_XL && o->to != XV_TO_LIBVIRT)
        return "--config needs --to xl or --to libvirt";
    o->in = argv[0];
    o->out = argv[1];
    return NULL;
}
