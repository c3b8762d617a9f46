/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "config_fields.h"
#include "config_value.h"
#include "state.h"

/* The path of a field, "disks[0].script", as the observer gets it. */
struct path {
    char text[sizeof(((struct xv_fact *)0)->text)];
    uint32_t n;
};

static void path_char(struct path *path, uint8_t c) {
    uint32_t n = path->n;

    if (n >= sizeof(path->text) - 1)
        return;
    path->text[n] = c >= 0x20 && c < 0x7f ? (char)c : '?';
    path->n = n + 1;
}

static void path_name(struct path *path, const struct xv_config_field *field) {
    if (path->n > 0)
        path_char(path, '.');
    for (uint32_t i = 0; i < XV_CONFIG_NAME && field->name[i] != 0; i++)
        path_char(path, field->name[i]);
}

static void path_index(struct path *path, uint32_t index) {
    bool begun = false;

    path_char(path, '[');
    for (uint32_t unit = 10000; unit > 0; unit /= 10) {
        uint32_t digit = index / unit % 10;

        begun = begun || digit > 0 || unit == 1;
        if (begun)
            path_char(path, (uint8_t)('0' + digit));
    }
    path_char(path, ']');
}

static void path_step(struct path *path, const struct xv_config_frame *parent, uint32_t row) {
    const struct xv_config_field *field = xv_config_field(row);

    if (field->name[0] == '[')
        path_index(path, parent->count - 1);
    else
        path_name(path, field);
}

/* The path of the container in the innermost of `depth` frames. */
static struct path path_of(const struct xv_config *config, uint32_t depth) {
    struct path path = {{0}, 0};

    for (uint32_t i = 1; i < depth && i < XV_JSON_MAX_DEPTH; i++)
        path_step(&path, &config->frames[i - 1], config->frames[i].row);
    return path;
}

/* The innermost frame; the first one at the top. */
static struct xv_config_frame *innermost(struct xv_config *config, uint32_t depth) {
    return &config->frames[depth > 0 && depth <= XV_JSON_MAX_DEPTH ? depth - 1 : 0];
}

static void tell(struct xv_parser *p, const struct path *path, uint64_t at, uint32_t class, uint32_t allow) {
    xv_tell(p, XV_FACT_CONFIG, at, class, allow, 0, path->text);
}

/* Whether canonical output has what this row stands for, inside containers that it has (see xv_parser_keep_config()).
 */
static bool keeps(const struct xv_config *config, uint32_t depth, uint32_t row) {
    if (row == 0 && depth > 0)
        return false;
    if (xv_config_field(row)->class == XV_CLASS_DROPPED)
        return false;
    return depth == 0 || config->frames[depth <= XV_JSON_MAX_DEPTH ? depth - 1 : 0].kept != 0;
}

static void tell_token(struct xv_parser *p, enum xv_config_token token, uint64_t start, uint64_t end) {
    if (p->token)
        p->token(p->token_context, token, start, end);
}

/* The name of a member is told once its value shows which row it is. */
static void tell_name(struct xv_parser *p, const struct xv_config_frame *parent) {
    if (parent->name_end > parent->name_start)
        tell_token(p, XV_TOKEN_NAME, parent->name_start, parent->name_end);
}

/* What becomes of a field whose value is not harmless; its parent is the innermost of `depth` frames. */
static bool settle(struct xv_parser *p, uint32_t row, uint32_t depth, uint64_t at) {
    const struct xv_config_field *field = xv_config_field(row);
    struct path path;

    if (field->code != XV_ACCEPTED && !xv_allows(p, field->allow))
        return xv_reject(p, (enum xv_code)field->code, at);
    if ((field->class != XV_CLASS_DROPPED && field->class != XV_CLASS_REFUSED) || !xv_wants_fact(p, XV_FACT_CONFIG))
        return true;
    path = path_of(&p->config, depth);
    path_step(&path, innermost(&p->config, depth), row);
    tell(p, &path, at, field->class, field->allow);
    return true;
}

/* A name that no release of libxl knows (compat 4). */
static bool unknown_name(struct xv_parser *p, uint64_t at) {
    const struct xv_json *j = &p->config.json;
    struct path path;

    if (!xv_tolerates(p, XV_TOLERATE_UNKNOWN_CONFIG_FIELD, at))
        return xv_reject(p, XV_CONFIG_FIELD_UNKNOWN, at);
    if (!xv_wants_fact(p, XV_FACT_CONFIG))
        return true;
    path = path_of(&p->config, j->depth);
    if (path.n > 0)
        path_char(&path, '.');
    for (uint32_t i = 0; i < XV_JSON_KEPT && i < j->text_len; i++)
        path_char(&path, j->text[i]);
    tell(p, &path, at, XV_CLASS_UNKNOWN, 0);
    return true;
}

/* Marks field `row` of the frame; false if it was there already. Names that stand for any are not tracked. */
static bool mark(struct xv_config_frame *frame, uint32_t row) {
    uint32_t n = row - frame->group - 1;
    uint64_t bit = (uint64_t)1 << (n & 63);
    bool first;

    if (n >= XV_CONFIG_SIBLINGS || xv_config_field(row)->name[0] == '*')
        return true;
    first = !(frame->seen[n >= 64] & bit);
    frame->seen[n >= 64] |= bit;
    return first;
}

static bool on_name(struct xv_parser *p) {
    struct xv_json *j = &p->config.json;
    struct xv_config_frame *frame = innermost(&p->config, j->depth);

    frame->next = 0;
    frame->name_start = j->start;
    frame->name_end = j->end;
    if (frame->group == 0)
        return true;
    frame->next = xv_config_find(frame->group, 0, j->text, j->text_len);
    if (frame->next == 0)
        return unknown_name(p, j->start);
    if (!mark(frame, frame->next)) /* libxl takes the first, other readers the last (hazards xl) */
        return xv_reject(p, XV_JSON_DUPLICATE, j->start);
    return true;
}

/* The row that a value of this JSON type has in the frame: fields that changed their type have several. */
static bool row_of_value(struct xv_parser *p, struct xv_config_frame *parent, enum xv_json_event event, uint32_t *out) {
    uint32_t row = parent->next;

    parent->count++;
    *out = 0;
    if (row == 0)
        return true;
    while (row != 0 && !xv_config_fits(xv_config_field(row)->kind, event))
        row = xv_config_find(parent->group, row + 1, xv_config_field(row)->name, 1);
    *out = row;
    return row != 0 ? true : xv_reject(p, XV_CONFIG_TYPE, p->config.json.start);
}

/* b_info's "type.hvm", "type.pv", "type.pvh": they say the guest type once more. */
static void use_selector(struct xv_parser *p, uint32_t use) {
    struct xv_config *config = &p->config;

    if (use == XV_USE_SELECT_HVM)
        config->selected |= 1u << XV_TYPE_HVM;
    else if (use == XV_USE_SELECT_PV)
        config->selected |= 1u << XV_TYPE_PV;
    else if (use == XV_USE_SELECT_PVH)
        config->selected |= 1u << XV_TYPE_PVH;
    else if (use == XV_USE_SELECT_NONE)
        config->selected |= 1u << XV_TYPE_NONE;
    else
        return;
    config->selected_at = config->json.start;
}

static bool on_enter(struct xv_parser *p, enum xv_json_event event) {
    struct xv_config *config = &p->config;
    uint32_t depth = config->json.depth, row = 0, group = XV_GROUP_ROOT;
    struct xv_config_frame *frame = innermost(config, depth);

    if (depth > 1) {
        if (!row_of_value(p, innermost(config, depth - 1), event, &row))
            return false;
        group = row != 0 ? xv_config_field(row)->ref : 0;
        use_selector(p, xv_config_field(row)->use);
    }
    memset(frame, 0, sizeof(*frame));
    frame->kept = keeps(config, depth - 1, row);
    if (frame->kept != 0 && depth > 1)
        tell_name(p, innermost(config, depth - 1));
    if (frame->kept != 0)
        tell_token(p, event == XV_EVENT_ARRAY ? XV_TOKEN_ARRAY : XV_TOKEN_OBJECT, config->json.start,
                   config->json.start + 1);
    frame->row = row;
    frame->group = group;
    frame->start = config->json.start;
    if (event == XV_EVENT_ARRAY && group != 0)
        frame->next = group + 1;
    return true;
}

/* A container is judged when it is over: what it holds has the more precise verdict. */
static bool on_leave(struct xv_parser *p) {
    struct xv_config *config = &p->config;
    uint32_t depth = config->json.depth;
    struct xv_config_frame *frame = innermost(config, depth + 1);
    bool member = xv_config_field(frame->row)->name[0] == '['; /* an empty device is a device with defaults */

    if (frame->kept != 0)
        tell_token(p, XV_TOKEN_CLOSE, config->json.end - 1, config->json.end);
    if (frame->row == 0 || (frame->count == 0 && !member))
        return true;
    return settle(p, frame->row, depth, frame->start);
}

static bool on_scalar(struct xv_parser *p, enum xv_json_event event) {
    struct xv_config *config = &p->config;
    uint32_t depth = config->json.depth, row;
    bool harmless;

    if (!row_of_value(p, innermost(config, depth), event, &row))
        return false;
    if (!xv_config_value(p, xv_config_field(row), event, &harmless))
        return false;
    if (keeps(config, depth, row)) {
        tell_name(p, innermost(config, depth));
        tell_token(p, XV_TOKEN_VALUE, config->json.start, config->json.end);
    }
    return harmless || settle(p, row, depth, config->json.start);
}

static bool on_event(struct xv_parser *p, enum xv_json_event event, uint64_t at) {
    switch (event) {
    case XV_EVENT_NONE:
        return true;
    case XV_EVENT_ERROR:
        return xv_reject(p, p->config.json.error, at);
    case XV_EVENT_NAME:
        return on_name(p);
    case XV_EVENT_OBJECT:
    case XV_EVENT_ARRAY:
        return on_enter(p, event);
    case XV_EVENT_LEAVE:
        return on_leave(p);
    default:
        return on_scalar(p, event);
    }
}

void xv_config_begin(struct xv_parser *p, uint32_t length) {
    memset(&p->config, 0, sizeof(p->config));
    p->config.length = length;
    xv_json_begin(&p->config.json, length);
}

bool xv_config_feed(struct xv_parser *p, struct xv_cursor *c) {
    while (xv_left(c) > 0) {
        uint64_t at = xv_at(c);
        uint8_t octet;

        if (!xv_get_u8(c, &octet))
            return false;
        if (!on_event(p, xv_json_octet(&p->config.json, octet, at), at))
            return false;
        if (p->config.json.again && !on_event(p, xv_json_octet(&p->config.json, octet, at), at))
            return false;
    }
    return true;
}

bool xv_config_finish(struct xv_parser *p, uint64_t at) {
    struct xv_config *config = &p->config;
    const struct xv_summary *sum = &p->sum;
    uint32_t type = config->type < 4 ? config->type : 0;

    if (!config->json.complete) /* (xl 1.3) */
        return xv_reject(p, XV_JSON_NUL, at);
    if (type == XV_TYPE_NONE || sum->config_max_vcpus == 0 || sum->config_max_memkb == 0)
        return xv_reject(p, XV_CONFIG_MISSING, at);
    if (config->selected != 0 && config->selected != 1u << type)
        return xv_reject(p, XV_CONFIG_GUEST_TYPE, config->selected_at);
    if (config->avail_vcpus > sum->config_max_vcpus)
        return xv_reject_range(p, XV_CONFIG_RANGE, config->avail_at, config->avail_vcpus - 1, 0,
                               (uint64_t)sum->config_max_vcpus - 1);
    if (config->has_target && sum->config_target_memkb > sum->config_max_memkb)
        return xv_reject_range(p, XV_CONFIG_RANGE, config->target_at, sum->config_target_memkb, 0,
                               sum->config_max_memkb);
    p->sum.config_bytes = config->length;
    config->present = true;
    return true;
}
