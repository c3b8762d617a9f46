/* SPDX-License-Identifier: MIT */
#ifndef XENVET_SEAL_KEY_H
#define XENVET_SEAL_KEY_H

/* Signatures of seals: Ed25519, by libcrypto. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenvet/seal.h>

#define XV_SIGNATURE (XV_SEAL_HEADER - XV_SEAL_SIGNED)

enum xv_key_result {
    XV_KEY_GOOD,
    XV_KEY_UNREADABLE, /* no PEM file with an Ed25519 key */
    XV_KEY_WRONG,      /* the signature is not this key's */
    XV_KEY_NO_LIBRARY, /* there is no libcrypto here */
};

/* Why a key is of no use. */
const char *xv_seal_key_text(enum xv_key_result result, bool private);

/* Signs with the private key, or checks with the public key, of a PEM file. */
enum xv_key_result xv_seal_sign(const char *path, const void *octets, size_t n, uint8_t signature[XV_SIGNATURE]);
enum xv_key_result xv_seal_verify(const char *path, const void *octets, size_t n,
                                  const uint8_t signature[XV_SIGNATURE]);

#endif
