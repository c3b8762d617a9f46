/* SPDX-License-Identifier: MIT */
#include "own_config.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER      52u /* with config_len */
#define FLAG_JSON   1u
#define FLAG_STREAM 2u

static void put_u32(uint8_t *to, size_t value) {
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static bool is_json(const char *text, size_t n) {
    json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
    bool object = json_is_object(root);

    json_decref(root);
    return object;
}

static void put_header(uint8_t *out, bool json, size_t n) {
    static const char magic[32] = "Xen saved domain, xl format\n \0 \r";

    memcpy(out, magic, sizeof magic);
    put_u32(out + 32, 0x01020304);
    put_u32(out + 36, FLAG_STREAM | (json ? FLAG_JSON : 0));
    put_u32(out + 40, 0);
    put_u32(out + 44, n + 4);
    put_u32(out + 48, n);
}

/* Reads to the end into out[HEADER...]; octets, 0 with errno. */
static size_t read_text(FILE *file, uint8_t *out, size_t most) {
    size_t n = fread(out + HEADER, 1, most, file);

    if (ferror(file))
        return 0;
    if (n == 0)
        errno = ENODATA;
    if (n == most && fgetc(file) != EOF) {
        errno = EFBIG;
        return 0;
    }
    return n;
}

struct xv_own_config xv_own_config_read(const char *path, size_t most) {
    struct xv_own_config own = {NULL, 0};
    FILE *file = fopen(path, "re");
    uint8_t *out = file != NULL ? calloc(1, HEADER + most + 1) : NULL;
    size_t n = out != NULL ? read_text(file, out, most) : 0;

    if (n > 0) {
        bool json = is_json((const char *)out + HEADER, n);
        size_t size = json ? n + 1 : n; /* xl takes JSON for a C string */

        put_header(out, json, size);
        own = (struct xv_own_config){out, HEADER + size};
    } else {
        int saved = errno;

        free(out);
        errno = saved;
    }
    if (file != NULL) {
        int saved = errno;

        (void)fclose(file);
        errno = saved;
    }
    return own;
}
