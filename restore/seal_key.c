/* SPDX-License-Identifier: MIT */
#include "seal_key.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>

bool xv_seal_digest(const void *octets, size_t n, uint8_t out[XV_DIGEST]) {
    return EVP_Digest(octets, n, out, NULL, EVP_sha256(), NULL) == 1;
}

/* A key with a passphrase is refused: nobody is there to be asked. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the type is OpenSSL's. */
static int no_passphrase(char *buffer, int size, int writing, void *context) {
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static EVP_PKEY *read_key(const char *path, bool private) {
    FILE *file = fopen(path, "re");
    EVP_PKEY *key;

    if (file == NULL)
        return NULL;
    key = private ? PEM_read_PrivateKey(file, NULL, no_passphrase, NULL)
                  : PEM_read_PUBKEY(file, NULL, no_passphrase, NULL);
    (void)fclose(file);
    if (key != NULL && EVP_PKEY_get_id(key) != EVP_PKEY_ED25519) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    return key;
}

enum xv_key_result xv_seal_sign(const char *path, const void *octets, size_t n, uint8_t signature[XV_SIGNATURE]) {
    EVP_PKEY *key = read_key(path, true);
    EVP_MD_CTX *context = key != NULL ? EVP_MD_CTX_new() : NULL;
    size_t size = XV_SIGNATURE;
    bool done = context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestSign(context, signature, &size, octets, n) == 1 && size == XV_SIGNATURE;

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return done ? XV_KEY_GOOD : XV_KEY_UNREADABLE;
}

enum xv_key_result xv_seal_verify(const char *path, const void *octets, size_t n,
                                  const uint8_t signature[XV_SIGNATURE]) {
    EVP_PKEY *key = read_key(path, false);
    EVP_MD_CTX *context = key != NULL ? EVP_MD_CTX_new() : NULL;
    bool begun = context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1;
    bool good = begun && EVP_DigestVerify(context, signature, XV_SIGNATURE, octets, n) == 1;

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    if (!begun)
        return XV_KEY_UNREADABLE;
    return good ? XV_KEY_GOOD : XV_KEY_WRONG;
}
