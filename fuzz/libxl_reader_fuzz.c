/* SPDX-License-Identifier: MIT */
/*
 * The second restore oracle: a libxl stream that the parser accepts is read by the distribution's libxl, with its
 * libxl-save-helper, on the simulated Xen. One process for each: libxl forks, executes the helper and leaves by the
 * exit. Oracles: no signal, assertion or hang; libxl itself refuses nothing. What its helper refuses is restore_fuzz's.
 *
 * Target: fuzz_libxl_reader
 * Inputs: images
 * Links: fuzz/worthwhile.c fuzz/libxl_reader_run.c
 * Needs: libxl
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forget.h"
#include "gate_feed.h"
#include "image_policy.h"
#include "libxl_reader_run.h"

/* Where the libxl stream begins: behind xl's header, whose last word is the length of what follows it. */
static size_t libxl_at(const uint8_t *image, size_t n, enum xv_format format) {
    uint32_t length = 0;

    if (format == XV_FORMAT_XL && n >= 48)
        memcpy(&length, image + 44, 4);
    return format == XV_FORMAT_XL ? 48 + (size_t)length : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct xv_policy policy;
    struct fuzz_gate gate;
    enum xv_guest guest;
    size_t at;

    if (size < FUZZ_SWITCHES)
        return 0;
    fuzz_restore_policy(&policy, data);
    policy.formats = XV_FORMAT_XL | XV_FORMAT_LIBXL;
    policy.allow &= ~(uint32_t)XV_ALLOW_CHECKPOINTED; /* the reader would wait for the next checkpoint */
    fuzz_gate_run(&gate, &policy, data + FUZZ_SWITCHES, size - FUZZ_SWITCHES, 0);
    if (gate.code != XV_ACCEPTED) {
        fuzz_forget();
        return 0;
    }
    guest = gate.sum.guest;
    at = libxl_at(data + FUZZ_SWITCHES, size - FUZZ_SWITCHES, gate.sum.format);
    if (!fuzz_libxl_reader(&(struct fuzz_libxl){
            .stream = data + FUZZ_SWITCHES + at,
            .len = size - FUZZ_SWITCHES - at,
            .type = guest == XV_GUEST_HVM   ? "hvm"
                    : guest == XV_GUEST_PVH ? "pvh"
                                            : "pv",
            .vcpus = policy.max_vcpus,
            .pages = policy.max_guest_pages,
        }))
        fuzz_forget();
    return 0;
}
