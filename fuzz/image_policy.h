/* SPDX-License-Identifier: MIT */
#ifndef XENVET_IMAGE_POLICY_H
#define XENVET_IMAGE_POLICY_H

/* Harnesses of whole images take eight octets before the image, which choose the policy; seeds serve all of them. */
#include <stdint.h>

#include <xenvet/policy.h>

#define FUZZ_SWITCHES 8u

/*
 * Octet 0: bit 0 lenient, 1 checkpointed, 2 VERIFY; 1: pages; 2: vCPUs; 3, 4: tolerances turned around; 5: the target's
 * release, if bit 7 is set. 6 and 7 are left to the harness.
 */
void fuzz_image_policy(struct xv_policy *policy, const uint8_t *switches);

/* The same for what the simulated Xen 4.17 restores: without tolerances whose point is that Xen will not. */
void fuzz_restore_policy(struct xv_policy *policy, const uint8_t *switches);

#endif
