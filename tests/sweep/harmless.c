/* SPDX-License-Identifier: MIT */
/* Single bits that may change without a refusal, and why that does no harm: nobody but the guest acts on them. */
#include <string.h>

#include "place.h"

#define ANY       UINT32_MAX
#define REGISTERS "registers of the guest"
#define DEVICE    "state of a device that Xen emulates for the guest; it masks what it loads"
#define MEMORY    "memory of the guest, which may hold anything"
#define PAGE      "which pages of its own the guest has, and whether they have contents, is the guest's business"
#define TABLE \
    "an entry that is not present, flags of one that is, or another page of the guest; Xen validates tables when it pins them"
#define INSTANCE "state of another vCPU of the same guest, whose own state goes back to reset values"
#define REPORTED "reported to a person; chooses among releases that the policy accepts"
#define SAVED    "what xenstored has saved, which nothing else in the state tells"
#define FEWER    "zero octets of padding at the end of a value, or some fewer of a value's own"
#define PENDING  "what is on its way between a client and xenstored"
#define POLICY   "what the guest is told of its processor; Xen compares it with what the host has"

static const struct row {
    enum place_kind kind;
    uint32_t type;
    uint32_t from, to; /* octets of the place, inclusive */
    uint8_t bits;
    const char *reason;
} rows[] = {
    {PLACE_LIBXC, ANY, 32, 39, 0xff, REPORTED},

    {PLACE_XENOPS, ANY, 0, ANY, 0xff, "metadata as good: its readers check it and use nothing of it for the restore"},
    {PLACE_XENOPSD, 0x0f12, 0, 0, 0x01, "state of a TPM in either of its two forms; its emulator checks it"},
    {PLACE_XENOPSD, 0x0f13, 0, 0, 0x01, "the same"},
    {PLACE_XENOPSD, 0x0f11, 0, 0, 0xff, "the same, or of the variable store"},
    {PLACE_XENOPSD_BODY, 0x0f00, 8, 8, 0xff, "the type of QEMU's first section, full or configuration"},
    {PLACE_XML, ANY, 0, ANY, 0xff, "XML as good: what in it reaches the host is refused or allowed by name"},

    {PLACE_LIBXL_HEADER, 3, 4, 4, 0x07,
     "zero octets of padding that go to QEMU behind its end-of-file octet, or one of these fewer"},
    {PLACE_LIBXL_BODY, 2, 8, ANY, 0xff,
     "addresses, sizes and names of the guest's video memory, within the grammar of the three keys"},
    {PLACE_LIBXL_BODY, 3, 16, 16, 0xff, "the type of QEMU's first section, full or configuration"},

    {PLACE_PAGE_HEAD, ANY, 0, 4095, 0xff, MEMORY},
    {PLACE_PTE, ANY, 0, 7, 0xff, TABLE},
    {PLACE_PFN_PV, ANY, 0, 3, 0xff, PAGE},
    {PLACE_PFN_PV, ANY, 7, 7, 0xf0, PAGE},
    {PLACE_PFN_HVM, ANY, 0, 3, 0xff, PAGE},
    {PLACE_PFN_HVM, ANY, 7, 7, 0xf0, PAGE},
    {PLACE_LIBXC_BODY, 3, 0, 7, 0xff, "the end of the guest's memory, within the frames that the record holds"},
    {PLACE_LIBXC_BODY, 3, 8, ANY, 0xff, "which ordinary pages the guest keeps its p2m in is its own business"},

    {PLACE_LIBXC_BODY, 4, 8, 519, 0xff, REGISTERS " (FPU)"},
    {PLACE_LIBXC_BODY, 4, 520, 520, 0x3d, "defined flags of a vCPU"},
    {PLACE_LIBXC_BODY, 4, 524, ANY, 0xff, REGISTERS ", its trap table, and pages of its own that fit their use"},
    {PLACE_LIBXC_BODY, 5, 16, 71, 0xff, "callbacks of the guest into itself, and its machine-check state"},
    {PLACE_LIBXC_BODY, 6, 8, 23, 0xff, "extended features, where the image has room for them"},
    {PLACE_LIBXC_BODY, 6, 24, 535, 0xff, REGISTERS " (FPU)"},
    {PLACE_LIBXC_BODY, 6, 536, 536, 0xff, "which components of the image are in use"},
    {PLACE_LIBXC_BODY, 8, 0, 0, 0x03, "another TSC mode that Xen knows"},
    {PLACE_LIBXC_BODY, 8, 4, 19, 0xff, "what the guest's clock shows"},

    {PLACE_LEAF, ANY, 4, 4, 0xff, POLICY},
    {PLACE_LEAF, ANY, 8, 23, 0xff, POLICY},
    {PLACE_MSR, ANY, 8, 15, 0xff, REGISTERS " (MSR), in the bits that exist"},

    {PLACE_PARAM, ANY, 0, 0, 0xff, "another parameter that travels, whose value is as good"},
    {PLACE_PARAM, ANY, 8, 15, 0xff, "values that the parameter may have; pages are populated ones of the guest"},

    {PLACE_UNSUMMED, ANY, 0, ANY, 0xff,
     "what a checksum would have found, in a record that the policy takes without one"},

    {PLACE_TEXT, ANY, 0, ANY, 0xff, "text of the sender's host, which nobody here interprets or forwards"},
    {PLACE_LEGACY, 2, 0, 0, 0x08,
     "the map of vCPUs of an HVM guest, which nobody reads, becomes a flag that is as long"},
    {PLACE_LEGACY, 2, 0, 0, 0x02, "HVM_VM86_TSS, as long, of a guest that has vCPU 0 without a map"},
    {PLACE_LEGACY, 2, 8, 15, 0xff, "a vCPU of an HVM guest, whose context tells which there are; nobody reads the map"},
    {PLACE_LEGACY, 2, 4, 5, 0xff, "the largest id, where no vCPU has it, in a map that is as long"},
    {PLACE_LEGACY, 3, 0, 0, 0xff, "another parameter that travels, whose value is as good"},
    {PLACE_LEGACY, 8, 0, 0, 0xff, "another parameter that travels, whose value is as good"},
    {PLACE_LEGACY, 15, 0, 0, 0xff, "another parameter that travels, whose value is as good"},
    {PLACE_LEGACY, 16, 0, 0, 0xff, "another parameter that travels, whose value is as good"},
    {PLACE_LEGACY, 17, 0, 0, 0xff, "another parameter that travels, whose value is as good"},
    {PLACE_LEGACY, 19, 0, 0, 0xff, "another parameter that travels, whose value is as good"},
    {PLACE_LEGACY, 9, 0, 0, 0xff, "a chunk without a body"},
    {PLACE_LEGACY, 1, 0, 0, 0xff, "a chunk without a body"},
    {PLACE_LEGACY, 7, 4, 4, 0x03, "another TSC mode that Xen knows"},
    {PLACE_LEGACY, 7, 8, 23, 0xff, "what the guest's clock shows"},
    {PLACE_LEGACY, 18, 16, ANY, 0xff,
     "addresses, sizes and names of the guest's video memory, and what leaked behind them"},
    {PLACE_LEGACY, 3, 4, 7, 0xff, "a pad that nobody reads"},
    {PLACE_LEGACY, 3, 8, 15, 0xff, "values that the parameter may have; pages are populated ones of the guest"},
    {PLACE_LEGACY, 4, 4, 7, 0xff, "a pad that nobody reads"},
    {PLACE_LEGACY, 4, 8, 15, 0xff, "values that the parameter may have; pages are populated ones of the guest"},
    {PLACE_LEGACY, 8, 4, 7, 0xff, "a pad that nobody reads"},
    {PLACE_LEGACY, 8, 8, 15, 0xff, "values that the parameter may have; pages are populated ones of the guest"},
    {PLACE_LEGACY, 10, 4, 7, 0xff, "a pad that nobody reads"},
    {PLACE_LEGACY, 10, 8, 15, 0xff, "values that the parameter may have; pages are populated ones of the guest"},
    {PLACE_LEGACY, 11, 4, 7, 0xff, "a pad that nobody reads"},
    {PLACE_LEGACY, 11, 8, 15, 0xff, "values that the parameter may have; pages are populated ones of the guest"},
    {PLACE_LEGACY, 14, 4, 7, 0xff, "a pad that nobody reads"},
    {PLACE_LEGACY, 14, 8, 15, 0xff, "values that the parameter may have; pages are populated ones of the guest"},
    {PLACE_LEGACY, 15, 4, 7, 0xff, "a pad that nobody reads"},
    {PLACE_LEGACY, 15, 8, 15, 0xff, "values that the parameter may have; pages are populated ones of the guest"},
    {PLACE_LEGACY, 16, 4, 7, 0xff, "a pad that nobody reads"},
    {PLACE_LEGACY, 16, 8, 15, 0xff, "values that the parameter may have; pages are populated ones of the guest"},
    {PLACE_LEGACY, 17, 4, 7, 0xff, "a pad that nobody reads"},
    {PLACE_LEGACY, 17, 8, 15, 0xff, "values that the parameter may have; pages are populated ones of the guest"},
    {PLACE_LEGACY, 19, 4, 7, 0xff, "a pad that nobody reads"},
    {PLACE_LEGACY, 19, 8, 15, 0xff, "values that the parameter may have; pages are populated ones of the guest"},
    {PLACE_LEGACY, 20, 4, 7, 0xff, "a pad that nobody reads"},
    {PLACE_LEGACY, 20, 8, 15, 0xff, "values that the parameter may have; pages are populated ones of the guest"},
    {PLACE_LEGACY, 21, 4, 7, 0xff, "a pad that nobody reads"},
    {PLACE_LEGACY, 21, 8, 15, 0xff, "values that the parameter may have; pages are populated ones of the guest"},
    {PLACE_LEGACY, 0x200, 0, 7, 0xff, "a mask of features that nobody reads"},
    {PLACE_LEGACY, 0x201, 0, ANY, 0xff, MEMORY},
    {PLACE_LEGACY, 0x203, 0, ANY, 0xff, "a pfn that the saver could not map; nobody reads it"},
    {PLACE_LEGACY, 0x207, 0, 3, 0xff, "the end of the guest's memory, within the frames that the list holds"},
    {PLACE_LEGACY_INFO, 1, 0, ANY, 0xff, "a context of which only the length is read"},

    {PLACE_HVM_ENTRY, 2, 2, 2, 0xff, INSTANCE},
    {PLACE_HVM_ENTRY, 5, 2, 2, 0xff, INSTANCE},
    {PLACE_HVM_ENTRY, 6, 2, 2, 0xff, INSTANCE},
    {PLACE_HVM_ENTRY, 14, 2, 2, 0xff, INSTANCE},
    {PLACE_HVM_ENTRY, 16, 2, 2, 0xff, INSTANCE},
    {PLACE_HVM_ENTRY, 17, 2, 2, 0xff, INSTANCE},
    {PLACE_HVM_ENTRY, 18, 2, 2, 0xff, INSTANCE},
    {PLACE_HVM_ENTRY, 19, 2, 2, 0xff, INSTANCE},
    {PLACE_HVM_ENTRY, 20, 2, 2, 0xff, INSTANCE},
    {PLACE_HVM_ENTRY, 9, 0, 0, 0xff, "the state of another device of the same length"},
    {PLACE_HVM_ENTRY, 1, 16, 31, 0xff, "the saver's processor and clock, which Xen only prints"},
    {PLACE_HVM_ENTRY, 2, 8, 663, 0xff, REGISTERS},
    {PLACE_HVM_ENTRY, 2, 664, 667, 0xff, "bits of CR0 that exist, in a mode that exists"},
    {PLACE_HVM_ENTRY, 2, 672, 687, 0xff, REGISTERS " (CR2, CR3)"},
    {PLACE_HVM_ENTRY, 2, 688, 691, 0xff, "bits of CR4 that exist"},
    {PLACE_HVM_ENTRY, 2, 696, 999, 0xff, REGISTERS},
    {PLACE_HVM_ENTRY, 2, 1000, 1002, 0xff, "bits of EFER that exist"},
    {PLACE_HVM_ENTRY, 2, 1008, 1031, 0xff, REGISTERS ", and an event to inject that Xen can inject"},
    {PLACE_HVM_ENTRY, 2, 1032, 1032, 0x01, "whether the FPU was initialised"},
    {PLACE_HVM_ENTRY, 3, 8, 15, 0xff, DEVICE},
    {PLACE_HVM_ENTRY, 4, 8, 407, 0xff, DEVICE},
    {PLACE_HVM_ENTRY, 5, 8, 39, 0xff, DEVICE},
    {PLACE_HVM_ENTRY, 6, 8, 1031, 0xff, DEVICE},
    {PLACE_HVM_ENTRY, 7, 8, 23, 0xff, DEVICE},
    {PLACE_HVM_ENTRY, 8, 8, 15, 0xff, DEVICE},
    {PLACE_HVM_ENTRY, 9, 8, 11, 0x0f, DEVICE},
    {PLACE_HVM_ENTRY, 10, 8, 63, 0xff, DEVICE},
    {PLACE_HVM_ENTRY, 11, 8, 31, 0xff, DEVICE},
    {PLACE_HVM_ENTRY, 12, 8, 1055, 0xff, DEVICE},
    {PLACE_HVM_ENTRY, 13, 8, 15, 0xff, DEVICE},
    {PLACE_HVM_ENTRY, 14, 8, 247, 0xff, REGISTERS " (MTRR)"},
    {PLACE_HVM_ENTRY, 15, 8, 39, 0xff, "addresses of the guest's own, and clocks, for Viridian"},
    {PLACE_HVM_ENTRY, 16, 8, 23, 0xff, "extended features, where the image has room for them"},
    {PLACE_HVM_ENTRY, 16, 32, 543, 0xff, REGISTERS " (FPU)"},
    {PLACE_HVM_ENTRY, 16, 544, 544, 0xff, "which components of the image are in use"},
    {PLACE_HVM_ENTRY, 16, 608, ANY, 0xff, REGISTERS " (extended)"},
    {PLACE_HVM_ENTRY, 17, 8, 16, 0xff, "addresses of the guest's own, for Viridian"},
    {PLACE_HVM_ENTRY, 17, 24, 223, 0xff, "addresses and timers of the guest's own, for Viridian"},
    {PLACE_HVM_ENTRY, 18, 8, 39, 0xff, "machine-check capabilities that Xen emulates"},
    {PLACE_HVM_ENTRY, 19, 8, 15, 0xff, "what the guest's clock shows"},
    {PLACE_HVM_ENTRY, 20, 24, 31, 0xff, REGISTERS " (MSR)"},
    {PLACE_HVM_ENTRY, 20, 40, ANY, 0xff, REGISTERS " (MSR)"},

    {PLACE_XENSTORE_RECORD, ANY, 4, 7, 0x07,
     "more or less padding in a length that the policy lets differ from xenstored's"},
    {PLACE_XENSTORE_HEAD, 1, 0, 7, 0xff, SAVED ": another descriptor"},
    {PLACE_XENSTORE_HEAD, 2, 0, 3, 0xff, "the id of a connection that nothing names"},
    {PLACE_XENSTORE_HEAD, 2, 4, 4, 0x01, SAVED ": a domain in place of a socket of that number"},
    {PLACE_XENSTORE_RECORD, 7, 0, 0, 0x01, "a domain without quotas turns into an empty record of global ones"},
    {PLACE_XENSTORE_HEAD, 2, 8, 15, 0xff, SAVED ": another domain, target, port or descriptor"},
    {PLACE_XENSTORE_HEAD, 2, 16, 23, 0xff, PENDING ", cut elsewhere"},
    {PLACE_XENSTORE_MESSAGE, 2, 0, 15, 0xff, PENDING},
    {PLACE_XENSTORE_UNIQUE, 2, 0, 7, 0xff, SAVED ": xenstored compares it with the domain's"},
    {PLACE_XENSTORE_HEAD, 3, 0, 3, 0xff, SAVED ": another connection that is there"},
    {PLACE_XENSTORE_HEAD, 8, 0, 3, 0xff, SAVED ": another connection that is there"},
    {PLACE_XENSTORE_DEPTH, 8, 0, 1, 0xff, SAVED ": another depth"},
    {PLACE_XENSTORE_HEAD, 4, 0, 3, 0xff, SAVED ": another connection that is there"},
    {PLACE_XENSTORE_HEAD, 4, 4, 7, 0xff, "the id of a transaction that nothing names"},
    {PLACE_XENSTORE_HEAD, 5, 0, 7, 0xff, SAVED ": another transaction that is there"},
    {PLACE_XENSTORE_HEAD, 5, 10, 11, 0x07, FEWER},
    {PLACE_XENSTORE_LENGTH, ANY, 0, 0, 0x03, FEWER},
    {PLACE_XENSTORE_HEAD, 5, 12, 13, 0x03, SAVED ": another access of the transaction"},
    {PLACE_XENSTORE_PERMISSION, ANY, 0, 3, 0xff, SAVED ": another permission, to a domain or for a stale entry"},
    {PLACE_XENSTORE_PATH, ANY, 0, ANY, 0xff,
     SAVED ": another name, which hangs from what is there and nothing hangs from"},
    {PLACE_XENSTORE_TOKEN, ANY, 0, ANY, 0xff, "a token is the client's own"},
    {PLACE_XENSTORE_VALUE, ANY, 0, ANY, 0xff, SAVED ": another limit"},
    {PLACE_XENSTORE_NAME, ANY, 0, ANY, 0xff, SAVED ": another limit, or one that readers ignore"},
    {PLACE_XENSTORE_HEAD, 7, 0, 1, 0xff, SAVED ": another domain that is there"},
    {PLACE_XENSTORE_HEAD, 7, 4, 7, 0xff, SAVED ": features that the guest sees"},
    {PLACE_XENSTORE_REST, 6, 0, ANY, 0xff, "padding that xenstored leaves as it finds it"},
    {PLACE_XENSTORE_REST, 7, 0, ANY, 0xff, "padding that xenstored leaves as it finds it"},
    {PLACE_XENSTORE_NUMBER, ANY, 0, 3, 0xff, SAVED ": another transaction or domain"},
};

/* Fields of the configuration whose values a person or the guest alone cares about, or that are checked against the
 * stream. */
static const struct {
    const char *path; /* or the beginning of it, with a * at its end */
    const char *reason;
} fields[] = {
    {"c_info.name", "a name as good"},
    {"c_info.uuid", "a UUID as good"},
    {"c_info.type", "upper case or lower case"},
    {"b_info.max_memkb", "a size that the stream fits in and the policy allows"},
    {"b_info.target_memkb", "a size within the maximum"},
    {"b_info.video_memkb", "a size that the policy allows"},
    {"b_info.max_vcpus", "a number that the stream fits in and the policy allows"},
    {"b_info.avail_vcpus*", "vCPUs below the maximum"},
    {"b_info.sched_params.*", "numbers of the scheduler, which checks them"},
    {"b_info.kernel", "never forwarded"},
    {"b_info.ramdisk", "never forwarded"},
    {"b_info.cmdline", "never forwarded"},
    {"b_info.type.hvm.vga.kind", "upper case or lower case"},
    {"b_info.type.hvm.serial_list*", "upper case or lower case"},
    {"b_info.type.hvm.usbdevice", "upper case or lower case"},
    {"on_*", "upper case or lower case"},
    {"disks.*", "disks are allowed by the policy"},
    {"nics.*", "network interfaces are allowed by the policy"},
    {"vfbs.*", "devices of this kind are allowed by the policy"},
    {"vkbs.*", "devices of this kind are allowed by the policy"},
};

static const char *harmless_field(const struct place *place, const struct xv_policy *policy) {
    if (policy->tolerate & XV_TOLERATE_UNKNOWN_CONFIG_FIELD) {
        if (place->is_name)
            return "a field that no release knows, which the policy tolerates and the gate never forwards";
        if (strncmp(place->path, "extra", 5) == 0)
            return "the value of such a field";
    }
    for (size_t i = 0; !place->is_name && i < sizeof(fields) / sizeof(fields[0]); i++) {
        size_t n = strlen(fields[i].path);
        bool prefix = fields[i].path[n - 1] == '*';

        if (strncmp(place->path, fields[i].path, prefix ? n - 1 : n + 1) == 0)
            return fields[i].reason;
    }
    return NULL;
}

/* An optional record that the policy tolerates, and what turns into one; and a record that swallows the rest of a
 * stream. */
static const char *harmless_header(const struct place *place, unsigned bit, const struct xv_policy *policy) {
    bool optional = place->type & 0x80000000u;

    if (place->later && place->offset >= 4)
        return "the end of the link cuts a record short: only whole checkpoints count";
    if (place->kind != PLACE_LIBXC_HEADER || !(policy->tolerate & XV_TOLERATE_OPTIONAL_RECORD))
        return NULL;
    if ((optional && (place->offset < 3 || (place->offset == 3 && bit < 7))) || (place->offset == 3 && bit == 7))
        return "an optional record, which the policy tolerates and the gate leaves out";
    return optional && place->offset == 4 ? "padding of an optional record" : NULL;
}

const char *harmless(const struct place *place, unsigned bit, const struct xv_policy *policy) {
    const char *reason = NULL;

    if (place->kind == PLACE_CONFIG)
        return harmless_field(place, policy);
    if (place->kind == PLACE_XML_EMULATOR && policy->allow & XV_ALLOW_DEVICE_MODEL)
        return "the policy lets the image choose its device model";
    if (place->kind == PLACE_LIBXC_HEADER || place->kind == PLACE_LIBXL_HEADER)
        reason = harmless_header(place, bit, policy);
    for (size_t i = 0; !reason && i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];

        if (row->kind == place->kind && (row->type == ANY || row->type == place->type) && place->offset >= row->from &&
            place->offset <= row->to && (row->bits >> bit & 1))
            reason = row->reason;
    }
    return reason;
}
