/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <string.h>

enum state {
    S_START,       /* nothing but white space yet */
    S_FIRST_NAME,  /* after { */
    S_NAME,        /* after a comma in an object */
    S_COLON,       /* after a name */
    S_FIRST_VALUE, /* after [ */
    S_VALUE,       /* after a colon, or a comma in an array */
    S_STRING,
    S_UTF8,       /* inside a sequence of several octets */
    S_ESCAPE,     /* after a backslash */
    S_HEX,        /* inside the digits of \u */
    S_LOW_ESCAPE, /* after a high surrogate: its low one must follow, as \uXXXX */
    S_LOW_U,
    S_LITERAL,
    S_MINUS,
    S_ZERO, /* after a leading 0 */
    S_INTEGER,
    S_AFTER, /* after a value in a container */
    S_DONE,  /* after the document */
    S_FAILED,
};

struct literal {
    char letters[6];
    uint32_t length;
    enum xv_json_event event;
};

static const struct literal literals[3] = {
    {"true", 4, XV_EVENT_TRUE},
    {"false", 5, XV_EVENT_FALSE},
    {"null", 4, XV_EVENT_NULL},
};

static enum xv_json_event fail(struct xv_json *j, enum xv_code code) {
    j->state = S_FAILED;
    j->error = code;
    return XV_EVENT_ERROR;
}

static enum xv_json_event go(struct xv_json *j, enum state state) {
    j->state = state;
    return XV_EVENT_NONE;
}

static bool is_space(uint8_t c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}

/* The value of a hexadecimal digit, or 16. */
static uint32_t hex_value(uint8_t c) {
    if (is_digit(c))
        return (uint32_t)c - '0';
    if (c >= 'a' && c <= 'f')
        return (uint32_t)c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return (uint32_t)c - 'A' + 10;
    return 16;
}

static uint32_t alphabet_of(uint8_t c) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    bool joint = c == '.' || c == ':';
    uint32_t bits = 0;

    if (letter || is_digit(c) || joint || c == '_' || c == '+' || c == '-')
        bits |= XV_ALPHABET_WORD;
    if (hex_value(c) < 16 || joint || c == '[' || c == ']')
        bits |= XV_ALPHABET_ADDRESS;
    if (c == '0' || c == '1' || c == 'x' || c == 'k' || c == 's')
        bits |= XV_ALPHABET_MASK;
    if (c != '/' && c >= 0x20 && c != 0x7f)
        bits |= XV_ALPHABET_LEAF;
    return bits;
}

/* Adds one decoded octet to the string. */
static bool put(struct xv_json *j, uint8_t octet) {
    uint32_t n = j->text_len;

    if (n >= (j->is_name ? XV_JSON_MAX_NAME : XV_JSON_MAX_STRING)) {
        fail(j, XV_JSON_STRING);
        return false;
    }
    if (j->alphabet != 0)
        j->alphabet &= alphabet_of(octet);
    if (n < XV_JSON_KEPT)
        j->text[n] = octet;
    j->text_len = n + 1;
    return true;
}

static enum xv_json_event put_and_go(struct xv_json *j, uint8_t octet, enum state state) {
    return put(j, octet) ? go(j, state) : XV_EVENT_ERROR;
}

/* Adds a Unicode scalar value, as UTF-8. */
static enum xv_json_event put_scalar(struct xv_json *j, uint32_t v) {
    bool ok;

    if (v < 0x80)
        ok = put(j, (uint8_t)v);
    else if (v < 0x800)
        ok = put(j, (uint8_t)(0xc0 | ((v >> 6) & 0x1f))) && put(j, (uint8_t)(0x80 | (v & 0x3f)));
    else if (v < 0x10000)
        ok = put(j, (uint8_t)(0xe0 | ((v >> 12) & 0xf))) && put(j, (uint8_t)(0x80 | ((v >> 6) & 0x3f))) &&
             put(j, (uint8_t)(0x80 | (v & 0x3f)));
    else
        ok = put(j, (uint8_t)(0xf0 | ((v >> 18) & 7))) && put(j, (uint8_t)(0x80 | ((v >> 12) & 0x3f))) &&
             put(j, (uint8_t)(0x80 | ((v >> 6) & 0x3f))) && put(j, (uint8_t)(0x80 | (v & 0x3f)));
    return ok ? go(j, S_STRING) : XV_EVENT_ERROR;
}

static enum xv_json_event utf8_lead(struct xv_json *j, uint8_t c) {
    return xv_utf8_lead(&j->utf8, c) ? put_and_go(j, c, S_UTF8) : fail(j, XV_JSON_UTF8);
}

static enum xv_json_event utf8_more(struct xv_json *j, uint8_t c) {
    if (!xv_utf8_more(&j->utf8, c))
        return fail(j, XV_JSON_UTF8);
    return put_and_go(j, c, j->utf8.more > 0 ? S_UTF8 : S_STRING);
}

static enum xv_json_event string_octet(struct xv_json *j, uint8_t c, uint64_t at) {
    if (c == '"') {
        j->end = at + 1;
        j->state = j->is_name ? S_COLON : S_AFTER;
        return j->is_name ? XV_EVENT_NAME : XV_EVENT_STRING;
    }
    if (c == '\\')
        return go(j, S_ESCAPE);
    if (c < 0x20)
        return fail(j, XV_JSON_SYNTAX);
    if (c >= 0x80)
        return utf8_lead(j, c);
    return put_and_go(j, c, S_STRING);
}

static enum xv_json_event escape_octet(struct xv_json *j, uint8_t c) {
    switch (c) {
    case '"':
    case '\\':
    case '/':
        return put_and_go(j, c, S_STRING);
    case 'b':
        return put_and_go(j, '\b', S_STRING);
    case 'f':
        return put_and_go(j, '\f', S_STRING);
    case 'n':
        return put_and_go(j, '\n', S_STRING);
    case 'r':
        return put_and_go(j, '\r', S_STRING);
    case 't':
        return put_and_go(j, '\t', S_STRING);
    case 'u':
        j->digits = 4;
        j->unit = 0;
        return go(j, S_HEX);
    default:
        return fail(j, XV_JSON_SYNTAX);
    }
}

/* A complete \uXXXX. */
static enum xv_json_event unit_done(struct xv_json *j) {
    uint32_t unit = j->unit & 0xffff, lead = j->lead;

    j->lead = 0;
    if (lead) {
        if (unit < 0xdc00 || unit > 0xdfff)
            return fail(j, XV_JSON_UTF8);
        return put_scalar(j, 0x10000 + ((lead & 0x3ff) << 10) + (unit & 0x3ff));
    }
    if (unit >= 0xdc00 && unit <= 0xdfff)
        return fail(j, XV_JSON_UTF8);
    if (unit >= 0xd800 && unit <= 0xdbff) {
        j->lead = unit;
        return go(j, S_LOW_ESCAPE);
    }
    if (unit == 0) /* libxl would cut the string there (xl 1.3) */
        return fail(j, XV_JSON_NUL);
    return put_scalar(j, unit);
}

static enum xv_json_event hex_octet(struct xv_json *j, uint8_t c) {
    uint32_t value = hex_value(c), digits = j->digits;

    if (value > 15)
        return fail(j, XV_JSON_SYNTAX);
    j->unit = ((j->unit & 0xfff) << 4) | value;
    j->digits = digits > 0 ? digits - 1 : 0;
    return digits > 1 ? XV_EVENT_NONE : unit_done(j);
}

static enum xv_json_event low_escape_octet(struct xv_json *j, uint8_t c) {
    if (c != (j->state == S_LOW_ESCAPE ? '\\' : 'u'))
        return fail(j, XV_JSON_UTF8);
    if (j->state == S_LOW_ESCAPE)
        return go(j, S_LOW_U);
    j->digits = 4;
    j->unit = 0;
    return go(j, S_HEX);
}

static enum xv_json_event literal_octet(struct xv_json *j, uint8_t c, uint64_t at) {
    uint32_t which = j->literal, letter = j->letter;

    if (which >= 3 || letter >= 6 || c != (uint8_t)literals[which].letters[letter])
        return fail(j, XV_JSON_SYNTAX);
    j->letter = letter + 1;
    if (letter + 1 < literals[which].length)
        return XV_EVENT_NONE;
    j->end = at + 1;
    j->state = S_AFTER;
    return literals[which].event;
}

/* An octet inside a number, or the one after it. Only integers are known to a configuration. */
static enum xv_json_event number_octet(struct xv_json *j, uint8_t c, uint64_t at) {
    uint64_t magnitude = j->magnitude, digit = (uint64_t)c & 15, limit = j->negative ? (uint64_t)1 << 63 : UINT64_MAX;

    if (is_digit(c)) {
        if (j->state == S_ZERO)
            return fail(j, XV_JSON_SYNTAX);
        if (magnitude > limit / 10 || digit > limit - magnitude * 10)
            return fail(j, XV_JSON_NUMBER);
        j->magnitude = magnitude * 10 + digit;
        return go(j, j->state == S_MINUS && c == '0' ? S_ZERO : S_INTEGER);
    }
    if (j->state == S_MINUS)
        return fail(j, XV_JSON_SYNTAX);
    if (c == '.' || c == 'e' || c == 'E')
        return fail(j, XV_JSON_NUMBER);
    j->again = true;
    j->end = at;
    j->state = S_AFTER;
    return XV_EVENT_INTEGER;
}

static void begin_string(struct xv_json *j, bool is_name, uint64_t at) {
    memset(j->text, 0, sizeof(j->text));
    j->text_len = 0;
    j->alphabet = XV_ALPHABET_WORD | XV_ALPHABET_ADDRESS | XV_ALPHABET_MASK | XV_ALPHABET_LEAF;
    j->is_name = is_name;
    j->lead = 0;
    j->start = at;
    j->state = S_STRING;
}

static enum xv_json_event open_container(struct xv_json *j, bool is_object) {
    uint32_t depth = j->depth;

    if (depth >= XV_JSON_MAX_DEPTH)
        return fail(j, XV_JSON_DEPTH);
    j->is_object[depth] = is_object;
    j->depth = depth + 1;
    j->state = is_object ? S_FIRST_NAME : S_FIRST_VALUE;
    return is_object ? XV_EVENT_OBJECT : XV_EVENT_ARRAY;
}

static enum xv_json_event begin_number(struct xv_json *j, uint8_t c) {
    j->negative = c == '-';
    j->magnitude = c == '-' ? 0 : (uint64_t)c & 15;
    if (c == '-')
        return go(j, S_MINUS);
    return go(j, c == '0' ? S_ZERO : S_INTEGER);
}

/* The first octet of a value. */
static enum xv_json_event begin_value(struct xv_json *j, uint8_t c, uint64_t at) {
    if (j->elements >= XV_JSON_MAX_ELEMENTS)
        return fail(j, XV_JSON_ELEMENTS);
    j->elements++;
    j->start = at;
    if (c == '{' || c == '[')
        return open_container(j, c == '{');
    if (c == '-' || is_digit(c))
        return begin_number(j, c);
    if (c == '"') {
        begin_string(j, false, at);
        return XV_EVENT_NONE;
    }
    if (c != 't' && c != 'f' && c != 'n')
        return fail(j, XV_JSON_SYNTAX);
    j->literal = c == 't' ? 0 : c == 'f' ? 1 : 2;
    j->letter = 1;
    return go(j, S_LITERAL);
}

/* True if the innermost container is an object. */
static bool in_object(const struct xv_json *j) {
    uint32_t depth = j->depth;

    return depth > 0 && depth <= XV_JSON_MAX_DEPTH && j->is_object[depth - 1];
}

static enum xv_json_event close_container(struct xv_json *j, uint8_t c, uint64_t at) {
    uint32_t depth = j->depth;

    if (depth == 0 || c != (in_object(j) ? '}' : ']'))
        return fail(j, XV_JSON_SYNTAX);
    j->depth = depth - 1;
    j->end = at + 1;
    j->state = depth == 1 ? S_DONE : S_AFTER;
    return XV_EVENT_LEAVE;
}

static enum xv_json_event begin_name(struct xv_json *j, uint8_t c, uint64_t at) {
    if (c != '"')
        return fail(j, XV_JSON_SYNTAX);
    begin_string(j, true, at);
    return XV_EVENT_NONE;
}

/* Between tokens, where white space may stand. */
static enum xv_json_event structure_octet(struct xv_json *j, uint8_t c, uint64_t at) {
    if (is_space(c))
        return XV_EVENT_NONE;
    switch (j->state) {
    case S_START: /* one document, an object (xl 1.3) */
        return c == '{' ? begin_value(j, c, at) : fail(j, XV_JSON_SYNTAX);
    case S_FIRST_NAME:
        return c == '}' ? close_container(j, c, at) : begin_name(j, c, at);
    case S_NAME:
        return begin_name(j, c, at);
    case S_COLON:
        return c == ':' ? go(j, S_VALUE) : fail(j, XV_JSON_SYNTAX);
    case S_FIRST_VALUE:
        return c == ']' ? close_container(j, c, at) : begin_value(j, c, at);
    case S_VALUE:
        return begin_value(j, c, at);
    case S_AFTER:
        return c == ',' ? go(j, in_object(j) ? S_NAME : S_VALUE) : close_container(j, c, at);
    case S_DONE:
        return fail(j, XV_JSON_TRAILING);
    default:
        return fail(j, XV_JSON_SYNTAX);
    }
}

/* The NUL that ends the declared length: the document must be over. */
static enum xv_json_event last_octet(struct xv_json *j) {
    if (j->state != S_DONE)
        return fail(j, XV_JSON_SYNTAX);
    j->complete = true;
    return XV_EVENT_NONE;
}

void xv_json_begin(struct xv_json *j, uint32_t length) {
    memset(j, 0, sizeof(*j));
    j->left = length;
    j->state = S_START;
}

/* Exactly one NUL, as the very last octet (xl 1.3): false if c or its place violates that. */
static bool count_octet(struct xv_json *j, uint8_t c) {
    uint32_t left = j->left;

    if (left == 0) {
        fail(j, XV_JSON_TRAILING);
        return false;
    }
    j->left = left - 1;
    if ((c == 0) != (left == 1)) {
        fail(j, XV_JSON_NUL);
        return false;
    }
    return true;
}

enum xv_json_event xv_json_octet(struct xv_json *j, uint8_t c, uint64_t at) {
    if (j->state == S_FAILED)
        return XV_EVENT_ERROR;
    if (!j->again && !count_octet(j, c))
        return XV_EVENT_ERROR;
    j->again = false;
    if (c == 0)
        return last_octet(j);
    switch (j->state) {
    case S_STRING:
        return string_octet(j, c, at);
    case S_UTF8:
        return utf8_more(j, c);
    case S_ESCAPE:
        return escape_octet(j, c);
    case S_HEX:
        return hex_octet(j, c);
    case S_LOW_ESCAPE:
    case S_LOW_U:
        return low_escape_octet(j, c);
    case S_LITERAL:
        return literal_octet(j, c, at);
    case S_MINUS:
    case S_ZERO:
    case S_INTEGER:
        return number_octet(j, c, at);
    default:
        return structure_octet(j, c, at);
    }
}
