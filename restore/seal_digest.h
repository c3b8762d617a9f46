/* SPDX-License-Identifier: MIT */
#ifndef XENVET_SEAL_DIGEST_H
#define XENVET_SEAL_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include <xenvet/seal.h>

/* SHA-256 of what the monitor has in one piece. */
void xv_seal_digest(const uint8_t *octets, size_t n, uint8_t out[XV_DIGEST]);

#endif
