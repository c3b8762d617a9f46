/* SPDX-License-Identifier: MIT */
#include "sealed.h"

static void hash(struct xv_sha256 *h, const uint8_t *bytes, size_t n) {
    while (n > 0) {
        size_t now = n < XV_WANT_MAX ? n : XV_WANT_MAX;

        (void)xv_sha256_take(h, bytes, now);
        bytes += now;
        n -= now;
    }
}

enum xv_code xv_sealed_begin(struct xv_sealed *sealed) {
    xv_sha256_begin(&sealed->whole);
    return sealed->map == NULL ? XV_ACCEPTED : xv_seal_begin(&sealed->seal, sealed->map, sealed->size);
}

static enum xv_code compare(struct xv_sealed *sealed, uint64_t end, const uint8_t digest[XV_DIGEST], bool last) {
    const uint8_t *entry = sealed->map + XV_SEAL_HEADER;
    enum xv_code code;

    if (sealed->seal.taken < sealed->seal.entries) /* that many are mapped: xv_seal_begin() */
        entry += sealed->seal.taken * XV_SEAL_ENTRY;
    code = xv_seal_item(&sealed->seal, entry, end, digest);
    return code == XV_ACCEPTED && last ? xv_seal_finish(&sealed->seal) : code;
}

static void tell(struct xv_sealed *sealed, uint64_t end, const uint8_t digest[XV_DIGEST], bool last) {
    uint8_t whole[XV_DIGEST];

    sealed->tell(end, digest, false);
    if (!last)
        return;
    xv_sha256_end(&sealed->whole, whole);
    sealed->tell(end, whole, true);
}

void xv_sealed_item(struct xv_sealed *sealed, struct xv_parser *parser, const uint8_t *item, size_t n, uint64_t end) {
    bool last = xv_parser_demand(parser).want == XV_WANT_END;
    uint8_t digest[XV_DIGEST];
    struct xv_sha256 h;
    enum xv_code code;

    xv_sha256_begin(&h);
    hash(&h, item, n);
    xv_sha256_end(&h, digest);
    if (sealed->map == NULL) {
        hash(&sealed->whole, item, n);
        tell(sealed, end, digest, last);
        return;
    }
    code = compare(sealed, end, digest, last);
    if (code != XV_ACCEPTED)
        (void)xv_parser_refuse_at(parser, code, end - n);
}
