/* SPDX-License-Identifier: MIT */
/* The image of xenopsd (xenopsd 1, 2): signature, metadata, the libxc stream, the device model's state, an end. */
#include "convert.h"

#define LIBXC            0x00f0u
#define QEMU_TRAD        0x0f00u
#define END_OF_IMAGE     0xffffu
#define EMULATOR_CONTEXT 3u
#define RECORD           16u /* octets of an emulator record before its state */

static bool put_head(struct xv_convert *c, uint32_t type, uint64_t length) {
    uint8_t head[16];

    xv_write_u64(head, type);
    xv_write_u64(head + 8, length);
    return xv_convert_put(c, head, sizeof head);
}

static bool metadata(struct xv_convert *c, const uint8_t *record, size_t n) {
    static const uint8_t signature[15] = {'X', 'e', 'n', 'S', 'a', 'v', 'e', 'd', 'D', 'o', 'm', 'v', '2', '-', '\n'};

    c->config_sent = true;
    return xv_convert_put(c, signature, sizeof signature) && xv_convert_put(c, record, n);
}

/* Metadata of an image that had none: what xenopsd insists on, and no time, as the same image gives the same octets. */
static bool made_up(struct xv_convert *c) {
    static const char text[] = "((word_size 64)(time 19700101T00:00:00Z))";
    uint8_t record[16 + sizeof text - 1];

    xv_write_u64(record, 0x000f);
    xv_write_u64(record + 8, sizeof text - 1);
    for (size_t i = 0; i < sizeof text - 1; i++)
        record[16 + i] = (uint8_t)text[i];
    return metadata(c, record, sizeof record);
}

static bool begin(struct xv_convert *c) {
    return (c->config_sent || made_up(c)) && put_head(c, LIBXC, 0);
}

/* Keys of the device model have no place (xenopsd 6). */
static bool emulator(struct xv_convert *c, const uint8_t *record, size_t n) {
    uint32_t length = xv_read_u32(record + 4);

    if (xv_read_u32(record) != EMULATOR_CONTEXT)
        return true;
    if (n < RECORD || length < 8 || length - 8 > n - RECORD)
        return xv_convert_refuse(c, XV_MISUSE);
    return put_head(c, QEMU_TRAD, length - 8) && xv_convert_put(c, record + RECORD, length - 8);
}

static bool device(struct xv_convert *c, const uint8_t *record, size_t n) {
    return xv_convert_end_libxc(c) && xv_convert_put(c, record, n);
}

static bool end(struct xv_convert *c) {
    return put_head(c, END_OF_IMAGE, 0);
}

const struct xv_convert_target xv_target_xenopsd = {
    .begin = begin, .emulator = emulator, .metadata = metadata, .device = device, .end = end};
