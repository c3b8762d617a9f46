/* SPDX-License-Identifier: MIT */
#include "layers.h"

#include <string.h>

static const struct {
    const char *name, *text;
} layers[] = {
#define XV_X(bit, id, name, text) {name, text},
    XV_LAYERS(XV_X)
#undef XV_X
};

#define COUNT (sizeof layers / sizeof layers[0])

const char *xv_layer_name(unsigned bit) {
    return bit < COUNT ? layers[bit].name : NULL;
}

const char *xv_layer_text(unsigned bit) {
    return bit < COUNT ? layers[bit].text : NULL;
}

uint32_t xv_layer_by_name(const char *name) {
    for (unsigned bit = 0; bit < COUNT; bit++) {
        if (strcmp(layers[bit].name, name) == 0)
            return 1u << bit;
    }
    return 0;
}
