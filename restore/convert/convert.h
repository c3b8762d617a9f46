/* SPDX-License-Identifier: MIT */
#ifndef XENVET_CONVERT_H
#define XENVET_CONVERT_H

/*
 * One image into another format, item by item, inside the sandboxed worker. A source (source_*.c) gets each item that
 * the parser has accepted and says what it means in terms of the common middle: the libxc stream of version 3, records
 * of the device model, an end. A target (target_*.c) puts its container around that. What goes out is read by a second
 * parser first (output.c): an image that xenvet would not accept is never made.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenvet/parser.h>

#include "../forward.h"

/* What `convert --to` names. */
enum xv_convert_to {
    XV_TO_SAME, /* the container of the source; of a bare legacy stream, which may hold a device model's state, libxl's
                 */
    XV_TO_V3,
    XV_TO_LIBXL,
    XV_TO_XL,
    XV_TO_LIBVIRT,
    XV_TO_XENOPSD,
    XV_TARGETS,
};

struct xv_convert;

/* A function for an item: the octets as they were accepted. False once the conversion is refused or the output failed.
 */
typedef bool xv_convert_item(struct xv_convert *c, const uint8_t *item, size_t n);

struct xv_convert_target {
    bool (*begin)(struct xv_convert *c); /* before the first octet of the libxc stream */
    xv_convert_item *emulator;           /* a record of the device model, of the libxl stream; NULL: left out */
    xv_convert_item *metadata;           /* xenopsd's first record, before begin(); NULL: left out */
    xv_convert_item *device;             /* a record of a device that only xenopsd has; NULL: no place for it */
    bool (*end)(struct xv_convert *c);   /* behind everything */
};

/* The p2m of a draft B image, by frames (source_draft_b.c). */
struct xv_convert_frame {
    uint64_t sum; /* of the frame numbers that it holds */
    uint32_t pfn; /* the page with these contents */
    uint32_t found;
};

struct xv_convert {
    /* given */
    enum xv_convert_to to;
    bool lossy;      /* what a format does not say may be made up, or left out */
    bool own_config; /* the monitor sends a configuration in place of the image's */
    bool positioned; /* the input can be read twice */
    void (*send_config)(void);
    struct xv_forward *forward;
    struct xv_parser *source; /* who accepted the items */
    const struct xv_policy *policy;
    struct xv_arena vet_arena;
    void *vet_memory;
    uint8_t *made; /* the record being made */
    size_t capacity;
    struct xv_convert_frame *frames;
    uint32_t *slots; /* frames by their sums */
    uint32_t frames_max;

    /* its own */
    const struct xv_convert_target *target;
    struct xv_parser *vet; /* reads what is made */
    enum xv_code refused;  /* why there is no conversion */
    size_t length;         /* octets of `made` */
    bool overflow;         /* a record that does not fit: a defect */
    bool converted;        /* headers say that a converter made the stream: Xen version 0.1 */
    bool begun;            /* the target's container is open */
    bool ended;            /* the libxc END came, and goes out when it is known what follows */
    bool config_sent;
    bool hvm;
    bool static_done; /* STATIC_DATA_END is there or was made */
    uint32_t version; /* of the source's libxc stream */
    uint64_t committed;

    /* legacy */
    uint64_t p2m_size;
    uint32_t width, extended, xsave; /* octets of each vCPU's parts */
    uint32_t vcpu;
    uint8_t online[4096 / 8];
    uint32_t params;
    uint64_t param[2 * 64];
    size_t keys; /* octets of key_octets */
    uint8_t key_octets[65536];

    /* draft B */
    bool again;   /* the second reading */
    bool indexed; /* the frames can be looked up */
    bool frames_sent;
    uint64_t p2m_end; /* pfns that P2M records described so far */
    uint32_t frame_count;
    uint32_t vcpus;
};

/* For struct xv_forward: takes what is accepted. False if the output failed; a refusal makes the source's parser
 * reject. */
bool xv_convert_commit(struct xv_convert *c, const uint8_t *held, size_t n);

/* The input was accepted to its end. */
bool xv_convert_finish(struct xv_convert *c);

/* True if the input has to be read once more from its beginning, which this prepares. */
bool xv_convert_again(struct xv_convert *c);

/* --- for sources --- */
xv_convert_item xv_source_config, xv_source_xenopsd, xv_source_libxl, xv_source_libxc, xv_source_legacy,
    xv_source_draft_b;
bool xv_source_draft_b_ready(struct xv_convert *c);

/* The stream's headers: from here on the target is open. `keep` NULL: those of a converted stream. */
bool xv_convert_begin(struct xv_convert *c, const uint8_t *keep);
/* A record of the libxc stream, of two pieces. Its END is kept until it is known what follows. */
bool xv_convert_record(struct xv_convert *c, uint32_t type, const void *head, size_t head_octets, const void *body,
                       size_t octets);
/* The same of the libxl stream, after that END. */
bool xv_convert_libxl_record(struct xv_convert *c, uint32_t type, const void *head, size_t head_octets,
                             const void *body, size_t octets);
/* Octets as they are. */
bool xv_convert_libxc(struct xv_convert *c, const uint8_t *octets, size_t n);
bool xv_convert_emulator(struct xv_convert *c, const uint8_t *octets, size_t n);
/* A record of the device model from its state; `id` says which one it is (libxl 2.1). */
bool xv_convert_make_emulator(struct xv_convert *c, uint32_t type, uint32_t id, const uint8_t *octets, size_t n);
bool xv_convert_refuse(struct xv_convert *c, enum xv_code code);

/* Fields of items that the parser has accepted, and of records that are made; little-endian. */
uint32_t xv_read_u32(const uint8_t *at);
uint64_t xv_read_u64(const uint8_t *at);
void xv_write_u32(uint8_t *at, uint32_t value);
void xv_write_u64(uint8_t *at, uint64_t value);

/* --- for targets --- */
const struct xv_convert_target *xv_convert_target_of(enum xv_convert_to to);
extern const struct xv_convert_target xv_target_v3, xv_target_libxl, xv_target_config, xv_target_xenopsd;

/* The libxc END that was kept goes out: something follows it. */
bool xv_convert_end_libxc(struct xv_convert *c);

/* Reads these octets with the second parser, then writes them (output.c). */
bool xv_convert_put(struct xv_convert *c, const void *octets, size_t n);

/* A record under construction. */
void xv_make_begin(struct xv_convert *c, uint32_t type);
void xv_make_octets(struct xv_convert *c, const void *octets, size_t n);
void xv_make_u32(struct xv_convert *c, uint32_t value);
void xv_make_u64(struct xv_convert *c, uint64_t value);
/* Gives it its length and padding: it is made[0 .. length). */
bool xv_make_whole(struct xv_convert *c);
/* That, and puts it out. */
bool xv_make_end(struct xv_convert *c);

#endif
