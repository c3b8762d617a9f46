/* SPDX-License-Identifier: MIT */
/* The libxl stream, version 2 (libxl 1): its header, LIBXC_CONTEXT, the libxc stream, the device model's records, END.
 */
#include "convert.h"

#define OPTION_LEGACY 2u
#define END           0u
#define LIBXC_CONTEXT 1u

static bool begin(struct xv_convert *c) {
    static const uint8_t plain[16] = {'L', 'i', 'b', 'x', 'l', 'F', 'm', 't', 0, 0, 0, 2, 0, 0, 0, 0};
    static const uint8_t legacy[16] = {'L', 'i', 'b', 'x', 'l', 'F', 'm', 't', 0, 0, 0, 2, 0, 0, 0, OPTION_LEGACY};

    return xv_convert_put(c, c->converted ? legacy : plain, sizeof plain) &&
           xv_convert_libxl_record(c, LIBXC_CONTEXT, NULL, 0, NULL, 0);
}

static bool emulator(struct xv_convert *c, const uint8_t *record, size_t n) {
    return xv_convert_put(c, record, n);
}

static bool end(struct xv_convert *c) {
    return xv_convert_libxl_record(c, END, NULL, 0, NULL, 0);
}

const struct xv_convert_target xv_target_libxl = {.begin = begin, .emulator = emulator, .end = end};
