/* SPDX-License-Identifier: MIT */
/*
 * The bodies of EMULATOR_XENSTORE_DATA and EMULATOR_CONTEXT. The first octet chooses body and tolerances. Oracles: the
 * same twice; a cut body is never accepted; no more keys than allowed; keys that came once may not come again.
 *
 * Target: xv_emulator_xenstore_body xv_emulator_context_body
 */
#include "body_fuzz.h"
#include "emulator.h"

#define KEYS 12u

static struct xv_parser *begin(uint8_t switches) {
    struct xv_policy policy;
    struct xv_parser *p;

    xv_policy_strict(&policy);
    policy.max_guest_pages = FUZZ_PAGES;
    policy.max_emulator_keys = KEYS;
    if (switches & 2)
        policy.tolerate |= XV_TOLERATE_EMULATOR_TRADITIONAL | XV_TOLERATE_XENSTORE_KEYS;
    p = fuzz_begin(&policy, 4, 17);
    p->libxl.legacy = switches & 4;
    return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    xv_body *body = size && data[0] & 1 ? xv_emulator_context_body : xv_emulator_xenstore_body;
    struct fuzz_verdict first, again;
    struct xv_parser *p;
    size_t n;

    if (size < 9 || size > 8192)
        return 0;
    n = size - 1;
    first = fuzz_body(begin(data[0]), body, data + 1, n, n, 8);
    p = begin(data[0]);
    again = fuzz_body(p, body, data + 1, n, n, 8);
    if (first.code != again.code || first.offset != again.offset)
        abort();
    if (first.code != XV_ACCEPTED)
        return 0;
    if (p->libxl.emulator.keys > KEYS || p->libxl.emulator.physmaps > p->libxl.emulator.keys)
        abort();
    if (fuzz_body(begin(data[0]), body, data + 1, n - 1, n, 8).code != XV_TRUNCATED)
        abort();
    return 0;
}
