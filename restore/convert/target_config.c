/* SPDX-License-Identifier: MIT */
/* The image of xl or libvirt: a header and a configuration (source_config.c) before a libxl stream (xl 1, libvirt 1).
 */
#include "convert.h"

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

const struct xv_convert_target xv_target_config = {.begin = begin, .emulator = emulator, .end = end};
