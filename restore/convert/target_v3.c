/* SPDX-License-Identifier: MIT */
/* The bare libxc stream: nothing around it, and no place for a device model's state. */
#include "convert.h"

static bool nothing(struct xv_convert *c) {
    (void)c;
    return true;
}

const struct xv_convert_target xv_target_v3 = {.begin = nothing, .emulator = NULL, .end = nothing};
