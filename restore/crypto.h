/* SPDX-License-Identifier: MIT */
#ifndef XENVET_CRYPTO_H
#define XENVET_CRYPTO_H

/*
 * libcrypto, for the signatures of seals. It is loaded when the first key is read and not when the program starts: no
 * other run pays for its relocation, which takes as long as everything that the monitor does, or has its code mapped.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>

#define XV_CRYPTO_FUNCTIONS(X) \
    X(EVP_PKEY_get_id) \
    X(EVP_PKEY_free) \
    X(EVP_MD_CTX_new) \
    X(EVP_MD_CTX_free) \
    X(EVP_DigestSignInit) \
    X(EVP_DigestSign) \
    X(EVP_DigestVerifyInit) \
    X(EVP_DigestVerify) \
    X(PEM_read_PrivateKey) \
    X(PEM_read_PUBKEY)

struct xv_crypto {
#define FUNCTION(name) __typeof__(name) *(name);
    XV_CRYPTO_FUNCTIONS(FUNCTION)
#undef FUNCTION
};

/* NULL if this host has no libcrypto of the release that xenvet was built with. */
const struct xv_crypto *xv_crypto(void);

#endif
