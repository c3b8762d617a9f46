/* SPDX-License-Identifier: MIT */
#include "report.h"

#include "hints.h"
#include "text.h"
#include "verdict_text.h"

json_t *xv_json_hex(uint64_t value) {
    char text[XV_TEXT_SHORT];
    return json_string(xv_text_hex(text, sizeof text, value));
}

json_t *xv_json_count(uint64_t value) {
    uint64_t most = (uint64_t)1 << 53;
    return json_integer((json_int_t)(value < most ? value : most));
}

static void put(json_t *object, const char *key, json_t *value) {
    (void)json_object_set_new(object, key, value);
}

static json_t *ascii(const char *text, size_t length) {
    char safe[80];
    return json_string(xv_text_ascii(safe, sizeof safe, text, length));
}

static json_t *bit_names(uint32_t bits, const char *(*name)(unsigned bit)) {
    json_t *list = json_array();
    for (unsigned bit = 0; bit < 32; bit++) {
        if ((bits >> bit & 1u) != 0 && name(bit) != NULL)
            (void)json_array_append_new(list, json_string(name(bit)));
    }
    return list;
}

static json_t *page_types(const struct xv_summary *s) {
    json_t *object = json_object();
    for (uint32_t type = 0; type < 16; type++) {
        if (s->page_types[type] > 0 && xv_page_type_id(type) != NULL)
            put(object, xv_page_type_id(type), xv_json_count(s->page_types[type]));
    }
    return object;
}

static json_t *config_summary(const struct xv_summary *s) {
    json_t *c;
    if (s->config_bytes == 0)
        return json_null();
    c = json_object();
    put(c, "bytes", xv_json_count(s->config_bytes));
    put(c, "name", ascii(s->config_name, sizeof s->config_name));
    put(c, "uuid", ascii(s->config_uuid, sizeof s->config_uuid));
    put(c, "type", ascii(s->config_type, sizeof s->config_type));
    put(c, "max_vcpus", xv_json_count(s->config_max_vcpus));
    put(c, "max_memkb", xv_json_count(s->config_max_memkb));
    put(c, "target_memkb", xv_json_count(s->config_target_memkb));
    return c;
}

static json_t *xenstore_summary(const struct xv_summary *s) {
    json_t *x;
    if (s->xenstore_version == 0)
        return json_null();
    x = json_object();
    put(x, "state_version", xv_json_count(s->xenstore_version));
    put(x, "big_endian", json_boolean(s->xenstore_big_endian != 0));
    put(x, "connections", xv_json_count(s->xenstore_connections));
    put(x, "domains", xv_json_count(s->xenstore_domains));
    put(x, "watches", xv_json_count(s->xenstore_watches));
    put(x, "transactions", xv_json_count(s->xenstore_transactions));
    put(x, "quotas", xv_json_count(s->xenstore_quotas));
    put(x, "nodes", xv_json_count(s->xenstore_nodes));
    put(x, "value_octets", xv_json_count(s->xenstore_values));
    put(x, "buffered_octets", xv_json_count(s->xenstore_buffered));
    return x;
}

static json_t *name_or_null(const char *name) {
    return name != NULL ? json_string(name) : json_null();
}

json_t *xv_json_summary(const struct xv_summary *s) {
    char text[XV_TEXT_SHORT];
    const char *release = s->xen_major > 0 ? xv_text_release(text, sizeof text, s->xen_major, s->xen_minor) : NULL;
    json_t *o = json_object();
    put(o, "format", name_or_null(xv_format_id((uint32_t)s->format)));
    put(o, "guest", name_or_null(xv_guest_id((uint32_t)s->guest)));
    put(o, "libxc_version", xv_json_count(s->image_version));
    put(o, "xen", name_or_null(release));
    put(o, "legacy_converted", json_boolean(s->legacy_converted));
    put(o, "checkpointed", json_boolean(s->checkpointed));
    put(o, "colo", json_boolean(s->colo));
    put(o, "verify", json_boolean(s->verify));
    put(o, "bytes", xv_json_count(s->bytes));
    put(o, "records", xv_json_count(s->records));
    put(o, "checkpoints", xv_json_count(s->checkpoints));
    put(o, "rounds", xv_json_count(s->rounds));
    put(o, "vcpus", xv_json_count(s->vcpus));
    put(o, "page_entries", xv_json_count(s->page_entries));
    put(o, "page_types", page_types(s));
    put(o, "data_pages", xv_json_count(s->data_pages));
    put(o, "populated_pages", xv_json_count(s->populated));
    put(o, "resent_pages", xv_json_count(s->resent));
    put(o, "max_pfn", xv_json_count(s->max_pfn));
    put(o, "config", config_summary(s));
    put(o, "xenstore", xenstore_summary(s));
    return o;
}

static json_t *record_json(const struct xv_outcome *o) {
    json_t *r;
    if ((o->has & XV_HAS_RECORD) == 0)
        return json_null();
    r = json_object();
    put(r, "number", xv_json_count(o->record));
    put(r, "type", xv_json_hex(o->record_type));
    put(r, "name", o->record_name[0] != '\0' ? ascii(o->record_name, sizeof o->record_name) : json_null());
    return r;
}

static json_t *allowed_json(const struct xv_outcome *o) {
    json_t *a;
    if ((o->has & XV_HAS_ALLOWED) == 0)
        return json_null();
    a = json_object();
    put(a, "min", xv_json_hex(o->allowed_min));
    put(a, "max", xv_json_hex(o->allowed_max));
    return a;
}

static json_t *hints_json(const struct xv_outcome *o, const struct xv_policy *policy) {
    json_t *list = json_array();
    const struct xv_hint *hint;
    for (size_t i = 0; (hint = xv_hint_for((enum xv_code)o->code, policy, i)) != NULL; i++)
        (void)json_array_append_new(list, json_string(hint->option));
    return list;
}

static void put_verdict(json_t *root, const struct xv_outcome *o, const struct xv_policy *policy) {
    const struct xv_verdict *v = xv_verdict_of((enum xv_code)o->code);
    char sentence[XV_VERDICT_TEXT];
    bool rejected = o->ending == XV_ENDED_REJECTED;
    put(root, "verdict", json_string(v != NULL ? v->name : "?"));
    put(root, "code", json_integer((json_int_t)o->code));
    put(root, "layer", json_string(v != NULL ? v->layer_name : "?"));
    put(root, "offset", rejected ? xv_json_count(o->offset) : json_null());
    put(root, "record", rejected ? record_json(o) : json_null());
    put(root, "found", rejected && (o->has & XV_HAS_FOUND) != 0 ? xv_json_hex(o->found) : json_null());
    put(root, "allowed", rejected ? allowed_json(o) : json_null());
    put(root, "rule", json_string(v != NULL ? v->rule : "-"));
    put(root, "message", json_string(xv_verdict_sentence(sentence, sizeof sentence, o)));
    put(root, "hints", rejected ? hints_json(o, policy) : json_array());
}

void xv_json_outcome(json_t *root, const char *input, const struct xv_outcome *o, const struct xv_policy *policy) {
    char sentence[256];
    const char *error = xv_ending_text(sentence, sizeof sentence, o);
    char name[1024];
    put(root, "version", json_string(XENVET_VERSION));
    put(root, "input", json_string(xv_text_name(name, sizeof name, input)));
    if (error != NULL) {
        put(root, "status", json_string("error"));
        put(root, "message", json_string(error));
        return;
    }
    put(root, "status", json_string(o->ending == XV_ENDED_ACCEPTED ? "accepted" : "rejected"));
    put_verdict(root, o, policy);
}

static json_t *notes_json(const struct xv_notes *notes) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < notes->count; i++) {
        json_t *note = json_object();
        put(note, "field", json_string(notes->items[i].field));
        put(note, "offset", xv_json_count(notes->items[i].offset));
        (void)json_array_append_new(list, note);
    }
    return list;
}

json_t *xv_report_json(const char *input, const struct xv_outcome *outcome, const struct xv_notes *notes,
                       const struct xv_policy *policy) {
    json_t *root = json_object();
    if (root == NULL)
        return NULL;
    put(root, "schema", json_string(XV_CHECK_SCHEMA));
    xv_json_outcome(root, input, outcome, policy);
    put(root, "stream", xv_json_summary(&outcome->summary));
    put(root, "tolerated", bit_names(outcome->summary.tolerated, xv_tolerance_name));
    put(root, "brings", bit_names(outcome->summary.brings, xv_allowance_name));
    put(root, "notes", notes_json(notes));
    return root;
}
