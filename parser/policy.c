/* SPDX-License-Identifier: MIT */
#include <xenvet/policy.h>

#include <xenvet/parser.h>

#include "guest_memory.h"
#include "start_info.h"
#include "xenstore_tree.h"

#define KIB              ((uint64_t)1 << 10)
#define MIB              ((uint64_t)1 << 20)
#define GIB              ((uint64_t)1 << 30)
#define MAX_STREAM_BYTES ((uint64_t)1 << 62) /* so that offsets never overflow */

#define ALL_FORMATS \
    ((uint32_t)(XV_FORMAT_XL | XV_FORMAT_LIBXL | XV_FORMAT_LIBXC | XV_FORMAT_LIBVIRT | XV_FORMAT_XENOPSD | \
                XV_FORMAT_LEGACY_STREAM | XV_FORMAT_DRAFT_B_STREAM) | \
     XV_FORMATS_XENSTORE)
#define ALL_GUESTS ((uint32_t)(XV_GUEST_PV64 | XV_GUEST_PV32 | XV_GUEST_HVM | XV_GUEST_PVH))

#define BIT_OF(bit, id, name, text) | (uint32_t)1 << (bit)
#define ALL_TOLERANCES              (0u XV_TOLERANCES(BIT_OF))
#define ALL_ALLOWANCES              (0u XV_ALLOWANCES(BIT_OF))

/*
 * Tolerated even by the strict preset, because refusing gains nothing: what real savers wrote and every reader skips
 * (the errata), what the image version alone decides (a newer saver's name on a version 2 stream), and what Xen itself
 * refuses to load or leaves at its reset value (a blank CPU entry, a context without LAPIC).
 */
#define HARMLESS \
    ((uint32_t)(XV_TOLERATE_EMPTY_VCPU | XV_TOLERATE_EMPTY_PARAMS | XV_TOLERATE_V2_FROM_NEWER | \
                XV_TOLERATE_BLANK_CPU | XV_TOLERATE_MINIMAL_CONTEXT | XV_TOLERATE_XENSTORE_HEAP))

void xv_policy_strict(struct xv_policy *out) {
    *out = (struct xv_policy){
        .max_guest_pages = 64 * GIB / 4096,
        .max_stream_bytes = 256 * GIB,
        .max_emulator_bytes = 64 * MIB,
        .max_checkpoint_bytes = GIB,
        .max_checkpoint_records = 65536,
        .max_records = (uint64_t)1 << 22,
        .max_vcpus = 128,
        .max_config_bytes = 64 * KIB,
        .max_emulator_keys = 128,
        .max_rounds = 40,
        .config_slack_pages = 4096,
        .formats = ALL_FORMATS & ~(uint32_t)XV_FORMAT_LEGACY_STREAM,
        .guests = ALL_GUESTS,
        .tolerate = HARMLESS,
        .allow = XV_ALLOW_NICS | XV_ALLOW_OTHER_DEVICES,
        .xen_min = XV_XEN(4, 6),
        .xen_max = XV_XEN(4, 22),
        .target_xen = 0,
        .max_xenstore_buffer = 8 * MIB,
        .max_xenstore_nodes = 1u << 17,
        .max_xenstore_names = 1u << 20,
        .max_xenstore_depth = XV_MAX_XENSTORE_DEPTH,
        .max_xenstore_connections = 4096,
        .max_xenstore_watches = 1u << 16,
        .max_xenstore_transactions = 4096,
    };
}

/* Not tolerated by the lenient preset either: what no writer ever wrote and a reader acts upon. */
#define UNHEARD_OF ((uint32_t)(XV_TOLERATE_STALE_PTE | XV_TOLERATE_XENSTORE_KEYS))

void xv_policy_lenient(struct xv_policy *out) {
    xv_policy_strict(out);
    out->max_guest_pages = 1024 * GIB / 4096;
    out->max_stream_bytes = 16384 * GIB;
    out->max_emulator_bytes = 256 * MIB;
    out->max_checkpoint_bytes = 4 * GIB;
    out->max_records = (uint64_t)1 << 28;
    out->max_vcpus = XV_MAX_VCPUS_PV;
    out->max_config_bytes = (uint32_t)MIB;
    out->max_emulator_keys = 1024;
    out->max_rounds = 100;
    out->config_slack_pages = 65536;
    out->formats = ALL_FORMATS;
    out->tolerate = ALL_TOLERANCES & ~UNHEARD_OF;
    out->allow = ALL_ALLOWANCES;
    out->xen_min = 0;
    out->xen_max = UINT32_MAX;
    out->max_xenstore_buffer = 64 * MIB;
    out->max_xenstore_nodes = 1u << 21;
    out->max_xenstore_names = XV_MAX_XENSTORE_NAMES;
    out->max_xenstore_connections = 1u << 16;
    out->max_xenstore_watches = 1u << 20;
    out->max_xenstore_transactions = 1u << 16;
}

static bool valid_limits(const struct xv_policy *p) {
    if (p->max_guest_pages < 1 || p->max_guest_pages > XV_MAX_GUEST_PAGES)
        return false;
    if (p->max_stream_bytes < 1 || p->max_stream_bytes > MAX_STREAM_BYTES)
        return false;
    if (p->max_emulator_bytes > XV_MAX_EMULATOR_BYTES || p->max_checkpoint_bytes > MAX_STREAM_BYTES)
        return false;
    if (p->max_vcpus < 1 || p->max_vcpus > XV_MAX_VCPUS_PV)
        return false;
    if (p->max_config_bytes < 1 || p->max_config_bytes > XV_MAX_CONFIG_BYTES)
        return false;
    if (p->max_xenstore_names < 1 || p->max_xenstore_names > XV_MAX_XENSTORE_NAMES)
        return false;
    if (p->max_xenstore_depth > XV_MAX_XENSTORE_DEPTH || p->max_xenstore_buffer > MAX_STREAM_BYTES)
        return false;
    return p->max_rounds >= 1 && p->max_records >= 1;
}

bool xv_policy_valid(const struct xv_policy *p) {
    if (!valid_limits(p))
        return false;
    if (!p->formats || (p->formats & ~ALL_FORMATS) || !p->guests || (p->guests & ~ALL_GUESTS))
        return false;
    if ((p->tolerate & ~ALL_TOLERANCES) || (p->allow & ~ALL_ALLOWANCES))
        return false;
    return p->xen_min <= p->xen_max;
}

/* A xenstore state and a guest never come in one stream: they share the arena. */
uint64_t xv_policy_arena_bytes(const struct xv_policy *policy) {
    uint64_t pages = policy->max_guest_pages, xenstore = 0, pv, hvm;

    if (pages > XV_MAX_GUEST_PAGES)
        return UINT64_MAX;
    if (policy->formats & XV_FORMATS_XENSTORE)
        xenstore = XV_TREE_CELL * ((uint64_t)policy->max_xenstore_names + 1);
    pv = pages / 2 + pages % 2 + XV_START_INFO_TABLE;
    pv += XV_P2M_CELL * (pages / XV_P2M_PAGES + (pages % XV_P2M_PAGES != 0));
    hvm = (pages + XV_HOLE_PAGES + 7) / 8;
    hvm = pv > hvm ? pv : hvm;
    return hvm > xenstore ? hvm : xenstore;
}

struct word {
    const char *name, *text;
};

#define XV_X(bit, id, name, text) {name, text},
static const struct word tolerances[] = {XV_TOLERANCES(XV_X)};
static const struct word allowances[] = {XV_ALLOWANCES(XV_X)};
#undef XV_X
#define TOLERANCES (sizeof tolerances / sizeof tolerances[0])
#define ALLOWANCES (sizeof allowances / sizeof allowances[0])

const char *xv_tolerance_name(unsigned bit) {
    return bit < TOLERANCES ? tolerances[bit].name : NULL;
}

const char *xv_tolerance_text(unsigned bit) {
    return bit < TOLERANCES ? tolerances[bit].text : NULL;
}

const char *xv_allowance_name(unsigned bit) {
    return bit < ALLOWANCES ? allowances[bit].name : NULL;
}

const char *xv_allowance_text(unsigned bit) {
    return bit < ALLOWANCES ? allowances[bit].text : NULL;
}
