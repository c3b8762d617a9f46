/* SPDX-License-Identifier: MIT */
/*
 * What xenopsd has around a libxc stream (xenopsd 6). The device model's state becomes the record that a libxl stream
 * has for it; what only xenopsd knows stays in an image of xenopsd; any other leaves out its metadata, and its
 * devices if that was asked for.
 */
#include "convert.h"

#define HEAD             16u
#define XENOPS           0x000fu
#define QEMU_TRAD        0x0f00u
#define VARSTORED        0x0f11u
#define SWTPM            0x0f13u
#define EMULATOR_CONTEXT 3u
#define UNKNOWN          0u /* the device model of a stream that a converter made (libxl 2.1) */
#define QEMU_UPSTREAM    2u

static bool device(struct xv_convert *c, const uint8_t *item, size_t n) {
    if (c->target->device != NULL)
        return c->target->device(c, item, n);
    return c->lossy || xv_convert_refuse(c, XV_CONVERT_DEVICE);
}

bool xv_source_xenopsd(struct xv_convert *c, const uint8_t *item, size_t n) {
    uint32_t type = xv_parser_item(c->source);

    if (c->committed == 0 || n < HEAD) /* the signature */
        return true;
    if (type == XENOPS)
        return c->target->metadata == NULL || c->target->metadata(c, item, n);
    if (type == QEMU_TRAD)
        return xv_convert_make_emulator(c, EMULATOR_CONTEXT, c->converted ? UNKNOWN : QEMU_UPSTREAM, item + HEAD,
                                        n - HEAD);
    return type < VARSTORED || type > SWTPM || device(c, item, n);
}
