/* SPDX-License-Identifier: MIT */
#include "own_config.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER         52u /* xl's, with config_len */
#define LIBVIRT_HEADER 64u
#define FLAG_JSON      1u
#define FLAG_STREAM    2u

static void put_u32(uint8_t *to, size_t value) {
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static void keep(char *to, size_t size, const char *from, size_t n) {
    if (n >= size)
        n = size - 1;
    for (size_t i = 0; i < n; i++)
        to[i] = from[i] < 0x20 || from[i] > 0x7e ? '?' : from[i]; /* as xl_tool.h has names */
    to[n] = 0;
}

static void take_json(const json_t *root, const char *key, char *to, size_t size) {
    const char *text = json_string_value(json_object_get(json_object_get(root, "c_info"), key));

    if (text != NULL)
        keep(to, size, text, strlen(text));
}

static bool read_json(struct xv_own_config *own, const char *text, size_t n) {
    json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
    bool object = json_is_object(root);

    if (object) {
        take_json(root, "name", own->name, sizeof own->name);
        take_json(root, "uuid", own->uuid, sizeof own->uuid);
    }
    json_decref(root);
    return object;
}

/* The value of KEY = "VALUE", or 'VALUE', of one line of an xl.cfg; one with an escape is not taken. */
static void take_line(const char *line, const char *key, char *to, size_t size) {
    size_t n = strlen(key);
    char quote;

    line += strspn(line, " \t");
    if (strncmp(line, key, n) != 0)
        return;
    line += n + strspn(line + n, " \t");
    if (*line != '=')
        return;
    line += 1 + strspn(line + 1, " \t");
    quote = *line;
    if (quote != '"' && quote != '\'')
        return;
    line++;
    n = strcspn(line, "\"'\\");
    if (line[n] == quote)
        keep(to, size, line, n);
}

static void read_text_config(struct xv_own_config *own, const char *text, size_t n) {
    char *copy = strndup(text, n), *rest = NULL;

    if (copy == NULL)
        return;
    for (char *line = strtok_r(copy, "\n;", &rest); line != NULL; line = strtok_r(NULL, "\n;", &rest)) {
        take_line(line, "name", own->name, sizeof own->name); /* of several, xl takes the last */
        take_line(line, "uuid", own->uuid, sizeof own->uuid);
    }
    free(copy);
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

static void put_libvirt_header(uint8_t *out, size_t n) {
    static const uint8_t magic[16] = {'l', 'i', 'b', 'v', 'i', 'r', 't', '-', 'x', 'm', 'l', '\n', ' ', 0, ' ', '\r'};

    memcpy(out, magic, sizeof magic);
    put_u32(out + 16, 2);
    put_u32(out + 20, n);
}

/* Why what was read is of no use, as an errno; 0 if it is of use. */
static int fault(FILE *file, size_t n, size_t most) {
    if (ferror(file))
        return errno;
    if (n == 0)
        return ENODATA;
    return n == most && fgetc(file) != EOF ? EFBIG : 0;
}

/* The file's octets behind room for a header and before a NUL; NULL with errno. */
static uint8_t *read_file(const char *path, size_t header, size_t most, size_t *size) {
    FILE *file = fopen(path, "re");
    uint8_t *out = file != NULL ? calloc(1, header + most + 1) : NULL;
    int saved = errno;

    if (out != NULL) {
        *size = fread(out + header, 1, most, file);
        saved = fault(file, *size, most);
    }
    if (file != NULL)
        (void)fclose(file);
    if (out != NULL && saved != 0) {
        free(out);
        out = NULL;
    }
    errno = saved;
    return out;
}

struct xv_own_config xv_own_config_read(const char *path, size_t most) {
    struct xv_own_config own = {.bytes = NULL};
    size_t n = 0;
    bool json;

    own.bytes = read_file(path, HEADER, most, &n);
    if (own.bytes == NULL)
        return own;
    json = read_json(&own, (const char *)own.bytes + HEADER, n);
    if (!json)
        read_text_config(&own, (const char *)own.bytes + HEADER, n);
    n += json; /* xl takes JSON for a C string */
    put_header(own.bytes, json, n);
    own.size = HEADER + n;
    return own;
}

struct xv_own_config xv_own_config_read_xml(const char *path, size_t most) {
    struct xv_own_config own = {.bytes = NULL};
    size_t n = 0;

    own.bytes = read_file(path, LIBVIRT_HEADER, most > 0 ? most - 1 : 0, &n);
    if (own.bytes != NULL) {
        put_libvirt_header(own.bytes, n + 1);
        own.size = LIBVIRT_HEADER + n + 1;
    }
    return own;
}
