/* SPDX-License-Identifier: MIT */
#include "canonical_config.h"

#include <string.h>

static void put(struct xv_canonical *c, const void *bytes, size_t n) {
    size_t room = c->capacity - XV_XL_HEADER - 1; /* the final NUL */

    if (c->overflow || c->length > room || n > room - c->length) {
        c->overflow = true;
        return;
    }
    memcpy(c->out + XV_XL_HEADER + c->length, bytes, n);
    c->length += n;
}

/* A comma between members; a value after its name has none. */
static void separate(struct xv_canonical *c) {
    if (c->named || c->depth == 0 || c->depth > XV_CANONICAL_DEPTH)
        return;
    if (c->comma[c->depth - 1])
        put(c, ",", 1);
    c->comma[c->depth - 1] = true;
}

static void open_container(struct xv_canonical *c, bool array) {
    separate(c);
    c->named = false;
    put(c, array ? "[" : "{", 1);
    if (c->depth >= XV_CANONICAL_DEPTH) {
        c->overflow = true;
        return;
    }
    c->comma[c->depth] = false;
    c->array[c->depth] = array;
    c->depth++;
}

static void close_container(struct xv_canonical *c) {
    if (c->depth == 0) {
        c->overflow = true;
        return;
    }
    c->depth--;
    put(c, c->array[c->depth] ? "]" : "}", 1);
}

void xv_canonical_token(void *context, enum xv_config_token token, uint64_t start, uint64_t end) {
    struct xv_canonical *c = context;

    switch (token) {
    case XV_TOKEN_OBJECT:
    case XV_TOKEN_ARRAY:
        open_container(c, token == XV_TOKEN_ARRAY);
        break;
    case XV_TOKEN_CLOSE:
        close_container(c);
        break;
    case XV_TOKEN_NAME:
        separate(c);
        put(c, c->held + start, (size_t)(end - start));
        put(c, ":", 1);
        c->named = true;
        break;
    case XV_TOKEN_VALUE:
    default:
        separate(c);
        c->named = false;
        put(c, c->held + start, (size_t)(end - start));
        break;
    }
}

static void put_u32(uint8_t *to, size_t value) {
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

size_t xv_canonical_finish(struct xv_canonical *c, const uint8_t *held, size_t n) {
    const size_t lengths = 44; /* optional_data_len, then config_len */

    if (c->overflow || c->depth != 0 || c->length == 0 || n < XV_XL_HEADER)
        return 0;
    memcpy(c->out, held, lengths);
    c->out[XV_XL_HEADER + c->length] = 0;
    put_u32(c->out + lengths, c->length + 1 + 4);
    put_u32(c->out + lengths + 4, c->length + 1);
    return XV_XL_HEADER + c->length + 1;
}
