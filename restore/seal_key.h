/* SPDX-License-Identifier: MIT */
#ifndef XENVET_SEAL_KEY_H
#define XENVET_SEAL_KEY_H

/* What seals need of libcrypto: SHA-256 of what the monitor has itself, and Ed25519. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenvet/seal.h>

#define XV_SIGNATURE (XV_SEAL_HEADER - XV_SEAL_SIGNED)

bool xv_seal_digest(const void *octets, size_t n, uint8_t out[XV_DIGEST]);

enum xv_key_result {
    XV_KEY_GOOD,
    XV_KEY_UNREADABLE, /* no PEM file with an Ed25519 key */
    XV_KEY_WRONG,      /* the signature is not this key's */
};

/* Signs with the private key, or checks with the public key, of a PEM file. */
enum xv_key_result xv_seal_sign(const char *path, const void *octets, size_t n, uint8_t signature[XV_SIGNATURE]);
enum xv_key_result xv_seal_verify(const char *path, const void *octets, size_t n,
                                  const uint8_t signature[XV_SIGNATURE]);

#endif
