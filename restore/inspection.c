/* SPDX-License-Identifier: MIT */
#include "inspection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

static struct xv_item *place(struct xv_list *list, struct xv_item *store, uint32_t capacity) {
    list->items = store;
    list->capacity = capacity;
    return store + capacity;
}

struct xv_inspection *xv_inspection_new(uint64_t max_guest_pages) {
    struct xv_inspection *in = calloc(1, sizeof *in);
    struct xv_item *store;
    if (in == NULL)
        return NULL;
    if (!xv_memory_map_begin(&in->map, max_guest_pages)) {
        free(in);
        return NULL;
    }
    store = place(&in->layers, in->store, XV_INSPECT_LAYERS);
    store = place(&in->records, store, XV_INSPECT_RECORDS);
    store = place(&in->hvm_entries, store, XV_INSPECT_ITEMS);
    store = place(&in->hvm_params, store, XV_INSPECT_ITEMS);
    store = place(&in->cpuid_leaves, store, XV_INSPECT_ITEMS);
    store = place(&in->policy_msrs, store, XV_INSPECT_ITEMS);
    store = place(&in->vcpu_msrs, store, XV_INSPECT_ITEMS);
    store = place(&in->emulators, store, XV_INSPECT_ITEMS);
    store = place(&in->emulator_keys, store, XV_INSPECT_ITEMS);
    store = place(&in->xenstore_connections, store, XV_INSPECT_ITEMS);
    store = place(&in->xenstore_watches, store, XV_INSPECT_ITEMS);
    store = place(&in->xenstore_transactions, store, XV_INSPECT_ITEMS);
    store = place(&in->xenstore_quotas, store, XV_INSPECT_ITEMS);
    store = place(&in->xenstore_domains, store, XV_INSPECT_ITEMS);
    (void)place(&in->xenstore_nodes, store, XV_INSPECT_NODES);
    return in;
}

void xv_inspection_free(struct xv_inspection *inspection) {
    if (inspection != NULL)
        xv_memory_map_end(&inspection->map);
    free(inspection);
}

static void set_item(struct xv_item *item, const struct xv_fact *fact, uint64_t octets) {
    item->offset = fact->offset;
    item->a = fact->a;
    item->b = fact->b;
    item->c = fact->c;
    item->count = 1;
    item->octets = octets;
    (void)xv_text_ascii(item->text, sizeof item->text, fact->text, sizeof fact->text);
}

static void append(struct xv_list *list, const struct xv_fact *fact, uint64_t octets) {
    if (list->items != NULL && list->count < list->capacity)
        set_item(&list->items[list->count++], fact, octets);
    else
        list->omitted++;
}

/* The item's text is the whole key, its a the value. */
static void take_emulator_key(struct xv_list *list, const struct xv_fact *fact) {
    struct xv_item *item;

    append(list, fact, 0);
    if (list->items == NULL || list->omitted != 0)
        return;
    item = &list->items[list->count - 1];
    if (strcmp(item->text, "other") == 0)
        return;
    (void)snprintf(item->text, sizeof item->text, "physmap/%llx/%.16s", (unsigned long long)fact->a, fact->text);
    item->a = fact->b;
}

/* Records of one kind in a row are one item. Past the cap only the number counts. */
static void take_record(struct xv_list *list, const struct xv_fact *fact) {
    struct xv_item *last = list->count > 0 ? &list->items[list->count - 1] : NULL;
    if (list->omitted == 0 && last != NULL && last->a == fact->a && last->c == fact->c) {
        last->count++;
        last->octets += fact->b;
        return;
    }
    append(list, fact, fact->b);
}

/* The same entry for one instance after another is one item. */
static void take_hvm_entry(struct xv_list *list, const struct xv_fact *fact) {
    struct xv_item *last = list->count > 0 ? &list->items[list->count - 1] : NULL;
    if (list->omitted == 0 && last != NULL && last->a == fact->a && last->c == fact->c &&
        fact->b == last->b + last->count) {
        last->count++;
        return;
    }
    append(list, fact, fact->c);
}

static void take_vcpu(struct xv_inspection *in, const struct xv_fact *fact) {
    static const uint64_t types[5] = {0x4, 0x5, 0x6, 0xc, 0x3}; /* (libxc 3); the last one is draft B's context */
    if (fact->a >= XV_INSPECT_VCPUS) {
        in->vcpus_omitted++;
        return;
    }
    struct xv_vcpu_state *vcpu = &in->vcpus[fact->a];
    vcpu->seen = true;
    for (unsigned i = 0; i < 5; i++) {
        if (types[i] == fact->b) {
            vcpu->has |= 1u << i % 4;
            vcpu->octets[i % 4] = (uint32_t)fact->c;
        }
    }
}

static bool take_xenstore(struct xv_inspection *in, const struct xv_fact *fact) {
    switch (fact->kind) {
    case XV_FACT_XENSTORE_CONNECTION:
        append(&in->xenstore_connections, fact, 0);
        return true;
    case XV_FACT_XENSTORE_WATCH:
        append(&in->xenstore_watches, fact, 0);
        return true;
    case XV_FACT_XENSTORE_TRANSACTION:
        append(&in->xenstore_transactions, fact, 0);
        return true;
    case XV_FACT_XENSTORE_NODE:
        append(&in->xenstore_nodes, fact, fact->b);
        return true;
    case XV_FACT_XENSTORE_QUOTA:
        append(&in->xenstore_quotas, fact, 0);
        return true;
    case XV_FACT_XENSTORE_DOMAIN:
        append(&in->xenstore_domains, fact, 0);
        return true;
    default:
        return false;
    }
}

void xv_inspection_take(void *context, const struct xv_fact *fact) {
    struct xv_inspection *in = context;
    if (take_xenstore(in, fact))
        return;
    switch (fact->kind) {
    case XV_FACT_LAYER:
        append(&in->layers, fact, 0);
        break;
    case XV_FACT_RECORD:
        take_record(&in->records, fact);
        break;
    case XV_FACT_PAGE:
        xv_memory_map_note(&in->map, fact->a, fact->b);
        break;
    case XV_FACT_VCPU:
        take_vcpu(in, fact);
        break;
    case XV_FACT_HVM_ENTRY:
        take_hvm_entry(&in->hvm_entries, fact);
        break;
    case XV_FACT_HVM_PARAM:
        append(&in->hvm_params, fact, 0);
        break;
    case XV_FACT_TSC:
        in->has_tsc = true;
        set_item(&in->tsc, fact, 0);
        break;
    case XV_FACT_CPUID_LEAF:
        append(&in->cpuid_leaves, fact, 0);
        break;
    case XV_FACT_MSR:
        append(fact->c != 0 ? &in->policy_msrs : &in->vcpu_msrs, fact, 0);
        break;
    case XV_FACT_EMULATOR:
        append(&in->emulators, fact, fact->b);
        break;
    case XV_FACT_EMULATOR_KEY:
        take_emulator_key(&in->emulator_keys, fact);
        break;
    default:
        xv_notes_take(&in->notes, fact);
        break;
    }
}

const char *xv_vcpu_record_name(unsigned i) {
    static const char *const names[4] = {"VCPU_BASIC", "VCPU_EXTENDED", "VCPU_XSAVE", "VCPU_MSRS"};
    return i < 4 ? names[i] : "";
}
