/* SPDX-License-Identifier: MIT */
#include "hints.h"

#define HINT(refused, words, sure, allows, tolerates) \
    { .code = XV_##refused, .option = (words), .certain = (sure), .allow = (allows), .tolerate = (tolerates) }
#define ALLOWS(code, id, name)       HINT(code, "--allow " name, true, XV_ALLOW_##id, 0)
#define MAY_ALLOW(code, id, name)    HINT(code, "--allow " name, false, XV_ALLOW_##id, 0)
#define TOLERATES(code, id, name)    HINT(code, "--tolerate " name, true, 0, XV_TOLERATE_##id)
#define MAY_TOLERATE(code, id, name) HINT(code, "--tolerate " name, false, 0, XV_TOLERATE_##id)
#define RAISES(code, option)         HINT(code, option, true, 0, 0)
#define MAY_RAISE(code, option)      HINT(code, option, false, 0, 0)

static const struct xv_hint hints[] = {
    RAISES(LIMIT_BYTES, "--max-stream-bytes N"),
    RAISES(LIMIT_RECORDS, "--max-records N"),
    RAISES(FORMAT_REFUSED, "--format auto, or the policy's \"formats\","),
    MAY_TOLERATE(TRAILING, GO_AHEAD, "trailing-go-ahead"),
    MAY_TOLERATE(TRAILING, TRAILING_DEVICE, "trailing-device-data"),
    MAY_RAISE(XL_CONFIG_LEN, "--max-config-bytes N"),
    MAY_RAISE(LIBVIRT_XML_LEN, "--max-config-bytes N"),
    MAY_RAISE(XENOPSD_LENGTH, "--max-config-bytes N or --max-emulator-bytes N"),
    ALLOWS(XENOPSD_DEVICE, OTHER_DEVICES, "other-devices"),
    ALLOWS(CONFIG_BOOTLOADER, BOOTLOADER, "bootloader"),
    ALLOWS(CONFIG_SCRIPT, SCRIPTS, "scripts"),
    ALLOWS(CONFIG_DEVICE_MODEL, DEVICE_MODEL, "device-model"),
    ALLOWS(CONFIG_DM_ARGS, DEVICE_MODEL, "device-model"),
    ALLOWS(CONFIG_PASSTHROUGH, PASSTHROUGH, "pass-through"),
    ALLOWS(CONFIG_PRIVILEGE, PRIVILEGE, "privilege"),
    MAY_ALLOW(CONFIG_HOST_PATH, HOST_PATHS, "host-paths"),
    MAY_ALLOW(CONFIG_HOST_PATH, DISKS, "disks"),
    MAY_ALLOW(CONFIG_DEVICE, DISKS, "disks"),
    MAY_ALLOW(CONFIG_DEVICE, NICS, "nics"),
    MAY_ALLOW(CONFIG_DEVICE, OTHER_DEVICES, "other-devices"),
    TOLERATES(CONFIG_FIELD_UNKNOWN, UNKNOWN_CONFIG_FIELD, "unknown-config-field"),
    MAY_RAISE(CONFIG_MEMORY, "--config-slack-pages N"),
    MAY_TOLERATE(EMULATOR_ID, EMULATOR_TRADITIONAL, "emulator-traditional"),
    MAY_TOLERATE(EMULATOR_KEY, XENSTORE_KEYS, "any-emulator-key"),
    RAISES(EMULATOR_PAIRS, "--max-emulator-keys N"),
    ALLOWS(CHECKPOINT_REFUSED, CHECKPOINTED, "checkpointed (and of gate --protocol remus)"),
    ALLOWS(COLO_REFUSED, COLO, "colo (and of gate --protocol colo)"),
    MAY_RAISE(LIMIT_CHECKPOINT, "--max-checkpoint-records N or --max-checkpoint-bytes N"),
    RAISES(DOMAIN_REFUSED, "--guests"),
    TOLERATES(RECORD_OPTIONAL, OPTIONAL_RECORD, "optional-record"),
    ALLOWS(VERIFY_REFUSED, VERIFY, "verify"),
    MAY_TOLERATE(COMPAT_IMAGE_VERSION, V2_FROM_NEWER, "v2-from-newer-xen"),
    RAISES(COMPAT_SAVER, "--xen-min X.Y or --xen-max X.Y"),
    TOLERATES(BACKEND_PV32, PV32_BACKEND, "pv32-through-libxenguest"),
    TOLERATES(COMPAT_SAVER_HVM, HVM_CONTEXT_RELEASE, "hvm-context-release"),
    MAY_RAISE(PAGE_PFN_RANGE, "--max-memory SIZE"),
    RAISES(PAGE_ROUNDS, "--max-rounds N"),
    RAISES(GUEST_MEMORY, "--max-memory SIZE"),
    MAY_RAISE(P2M_LIMIT, "--max-memory SIZE"),
    TOLERATES(PTE_UNSENT, STALE_PTE, "stale-pte"),
    TOLERATES(VCPU_EMPTY, EMPTY_VCPU, "errata-empty-vcpu-record"),
    MAY_RAISE(VCPU_ID, "--max-vcpus N"),
    MAY_TOLERATE(VCPU_ORDER, SPARSE_VCPUS, "sparse-vcpus"),
    MAY_TOLERATE(HVM_MISSING, MINIMAL_CONTEXT, "minimal-hvm-context"),
    MAY_TOLERATE(HVM_CPU, BLANK_CPU, "blank-hvm-cpu"),
    TOLERATES(PARAM_MISSING, MISSING_RINGS, "missing-rings"),
    TOLERATES(PARAM_EMPTY, EMPTY_PARAMS, "errata-empty-hvm-params"),
    TOLERATES(XENSTORE_RECORD_ROUNDING, XENSTORE_ROUNDING, "xenstore-spec-length"),
    MAY_TOLERATE(XENSTORE_RECORD_MISSING, XENSTORE_ONE_DOMAIN, "xenstore-one-domain"),
    MAY_TOLERATE(XENSTORE_PADDING, XENSTORE_HEAP, "xenstore-heap-padding"),
    MAY_RAISE(XENSTORE_LIMIT, "--max-xenstore-connections, -watches, -transactions or -nodes N"),
    RAISES(XENSTORE_LIMIT_NAMES, "--max-xenstore-names SIZE"),
    RAISES(XENSTORE_LIMIT_BUFFER, "--max-xenstore-buffer SIZE"),
    TOLERATES(XENSTORE_WATCH_SPECIAL, XENSTORE_SPECIAL, "xenstore-special-watch"),
    MAY_TOLERATE(XENSTORE_WATCH_LAYOUT, XENSTORE_DEPTH_LOST, "xenstore-depth-lost"),
    MAY_TOLERATE(XENSTORE_WATCH_LAYOUT, XENSTORE_DEPTH_AT_10, "xenstore-depth-at-10"),
    MAY_RAISE(XENSTORE_PATH_DEPTH, "--max-xenstore-depth N"),
    TOLERATES(XENSTORE_DOMAIN_UNKNOWN, XENSTORE_DOMAIN_ALONE, "xenstore-domain-alone"),
};

static bool says_something(const struct xv_hint *hint, const struct xv_policy *policy) {
    return (hint->allow & ~policy->allow) != 0 || (hint->tolerate & ~policy->tolerate) != 0 ||
           (hint->allow == 0 && hint->tolerate == 0);
}

const struct xv_hint *xv_hint_for(enum xv_code code, const struct xv_policy *policy, size_t i) {
    for (size_t k = 0; k < sizeof hints / sizeof hints[0]; k++) {
        if (hints[k].code != code || !says_something(&hints[k], policy))
            continue;
        if (i == 0)
            return &hints[k];
        i--;
    }
    return NULL;
}
