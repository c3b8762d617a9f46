/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "place.h"

#define DEPTH_MAX 64

struct frame {
    bool array;
    size_t path; /* length of the path of the container itself */
};

struct walk {
    char path[PLACE_PATH];
    size_t length; /* of the path of the value that comes next or is being read */
    struct frame frames[DEPTH_MAX];
    unsigned depth;
    bool name_next; /* the next string is a name */
};

static void append(struct walk *w, const char *text, size_t n) {
    if (w->length && w->length < PLACE_PATH - 1)
        w->path[w->length++] = '.';
    for (size_t i = 0; i < n && w->length < PLACE_PATH - 1; i++)
        w->path[w->length++] = text[i];
    w->path[w->length] = '\0';
}

static void open_container(struct walk *w, bool array) {
    if (w->depth < DEPTH_MAX)
        w->frames[w->depth] = (struct frame){array, w->length};
    w->depth++;
    w->name_next = !array;
    if (array)
        append(w, "[]", 2);
}

/* Back to the container itself, before its next member. */
static void next_member(struct walk *w) {
    if (w->depth == 0 || w->depth > DEPTH_MAX)
        return;
    w->length = w->frames[w->depth - 1].path;
    w->path[w->length] = '\0';
    w->name_next = !w->frames[w->depth - 1].array;
    if (!w->name_next)
        append(w, "[]", 2);
}

static void close_container(struct walk *w) {
    if (w->depth == 0)
        return;
    if (w->depth <= DEPTH_MAX) {
        w->length = w->frames[w->depth - 1].path;
        w->path[w->length] = '\0';
    }
    w->depth--;
    w->name_next = false;
}

static size_t string_end(const uint8_t *json, size_t n, size_t i) {
    for (i++; i < n && json[i] != '"'; i++)
        i += json[i] == '\\';
    return i < n ? i : n - 1;
}

void json_path(const uint8_t *json, size_t n, size_t at, char path[PLACE_PATH], bool *is_name) {
    struct walk w = {.length = 0};

    *is_name = false;
    for (size_t i = 0; i < n && i <= at; i++) {
        size_t end = i;

        switch (json[i]) {
        case '{':
        case '[':
            open_container(&w, json[i] == '[');
            break;
        case '}':
        case ']':
            close_container(&w);
            break;
        case ',':
            next_member(&w);
            break;
        case '"':
            end = string_end(json, n, i);
            *is_name = w.name_next;
            if (w.name_next)
                append(&w, (const char *)json + i + 1, end - i - 1);
            w.name_next = false;
            break;
        default:
            break;
        }
        if (end < at)
            *is_name = false;
        i = end;
    }
    memcpy(path, w.path, PLACE_PATH);
}
