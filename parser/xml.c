/* SPDX-License-Identifier: MIT */
#include "xml.h"

#include <string.h>

enum state {
    S_OUTSIDE, /* before the root element, or after it */
    S_CONTENT, /* inside an element */
    S_OPEN,    /* after < */
    S_BANG,    /* after <! */
    S_BANG_DASH,
    S_COMMENT,
    S_COMMENT_DASH,
    S_COMMENT_END, /* after --, which only > may follow */
    S_NAME,        /* of a start tag */
    S_TAG,         /* in a start tag, where an attribute may begin */
    S_ATTRIBUTE,   /* its name */
    S_EQUALS,      /* white space after it */
    S_QUOTE,       /* after = */
    S_VALUE,
    S_VALUE_END, /* after the closing quote: white space or the end of the tag */
    S_EMPTY,     /* after the / of an empty element */
    S_END_NAME,
    S_END_SPACE,
    S_UTF8,
    S_REFERENCE, /* after & */
    S_ENTITY,
    S_NUMBER, /* after &# */
    S_DECIMAL,
    S_HEXADECIMAL,
    S_FAILED,
};

static enum xv_xml_event fail(struct xv_xml *x, enum xv_code code) {
    x->state = S_FAILED;
    x->error = code;
    return XV_XML_ERROR;
}

static enum xv_xml_event go(struct xv_xml *x, enum state state) {
    x->state = state;
    return XV_XML_NONE;
}

static bool is_space(uint8_t c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool begins_name(uint8_t c) {
    return is_letter(c) || c == '_' || c == ':';
}

static bool in_name(uint8_t c) {
    return begins_name(c) || is_digit(c) || c == '-' || c == '.';
}

/* Outside, or inside the innermost element. */
static enum state between(const struct xv_xml *x) {
    return x->depth > 0 ? S_CONTENT : S_OUTSIDE;
}

static void clear_text(struct xv_xml *x) {
    memset(x->text, 0, sizeof(x->text));
    x->text_len = 0;
    x->brackets = 0;
}

/* One octet of a value or of text; its length is bounded by that of the document. */
static void put(struct xv_xml *x, uint8_t c) {
    uint32_t n = x->text_len;

    if (n < XV_XML_KEPT)
        x->text[n] = c < 0x80 ? c : '?';
    if (n < UINT32_MAX)
        x->text_len = n + 1;
}

static enum xv_xml_event begin_name(struct xv_xml *x, uint8_t c, enum state state) {
    memset(x->name, 0, sizeof(x->name));
    x->name[0] = c;
    x->name_len = 1;
    return go(x, state);
}

static enum xv_xml_event more_name(struct xv_xml *x, uint8_t c) {
    uint32_t n = x->name_len;

    if (n >= XV_XML_NAME - 1)
        return fail(x, XV_XML_LENGTH);
    x->name[n] = c;
    x->name_len = n + 1;
    return XV_XML_NONE;
}

static enum xv_xml_event utf8_lead(struct xv_xml *x, uint8_t c) {
    x->back = x->state;
    return xv_utf8_lead(&x->utf8, c) ? go(x, S_UTF8) : fail(x, XV_XML_UTF8);
}

/* U+FFFE and U+FFFF are no characters of XML. */
static enum xv_xml_event utf8_more(struct xv_xml *x, uint8_t c) {
    if (!xv_utf8_more(&x->utf8, c))
        return fail(x, XV_XML_UTF8);
    if (x->tail == 0xefbfbe || x->tail == 0xefbfbf)
        return fail(x, XV_XML_CHARACTER);
    x->state = x->utf8.more > 0 ? (uint32_t)S_UTF8 : x->back;
    return XV_XML_NONE;
}

/* White space, comments and one element. */
static enum xv_xml_event outside_octet(struct xv_xml *x, uint8_t c, uint64_t at) {
    if (is_space(c))
        return XV_XML_NONE;
    if (c != '<')
        return fail(x, XV_XML_ROOT);
    x->start = at;
    return go(x, S_OPEN);
}

static enum xv_xml_event content_octet(struct xv_xml *x, uint8_t c, uint64_t at) {
    if (c == '<') {
        x->start = at;
        return go(x, S_OPEN);
    }
    if (c == '>' && x->brackets >= 2)
        return fail(x, XV_XML_SYNTAX);
    x->brackets = c != ']' ? 0 : x->brackets < 2 ? x->brackets + 1 : 2;
    if (c == '&') {
        x->back = S_CONTENT;
        return go(x, S_REFERENCE);
    }
    put(x, c);
    return c < 0x80 ? XV_XML_NONE : utf8_lead(x, c);
}

/* After <: a tag or a comment. */
static enum xv_xml_event open_octet(struct xv_xml *x, uint8_t c) {
    if (c == '!')
        return go(x, S_BANG);
    if (c == '?')
        return fail(x, XV_XML_INSTRUCTION);
    if (c == '/') {
        if (x->depth == 0)
            return fail(x, XV_XML_NESTING);
        x->name_len = 0;
        memset(x->name, 0, sizeof(x->name));
        return go(x, S_END_NAME);
    }
    if (!begins_name(c))
        return fail(x, XV_XML_SYNTAX);
    if (x->depth == 0 && x->elements > 0)
        return fail(x, XV_XML_ROOT);
    if (x->depth >= XV_XML_MAX_DEPTH)
        return fail(x, XV_XML_DEPTH);
    if (x->elements >= XV_XML_MAX_ELEMENTS)
        return fail(x, XV_XML_ELEMENTS);
    x->elements++;
    return begin_name(x, c, S_NAME);
}

static enum xv_xml_event comment_octet(struct xv_xml *x, uint8_t c) {
    switch (x->state) {
    case S_BANG:
        return c == '-' ? go(x, S_BANG_DASH) : fail(x, XV_XML_MARKUP);
    case S_BANG_DASH:
        return c == '-' ? go(x, S_COMMENT) : fail(x, XV_XML_MARKUP);
    case S_COMMENT_END:
        return c == '>' ? go(x, between(x)) : fail(x, XV_XML_SYNTAX);
    case S_COMMENT_DASH:
        if (c == '-')
            return go(x, S_COMMENT_END);
        x->state = S_COMMENT;
        break;
    default:
        break;
    }
    if (c == '-')
        return go(x, S_COMMENT_DASH);
    return c < 0x80 ? XV_XML_NONE : utf8_lead(x, c);
}

/* Where an attribute may begin, or the start tag end. */
static enum xv_xml_event tag_octet(struct xv_xml *x, uint8_t c) {
    if (is_space(c))
        return go(x, S_TAG);
    if (c == '/')
        return go(x, S_EMPTY);
    if (c == '>') {
        clear_text(x);
        return go(x, S_CONTENT);
    }
    if (!begins_name(c) || x->state != S_TAG)
        return fail(x, XV_XML_SYNTAX);
    if (x->count >= XV_XML_MAX_ATTRIBUTES)
        return fail(x, XV_XML_ELEMENTS);
    return begin_name(x, c, S_ATTRIBUTE);
}

/* The name of a start tag, and the octet after it. */
static enum xv_xml_event name_octet(struct xv_xml *x, uint8_t c) {
    uint32_t depth = x->depth;

    if (in_name(c))
        return more_name(x, c);
    if (depth >= XV_XML_MAX_DEPTH)
        return fail(x, XV_XML_DEPTH);
    memcpy(x->names[depth], x->name, sizeof(x->name));
    x->depth = depth + 1;
    x->count = 0;
    x->leaf = 1;
    clear_text(x);
    return tag_octet(x, c) == XV_XML_ERROR ? XV_XML_ERROR : XV_XML_ELEMENT;
}

/* The name of an attribute is over. */
static enum xv_xml_event attribute_done(struct xv_xml *x, enum state state) {
    uint32_t count = x->count;

    for (uint32_t i = 0; i < count && i < XV_XML_MAX_ATTRIBUTES; i++) {
        if (memcmp(x->attributes[i], x->name, sizeof(x->name)) == 0)
            return fail(x, XV_XML_DUPLICATE);
    }
    if (count >= XV_XML_MAX_ATTRIBUTES)
        return fail(x, XV_XML_ELEMENTS);
    memcpy(x->attributes[count], x->name, sizeof(x->name));
    x->count = count + 1;
    return go(x, state);
}

static enum xv_xml_event attribute_octet(struct xv_xml *x, uint8_t c) {
    if (x->state == S_ATTRIBUTE && in_name(c))
        return more_name(x, c);
    if (x->state == S_ATTRIBUTE && (c == '=' || is_space(c)))
        return attribute_done(x, c == '=' ? S_QUOTE : S_EQUALS);
    if (x->state != S_ATTRIBUTE && is_space(c))
        return XV_XML_NONE;
    if (x->state == S_EQUALS && c == '=')
        return go(x, S_QUOTE);
    if (x->state != S_QUOTE || (c != '"' && c != '\''))
        return fail(x, XV_XML_SYNTAX);
    x->quote = c;
    clear_text(x);
    return go(x, S_VALUE);
}

static enum xv_xml_event value_octet(struct xv_xml *x, uint8_t c) {
    if (c == x->quote) {
        x->state = S_VALUE_END;
        return XV_XML_ATTRIBUTE;
    }
    if (c == '<')
        return fail(x, XV_XML_SYNTAX);
    if (c == '&') {
        x->back = S_VALUE;
        return go(x, S_REFERENCE);
    }
    put(x, c);
    return c < 0x80 ? XV_XML_NONE : utf8_lead(x, c);
}

/* The innermost element is over. */
static enum xv_xml_event leave(struct xv_xml *x) {
    uint32_t depth = x->depth;

    if (depth == 0)
        return fail(x, XV_XML_NESTING);
    x->depth = depth - 1;
    x->left_one = 1;
    x->state = between(x);
    return XV_XML_LEAVE;
}

static enum xv_xml_event empty_octet(struct xv_xml *x, uint8_t c) {
    if (c != '>')
        return fail(x, XV_XML_SYNTAX);
    clear_text(x);
    return leave(x);
}

static enum xv_xml_event end_octet(struct xv_xml *x, uint8_t c) {
    uint32_t depth = x->depth;

    if (x->state == S_END_NAME && (x->name_len == 0 ? begins_name(c) : in_name(c)))
        return more_name(x, c);
    if (depth == 0 || depth > XV_XML_MAX_DEPTH || memcmp(x->names[depth - 1], x->name, sizeof(x->name)) != 0)
        return fail(x, XV_XML_NESTING);
    if (c == '>')
        return leave(x);
    return is_space(c) ? go(x, S_END_SPACE) : fail(x, XV_XML_SYNTAX);
}

/* What a reference stands for goes to where it stood. */
static enum xv_xml_event refer(struct xv_xml *x, uint32_t value) {
    put(x, value < 0x80 ? (uint8_t)(value & 0x7f) : '?');
    x->state = x->back;
    return XV_XML_NONE;
}

static bool is_character(uint32_t v) {
    if (v < 0x20)
        return v == '\t' || v == '\n' || v == '\r';
    return v <= 0xd7ff || (v >= 0xe000 && v <= 0xfffd) || (v >= 0x10000 && v <= 0x10ffff);
}

static enum xv_xml_event entity_done(struct xv_xml *x) {
    static const struct {
        uint8_t name[XV_XML_NAME];
        uint8_t value;
    } entities[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};

    for (uint32_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
        if (memcmp(entities[i].name, x->name, sizeof(x->name)) == 0)
            return refer(x, entities[i].value);
    }
    return fail(x, XV_XML_ENTITY);
}

/* The digits of a numeric reference; eight are enough for any character. */
static enum xv_xml_event number_octet(struct xv_xml *x, uint8_t c) {
    uint32_t radix = x->state == S_HEXADECIMAL ? 16 : 10, digit = 16, value = x->value;

    if (c == ';')
        return x->digits > 0 && is_character(value) ? refer(x, value) : fail(x, XV_XML_ENTITY);
    if (is_digit(c))
        digit = (uint32_t)c - '0';
    else if (is_letter(c))
        digit = (c | 0x20u) - 'a' + 10;
    if (digit >= radix || x->digits >= 8 || value > 0x10ffff)
        return fail(x, XV_XML_ENTITY);
    x->value = value * radix + digit;
    x->digits++;
    return XV_XML_NONE;
}

static enum xv_xml_event reference_octet(struct xv_xml *x, uint8_t c) {
    x->value = 0;
    x->digits = 0;
    switch (x->state) {
    case S_REFERENCE:
        if (c == '#')
            return go(x, S_NUMBER);
        return is_letter(c) ? begin_name(x, c, S_ENTITY) : fail(x, XV_XML_ENTITY);
    case S_ENTITY:
        if (c == ';')
            return entity_done(x);
        return is_letter(c) ? more_name(x, c) : fail(x, XV_XML_ENTITY);
    default: /* S_NUMBER */
        if (c == 'x')
            return go(x, S_HEXADECIMAL);
        x->state = S_DECIMAL;
        return number_octet(x, c);
    }
}

void xv_xml_begin(struct xv_xml *x, uint32_t length) {
    memset(x, 0, sizeof(*x));
    x->left = length;
    x->state = S_OUTSIDE;
}

/* The NUL that ends the declared length: the document must be over. */
static enum xv_xml_event last_octet(struct xv_xml *x) {
    if (x->state != S_OUTSIDE || x->elements == 0)
        return fail(x, x->elements == 0 ? XV_XML_ROOT : XV_XML_SYNTAX);
    x->complete = true;
    return XV_XML_NONE;
}

/* Exactly one NUL, as the very last octet (libvirt 1), and no other control character but white space. */
static bool count_octet(struct xv_xml *x, uint8_t c) {
    uint32_t left = x->left;

    if (left == 0 || (c == 0) != (left == 1)) {
        fail(x, XV_XML_NUL);
        return false;
    }
    x->left = left - 1;
    if (c < 0x20 && c != 0 && !is_space(c)) {
        fail(x, XV_XML_CHARACTER);
        return false;
    }
    x->tail = (x->tail << 8 & 0xffff00u) | c;
    return true;
}

static enum xv_xml_event take(struct xv_xml *x, uint8_t c, uint64_t at) {
    switch (x->state) {
    case S_OUTSIDE:
        return outside_octet(x, c, at);
    case S_CONTENT:
        return content_octet(x, c, at);
    case S_OPEN:
        return open_octet(x, c);
    case S_NAME:
        return name_octet(x, c);
    case S_TAG:
    case S_VALUE_END:
        return tag_octet(x, c);
    case S_ATTRIBUTE:
    case S_EQUALS:
    case S_QUOTE:
        return attribute_octet(x, c);
    case S_VALUE:
        return value_octet(x, c);
    case S_EMPTY:
        return empty_octet(x, c);
    case S_END_NAME:
    case S_END_SPACE:
        return end_octet(x, c);
    case S_UTF8:
        return utf8_more(x, c);
    case S_REFERENCE:
    case S_ENTITY:
    case S_NUMBER:
        return reference_octet(x, c);
    case S_DECIMAL:
    case S_HEXADECIMAL:
        return number_octet(x, c);
    default:
        return comment_octet(x, c);
    }
}

enum xv_xml_event xv_xml_octet(struct xv_xml *x, uint8_t c, uint64_t at) {
    if (x->state == S_FAILED || !count_octet(x, c))
        return XV_XML_ERROR;
    if (x->left_one != 0) { /* what follows belongs to the parent, which has more than text */
        x->left_one = 0;
        x->leaf = 0;
        clear_text(x);
    }
    return c == 0 ? last_octet(x) : take(x, c, at);
}
