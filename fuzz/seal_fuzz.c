/* SPDX-License-Identifier: MIT */
/*
 * A seal of any octets, and items of any octets that are compared with it. Oracles: what is accepted has the length
 * that it says; SHA-256 does not depend on pieces; the right items are accepted, and after one octet is changed they
 * are not.
 *
 * Target: xv_seal_item
 */
#include <stdlib.h>
#include <string.h>

#include <xenvet/seal.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void digest(const uint8_t *data, size_t n, size_t piece, uint8_t out[XV_DIGEST]) {
    struct xv_sha256 h;

    xv_sha256_begin(&h);
    for (size_t at = 0, now; at < n; at += now) {
        now = n - at < piece ? n - at : piece;
        if (!xv_sha256_take(&h, data + at, now))
            abort();
    }
    xv_sha256_end(&h, out);
}

static void compare(const struct xv_seal *seal, const uint8_t *data, size_t n, uint8_t flip) {
    uint8_t entry[XV_SEAL_ENTRY] = {0}, changed[XV_DIGEST];
    struct xv_seal twin = *seal;

    for (unsigned i = 0; i < 8; i++)
        entry[i] = (uint8_t)(seal->octets >> (8 * i));
    digest(data, n, 4096, entry + 8);
    memcpy(changed, entry + 8, sizeof(changed));
    changed[flip % XV_DIGEST] ^= (uint8_t)(flip | 1u);
    if (xv_seal_item(&twin, entry, seal->octets, changed) != XV_SEAL_RECORD || twin.taken != 0)
        abort();
    if (xv_seal_item(&twin, entry, seal->octets, entry + 8) != XV_ACCEPTED || twin.end != seal->octets)
        abort();
    if ((xv_seal_finish(&twin) == XV_ACCEPTED) != (seal->entries == 1))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t whole[XV_DIGEST], pieces[XV_DIGEST], header[XV_SEAL_HEADER] = {0};
    struct xv_seal seal;

    memcpy(header, data, size < sizeof(header) ? size : sizeof(header));
    digest(data, size, 4096, whole);
    digest(data, size, 1 + header[255] % 97u, pieces);
    if (memcmp(whole, pieces, sizeof(whole)) != 0)
        abort();
    if (xv_seal_begin(&seal, header, size) != XV_ACCEPTED)
        return 0;
    if (seal.entries != (size - XV_SEAL_HEADER) / XV_SEAL_ENTRY || (size - XV_SEAL_HEADER) % XV_SEAL_ENTRY != 0)
        abort();
    compare(&seal, data, size, header[0]);
    return 0;
}
