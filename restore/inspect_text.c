/* SPDX-License-Identifier: MIT */
#include "inspect_report.h"

#include "text.h"

#define RECORDS_SHOWN 64u
#define RANGES_SHOWN  40u

static unsigned long long wide(uint64_t value) {
    return (unsigned long long)value;
}

static void print_more(FILE *out, uint64_t n, const char *what) {
    if (n > 0)
        (void)fprintf(out, "  ... and %llu more %s\n", wide(n), what);
}

static void print_layers(FILE *out, const struct xv_list *list) {
    if (list->count == 0)
        return;
    (void)fputs("\nlayers\n", out);
    for (uint32_t i = 0; i < list->count; i++)
        (void)fprintf(out, "  0x%-10llx %s, version %llu\n", wide(list->items[i].offset), list->items[i].text,
                      wide(list->items[i].a));
}

static void print_config(FILE *out, const struct xv_summary *s) {
    char name[sizeof s->config_name];
    char uuid[sizeof s->config_uuid];
    char type[sizeof s->config_type];
    if (s->config_bytes == 0)
        return;
    if (s->format == XV_FORMAT_LIBVIRT) {
        (void)fprintf(out, "\nembedded XML, %u octets, not interpreted\n", (unsigned)s->config_bytes);
        return;
    }
    (void)fprintf(out, "\nembedded configuration, %u octets\n", (unsigned)s->config_bytes);
    (void)fprintf(out, "  name          %s\n", xv_text_ascii(name, sizeof name, s->config_name, sizeof s->config_name));
    (void)fprintf(out, "  uuid          %s\n", xv_text_ascii(uuid, sizeof uuid, s->config_uuid, sizeof s->config_uuid));
    (void)fprintf(out, "  type          %s\n", xv_text_ascii(type, sizeof type, s->config_type, sizeof s->config_type));
    (void)fprintf(out, "  vCPUs         %u\n", (unsigned)s->config_max_vcpus);
    (void)fprintf(out, "  memory        %llu KiB, target %llu KiB\n", wide(s->config_max_memkb),
                  wide(s->config_target_memkb));
}

static void print_records(FILE *out, const struct xv_list *list) {
    uint32_t shown = list->count < RECORDS_SHOWN ? list->count : RECORDS_SHOWN;
    if (list->count == 0)
        return;
    (void)fputs("\nrecords\n  offset       layer         record                    count        octets\n", out);
    for (uint32_t i = 0; i < shown; i++) {
        const struct xv_item *r = &list->items[i];
        (void)fprintf(out, "  0x%-10llx %-13s %-24s %6llu %13llu\n", wide(r->offset), xv_records_name(r->c), r->text,
                      wide(r->count), wide(r->octets));
    }
    print_more(out, list->count - shown + list->omitted, "lines");
}

static void print_page_types(FILE *out, const struct xv_summary *s) {
    if (s->page_entries == 0)
        return;
    (void)fprintf(out,
                  "\npages\n  %llu entries in the stream: %llu with contents, %llu sent again\n"
                  "  %llu pages populated, largest pfn 0x%llx\n",
                  wide(s->page_entries), wide(s->data_pages), wide(s->resent), wide(s->populated), wide(s->max_pfn));
    for (uint32_t type = 0; type < 16; type++) {
        if (s->page_types[type] > 0)
            (void)fprintf(out, "  %10llu  %s\n", wide(s->page_types[type]), xv_page_type_name(type));
    }
}

static void print_map(FILE *out, const struct xv_memory_map *map) {
    struct xv_page_range range;
    uint64_t from = 0;
    uint64_t ranges = 0;
    while (xv_memory_map_next(map, from, &range)) {
        char size[XV_TEXT_SHORT];
        uint64_t pages = range.last - range.first + 1;
        if (ranges == 0)
            (void)fputs("\nguest memory, by pfn\n", out);
        if (ranges < RANGES_SHOWN)
            (void)fprintf(out, "  0x%-8llx .. 0x%-8llx %10s  %s%s\n", wide(range.first), wide(range.last),
                          xv_text_octets(size, sizeof size, pages * 4096), xv_page_kind_name(range.kind),
                          range.resent ? ", sent again" : "");
        ranges++;
        from = range.last + 1;
    }
    print_more(out, ranges > RANGES_SHOWN ? ranges - RANGES_SHOWN : 0, "ranges");
    print_more(out, map->outside, "entries beyond this map");
}

static void print_vcpus(FILE *out, const struct xv_inspection *in) {
    bool any = false;
    for (unsigned id = 0; id < XV_INSPECT_VCPUS; id++) {
        const struct xv_vcpu_state *v = &in->vcpus[id];
        const char *separator = "";
        if (!v->seen)
            continue;
        (void)fprintf(out, "%s  %u: ", any ? "" : "\nvCPUs\n", id);
        any = true;
        for (unsigned i = 0; i < 4; i++) {
            if ((v->has >> i & 1u) == 0)
                continue;
            (void)fprintf(out, "%s%s %u octets", separator, xv_vcpu_record_name(i), (unsigned)v->octets[i]);
            separator = ", ";
        }
        (void)fputc('\n', out);
    }
    print_more(out, in->vcpus_omitted, "vCPU records");
}

static void print_hvm(FILE *out, const struct xv_inspection *in) {
    for (uint32_t i = 0; i < in->hvm_entries.count; i++) {
        const struct xv_item *e = &in->hvm_entries.items[i];
        (void)fprintf(out, "%s  0x%-10llx %-16s %3llu  instance%s %llu", i == 0 ? "\nHVM context\n" : "",
                      wide(e->offset), e->text, wide(e->a), xv_plural(e->count), wide(e->b));
        if (e->count > 1)
            (void)fprintf(out, "..%llu", wide(e->b + e->count - 1));
        (void)fprintf(out, ", %llu octets%s\n", wide(e->c), e->count > 1 ? " each" : "");
    }
    print_more(out, in->hvm_entries.omitted, "entries");
    for (uint32_t i = 0; i < in->hvm_params.count; i++) {
        const struct xv_item *e = &in->hvm_params.items[i];
        (void)fprintf(out, "%s  %-24s %3llu  0x%llx\n", i == 0 ? "\nHVM parameters\n" : "", e->text, wide(e->a),
                      wide(e->b));
    }
    print_more(out, in->hvm_params.omitted, "parameters");
}

static void print_cpu_policy(FILE *out, const struct xv_inspection *in) {
    const struct xv_list *leaves = &in->cpuid_leaves;
    uint64_t total = leaves->count + leaves->omitted;
    if (total == 0 && in->policy_msrs.count == 0 && in->vcpu_msrs.count == 0 && !in->has_tsc)
        return;
    (void)fputs("\nprocessor\n", out);
    if (leaves->count > 0)
        (void)fprintf(out, "  CPUID policy   %llu leaves, 0x%llx to 0x%llx\n", wide(total),
                      wide(leaves->items[0].a >> 32), wide(leaves->items[leaves->count - 1].a >> 32));
    for (uint32_t i = 0; i < in->policy_msrs.count; i++)
        (void)fprintf(out, "  MSR policy     0x%llx = 0x%llx\n", wide(in->policy_msrs.items[i].a),
                      wide(in->policy_msrs.items[i].b));
    if (in->vcpu_msrs.count > 0)
        (void)fprintf(out, "  MSRs of vCPUs  %llu\n", wide(in->vcpu_msrs.count + in->vcpu_msrs.omitted));
    if (in->has_tsc)
        (void)fprintf(out, "  TSC            mode %llu, %llu kHz\n", wide(in->tsc.a), wide(in->tsc.b));
}

static void print_emulator(FILE *out, const struct xv_inspection *in) {
    for (uint32_t i = 0; i < in->emulators.count; i++)
        (void)fprintf(out, "%s  id %llu, %llu octets of state\n", i == 0 ? "\nemulator\n" : "",
                      wide(in->emulators.items[i].a), wide(in->emulators.items[i].b));
    for (uint32_t i = 0; i < in->emulator_keys.count; i++)
        (void)fprintf(out, "%s  %s\n", i == 0 ? "\nemulator keys\n" : "", in->emulator_keys.items[i].text);
    print_more(out, in->emulator_keys.omitted, "keys");
}

void xv_inspect_text(FILE *out, const struct xv_outcome *outcome, const struct xv_inspection *in) {
    char sentence[XV_TEXT_SHORT];
    (void)fprintf(out, "\nread           %s in %llu records\n",
                  xv_text_octets(sentence, sizeof sentence, outcome->summary.bytes), wide(outcome->summary.records));
    print_layers(out, &in->layers);
    print_config(out, &outcome->summary);
    print_records(out, &in->records);
    print_page_types(out, &outcome->summary);
    print_map(out, &in->map);
    print_vcpus(out, in);
    print_hvm(out, in);
    print_cpu_policy(out, in);
    print_emulator(out, in);
    xv_inspect_xenstore_text(out, in);
}
