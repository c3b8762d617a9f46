/* SPDX-License-Identifier: MIT */
#include "config_value.h"

#include <string.h>

#include "state.h"

#define MAX_BIT  16384u /* host CPUs and nodes that a Xen can be built for */
#define MAX_NAME 200u   /* libxl puts the name into names of log files, which may have 255 octets */

bool xv_config_fits(uint32_t kind, enum xv_json_event event) {
    switch (kind) {
    case XV_KIND_OBJECT:
        return event == XV_EVENT_OBJECT;
    case XV_KIND_ARRAY:
        return event == XV_EVENT_ARRAY;
    case XV_KIND_STRING:
    case XV_KIND_WORD:
    case XV_KIND_ADDRESS:
    case XV_KIND_LISTED:
    case XV_KIND_NAME:
        return event == XV_EVENT_STRING || event == XV_EVENT_NULL;
    case XV_KIND_ENUM:
    case XV_KIND_UUID:
    case XV_KIND_MAC:
    case XV_KIND_MASK32:
    case XV_KIND_MASK64:
        return event == XV_EVENT_STRING;
    case XV_KIND_DEFBOOL:
        return event == XV_EVENT_STRING || event == XV_EVENT_TRUE || event == XV_EVENT_FALSE;
    case XV_KIND_BOOL:
        return event == XV_EVENT_TRUE || event == XV_EVENT_FALSE;
    case XV_KIND_S32:
    case XV_KIND_U8:
    case XV_KIND_U32:
    case XV_KIND_U64:
    case XV_KIND_KB:
    case XV_KIND_BIT:
        return event == XV_EVENT_INTEGER;
    default:
        return false;
    }
}

static bool out_of_range(struct xv_parser *p) {
    return xv_reject(p, XV_CONFIG_RANGE, p->config.json.start);
}

/* True if the string is the word, of n octets. */
static bool text_is(const struct xv_json *j, const char *word, uint32_t n) {
    return n <= XV_JSON_KEPT && j->text_len == n && memcmp(j->text, word, n) == 0;
}

static bool is_hex(uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_uuid(const struct xv_json *j) {
    if (j->text_len != 36)
        return false;
    for (uint32_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? j->text[i] != '-' : !is_hex(j->text[i]))
            return false;
    }
    return true;
}

static bool is_mac(const struct xv_json *j) {
    if (j->text_len != 17)
        return false;
    for (uint32_t i = 0; i < 17; i++) {
        if (i % 3 == 2 ? j->text[i] != ':' : !is_hex(j->text[i]))
            return false;
    }
    return true;
}

/* Position of the string in a list of words, XV_CONFIG_WORDS if it is none; libxl ignores case. */
static uint32_t find_word(const struct xv_json *j, uint32_t list) {
    uint8_t word[XV_CONFIG_WORD] = {0};

    if (j->text_len >= XV_CONFIG_WORD)
        return XV_CONFIG_WORDS;
    for (uint32_t i = 0; i < XV_CONFIG_WORD; i++) {
        uint8_t c = j->text[i];

        word[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
    }
    return xv_config_word(list, word, j->text_len);
}

/* c_info.type (libxl 3): the types that a stream can hold. */
static void use_type(struct xv_parser *p, uint32_t word) {
    static const char names[4][8] = {"", "hvm", "pv", "pvh"};
    uint32_t type = word < 3 ? word + 1 : 0;

    p->config.type = type;
    memcpy(p->sum.config_type, names[type], sizeof(p->sum.config_type));
}

static bool check_enum(struct xv_parser *p, const struct xv_config_field *field, bool *harmless) {
    uint32_t word = find_word(&p->config.json, field->ref);

    if (word >= XV_CONFIG_WORDS)
        return out_of_range(p);
    if (field->use == XV_USE_TYPE)
        use_type(p, word);
    *harmless = word < field->harmless || field->code == XV_ACCEPTED;
    return true;
}

static bool check_defbool(struct xv_parser *p, enum xv_json_event event, bool *harmless) {
    const struct xv_json *j = &p->config.json;
    bool yes = event == XV_EVENT_TRUE || (event == XV_EVENT_STRING && text_is(j, "True", 4));

    *harmless = !yes;
    if (yes || event == XV_EVENT_FALSE || text_is(j, "False", 5) || text_is(j, "<default>", 9))
        return true;
    return out_of_range(p);
}

/* A name with a slash would have libxl create its log files elsewhere. */
static bool check_name(struct xv_parser *p) {
    const struct xv_json *j = &p->config.json;

    if (!(j->alphabet & XV_ALPHABET_LEAF) || j->text_len > MAX_NAME)
        return out_of_range(p);
    memset(p->sum.config_name, 0, sizeof(p->sum.config_name));
    for (uint32_t i = 0; i < sizeof(p->sum.config_name) - 1 && i < j->text_len; i++) {
        uint8_t c = j->text[i];

        p->sum.config_name[i] = c >= 0x20 && c < 0x7f ? (char)c : '?';
    }
    return true;
}

static bool check_uuid(struct xv_parser *p, const struct xv_config_field *field) {
    const struct xv_json *j = &p->config.json;

    if (!is_uuid(j))
        return out_of_range(p);
    if (field->use == XV_USE_UUID) {
        memset(p->sum.config_uuid, 0, sizeof(p->sum.config_uuid));
        memcpy(p->sum.config_uuid, j->text, 36);
    }
    return true;
}

static bool check_string(struct xv_parser *p, const struct xv_config_field *field, bool *harmless) {
    const struct xv_json *j = &p->config.json;

    switch (field->kind) {
    case XV_KIND_STRING:
        *harmless = j->text_len == 0;
        return true;
    case XV_KIND_WORD:
        *harmless = j->alphabet & XV_ALPHABET_WORD;
        return true;
    case XV_KIND_ADDRESS:
        *harmless = (j->alphabet & XV_ALPHABET_ADDRESS) || text_is(j, "localhost", 9);
        return true;
    case XV_KIND_LISTED:
        *harmless = j->text_len == 0 || find_word(j, field->ref) < XV_CONFIG_WORDS;
        return true;
    case XV_KIND_ENUM:
        return check_enum(p, field, harmless);
    case XV_KIND_NAME:
        return check_name(p);
    case XV_KIND_UUID:
        return check_uuid(p, field);
    case XV_KIND_MAC:
        return is_mac(j) ? true : out_of_range(p);
    default: /* libxl reads a mask to its full length, whatever its length is (blobs 5, 6) */
        if (!(j->alphabet & XV_ALPHABET_MASK) || j->text_len != (field->kind == XV_KIND_MASK32 ? 32 : 64))
            return out_of_range(p);
        return true;
    }
}

/* KiB of the pages that the policy grants. */
static uint64_t policy_kb(const struct xv_parser *p) {
    uint64_t pages = p->policy.max_guest_pages;

    return (pages < XV_MAX_GUEST_PAGES ? pages : XV_MAX_GUEST_PAGES) * 4;
}

/* The largest magnitude, by sign; a negative number that may not be gives 0. */
static uint64_t number_limit(const struct xv_parser *p, const struct xv_config_field *field, bool negative) {
    uint64_t vcpus = p->policy.max_vcpus;

    switch (field->kind) {
    case XV_KIND_S32:
        return negative ? 0x80000000u : 0x7fffffffu;
    case XV_KIND_U32:
        return negative ? 0x80000000u : 0xffffffffu;
    case XV_KIND_U8:
        return negative ? 0 : 0xff;
    case XV_KIND_BIT:
        return negative ? 0 : MAX_BIT - 1;
    case XV_KIND_KB: /* shadow_memkb: 1 MiB a vCPU and 1/128 of the memory */
        return negative ? 0 : policy_kb(p) + vcpus * 1024;
    default:
        return negative ? 0 : UINT64_MAX;
    }
}

/* libxl sizes a bitmap by its last member and emits members in ascending order. */
static bool check_bit(struct xv_parser *p, uint64_t bit) {
    uint32_t depth = p->config.json.depth;

    if (depth == 0 || depth > XV_JSON_MAX_DEPTH || bit < p->config.frames[depth - 1].next_bit)
        return out_of_range(p);
    p->config.frames[depth - 1].next_bit = bit + 1;
    return true;
}

static bool use_number(struct xv_parser *p, const struct xv_config_field *field, uint64_t value) {
    uint64_t at = p->config.json.start;

    switch (field->use) {
    case XV_USE_MAX_VCPUS:
        if (p->config.json.negative || value < 1 || value > p->policy.max_vcpus)
            return xv_reject_range(p, XV_CONFIG_RANGE, at, value, 1, p->policy.max_vcpus);
        p->sum.config_max_vcpus = (uint32_t)value;
        return true;
    case XV_USE_AVAIL_VCPU: /* below max_vcpus, which may come later: xv_config_finish() */
        p->config.avail_vcpus = value + 1;
        p->config.avail_at = at;
        return true;
    case XV_USE_MAX_MEMKB:
        if (value < 1 || value > policy_kb(p))
            return xv_reject_range(p, XV_CONFIG_RANGE, at, value, 1, policy_kb(p));
        p->sum.config_max_memkb = value;
        return true;
    case XV_USE_TARGET_MEMKB: /* at most max_memkb: likewise */
        if (value > policy_kb(p))
            return xv_reject_range(p, XV_CONFIG_RANGE, at, value, 0, policy_kb(p));
        p->sum.config_target_memkb = value;
        p->config.target_at = at;
        p->config.has_target = true;
        return true;
    default:
        return true;
    }
}

static bool check_number(struct xv_parser *p, const struct xv_config_field *field, bool *harmless) {
    const struct xv_json *j = &p->config.json;
    uint64_t value = j->magnitude, limit = number_limit(p, field, j->negative);

    if (value > limit)
        return xv_reject_range(p, XV_CONFIG_RANGE, j->start, value, 0, limit);
    if (field->kind == XV_KIND_BIT && !check_bit(p, value))
        return false;
    *harmless = value == 0;
    return use_number(p, field, value);
}

bool xv_config_value(struct xv_parser *p, const struct xv_config_field *field, enum xv_json_event event,
                     bool *harmless) {
    *harmless = true;
    if (field->kind == XV_KIND_SKIP || event == XV_EVENT_NULL)
        return true;
    if (field->kind == XV_KIND_DEFBOOL)
        return check_defbool(p, event, harmless);
    if (field->kind == XV_KIND_BOOL) {
        *harmless = event == XV_EVENT_FALSE;
        return true;
    }
    return event == XV_EVENT_STRING ? check_string(p, field, harmless) : check_number(p, field, harmless);
}
