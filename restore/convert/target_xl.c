/* SPDX-License-Identifier: MIT */
/* The image of xl: its header and a configuration before a libxl stream (xl 1). */
#include "convert.h"

bool xv_convert_config(struct xv_convert *c, const uint8_t *header, size_t n) {
    if (c->to != XV_TO_XL || c->own_config)
        return true;
    c->config_sent = true;
    return xv_convert_put(c, header, n);
}

/* The operator's configuration goes out between the worker's octets; the second parser begins with the libxl stream
 * then. */
static bool begin(struct xv_convert *c) {
    if (!c->config_sent && !c->own_config)
        return xv_convert_refuse(c, XV_CONVERT_NO_CONFIG);
    if (!c->config_sent)
        c->send_config();
    c->config_sent = true;
    return xv_target_libxl.begin(c);
}

static bool emulator(struct xv_convert *c, const uint8_t *record, size_t n) {
    return xv_target_libxl.emulator(c, record, n);
}

static bool end(struct xv_convert *c) {
    return xv_target_libxl.end(c);
}

const struct xv_convert_target xv_target_xl = {.begin = begin, .emulator = emulator, .end = end};
