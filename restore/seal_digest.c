/* SPDX-License-Identifier: MIT */
#include "seal_digest.h"

#include <xenvet/parser.h>

void xv_seal_digest(const uint8_t *octets, size_t n, uint8_t out[XV_DIGEST]) {
    struct xv_sha256 hash;

    xv_sha256_begin(&hash);
    for (size_t at = 0, now; at < n; at += now) {
        now = n - at < XV_WANT_MAX ? n - at : XV_WANT_MAX;
        (void)xv_sha256_take(&hash, octets + at, now);
    }
    xv_sha256_end(&hash, out);
}
