/* SPDX-License-Identifier: MIT */
#include "inspect_report.h"

#include "report.h"
#include "text.h"

#define RANGES_LISTED 4096u

static void put(json_t *object, const char *key, json_t *value) {
    (void)json_object_set_new(object, key, value);
}

/* A list with the number of what did not fit. */
static json_t *listed(json_t *items, uint64_t omitted) {
    json_t *object = json_object();
    put(object, "items", items);
    put(object, "omitted", xv_json_count(omitted));
    return object;
}

json_t *xv_inspect_list(const struct xv_list *list, xv_put_item *fill) {
    json_t *items = json_array();
    for (uint32_t i = 0; i < list->count; i++) {
        json_t *object = json_object();
        put(object, "offset", xv_json_count(list->items[i].offset));
        fill(object, &list->items[i]);
        (void)json_array_append_new(items, object);
    }
    return listed(items, list->omitted);
}

static void put_layer(json_t *o, const struct xv_item *item) {
    put(o, "name", json_string(item->text));
    put(o, "version", xv_json_count(item->a));
}

static void put_record(json_t *o, const struct xv_item *item) {
    put(o, "layer", json_string(xv_records_name(item->c)));
    put(o, "type", xv_json_hex(item->a));
    put(o, "name", json_string(item->text));
    put(o, "count", xv_json_count(item->count));
    put(o, "octets", xv_json_count(item->octets));
}

static void put_hvm_entry(json_t *o, const struct xv_item *item) {
    put(o, "typecode", xv_json_count(item->a));
    put(o, "name", json_string(item->text));
    put(o, "first_instance", xv_json_count(item->b));
    put(o, "instances", xv_json_count(item->count));
    put(o, "octets", xv_json_count(item->c));
}

static void put_hvm_param(json_t *o, const struct xv_item *item) {
    put(o, "index", xv_json_count(item->a));
    put(o, "name", json_string(item->text));
    put(o, "value", xv_json_hex(item->b));
}

static void put_leaf(json_t *o, const struct xv_item *item) {
    put(o, "leaf", xv_json_hex(item->a >> 32));
    put(o, "subleaf", xv_json_hex(item->a & 0xffffffffu));
    put(o, "eax", xv_json_hex(item->b >> 32));
    put(o, "ebx", xv_json_hex(item->b & 0xffffffffu));
    put(o, "ecx", xv_json_hex(item->c >> 32));
    put(o, "edx", xv_json_hex(item->c & 0xffffffffu));
}

static void put_msr(json_t *o, const struct xv_item *item) {
    put(o, "index", xv_json_hex(item->a));
    put(o, "value", xv_json_hex(item->b));
}

static void put_emulator(json_t *o, const struct xv_item *item) {
    put(o, "id", xv_json_count(item->a));
    put(o, "octets", xv_json_count(item->b));
}

static void put_emulator_key(json_t *o, const struct xv_item *item) {
    put(o, "key", json_string(item->text));
    put(o, "value", xv_json_hex(item->a));
}

static json_t *map_json(const struct xv_memory_map *map) {
    struct xv_page_range range;
    uint64_t from = 0;
    uint64_t omitted = 0;
    json_t *items = json_array();
    while (xv_memory_map_next(map, from, &range)) {
        from = range.last + 1;
        if (json_array_size(items) >= RANGES_LISTED) {
            omitted++;
            continue;
        }
        json_t *object = json_object();
        put(object, "first_pfn", xv_json_count(range.first));
        put(object, "last_pfn", xv_json_count(range.last));
        put(object, "kind", json_string(xv_page_kind_name(range.kind)));
        put(object, "resent", json_boolean(range.resent));
        (void)json_array_append_new(items, object);
    }
    return listed(items, omitted + map->outside);
}

static json_t *vcpus_json(const struct xv_inspection *in) {
    json_t *items = json_array();
    for (unsigned id = 0; id < XV_INSPECT_VCPUS; id++) {
        const struct xv_vcpu_state *v = &in->vcpus[id];
        json_t *object;
        if (!v->seen)
            continue;
        object = json_object();
        put(object, "id", xv_json_count(id));
        for (unsigned i = 0; i < 4; i++) {
            if ((v->has >> i & 1u) != 0)
                put(object, xv_vcpu_record_name(i), xv_json_count(v->octets[i]));
        }
        (void)json_array_append_new(items, object);
    }
    return listed(items, in->vcpus_omitted);
}

static json_t *tsc_json(const struct xv_inspection *in) {
    json_t *object;
    if (!in->has_tsc)
        return json_null();
    object = json_object();
    put(object, "mode", xv_json_count(in->tsc.a));
    put(object, "khz", xv_json_count(in->tsc.b));
    put(object, "elapsed_ns", xv_json_hex(in->tsc.c));
    return object;
}

static json_t *notes_json(const struct xv_notes *notes) {
    json_t *items = json_array();
    for (uint32_t i = 0; i < notes->count; i++)
        (void)json_array_append_new(items, json_string(notes->items[i].field));
    return listed(items, notes->omitted);
}

json_t *xv_inspect_json(const char *input, const struct xv_outcome *outcome, const struct xv_inspection *in,
                        const struct xv_policy *policy) {
    json_t *root = json_object();
    if (root == NULL)
        return NULL;
    put(root, "schema", json_string(XV_INSPECT_SCHEMA));
    xv_json_outcome(root, input, outcome, policy);
    put(root, "complete", json_boolean(outcome->ending == XV_ENDED_ACCEPTED));
    put(root, "stream", xv_json_summary(&outcome->summary));
    put(root, "layers", xv_inspect_list(&in->layers, put_layer));
    put(root, "config_fields", notes_json(&in->notes));
    put(root, "records", xv_inspect_list(&in->records, put_record));
    put(root, "memory", map_json(&in->map));
    put(root, "vcpus", vcpus_json(in));
    put(root, "hvm_context", xv_inspect_list(&in->hvm_entries, put_hvm_entry));
    put(root, "hvm_params", xv_inspect_list(&in->hvm_params, put_hvm_param));
    put(root, "cpuid_policy", xv_inspect_list(&in->cpuid_leaves, put_leaf));
    put(root, "msr_policy", xv_inspect_list(&in->policy_msrs, put_msr));
    put(root, "vcpu_msrs", xv_inspect_list(&in->vcpu_msrs, put_msr));
    put(root, "tsc", tsc_json(in));
    put(root, "emulators", xv_inspect_list(&in->emulators, put_emulator));
    put(root, "emulator_keys", xv_inspect_list(&in->emulator_keys, put_emulator_key));
    put(root, "xenstore", xv_inspect_xenstore_json(outcome, in));
    return root;
}
