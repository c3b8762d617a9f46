/* SPDX-License-Identifier: MIT */
#include "crypto.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

#define TEXT_OF(number) #number
#define SONAME(number)  "libcrypto.so." TEXT_OF(number)

/* ISO C has no cast from a pointer to data to one to a function; POSIX makes them the same octets. */
static bool find(void *library, const char *name, void *function) {
    void *found = dlsym(library, name);

    memcpy(function, &found, sizeof found);
    return found != NULL;
}

static bool load(struct xv_crypto *crypto) {
    void *library = dlopen(SONAME(OPENSSL_SHLIB_VERSION), RTLD_NOW | RTLD_LOCAL);
    bool whole = library != NULL;

#define FUNCTION(name) whole = whole && find(library, #name, &crypto->name);
    XV_CRYPTO_FUNCTIONS(FUNCTION)
#undef FUNCTION
    return whole;
}

const struct xv_crypto *xv_crypto(void) {
    static struct xv_crypto crypto;
    static bool loaded;

    loaded = loaded || load(&crypto);
    return loaded ? &crypto : NULL;
}
