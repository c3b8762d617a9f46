/* SPDX-License-Identifier: MIT */
#include "convert.h"

#include <string.h>

#define LIBXC_END       0u
#define CONVERTED_MAJOR 0u
#define CONVERTED_MINOR 1u

/* libxc image header and domain header of version 3 (libxc 1, 2). */
static void make_headers(uint8_t out[40], uint32_t type) {
    static const uint8_t image[24] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 'X', 'E', 'N', 'F', 0, 0, 0, 3};

    memcpy(out, image, sizeof image);
    xv_write_u32(out + 24, type);
    xv_write_u32(out + 28, 12); /* page shift, reserved */
    xv_write_u32(out + 32, CONVERTED_MAJOR);
    xv_write_u32(out + 36, CONVERTED_MINOR);
}

static enum xv_convert_to same(enum xv_format format) {
    switch (format) {
    case XV_FORMAT_XL:
        return XV_TO_XL;
    case XV_FORMAT_LIBVIRT:
        return XV_TO_LIBVIRT;
    case XV_FORMAT_XENOPSD:
        return XV_TO_XENOPSD;
    case XV_FORMAT_LIBXL:
    case XV_FORMAT_LEGACY_STREAM:
        return XV_TO_LIBXL;
    default:
        return XV_TO_V3;
    }
}

const struct xv_convert_target *xv_convert_target_of(enum xv_convert_to to) {
    static const struct xv_convert_target *const targets[XV_TARGETS] = {
        [XV_TO_V3] = &xv_target_v3,          [XV_TO_LIBXL] = &xv_target_libxl,     [XV_TO_XL] = &xv_target_config,
        [XV_TO_LIBVIRT] = &xv_target_config, [XV_TO_XENOPSD] = &xv_target_xenopsd,
    };

    return to < XV_TARGETS ? targets[to] : NULL;
}

/* What is made is judged under the policy of the run, but for limits that the source has kept already. */
static void start_vetting(struct xv_convert *c) {
    static const uint32_t formats[XV_TARGETS] = {[XV_TO_V3] = XV_FORMAT_LIBXC,
                                                 [XV_TO_LIBXL] = XV_FORMAT_LIBXL,
                                                 [XV_TO_XL] = XV_FORMAT_XL,
                                                 [XV_TO_LIBVIRT] = XV_FORMAT_LIBVIRT,
                                                 [XV_TO_XENOPSD] = XV_FORMAT_XENOPSD};
    struct xv_policy policy = *c->policy;

    policy.formats = c->own_config ? (uint32_t)XV_FORMAT_LIBXL : formats[c->to];
    policy.max_records = UINT64_MAX;
    policy.max_stream_bytes = (uint64_t)1 << 62;
    c->vet = xv_parser_init(c->vet_memory, &policy, c->vet_arena, (struct xv_observer){NULL, NULL, 0});
}

static void choose_target(struct xv_convert *c) {
    if (c->target != NULL)
        return;
    if (c->to == XV_TO_SAME)
        c->to = same(xv_parser_summary(c->source)->format);
    c->target = xv_convert_target_of(c->to);
    start_vetting(c);
}

bool xv_convert_begin(struct xv_convert *c, const uint8_t *keep) {
    uint8_t headers[40];

    make_headers(headers, c->hvm ? 2 : 1);
    if (keep != NULL)
        memcpy(headers, keep, sizeof headers);
    c->converted = xv_read_u32(headers + 32) == CONVERTED_MAJOR;
    c->begun = true;
    return c->target->begin(c) && xv_convert_put(c, headers, sizeof headers);
}

/* A reader acts upon the end of the libxc stream, so it goes out when something follows it, or everything was accepted.
 */
bool xv_convert_end_libxc(struct xv_convert *c) {
    static const uint8_t end[8];

    if (!c->ended)
        return true;
    c->ended = false;
    return xv_convert_put(c, end, sizeof end);
}

static bool put_record(struct xv_convert *c, uint32_t type, const void *head, size_t head_octets, const void *body,
                       size_t octets) {
    xv_make_begin(c, type);
    xv_make_octets(c, head, head_octets);
    xv_make_octets(c, body, octets);
    return xv_make_end(c);
}

bool xv_convert_record(struct xv_convert *c, uint32_t type, const void *head, size_t head_octets, const void *body,
                       size_t octets) {
    if (type != LIBXC_END)
        return put_record(c, type, head, head_octets, body, octets);
    c->ended = true;
    return true;
}

bool xv_convert_libxl_record(struct xv_convert *c, uint32_t type, const void *head, size_t head_octets,
                             const void *body, size_t octets) {
    return xv_convert_end_libxc(c) && put_record(c, type, head, head_octets, body, octets);
}

bool xv_convert_libxc(struct xv_convert *c, const uint8_t *octets, size_t n) {
    return xv_convert_put(c, octets, n);
}

bool xv_convert_emulator(struct xv_convert *c, const uint8_t *octets, size_t n) {
    return c->target->emulator == NULL || (xv_convert_end_libxc(c) && c->target->emulator(c, octets, n));
}

bool xv_convert_make_emulator(struct xv_convert *c, uint32_t type, uint32_t id, const uint8_t *octets, size_t n) {
    xv_make_begin(c, type);
    xv_make_u32(c, id);
    xv_make_u32(c, 0); /* index */
    xv_make_octets(c, octets, n);
    return xv_make_whole(c) && xv_convert_emulator(c, c->made, c->length);
}

/* Which source an item belongs to. */
static xv_convert_item *source_of(const struct xv_convert *c) {
    const struct xv_summary *sum = xv_parser_summary(c->source);

    if (sum->format == XV_FORMAT_DRAFT_B_STREAM)
        return xv_source_draft_b;
    if (c->committed == 0 && (sum->format == XV_FORMAT_XL || sum->format == XV_FORMAT_LIBVIRT))
        return xv_source_config;
    if (sum->format == XV_FORMAT_XENOPSD && (c->committed == 0 || !sum->legacy) && !xv_parser_in_libxc(c->source))
        return xv_source_xenopsd;
    if (sum->legacy)
        return xv_source_legacy;
    return xv_parser_in_libxc(c->source) ? xv_source_libxc : xv_source_libxl;
}

bool xv_convert_commit(struct xv_convert *c, const uint8_t *held, size_t n) {
    xv_convert_item *source = source_of(c);

    choose_target(c);
    c->committed = xv_parser_committed(c->source);
    return n == 0 || xv_parser_dropped(c->source) || source(c, held, n);
}

bool xv_convert_finish(struct xv_convert *c) {
    if (!c->begun) /* draft B is read a second time */
        return true;
    if (!xv_convert_end_libxc(c) || !c->target->end(c))
        return false;
    if (xv_parser_eof(c->vet, 0) != XV_STEP_ACCEPTED)
        return xv_convert_refuse(c, xv_parser_report(c->vet)->code);
    return true;
}

bool xv_convert_again(struct xv_convert *c) {
    if (xv_parser_summary(c->source)->format != XV_FORMAT_DRAFT_B_STREAM || c->again)
        return false;
    c->again = true;
    c->committed = 0;
    return true;
}
