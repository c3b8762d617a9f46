/* SPDX-License-Identifier: MIT */
#include "verdict_text.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

/* How a found value reads best: addresses, types and flags in hexadecimal, which is the default. */
enum style { STYLE_HEX, STYLE_COUNT, STYLE_RELEASE };

static bool among(uint32_t code, const uint16_t *codes, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (codes[i] == code)
            return true;
    }
    return false;
}

static const uint16_t as_releases[] = {
    XV_COMPAT_IMAGE_VERSION,
    XV_COMPAT_SAVER,
    XV_COMPAT_TARGET_VERSION,
    XV_COMPAT_TARGET_POLICY,
};
static const uint16_t as_counts[] = {
    XV_TRUNCATED,
    XV_LIMIT_BYTES,
    XV_LIMIT_RECORDS,
    XV_XL_OPTIONAL_LEN,
    XV_XL_CONFIG_LEN,
    XV_JSON_DEPTH,
    XV_JSON_ELEMENTS,
    XV_JSON_STRING,
    XV_CONFIG_VCPUS,
    XV_CONFIG_MEMORY,
    XV_CONFIG_RANGE,
    XV_LIBXL_VERSION,
    XV_EMULATOR_PAIRS,
    XV_EMULATOR_ID,
    XV_EMULATOR_INDEX,
    XV_LIMIT_CHECKPOINT,
    XV_LIBXC_VERSION,
    XV_RECORD_LENGTH,
    XV_LIBXL_RECORD_LENGTH,
    XV_PAGE_COUNT,
    XV_PAGE_LENGTH,
    XV_PAGE_ROUNDS,
    XV_GUEST_MEMORY,
    XV_P2M_LIMIT,
    XV_P2M_GROWTH,
    XV_VCPU_ID,
    XV_VCPU_LENGTH,
    XV_VCPU_ORDER,
    XV_EXT_SIZE,
    XV_XSAVE_SIZE,
    XV_GDT_ENTS,
    XV_HVM_LENGTH,
    XV_HVM_OVERRUN,
    XV_HVM_INSTANCE,
    XV_PARAM_COUNT,
    XV_CPUID_COUNT,
    XV_COMPAT_SAVER_HVM,
    XV_COMPAT_TARGET_LENGTH,
    XV_DOMAIN_PAGE_SHIFT,
    XV_TSC_KHZ,
    XV_TSC_MODE,
    XV_XENSTORE_VERSION,
    XV_XENSTORE_RECORD_LENGTH,
    XV_XENSTORE_RECORD_ROUNDING,
    XV_XENSTORE_LIMIT,
    XV_XENSTORE_LIMIT_NAMES,
    XV_XENSTORE_LIMIT_BUFFER,
    XV_XENSTORE_DESCRIPTOR,
    XV_XENSTORE_CONNECTION_ID,
    XV_XENSTORE_CONNECTION_DOMAIN,
    XV_XENSTORE_CONNECTION_SHARED,
    XV_XENSTORE_CONNECTION_UNKNOWN,
    XV_XENSTORE_RESPONSE,
    XV_XENSTORE_MESSAGE_LENGTH,
    XV_XENSTORE_MESSAGE_TYPE,
    XV_XENSTORE_MESSAGE_CUT,
    XV_XENSTORE_WATCH_LENGTH,
    XV_XENSTORE_WATCH_REPEATED,
    XV_XENSTORE_PATH_LENGTH,
    XV_XENSTORE_PATH_DEPTH,
    XV_XENSTORE_NODE_VALUE,
    XV_XENSTORE_PERM_COUNT,
    XV_XENSTORE_PERM_OWNER,
    XV_XENSTORE_TRANSACTION_ID,
    XV_XENSTORE_TRANSACTION_UNKNOWN,
    XV_XENSTORE_QUOTA_COUNT,
    XV_XENSTORE_DOMAIN_UNKNOWN,
    XV_XENSTORE_DOMAIN_REPEATED,
    XV_XENSTORE_2020_LENGTH,
};

static enum style style_of(uint32_t code) {
    if (among(code, as_releases, sizeof as_releases / sizeof as_releases[0]))
        return STYLE_RELEASE;
    return among(code, as_counts, sizeof as_counts / sizeof as_counts[0]) ? STYLE_COUNT : STYLE_HEX;
}

__attribute__((format(printf, 3, 4))) static void add(char *out, size_t size, const char *format, ...) {
    size_t used = strlen(out);
    va_list args;
    va_start(args, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): a false alarm when clang-tidy gets several files */
    (void)vsnprintf(out + used, size - used, format, args);
    va_end(args);
}

static void add_value(char *out, size_t size, enum style style, uint64_t value) {
    if (style == STYLE_RELEASE && value >= XV_XEN(1, 0) && value <= XV_XEN(99, 99))
        add(out, size, "%u.%u", (unsigned)(value >> 16), (unsigned)(value & 0xffffu));
    else if (style == STYLE_COUNT)
        add(out, size, "%llu", (unsigned long long)value);
    else
        add(out, size, "0x%llx", (unsigned long long)value);
}

const char *xv_verdict_sentence(char *out, size_t size, const struct xv_outcome *o) {
    const struct xv_verdict *v = xv_verdict_of((enum xv_code)o->code);
    enum style style = style_of(o->code);
    (void)snprintf(out, size, "%s", v != NULL ? v->text : "unknown verdict");
    if (o->code == XV_TRUNCATED && o->offset == 0 && o->summary.bytes == 0)
        add(out, size, " (it is empty)");
    if ((o->has & XV_HAS_FOUND) != 0) {
        add(out, size, ": found ");
        add_value(out, size, style, o->found);
    }
    if ((o->has & XV_HAS_ALLOWED) != 0) {
        add(out, size, "%sallowed ", (o->has & XV_HAS_FOUND) != 0 ? ", " : ": ");
        add_value(out, size, style, o->allowed_min);
        if (o->allowed_max == UINT32_MAX || o->allowed_max == UINT64_MAX) {
            add(out, size, style == STYLE_RELEASE ? " or later" : " or more");
        } else if (o->allowed_max != o->allowed_min) {
            add(out, size, "..");
            add_value(out, size, style, o->allowed_max);
        }
    }
    return out;
}

const char *xv_verdict_place(char *out, size_t size, const struct xv_outcome *o) {
    char name[sizeof o->record_name];
    out[0] = '\0';
    if ((o->has & XV_HAS_RECORD) == 0)
        return out;
    (void)xv_text_ascii(name, sizeof name, o->record_name, sizeof o->record_name);
    if (name[0] != '\0')
        (void)snprintf(out, size, "record %llu, %s", (unsigned long long)o->record, name);
    else
        (void)snprintf(out, size, "record %llu, type 0x%x", (unsigned long long)o->record, (unsigned)o->record_type);
    return out;
}

static void add_guest(char *out, size_t size, const struct xv_summary *s) {
    char name[sizeof s->config_name];
    (void)xv_text_ascii(name, sizeof name, s->config_name, sizeof s->config_name);
    if (s->guest == 0)
        return;
    add(out, size, ", %s guest", xv_guest_name((uint32_t)s->guest));
    if (name[0] != '\0')
        add(out, size, " \"%s\"", name);
}

static void add_xenstore(char *out, size_t size, const struct xv_summary *s) {
    const struct {
        uint32_t n;
        const char *what;
    } counts[] = {
        {s->xenstore_connections, "connection"},
        {s->xenstore_domains, "domain"},
        {s->xenstore_transactions, "transaction"},
        {s->xenstore_nodes, "node"},
    };
    if (s->xenstore_version == 0)
        return;
    if (s->format == XV_FORMAT_XENSTORE)
        add(out, size, ", version %u%s", (unsigned)s->xenstore_version,
            s->xenstore_big_endian != 0 ? ", big-endian" : "");
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        if (counts[i].n > 0)
            add(out, size, ", %u %s%s", (unsigned)counts[i].n, counts[i].what, xv_plural(counts[i].n));
    }
    if (s->xenstore_watches > 0)
        add(out, size, ", %u watch%s", (unsigned)s->xenstore_watches, s->xenstore_watches == 1 ? "" : "es");
}

const char *xv_stream_sentence(char *out, size_t size, const struct xv_summary *s) {
    char text[XV_TEXT_SHORT];
    (void)snprintf(out, size, "%s", xv_format_name((uint32_t)s->format));
    add_guest(out, size, s);
    add_xenstore(out, size, s);
    if (s->vcpus > 0)
        add(out, size, ", %u vCPU%s", (unsigned)s->vcpus, xv_plural(s->vcpus));
    if (s->populated > 0)
        add(out, size, ", %s in %llu page%s", xv_text_octets(text, sizeof text, s->populated * 4096),
            (unsigned long long)s->populated, xv_plural(s->populated));
    if (s->legacy_converted)
        add(out, size, ", converted from a legacy stream");
    else if (s->xen_major > 0)
        add(out, size, ", saved by Xen %s", xv_text_release(text, sizeof text, s->xen_major, s->xen_minor));
    if (s->image_version > 0)
        add(out, size, ", libxc v%u", (unsigned)s->image_version);
    if (s->checkpointed || s->colo)
        add(out, size, ", %s with %llu checkpoint%s", s->colo ? "COLO" : "Remus", (unsigned long long)s->checkpoints,
            xv_plural(s->checkpoints));
    return out;
}
