/* SPDX-License-Identifier: MIT */
/*
 * The policy file. Oracles: a refusal says why; what is accepted is a valid policy, and reads back as itself from what
 * is printed of it.
 *
 * Target: xv_policy_read xv_policy_json
 * Links: restore/policy_json.c restore/settings.c restore/text.c restore/layers.c
 * Wraps: fopen
 * Needs: jansson
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy_json.h"

static const char name[] = "policy.json";
static const char *contents;
static size_t length;

FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);

/* The file is the input. */
FILE *__wrap_fopen(const char *path, const char *mode) {
    return path == name ? fmemopen((void *)(uintptr_t)contents, length, "r") : __real_fopen(path, mode);
}

static bool policy(const char *bytes, size_t n, struct xv_settings *out) {
    struct xv_policy_error error = {false, ""};
    bool good;

    contents = bytes;
    length = n;
    memset(out, 0, sizeof(*out));
    good = xv_policy_read(name, out, &error);
    if (good ? !xv_policy_valid(&out->policy) : error.system || !*error.text)
        abort();
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct xv_settings first, again;
    json_t *printed, *twice;
    char *text;

    if (size == 0 || size > XV_POLICY_FILE_MAX || !policy((const char *)data, size, &first))
        return 0;
    printed = xv_policy_json(&first);
    text = printed ? json_dumps(printed, 0) : NULL;
    if (!text || !policy(text, strlen(text), &again))
        abort();
    twice = xv_policy_json(&again);
    if (!json_equal(printed, twice))
        abort();
    free(text);
    json_decref(twice);
    json_decref(printed);
    return 0;
}
