/* SPDX-License-Identifier: MIT */
/* What an octet of a xenstore state, or of a proposed one, is part of. */
#include <string.h>

#include "place.h"

#define HEADER 16u
#define RECORD 8u

enum { END, GLOBAL, CONNECTION, WATCH, TRANSACTION, NODE, QUOTA, DOMAIN, WATCH_EXTENDED };
enum { X_NODE = 1, X_WATCH, X_TRANSACTION, X_TRANSACTION_NODE, X_RING, X_START };

struct walk {
    const struct stream *s;
    size_t at, off, end; /* the octet that is looked for, where the walk is, the end of the record's body */
    bool big_endian, done;
    struct place *place;
};

static uint64_t get(const struct walk *w, size_t at, unsigned octets) {
    uint64_t value = 0;

    for (unsigned i = 0; i < octets; i++) {
        size_t k = at + (w->big_endian ? i : octets - 1 - i);

        value = value << 8 | (k < w->s->size ? w->s->bytes[k] : 0);
    }
    return value;
}

/* Moves past n octets; true, and the place is known, if the octet is among them. */
static bool past(struct walk *w, size_t n, enum place_kind kind, uint32_t type) {
    if (w->done)
        return true;
    if (w->at < w->off || w->at - w->off >= n) {
        w->off += n;
        return false;
    }
    w->place->kind = kind;
    w->place->type = type;
    w->place->offset = w->at - w->off;
    w->done = true;
    return true;
}

/* n octets of a string and, if it has one, its NUL. */
static void text(struct walk *w, size_t n, enum place_kind kind, uint32_t type, bool nul) {
    if (!past(w, n, kind, type) && nul)
        (void)past(w, 1, PLACE_XENSTORE_REST, type);
}

static void permissions(struct walk *w, size_t n, uint32_t type) {
    for (size_t i = 0; i < n && !w->done; i++)
        (void)past(w, 4, PLACE_XENSTORE_PERMISSION, type);
}

static void connection(struct walk *w) {
    size_t in = get(w, w->off + 16, 2), rest = get(w, w->off + 18, 2), out = get(w, w->off + 20, 4);
    size_t unique = get(w, w->off + 6, 2) & 1 ? 8 : 0;

    if (past(w, 24, PLACE_XENSTORE_HEAD, CONNECTION))
        return;
    for (size_t end = w->off + in; !w->done && end - w->off >= 16 && w->off < end;) {
        size_t body = get(w, w->off + 12, 4), left = end - w->off - 16;

        (void)past(w, 16, PLACE_XENSTORE_MESSAGE, CONNECTION);
        (void)past(w, body < left ? body : left, PLACE_XENSTORE_REST, CONNECTION);
        if (body >= left && left < 16)
            (void)past(w, end - w->off, PLACE_XENSTORE_REST, CONNECTION);
    }
    (void)past(w, rest, PLACE_XENSTORE_REST, CONNECTION);
    for (size_t end = w->off + out - rest; !w->done && w->off < end;) {
        size_t body = get(w, w->off + 12, 4);

        (void)past(w, 16, PLACE_XENSTORE_MESSAGE, CONNECTION);
        (void)past(w, body, PLACE_XENSTORE_REST, CONNECTION);
    }
    if (!w->done && w->end - w->off > unique)
        (void)past(w, w->end - w->off - unique, PLACE_XENSTORE_REST, CONNECTION);
    (void)past(w, unique, PLACE_XENSTORE_UNIQUE, CONNECTION);
}

static void watch(struct walk *w, uint32_t type) {
    size_t path = get(w, w->off + 4, 2), token = get(w, w->off + 6, 2);

    if (past(w, 8, PLACE_XENSTORE_HEAD, type))
        return;
    if (type == WATCH_EXTENDED && get(w, w->off + 2, 2) == 0) {
        (void)past(w, 4, PLACE_XENSTORE_DEPTH, type);
    } else if (type == WATCH_EXTENDED && w->s->bytes[w->off] >= '-' && w->s->bytes[w->off + path - 1] == 0 &&
               w->s->bytes[w->off + path + token - 1] == 0) {
        w->end = w->off + (path + token + 7) / 8 * 8; /* as xenstored 4.22 writes it */
    } else if (type == WATCH_EXTENDED) {
        (void)past(w, 2, PLACE_XENSTORE_DEPTH, type);
    }
    text(w, path - 1, PLACE_XENSTORE_PATH, type, true);
    text(w, token - 1, PLACE_XENSTORE_TOKEN, type, true);
}

static void node(struct walk *w) {
    size_t path = get(w, w->off + 8, 2), value = get(w, w->off + 10, 2), perms = get(w, w->off + 14, 2);

    if (past(w, 16, PLACE_XENSTORE_HEAD, NODE))
        return;
    permissions(w, perms, NODE);
    text(w, path - 1, PLACE_XENSTORE_PATH, NODE, true);
    (void)past(w, value, PLACE_XENSTORE_REST, NODE);
}

static void quotas(struct walk *w, uint32_t type) {
    size_t n = type == QUOTA ? get(w, w->off, 2) + get(w, w->off + 2, 2) : get(w, w->off + 2, 2);

    if (past(w, type == QUOTA ? 4 : 8, PLACE_XENSTORE_HEAD, type) || past(w, 4 * n, PLACE_XENSTORE_VALUE, type))
        return;
    for (size_t i = 0; i < n && !w->done; i++)
        text(w, strlen((const char *)w->s->bytes + w->off), PLACE_XENSTORE_NAME, type, true);
}

static void body(struct walk *w, uint32_t type) {
    if (type == CONNECTION)
        connection(w);
    else if (type == WATCH || type == WATCH_EXTENDED)
        watch(w, type);
    else if (type == NODE)
        node(w);
    else if (type == QUOTA || type == DOMAIN)
        quotas(w, type);
    else
        (void)past(w, w->end - w->off, PLACE_XENSTORE_HEAD, type);
}

/* A field of a proposed record: its length, its octets, its padding. */
static void padded(struct walk *w, enum place_kind kind, uint32_t type) {
    size_t n = get(w, w->off, 4);

    if (past(w, 4, PLACE_XENSTORE_LENGTH, type) || past(w, n, kind, type))
        return;
    (void)past(w, (4 - n % 4) % 4, PLACE_XENSTORE_REST, type);
}

static void proposed(struct walk *w) {
    uint32_t type = PLACE_XENSTORE_2020 + (uint32_t)get(w, w->off, 4);

    (void)past(w, 4, PLACE_XENSTORE_HEAD, type);
    switch (type - PLACE_XENSTORE_2020) {
    case X_WATCH:
        padded(w, PLACE_XENSTORE_PATH, type);
        padded(w, PLACE_XENSTORE_TOKEN, type);
        return;
    case X_TRANSACTION_NODE:
        (void)past(w, 4, PLACE_XENSTORE_NUMBER, type);
        __attribute__((fallthrough));
    case X_NODE:
        padded(w, PLACE_XENSTORE_PATH, type);
        if (!w->done) {
            size_t perms = get(w, w->off, 4);

            (void)past(w, 4, PLACE_XENSTORE_HEAD, type);
            permissions(w, perms, type);
            padded(w, PLACE_XENSTORE_REST, type);
        }
        return;
    case X_RING:
        padded(w, PLACE_XENSTORE_REST, type);
        return;
    default:
        (void)past(w, 4, PLACE_XENSTORE_NUMBER, type);
    }
}

void xenstore_place(const struct stream *s, size_t at, bool proposal, struct place *place) {
    struct walk w = {.s = s, .at = at, .place = place};

    w.big_endian = !proposal && s->size > 15 && s->bytes[15] == 1;
    (void)past(&w, HEADER, PLACE_XENSTORE, 0);
    while (!w.done && w.off < s->size) {
        uint32_t type = (uint32_t)get(&w, w.off, 4);

        w.end = w.off + RECORD + get(&w, w.off + 4, 4);
        place->record = w.off;
        if (past(&w, RECORD, PLACE_XENSTORE_RECORD, type))
            break;
        if (proposal && type != END)
            proposed(&w);
        else
            body(&w, type);
        if (!w.done && w.end > w.off)
            (void)past(&w, w.end - w.off, PLACE_XENSTORE_REST, type);
        if (!w.done && (w.end - HEADER) % 8) /* lengths that do not count their padding */
            (void)past(&w, 8 - (w.end - HEADER) % 8, PLACE_XENSTORE_REST, type);
    }
}
