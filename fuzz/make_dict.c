/* SPDX-License-Identifier: MIT */
/*
 * Prints a dictionary for the fuzzers, from the tables that the parser itself uses.
 *
 *     make_dict [TARGET] > TARGET.dict
 */
#include <stdio.h>
#include <string.h>

#include <xenvet/rules.h>

#include "../restore/settings.h"
#include "config_fields.h"
#include "hvm_entries.h"
#include "hvm_params.h"

static void octets(const char *name, const char *part, const void *bytes, size_t n) {
    const unsigned char *p = bytes;

    for (; *name; name++) /* names of entries are words */
        putchar((*name | 32) >= 'a' && (*name | 32) <= 'z' ? *name : '_');
    printf("_%s=\"", part);
    for (size_t i = 0; i < n; i++)
        printf("\\x%02x", p[i]);
    puts("\"");
}

static void words(const char *name, const char *part, uint32_t a, uint32_t b) {
    unsigned char p[8];

    for (unsigned i = 0; i < 4; i++) {
        p[i] = (unsigned char)(a >> 8 * i);
        p[4 + i] = (unsigned char)(b >> 8 * i);
    }
    octets(name, part, p, sizeof(p));
}

static void quoted(const char *name) {
    char text[96];
    int n = snprintf(text, sizeof(text), "\"%s\"", name);

    if (n > 2)
        octets(name, "text", text, (size_t)n);
}

/* Headers of records: type, and shortest, next and longest body. */
static void records(void) {
    struct xv_record_rule rule;

    for (size_t i = 0; i < 64; i++) {
        if (!xv_record_rule_at(i, &rule))
            continue;
        words(rule.name, "shortest", rule.type, rule.min);
        words(rule.name, "longest", rule.type, rule.max);
        if (rule.step > 1)
            words(rule.name, "next", rule.type, rule.min + rule.step);
    }
}

/* Descriptors of the HVM context: typecode, instance 0, length. */
static void context(void) {
    for (uint32_t code = 0; code < XV_HVM_CODES; code++) {
        const struct xv_hvm_entry *entry = xv_hvm_entry(code);

        for (size_t i = 0; entry && i < sizeof(entry->lengths) / sizeof(entry->lengths[0]); i++)
            if (entry->lengths[i].until)
                words(entry->name, "descriptor", code, entry->lengths[i].octets);
    }
}

static void params(void) {
    for (uint32_t index = 0; index < XV_HVM_PARAMS; index++)
        words("param", "index", index, 0);
}

static void config(void) {
    for (uint32_t i = 0; i < XV_CONFIG_ROWS; i++)
        if (xv_config_field(i)->kind != XV_KIND_GROUP)
            quoted((const char *)xv_config_field(i)->name);
    for (const char *const *v = (const char *const[]){"True", "False", "<default>", "hvm", "pv", "pvh", NULL}; *v; v++)
        quoted(*v);
}

static void policy(void) {
    const struct xv_release_field *release;
    const struct xv_name_set *set;
    const struct xv_limit *limit;

    for (size_t i = 0; (limit = xv_limit_at(i)); i++)
        quoted(limit->key);
    for (size_t i = 0; (release = xv_release_field_at(i)); i++)
        quoted(release->key);
    for (size_t i = 0; (set = xv_name_set_at(i)); i++) {
        quoted(set->key);
        for (unsigned bit = 0; bit < 32; bit++) {
            if (set->name(bit))
                quoted(set->name(bit));
        }
    }
}

static void image(void) {
    static const unsigned char marker[] = {255, 255, 255, 255, 255, 255, 255, 255, 'X', 'E', 'N', 'F', 0, 0, 0, 3};

    records();
    context();
    octets("libxc", "header", marker, sizeof(marker));
    puts(
        "libxl_ident=\"LibxlFmt\"\nxl_magic=\"Xen saved domain, xl format\"\nxenopsd_signature=\"XenSavedDomv2-\\x0a\"\nlibvirt_magic=\"libvirt-xml\\x0a \\x00 \\x0d\"\nqemu_magic=\"QEVM\"\nphysmap_key=\"physmap/\"");
}

static void xenstore(void) {
    static const unsigned char owner[] = {'n', 0, 0, 0};

    records();
    octets("xenstore", "owner", owner, sizeof(owner));
    puts("libxl_ident=\"LibxlFmt\"\nxenstore_ident=\"xenstore\"\nxenstore_guest=\"/local/domain/1/\"");
    puts(
        "xenstore_release=\"@releaseDomain\"\nxenstore_introduce=\"@introduceDomain\"\nxenstore_quota=\"soft-memory\"");
}

int main(int argc, char **argv) {
    static const struct {
        const char *target;
        void (*print)(void);
    } dictionaries[] = {{"config", config},       {"xl", config},         {"policy_file", policy},
                        {"hvm_context", context}, {"hvm_params", params}, {"libxl", records},
                        {"xenopsd", records},     {"emulator", records},  {"xenstore", xenstore}};

    for (size_t i = 0; argc > 1 && i < sizeof(dictionaries) / sizeof(dictionaries[0]); i++) {
        if (strcmp(argv[1], dictionaries[i].target) == 0) {
            dictionaries[i].print();
            return 0;
        }
    }
    image();
    return 0;
}
