/* SPDX-License-Identifier: MIT */
/* The embedded configuration. The first two octets choose policy and fragmentation, the rest is the configuration
 * without its final NUL. Oracle: whole and in pieces give the same verdict, offset and summary.
 * Target: xv_config_feed xv_config_finish
 */
#include <stdlib.h>
#include <string.h>

#include "state.h"

static struct xv_parser whole, pieces;

static void begin(struct xv_parser *p, uint8_t switches, uint32_t length) {
    memset(p, 0, sizeof(*p));
    xv_policy_strict(&p->policy);
    if (switches & 1)
        p->policy.tolerate |= XV_TOLERATE_UNKNOWN_CONFIG_FIELD;
    if (switches & 2)
        p->policy.allow = UINT32_MAX;
    xv_config_begin(p, length);
}

/* Copies each piece to the end of a block, so that a sanitizer sees one octet too many. */
static void feed(struct xv_parser *p, const uint8_t *data, size_t n, uint32_t step) {
    uint8_t *block = malloc(XV_WANT_MAX);
    bool ok = block != NULL;

    if (!ok)
        abort();
    for (size_t off = 0, len; ok && off < n; off += len) {
        uint8_t *copy;

        len = step == 0 ? XV_WANT_MAX : 1 + (off * 2654435761u >> 7) % step;
        len = len < n - off ? len : n - off;
        copy = block + (XV_WANT_MAX - len);
        memcpy(copy, data + off, len);
        ok = xv_config_feed(p, &(struct xv_cursor){copy, 0, len, off});
    }
    free(block);
    if (ok)
        (void)xv_config_finish(p, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t text[1u << 20];
    size_t n = size - 1;

    if (size < 2 || size > sizeof(text))
        return 0;
    memcpy(text, data + 2, size - 2);
    text[n - 1] = data[0] & 4 ? ' ' : 0;
    begin(&whole, data[0], (uint32_t)n);
    begin(&pieces, data[0], (uint32_t)n);
    feed(&whole, text, n, 0);
    feed(&pieces, text, n, 1u + data[1] % 64);
    if (whole.report.code != pieces.report.code || whole.report.offset != pieces.report.offset ||
        memcmp(&whole.sum, &pieces.sum, sizeof(whole.sum)) != 0)
        abort();
    return 0;
}
