/* SPDX-License-Identifier: MIT */
#include "seal_key.h"

#include <stdio.h>

#include "crypto.h"

/* A key with a passphrase is refused: nobody is there to be asked. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the type is OpenSSL's. */
static int no_passphrase(char *buffer, int size, int writing, void *context) {
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static EVP_PKEY *read_key(const struct xv_crypto *crypto, const char *path, bool private) {
    FILE *file = fopen(path, "re");
    EVP_PKEY *key;

    if (file == NULL)
        return NULL;
    key = private ? crypto->PEM_read_PrivateKey(file, NULL, no_passphrase, NULL)
                  : crypto->PEM_read_PUBKEY(file, NULL, no_passphrase, NULL);
    (void)fclose(file);
    if (key != NULL && crypto->EVP_PKEY_get_id(key) != EVP_PKEY_ED25519) {
        crypto->EVP_PKEY_free(key);
        key = NULL;
    }
    return key;
}

enum xv_key_result xv_seal_sign(const char *path, const void *octets, size_t n, uint8_t signature[XV_SIGNATURE]) {
    const struct xv_crypto *crypto = xv_crypto();
    EVP_PKEY *key = crypto != NULL ? read_key(crypto, path, true) : NULL;
    EVP_MD_CTX *context = key != NULL ? crypto->EVP_MD_CTX_new() : NULL;
    size_t size = XV_SIGNATURE;
    bool done;

    if (crypto == NULL)
        return XV_KEY_NO_LIBRARY;
    done = context != NULL && crypto->EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
           crypto->EVP_DigestSign(context, signature, &size, octets, n) == 1 && size == XV_SIGNATURE;

    crypto->EVP_MD_CTX_free(context);
    crypto->EVP_PKEY_free(key);
    return done ? XV_KEY_GOOD : XV_KEY_UNREADABLE;
}

enum xv_key_result xv_seal_verify(const char *path, const void *octets, size_t n,
                                  const uint8_t signature[XV_SIGNATURE]) {
    const struct xv_crypto *crypto = xv_crypto();
    EVP_PKEY *key = crypto != NULL ? read_key(crypto, path, false) : NULL;
    EVP_MD_CTX *context = key != NULL ? crypto->EVP_MD_CTX_new() : NULL;
    bool begun, good;

    if (crypto == NULL)
        return XV_KEY_NO_LIBRARY;
    begun = context != NULL && crypto->EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1;
    good = begun && crypto->EVP_DigestVerify(context, signature, XV_SIGNATURE, octets, n) == 1;

    crypto->EVP_MD_CTX_free(context);
    crypto->EVP_PKEY_free(key);
    if (!begun)
        return XV_KEY_UNREADABLE;
    return good ? XV_KEY_GOOD : XV_KEY_WRONG;
}

const char *xv_seal_key_text(enum xv_key_result result, bool private) {
    if (result == XV_KEY_NO_LIBRARY)
        return "libcrypto, which checks and makes signatures, is not installed";
    return private ? "no PEM file with a private Ed25519 key that needs no passphrase"
                   : "no PEM file with a public Ed25519 key";
}
