/* SPDX-License-Identifier: MIT */
#include <xenvet/verdict.h>

#define LAYER_NAME_GENERAL   "general"
#define LAYER_NAME_XL        "xl"
#define LAYER_NAME_CONFIG    "config"
#define LAYER_NAME_LIBXL     "libxl"
#define LAYER_NAME_LIBXC     "libxc"
#define LAYER_NAME_COMPAT    "compat"
#define LAYER_NAME_MEMORY    "memory"
#define LAYER_NAME_VCPU      "vcpu"
#define LAYER_NAME_HVM       "hvm"
#define LAYER_NAME_CPUPOLICY "cpu-policy"
#define LAYER_NAME_HANDSHAKE "handshake"
#define LAYER_NAME_LIBVIRT   "libvirt"
#define LAYER_NAME_XML       "xml"
#define LAYER_NAME_XENOPSD   "xenopsd"
#define LAYER_NAME_DRAFT_B   "draft-b"
#define LAYER_NAME_LEGACY    "legacy"
#define LAYER_NAME_CONVERT   "convert"
#define LAYER_NAME_SEAL      "seal"
#define LAYER_NAME_XENSTORE  "xenstore"

static const struct xv_verdict table[] = {
#define XV_X(number, name, layer, text, rule) {XV_##name, XV_LAYER_##layer, #name, LAYER_NAME_##layer, text, rule},
    XV_VERDICTS(XV_X)
#undef XV_X
};

#define ROWS (sizeof(table) / sizeof(table[0]))

const struct xv_verdict *xv_verdict_at(size_t i) {
    return i < ROWS ? &table[i] : NULL;
}

const struct xv_verdict *xv_verdict_of(enum xv_code code) {
    for (size_t i = 0; i < ROWS; i++) {
        if (table[i].code == code)
            return &table[i];
    }
    return NULL;
}
