/* SPDX-License-Identifier: MIT */
#include "config_fields.h"

#include <string.h>

#include <xenvet/policy.h>

static const struct xv_config_field fields[XV_CONFIG_ROWS] = {
#define GROUP(id) {#id, XV_KIND_GROUP, 0, 0, 0, 0, 0, 0},
#define ROW(name, kind, ref, harmless, class, use, code, allow) \
    {name, XV_KIND_##kind, harmless, XV_CLASS_##class, XV_USE_##use, ref, XV_##code, allow},
#include "config_fields.def"

#include "config_devices.def"
#undef GROUP
#undef ROW
};

/* Harmless words come first where a field says how many are. */
static const char lists[XV_LISTS][XV_CONFIG_WORDS][XV_CONFIG_WORD] = {
    [XV_LIST_TYPE] = {"hvm", "pv", "pvh"}, /* enum xv_config_type */
    [XV_LIST_ACTION] = {"destroy", "restart", "restart_rename", "preserve", "coredump_destroy", "coredump_restart",
                        "soft_reset"},
    [XV_LIST_ALTP2M] = {"disabled", "mixed", "external", "limited"},
    [XV_LIST_SCI] = {"none", "scmi_smc"},
    [XV_LIST_BIOS] = {"unknown", "rombios", "seabios", "ovmf"},
    [XV_LIST_DM_VERSION] = {"unknown", "qemu_xen_traditional", "qemu_xen", "none"},
    [XV_LIST_DISK_BACKEND] = {"unknown", "phy", "tap", "qdisk", "standalone"},
    [XV_LIST_DISK_FORMAT] = {"unknown", "qcow", "qcow2", "vhd", "raw", "empty", "qed"},
    [XV_LIST_DISK_SPEC] = {"unknown", "xen", "virtio"},
    [XV_LIST_TRANSPORT] = {"unknown", "mmio"},
    [XV_LIST_GFX] = {"default", "igd"},
    [XV_LIST_GIC] = {"default", "v2", "v3"},
    [XV_LIST_HDTYPE] = {"ide", "ahci"},
    [XV_LIST_NIC_TYPE] = {"unknown", "vif_ioemu", "vif"},
    [XV_LIST_P9_TYPE] = {"unknown", "qemu", "xen_9pfsd"},
    [XV_LIST_PASSTHROUGH] = {"default", "disabled", "enabled", "sync_pt", "share_pt"},
    [XV_LIST_RDM_POLICY] = {"invalid", "strict", "relaxed"},
    [XV_LIST_RDM_STRATEGY] = {"ignore", "host"},
    [XV_LIST_SCHEDULER] = {"unknown", "sedf", "credit", "credit2", "arinc653", "rtds", "null"},
    [XV_LIST_SMBIOS] = {"bios_vendor", "bios_version", "system_manufacturer", "system_product_name", "system_version",
                        "system_serial_number", "baseboard_manufacturer", "baseboard_product_name", "baseboard_version",
                        "baseboard_serial_number", "baseboard_asset_tag", "baseboard_location_in_chassis",
                        "enclosure_manufacturer", "enclosure_serial_number", "enclosure_asset_tag",
                        "battery_manufacturer", "battery_device_name", "oem"},
    [XV_LIST_SVE] = {"hw", "disabled", "128", "256", "384", "512", "640", "768", "896", "1024", "1152", "1280", "1408",
                     "1536", "1664", "1792", "1920", "2048"},
    [XV_LIST_TEE] = {"none", "optee", "ffa"},
    [XV_LIST_TIMER] = {"unknown", "delay_for_missed_ticks", "no_delay_for_missed_ticks", "no_missed_ticks_pending",
                       "one_missed_tick_pending"},
    [XV_LIST_TSC] = {"default", "always_emulate", "native", "native_paravirt"},
    [XV_LIST_USBCTRL] = {"auto", "pv", "devicemodel", "qusb"},
    [XV_LIST_VENDOR] = {"none", "xenserver"},
    [XV_LIST_VGA] = {"unknown", "cirrus", "std", "none", "qxl"},
    [XV_LIST_VKB_BACKEND] = {"unknown", "qemu", "linux"},
    [XV_LIST_PCM_FORMAT] = {"s8",
                            "u8",
                            "s16_le",
                            "s16_be",
                            "u16_le",
                            "u16_be",
                            "s24_le",
                            "s24_be",
                            "u24_le",
                            "u24_be",
                            "s32_le",
                            "s32_be",
                            "u32_le",
                            "u32_be",
                            "f32_le",
                            "f32_be",
                            "f64_le",
                            "f64_be",
                            "iec958_subframe_le",
                            "iec958_subframe_be",
                            "mu_law",
                            "a_law",
                            "ima_adpcm",
                            "mpeg",
                            "gsm"},
    [XV_LIST_STREAM_TYPE] = {"p", "c"},
    [XV_LIST_VUART] = {"unknown", "sbsa_uart"},
    [XV_LIST_SERIAL] = {"pty", "none", "null", "vc"}, /* serial ports of QEMU that touch nothing of the host */
    [XV_LIST_USBDEVICE] = {"tablet", "mouse", "keyboard", "wacom-tablet", "braille"}, /* emulated, not host devices */
    [XV_LIST_DOM0] = {"0", "domain-0"},
};

const struct xv_config_field *xv_config_field(uint32_t i) {
    return &fields[i < XV_CONFIG_ROWS ? i : 0];
}

uint32_t xv_config_find(uint32_t group, uint32_t from, const void *name, uint32_t length) {
    uint32_t i = from > group ? from : group + 1;

    if (length >= XV_CONFIG_NAME)
        length = 0; /* longer than any name of the table; no name is empty */
    for (; i < XV_CONFIG_ROWS && fields[i].kind != XV_KIND_GROUP; i++) {
        if (fields[i].name[0] == '*')
            return i;
        if (length > 0 && memcmp(fields[i].name, name, 4) == 0 && memcmp(fields[i].name, name, XV_CONFIG_NAME) == 0)
            return i;
    }
    return 0;
}

uint32_t xv_config_word(uint32_t list, const uint8_t word[XV_CONFIG_WORD], uint32_t length) {
    if (length == 0 || length >= XV_CONFIG_WORD || list >= XV_LISTS)
        return XV_CONFIG_WORDS;
    for (uint32_t i = 0; i < XV_CONFIG_WORDS; i++) {
        if (memcmp(lists[list][i], word, XV_CONFIG_WORD) == 0)
            return i;
    }
    return XV_CONFIG_WORDS;
}
