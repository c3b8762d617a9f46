/* SPDX-License-Identifier: MIT */
#include "policy_json.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

struct reader {
    const char *path;
    const char *text; /* the whole file, NUL-terminated */
    struct xv_settings *out;
    struct xv_policy_error *error;
};

struct place {
    unsigned line, column;
};

/* jansson does not keep positions, so a key is found again: the first "key" that a colon follows. */
static struct place place_of(const char *text, const char *key) {
    struct place at = {1, 1};
    size_t length = strlen(key);
    for (const char *s = text; *s != '\0'; s++) {
        if (*s == '"' && strncmp(s + 1, key, length) == 0 && s[1 + length] == '"') {
            const char *after = s + length + 2;
            if (after[strspn(after, " \t\r\n")] == ':')
                return at;
        }
        at.column++;
        if (*s == '\n') {
            at.line++;
            at.column = 1;
        }
    }
    return (struct place){0, 0};
}

__attribute__((format(printf, 3, 4))) static bool wrong(const struct reader *r, const char *key, const char *format,
                                                        ...) {
    char name[128];
    char what[160];
    va_list args;
    struct place at = place_of(r->text, key);
    va_start(args, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): a false alarm when clang-tidy gets several files */
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    (void)xv_text_name(name, sizeof name, r->path);
    (void)snprintf(r->error->text, sizeof r->error->text, "%s:%u:%u: %s", name, at.line, at.column, what);
    return false;
}

static bool read_limit(const struct reader *r, const struct xv_limit *limit, const json_t *value) {
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return wrong(r, limit->key, "%s: a number, 0 or more, is expected", limit->key);
    if (!xv_limit_put(r->out, limit, (uint64_t)json_integer_value(value)))
        return wrong(r, limit->key, "%s: out of range", limit->key);
    return true;
}

static bool read_set(const struct reader *r, const struct xv_name_set *set, const json_t *value) {
    uint32_t bits = 0;
    size_t i;
    const json_t *item;
    if (!json_is_array(value))
        return wrong(r, set->key, "%s: a list of names is expected", set->key);
    json_array_foreach(value, i, item) {
        const char *name = json_string_value(item);
        char shown[48];
        uint32_t bit = name != NULL ? xv_name_bit(set, name) : 0;
        if (name == NULL)
            return wrong(r, set->key, "%s: item %zu is not a name", set->key, i + 1);
        if (bit == 0)
            return wrong(r, set->key, "%s: unknown name '%s'", set->key, xv_text_name(shown, sizeof shown, name));
        bits |= bit;
    }
    xv_word_put(r->out, set->offset, bits);
    return true;
}

static bool read_release(const struct reader *r, const struct xv_release_field *field, const json_t *value) {
    uint32_t release = 0;
    if (json_is_null(value)) {
        xv_word_put(r->out, field->offset, field->none);
        return true;
    }
    if (!json_is_string(value) || !xv_release_parse(json_string_value(value), &release))
        return wrong(r, field->key, "%s: a release like \"4.17\" is expected", field->key);
    xv_word_put(r->out, field->offset, release);
    return true;
}

static bool read_field(const struct reader *r, const char *key, const json_t *value) {
    const struct xv_limit *limit;
    const struct xv_name_set *set;
    const struct xv_release_field *field;
    char shown[64];
    for (size_t i = 0; (limit = xv_limit_at(i)) != NULL; i++) {
        if (strcmp(limit->key, key) == 0)
            return read_limit(r, limit, value);
    }
    for (size_t i = 0; (set = xv_name_set_at(i)) != NULL; i++) {
        if (strcmp(set->key, key) == 0)
            return read_set(r, set, value);
    }
    for (size_t i = 0; (field = xv_release_field_at(i)) != NULL; i++) {
        if (strcmp(field->key, key) == 0)
            return read_release(r, field, value);
    }
    return wrong(r, key, "unknown key '%s'", xv_text_name(shown, sizeof shown, key));
}

static bool read_base(const struct reader *r, const json_t *root) {
    const json_t *schema = json_object_get(root, "schema");
    const json_t *base = json_object_get(root, "base");
    const char *name = "strict";
    if (schema != NULL && (!json_is_string(schema) || strcmp(json_string_value(schema), XV_POLICY_SCHEMA) != 0))
        return wrong(r, "schema", "schema: \"%s\" is expected", XV_POLICY_SCHEMA);
    if (base != NULL)
        name = json_is_string(base) ? json_string_value(base) : "";
    if (!xv_settings_preset(r->out, name))
        return wrong(r, "base", "base: \"strict\" or \"lenient\" is expected");
    return true;
}

static bool read_root(const struct reader *r, json_t *root) {
    const char *key;
    json_t *value;
    const char *fault;
    if (!json_is_object(root))
        return wrong(r, "", "one JSON object is expected");
    if (!read_base(r, root))
        return false;
    json_object_foreach(root, key, value) {
        if (strcmp(key, "schema") != 0 && strcmp(key, "base") != 0 && !read_field(r, key, value))
            return false;
    }
    fault = xv_settings_fault(r->out);
    return fault == NULL || wrong(r, fault, "%s: out of range", fault);
}

/* The whole file as a string, or NULL with errno. */
static char *slurp(const char *path, size_t *length) {
    FILE *f = fopen(path, "re");
    char *text = NULL;
    if (f == NULL)
        return NULL;
    text = malloc(XV_POLICY_FILE_MAX + 1);
    if (text != NULL) {
        *length = fread(text, 1, XV_POLICY_FILE_MAX + 1, f);
        if (ferror(f) || *length > XV_POLICY_FILE_MAX) {
            if (!ferror(f))
                errno = EFBIG;
            free(text);
            text = NULL;
        } else {
            text[*length] = '\0';
        }
    }
    int saved = errno;
    (void)fclose(f);
    errno = saved;
    return text;
}

bool xv_policy_read(const char *path, struct xv_settings *out, struct xv_policy_error *error) {
    char name[128];
    size_t length = 0;
    json_error_t problem;
    bool good = false;
    char *text = slurp(path, &length);
    (void)xv_text_name(name, sizeof name, path);
    error->system = text == NULL;
    if (text == NULL) {
        (void)snprintf(error->text, sizeof error->text, "%s: %s", name, strerror(errno));
        return false;
    }
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL) {
        (void)snprintf(error->text, sizeof error->text, "%s:%d:%d: %.150s", name, problem.line, problem.column,
                       problem.text);
    } else {
        struct reader r = {path, text, out, error};
        good = read_root(&r, root);
    }
    json_decref(root);
    free(text);
    return good;
}

static json_t *names_json(const struct xv_name_set *set, uint32_t bits) {
    json_t *list = json_array();
    for (unsigned bit = 0; bit < 32; bit++) {
        if ((bits >> bit & 1u) != 0 && set->name(bit) != NULL)
            (void)json_array_append_new(list, json_string(set->name(bit)));
    }
    return list;
}

static json_t *release_json(uint32_t release, uint32_t none) {
    char text[XV_TEXT_SHORT];
    if (release == none)
        return json_null();
    return json_string(xv_text_release(text, sizeof text, release >> 16, release & 0xffffu));
}

json_t *xv_policy_json(const struct xv_settings *settings) {
    const struct xv_limit *limit;
    const struct xv_name_set *set;
    const struct xv_release_field *field;
    json_t *root = json_object();
    int failed = json_object_set_new(root, "schema", json_string(XV_POLICY_SCHEMA));
    for (size_t i = 0; (limit = xv_limit_at(i)) != NULL; i++)
        failed |= json_object_set_new(root, limit->key, json_integer((json_int_t)xv_limit_get(settings, limit)));
    for (size_t i = 0; (set = xv_name_set_at(i)) != NULL; i++)
        failed |= json_object_set_new(root, set->key, names_json(set, xv_word_get(settings, set->offset)));
    for (size_t i = 0; (field = xv_release_field_at(i)) != NULL; i++)
        failed |=
            json_object_set_new(root, field->key, release_json(xv_word_get(settings, field->offset), field->none));
    if (failed != 0) {
        json_decref(root);
        return NULL;
    }
    return root;
}
