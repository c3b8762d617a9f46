/* SPDX-License-Identifier: MIT */
#include "image_policy.h"

#define XV_X(bit, id, name, text) | 1u << (bit)
#define TOLERANCES                (0u XV_TOLERANCES(XV_X))

#define NEVER_RESTORED \
    ((uint32_t)(XV_TOLERATE_STALE_PTE | XV_TOLERATE_MISSING_RINGS | XV_TOLERATE_EMULATOR_TRADITIONAL))

static void presets(struct xv_policy *policy, const uint8_t *switches) {
    static const uint64_t pages[] = {4096, 64, 1024, 16384};

    if (switches[0] & 1)
        xv_policy_lenient(policy);
    else
        xv_policy_strict(policy);
    if (switches[0] & 2)
        policy->allow |= XV_ALLOW_CHECKPOINTED;
    if (switches[0] & 4)
        policy->allow |= XV_ALLOW_VERIFY;
    /* formats that Xen's verifier and restorer do not know have harnesses of their own */
    policy->formats &= ~(uint32_t)(XV_FORMAT_LEGACY_STREAM | XV_FORMAT_DRAFT_B_STREAM);
    policy->max_guest_pages = pages[switches[1] & 3];
    policy->formats &= ~XV_FORMATS_XENSTORE; /* xenstore_fuzz.c has them; their arena is larger */
    policy->max_vcpus = 1u + switches[2] % 16;
}

void fuzz_image_policy(struct xv_policy *policy, const uint8_t *switches) {
    presets(policy, switches);
    policy->tolerate ^= (switches[3] | (uint32_t)switches[4] << 8) & TOLERANCES;
    policy->target_xen = switches[5] & 0x80 ? XV_XEN(4, switches[5] & 0x1f) : 0;
}

void fuzz_restore_policy(struct xv_policy *policy, const uint8_t *switches) {
    presets(policy, switches);
    policy->allow &= ~(uint32_t)XV_ALLOW_COLO;
    policy->tolerate &= ~NEVER_RESTORED;
    policy->target_xen = XV_XEN(4, 17); /* what is simulated */
}
