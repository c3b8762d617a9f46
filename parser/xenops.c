/* SPDX-License-Identifier: MIT */
#include "xenops.h"

#include <string.h>

enum state {
    S_BETWEEN, /* atoms and parentheses */
    S_ATOM,
    S_QUOTED,
    S_ESCAPE, /* after a backslash */
    S_DECIMAL,
    S_AFTER, /* after a quoted atom, which a delimiter must follow */
    S_DONE,  /* after the last parenthesis */
    S_FAILED,
};

/* What a field's value is. */
enum kind { KIND_WIDTH, KIND_ATOM, KIND_EMPTY_LIST };

enum field { FIELD_NONE, WORD_SIZE, TIME, VM_STR, XS_SUBTREE, FIELDS };

static const struct {
    uint8_t name[XV_XENOPS_KEPT];
    enum kind kind;
    bool needed;
} fields[FIELDS] = {
    [WORD_SIZE] = {"word_size", KIND_WIDTH, true},
    [TIME] = {"time", KIND_ATOM, true},
    [VM_STR] = {"vm_str", KIND_ATOM, false},
    [XS_SUBTREE] = {"xs_subtree", KIND_EMPTY_LIST, false},
};

static bool fail(struct xv_xenops *x, enum xv_code code) {
    if (x->state != S_FAILED)
        x->error = code;
    x->state = S_FAILED;
    return false;
}

static bool go(struct xv_xenops *x, enum state state) {
    x->state = state;
    return true;
}

static bool is_space(uint8_t c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* What OCaml writes without quotes: printable, and nothing that begins a list, a string or a comment. */
static bool in_atom(uint8_t c) {
    return c > ' ' && c < 0x7f && c != '(' && c != ')' && c != '"' && c != ';' && c != '\\' && c != '|' && c != '#';
}

static bool put(struct xv_xenops *x, uint8_t c) {
    uint32_t n = x->length;

    if (n < XV_XENOPS_KEPT)
        x->atom[n] = c;
    if (n < UINT32_MAX)
        x->length = n + 1;
    return true;
}

static bool atom_is(const struct xv_xenops *x, const uint8_t word[XV_XENOPS_KEPT]) {
    return x->length < XV_XENOPS_KEPT && memcmp(x->atom, word, XV_XENOPS_KEPT) == 0;
}

/* The name of a field. */
static bool name_done(struct xv_xenops *x) {
    for (uint32_t i = WORD_SIZE; i < FIELDS; i++) {
        if (!atom_is(x, fields[i].name))
            continue;
        if (x->seen >> i & 1u)
            return fail(x, XV_XENOPS_REPEATED);
        x->seen |= (uint32_t)1 << i;
        x->field = i;
        return true;
    }
    return fail(x, XV_XENOPS_FIELD);
}

/* An atom is complete: the name of a field, or its value. */
static bool atom_done(struct xv_xenops *x) {
    static const uint8_t wide[XV_XENOPS_KEPT] = "64", narrow[XV_XENOPS_KEPT] = "32";
    uint32_t field = x->field;

    if (x->depth != 2)
        return fail(x, XV_XENOPS_SYNTAX);
    x->items++;
    if (x->items == 1)
        return name_done(x);
    if (x->items > 2 || field >= FIELDS || fields[field].kind == KIND_EMPTY_LIST)
        return fail(x, XV_XENOPS_VALUE);
    if (fields[field].kind == KIND_WIDTH && !atom_is(x, wide) && !atom_is(x, narrow))
        return fail(x, XV_XENOPS_WORD_SIZE);
    return true;
}

static bool open_list(struct xv_xenops *x) {
    uint32_t field = x->field;

    if (x->depth == 2) { /* the empty list that xs_subtree is */
        if (x->items != 1 || field >= FIELDS || fields[field].kind != KIND_EMPTY_LIST)
            return fail(x, XV_XENOPS_VALUE);
        x->items = 2;
    }
    if (x->depth > 2)
        return fail(x, XV_XENOPS_SUBTREE);
    if (x->depth == 1)
        x->items = 0;
    x->depth++;
    return go(x, S_BETWEEN);
}

static bool close_list(struct xv_xenops *x) {
    if (x->depth == 0)
        return fail(x, XV_XENOPS_SYNTAX);
    if (x->depth == 2 && x->items != 2)
        return fail(x, XV_XENOPS_VALUE);
    x->depth--;
    return go(x, x->depth == 0 ? S_DONE : S_BETWEEN);
}

static bool between_octet(struct xv_xenops *x, uint8_t c) {
    if (is_space(c))
        return go(x, S_BETWEEN);
    if (c == '(')
        return open_list(x);
    if (c == ')')
        return close_list(x);
    if (x->state == S_AFTER || (c != '"' && !in_atom(c)))
        return fail(x, XV_XENOPS_SYNTAX);
    if (x->depth > 2) /* nothing is known that writes a subtree, and old readers put it into xenstore */
        return fail(x, XV_XENOPS_SUBTREE);
    memset(x->atom, 0, sizeof(x->atom));
    x->length = 0;
    x->state = c == '"' ? S_QUOTED : S_ATOM;
    return c == '"' || put(x, c);
}

static bool atom_octet(struct xv_xenops *x, uint8_t c) {
    if (in_atom(c))
        return put(x, c);
    x->state = S_BETWEEN;
    return atom_done(x) && (c != '"' ? between_octet(x, c) : fail(x, XV_XENOPS_SYNTAX));
}

/* Between quotes: printable ASCII; OCaml escapes everything else. */
static bool quoted_octet(struct xv_xenops *x, uint8_t c) {
    if (c == '"') {
        x->state = S_AFTER;
        return atom_done(x);
    }
    if (c == '\\')
        return go(x, S_ESCAPE);
    return c >= ' ' && c < 0x7f ? put(x, c) : fail(x, XV_XENOPS_SYNTAX);
}

static bool escape_octet(struct xv_xenops *x, uint8_t c) {
    if (x->state == S_DECIMAL || (c >= '0' && c <= '9')) {
        if (c < '0' || c > '9')
            return fail(x, XV_XENOPS_SYNTAX);
        x->digits = x->state == S_DECIMAL ? x->digits + 1 : 1;
        x->value = (x->state == S_DECIMAL ? x->value * 10 : 0) + ((uint32_t)c - '0');
        if (x->digits < 3)
            return go(x, S_DECIMAL);
        x->state = S_QUOTED;
        return x->value <= 255 ? put(x, (uint8_t)(x->value & 0xff)) : fail(x, XV_XENOPS_SYNTAX);
    }
    if (c != '\\' && c != '"' && c != '\'' && c != 'n' && c != 't' && c != 'b' && c != 'r' && c != ' ')
        return fail(x, XV_XENOPS_SYNTAX);
    x->state = S_QUOTED;
    return put(x, '?');
}

void xv_xenops_begin(struct xv_xenops *x) {
    memset(x, 0, sizeof(*x));
}

bool xv_xenops_octet(struct xv_xenops *x, uint8_t c) {
    switch (x->state) {
    case S_BETWEEN:
    case S_AFTER:
        return between_octet(x, c);
    case S_ATOM:
        return atom_octet(x, c);
    case S_QUOTED:
        return quoted_octet(x, c);
    case S_ESCAPE:
    case S_DECIMAL:
        return escape_octet(x, c);
    case S_DONE:
        return is_space(c) || fail(x, XV_XENOPS_SYNTAX);
    default:
        return false;
    }
}

bool xv_xenops_finish(struct xv_xenops *x) {
    if (x->state != S_DONE)
        return fail(x, XV_XENOPS_SYNTAX);
    for (uint32_t i = WORD_SIZE; i < FIELDS; i++) {
        if (fields[i].needed && !(x->seen >> i & 1u))
            return fail(x, XV_XENOPS_MISSING);
    }
    return true;
}
