/* SPDX-License-Identifier: MIT */
/*
 * The domain's XML is not interpreted: it goes out as it came, or not at all. But what makes the toolstack act on the
 * host with its privileges is looked for, and judged by the allowances that the embedded configuration of xl has.
 * Names are compared without their namespace, so that none hides behind a prefix.
 */
#include <string.h>

#include "config_fields.h"
#include "libvirt.h"
#include "state.h"

#define WORD  20u
#define WORDS 12u
#define VALUE XV_XML_KEPT

/* What is looked at, and what makes it harmless. */
enum how {
    HOW_SEEN,      /* the element as such */
    HOW_TEXT,      /* the element, unless its text is a word of the list */
    HOW_ATTRIBUTE, /* the attribute, unless its value is a word of the list */
};

enum list { LIST_NONE, LIST_EMULATOR, LIST_CHARACTER, LIST_NIC, LIST_RANDOM, LIST_OFF, LIST_SECLABEL, LISTS };

static const struct rule {
    uint8_t parents[2][WORD]; /* between the root and the element; "" where it is not so deep */
    uint8_t name[WORD], attribute[WORD];
    enum how how;
    enum list list;
    enum xv_code code;  /* XV_ACCEPTED: only reported */
    uint32_t allow;     /* what lifts the refusal */
    char text[XV_TEXT]; /* for the observer */
} rules[] = {
#define ROOT \
    { "", "" }
#define IN(one) \
    { one, "" }
#define DEVICE(name, code, allow) \
    { IN("devices"), name, "", HOW_SEEN, LIST_NONE, XV_##code, XV_ALLOW_##allow, "devices." name }
#define OTHER(name) DEVICE(name, CONFIG_DEVICE, OTHER_DEVICES)
#define TYPED(name) \
    OTHER(name), { \
        IN("devices"), name, "type", HOW_ATTRIBUTE, LIST_CHARACTER, XV_CONFIG_HOST_PATH, XV_ALLOW_HOST_PATHS, \
            "devices." name "@type" \
    }
#define PART(device, name, attribute, how, list, code, allow) \
    { {"devices", device}, name, attribute, how, list, XV_##code, XV_ALLOW_##allow, "devices." device "." name }
    {ROOT, "bootloader", "", HOW_SEEN, LIST_NONE, XV_CONFIG_BOOTLOADER, XV_ALLOW_BOOTLOADER, "bootloader"},
    {ROOT, "commandline", "", HOW_SEEN, LIST_NONE, XV_CONFIG_DM_ARGS, XV_ALLOW_DEVICE_MODEL, "commandline"},
    {ROOT, "seclabel", "type", HOW_ATTRIBUTE, LIST_SECLABEL, XV_CONFIG_PRIVILEGE, XV_ALLOW_PRIVILEGE, "seclabel"},
    {IN("os"), "kernel", "", HOW_SEEN, LIST_NONE, XV_ACCEPTED, 0, "os.kernel"},
    {IN("os"), "initrd", "", HOW_SEEN, LIST_NONE, XV_ACCEPTED, 0, "os.initrd"},
    {IN("os"), "loader", "", HOW_SEEN, LIST_NONE, XV_ACCEPTED, 0, "os.loader"},
    {IN("os"), "nvram", "", HOW_SEEN, LIST_NONE, XV_CONFIG_HOST_PATH, XV_ALLOW_HOST_PATHS, "os.nvram"},
    {{"features", "xen"},
     "passthrough",
     "state",
     HOW_ATTRIBUTE,
     LIST_OFF,
     XV_CONFIG_PASSTHROUGH,
     XV_ALLOW_PASSTHROUGH,
     "features.xen.passthrough"},
    {IN("devices"), "emulator", "", HOW_TEXT, LIST_EMULATOR, XV_CONFIG_DEVICE_MODEL, XV_ALLOW_DEVICE_MODEL,
     "devices.emulator"},
    DEVICE("disk", CONFIG_DEVICE, DISKS),
    DEVICE("interface", CONFIG_DEVICE, NICS),
    DEVICE("filesystem", CONFIG_HOST_PATH, HOST_PATHS),
    DEVICE("shmem", CONFIG_HOST_PATH, HOST_PATHS),
    DEVICE("pstore", CONFIG_HOST_PATH, HOST_PATHS),
    DEVICE("hostdev", CONFIG_PASSTHROUGH, PASSTHROUGH),
    DEVICE("redirdev", CONFIG_PASSTHROUGH, PASSTHROUGH),
    DEVICE("redirfilter", CONFIG_PASSTHROUGH, PASSTHROUGH),
    DEVICE("smartcard", CONFIG_PASSTHROUGH, PASSTHROUGH),
    DEVICE("lease", CONFIG_PRIVILEGE, PRIVILEGE),
    TYPED("serial"),
    TYPED("parallel"),
    TYPED("console"),
    TYPED("channel"),
    OTHER("graphics"),
    OTHER("video"),
    OTHER("input"),
    OTHER("sound"),
    OTHER("audio"),
    OTHER("controller"),
    OTHER("memballoon"),
    OTHER("watchdog"),
    OTHER("panic"),
    OTHER("hub"),
    OTHER("tpm"),
    OTHER("rng"),
    OTHER("nvram"),
    OTHER("memory"),
    OTHER("iommu"),
    OTHER("vsock"),
    OTHER("crypto"),
    PART("interface", "script", "", HOW_SEEN, LIST_NONE, CONFIG_SCRIPT, SCRIPTS),
    PART("interface", "backenddomain", "", HOW_SEEN, LIST_NONE, CONFIG_PRIVILEGE, PRIVILEGE),
    PART("disk", "backenddomain", "", HOW_SEEN, LIST_NONE, CONFIG_PRIVILEGE, PRIVILEGE),
    PART("graphics", "listen", "socket", HOW_ATTRIBUTE, LIST_NONE, CONFIG_HOST_PATH, HOST_PATHS),
    PART("tpm", "backend", "type", HOW_ATTRIBUTE, LIST_NONE, CONFIG_PASSTHROUGH, PASSTHROUGH),
    PART("rng", "backend", "", HOW_TEXT, LIST_RANDOM, CONFIG_HOST_PATH, HOST_PATHS),
    {IN("devices"), "interface", "type", HOW_ATTRIBUTE, LIST_NIC, XV_CONFIG_PASSTHROUGH, XV_ALLOW_PASSTHROUGH,
     "devices.interface@type"},
    {IN("devices"), "graphics", "socket", HOW_ATTRIBUTE, LIST_NONE, XV_CONFIG_HOST_PATH, XV_ALLOW_HOST_PATHS,
     "devices.graphics@socket"},
};

/* Harmless values: what distributions install, what libvirt writes for a guest that reaches nothing of the host. */
static const uint8_t words[LISTS][WORDS][VALUE] = {
    [LIST_EMULATOR] = {"/usr/lib/xen/bin/qemu-system-i386", "/usr/lib/xen/bin/qemu-dm",
                       "/usr/lib64/xen/bin/qemu-system-i386", "/usr/lib64/xen/bin/qemu-dm",
                       "/usr/libexec/xen/bin/qemu-system-i386", "/usr/lib/xen/bin/qemu-system-x86_64",
                       "/usr/bin/qemu-system-x86_64", "/usr/bin/qemu-system-i386", "/usr/bin/qemu-system-xen",
                       "/usr/libexec/xen-qemu-system-i386", "/usr/lib/xen/boot/qemu-dm"},
    [LIST_CHARACTER] = {"pty", "null", "vc"},
    [LIST_NIC] = {"bridge", "network", "ethernet"},
    [LIST_RANDOM] = {"/dev/random", "/dev/urandom"},
    [LIST_OFF] = {"off"},
    [LIST_SECLABEL] = {"none", "dynamic"},
};

/* Octets of a name that are its namespace. */
static uint32_t prefix_of(const uint8_t name[XV_XML_NAME]) {
    uint32_t n = 0;

    for (uint32_t i = 0; i < XV_XML_NAME; i++) {
        if (name[i] == ':')
            n = i + 1;
    }
    return n;
}

static bool is(const uint8_t name[XV_XML_NAME], const uint8_t word[WORD]) {
    uint32_t prefix = prefix_of(name);

    for (uint32_t i = 0; i < WORD; i++) {
        uint8_t c = xv_byte_get(name, XV_XML_NAME, (uint64_t)prefix + i);

        if (c != word[i])
            return false;
        if (c == 0)
            return true;
    }
    return false;
}

/* The innermost element, which is at this depth, has the path of the rule. */
static bool matches(const struct xv_xml *x, uint32_t depth, const struct rule *rule) {
    uint32_t parents = (rule->parents[0][0] != 0) + (uint32_t)(rule->parents[1][0] != 0);

    if (depth != parents + 2 || depth > 4 || !is(x->names[depth - 1], rule->name))
        return false;
    for (uint32_t i = 0; i < parents && i < 2; i++) {
        if (!is(x->names[i + 1], rule->parents[i]))
            return false;
    }
    return true;
}

static bool harmless(const struct xv_xml *x, enum list list) {
    if ((uint32_t)list >= LISTS || x->text_len >= VALUE)
        return false;
    for (uint32_t i = 0; i < WORDS; i++) {
        if (words[list][i][0] != 0 && memcmp(words[list][i], x->text, VALUE) == 0)
            return true;
    }
    return false;
}

static bool settle(struct xv_parser *p, const struct rule *rule) {
    uint64_t at = p->libvirt.xml.start;

    if (rule->code != XV_ACCEPTED && !xv_allows(p, rule->allow))
        return xv_reject(p, rule->code, at);
    xv_tell(p, XV_FACT_CONFIG, at, rule->code != XV_ACCEPTED ? XV_CLASS_REFUSED : XV_CLASS_DROPPED, rule->allow, 0,
            rule->text);
    return true;
}

/* True if the rule has nothing against what the event completed. */
static bool fine(const struct xv_xml *x, enum xv_xml_event event, const struct rule *rule) {
    uint32_t count = x->count;

    switch (rule->how) {
    case HOW_SEEN:
        return event != XV_XML_ELEMENT;
    case HOW_TEXT:
        return event != XV_XML_LEAVE || (x->leaf != 0 && harmless(x, rule->list));
    case HOW_ATTRIBUTE:
    default:
        return event != XV_XML_ATTRIBUTE || count < 1 || count > XV_XML_MAX_ATTRIBUTES ||
               !is(x->attributes[count - 1], rule->attribute) || harmless(x, rule->list);
    }
}

/* A device that no release of libvirt knows; elsewhere unknown elements reach nobody. */
static bool unknown_device(struct xv_parser *p) {
    static const char text[XV_TEXT] = "devices.(unknown)";
    uint64_t at = p->libvirt.xml.start;

    if (!xv_tolerates(p, XV_TOLERATE_UNKNOWN_CONFIG_FIELD, at))
        return xv_reject(p, XV_CONFIG_FIELD_UNKNOWN, at);
    xv_tell(p, XV_FACT_CONFIG, at, XV_CLASS_UNKNOWN, 0, 0, text);
    return true;
}

/* The root is a domain; one of another hypervisor is worth a word (libvirt 1). */
static bool root(struct xv_parser *p, enum xv_xml_event event) {
    static const uint8_t domain[XV_XML_NAME] = "domain", type[XV_XML_NAME] = "type", xen[XV_XML_KEPT] = "xen";
    static const char text[XV_TEXT] = "domain@type";
    const struct xv_xml *x = &p->libvirt.xml;

    if (event == XV_XML_ELEMENT && memcmp(x->names[0], domain, sizeof(domain)) != 0)
        return xv_reject(p, XV_LIBVIRT_DOMAIN, x->start);
    if (event == XV_XML_ATTRIBUTE && x->count >= 1 && x->count <= XV_XML_MAX_ATTRIBUTES &&
        memcmp(x->attributes[x->count - 1], type, sizeof(type)) == 0 && memcmp(x->text, xen, sizeof(xen)) != 0)
        xv_tell(p, XV_FACT_CONFIG, x->start, XV_CLASS_UNKNOWN, 0, 0, text);
    return true;
}

bool xv_libvirt_domain(struct xv_parser *p, enum xv_xml_event event) {
    static const uint8_t devices[WORD] = "devices";
    const struct xv_xml *x = &p->libvirt.xml;
    uint32_t depth = event == XV_XML_LEAVE ? x->depth + 1 : x->depth;
    bool known = event != XV_XML_ELEMENT || depth != 3 || !is(x->names[1], devices);

    if (depth == 1)
        return root(p, event);
    for (uint32_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (!matches(x, depth, &rules[i]))
            continue;
        known = true;
        if (!fine(x, event, &rules[i]) && !settle(p, &rules[i]))
            return false;
    }
    return known || unknown_device(p);
}
