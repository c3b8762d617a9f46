/* SPDX-License-Identifier: MIT */
#ifndef XENVET_CONFIG_FIELDS_H
#define XENVET_CONFIG_FIELDS_H

/*
 * What libxl_domain_config of Xen 4.5 to 4.22 may hold, and what becomes of each field (config_fields.def). The table
 * is a list of groups: a group row, then the fields of that object. A field that is an object or array names the group
 * of its members; the one member of an array is called "[]", and "*" stands for any name.
 */
#include <stdint.h>

#include <xenvet/verdict.h>

/* The JSON that a field must be, and what a harmless value of it is. */
enum xv_config_kind {
    XV_KIND_GROUP,   /* not a field: begins a group */
    XV_KIND_SKIP,    /* an unknown field that the policy tolerates */
    XV_KIND_OBJECT,  /* harmless if empty, unless it is a member of an array */
    XV_KIND_ARRAY,   /* harmless if empty */
    XV_KIND_STRING,  /* or null; harmless if empty */
    XV_KIND_WORD,    /* a string; harmless if it cannot break out of one argument of a command line */
    XV_KIND_ADDRESS, /* a string; harmless if it is a numeric address or localhost */
    XV_KIND_LISTED,  /* a string; harmless if it is empty or in the list */
    XV_KIND_ENUM,    /* a string of the list, in any case; harmless if among its first `harmless` words */
    XV_KIND_NAME,    /* a string that is safe as part of a file name: libxl names logs after it */
    XV_KIND_UUID,
    XV_KIND_MAC,
    XV_KIND_MASK32, /* a string of exactly 32 of 0 1 x k s: libxl reads 32 whatever its length */
    XV_KIND_MASK64,
    XV_KIND_DEFBOOL, /* "True", "False", "<default>", or a boolean; harmless unless true */
    XV_KIND_BOOL,    /* harmless if false */
    XV_KIND_S32,     /* numbers: harmless if 0 */
    XV_KIND_U8,
    XV_KIND_U32, /* also negative 32-bit values, as some releases write them */
    XV_KIND_U64,
    XV_KIND_KB,  /* memory that the host would provide: bounded by the policy */
    XV_KIND_BIT, /* member of a bitmap: ascending */
};

/* What becomes of a field: what xv_fact.a says of XV_FACT_CONFIG. */
enum xv_config_class {
    XV_CLASS_UNKNOWN, /* no release knows it: tolerated and reported, never forwarded */
    XV_CLASS_KEPT,    /* a restore needs it */
    XV_CLASS_DROPPED, /* a restore does not need it: reported unless empty, never forwarded */
    XV_CLASS_REFUSED, /* kept if harmless, or if the policy allows it, which is reported; refused otherwise */
};

/* Fields whose value is used. */
enum xv_config_use {
    XV_USE_NONE,
    XV_USE_TYPE,
    XV_USE_NAME,
    XV_USE_UUID,
    XV_USE_MAX_VCPUS,
    XV_USE_AVAIL_VCPU,
    XV_USE_MAX_MEMKB,
    XV_USE_TARGET_MEMKB,
    XV_USE_SELECT_HVM, /* b_info's "type.hvm" */
    XV_USE_SELECT_PV,
    XV_USE_SELECT_PVH,
    XV_USE_SELECT_NONE, /* "type.invalid" */
};

/* Row numbers: a group's is XV_GROUP_<id>, a field's has no use but to count. */
enum xv_config_row {
#define GROUP(id)                   XV_GROUP_##id,
#define ROW_NAME(file, line)        XV_ROW_##file##_##line,
#define ROW_LINE(file, line)        ROW_NAME(file, line)
#define ROW(n, k, r, h, c, u, v, a) ROW_LINE(FIELDS, __LINE__)
#include "config_fields.def"
#undef ROW
#define ROW(n, k, r, h, c, u, v, a) ROW_LINE(DEVICES, __LINE__)
#include "config_devices.def"
#undef ROW
#undef ROW_LINE
#undef ROW_NAME
#undef GROUP
    XV_CONFIG_ROWS
};

#define XV_CONFIG_NAME     36u  /* octets of the longest name, rounded up */
#define XV_CONFIG_SIBLINGS 128u /* fields of one group, at most */
#define XV_CONFIG_WORD     32u
#define XV_CONFIG_WORDS    26u

/* Lists of words. */
enum xv_config_list {
    XV_LIST_NONE,
    XV_LIST_TYPE,
    XV_LIST_ACTION,
    XV_LIST_ALTP2M,
    XV_LIST_SCI,
    XV_LIST_BIOS,
    XV_LIST_DM_VERSION,
    XV_LIST_DISK_BACKEND,
    XV_LIST_DISK_FORMAT,
    XV_LIST_DISK_SPEC,
    XV_LIST_TRANSPORT,
    XV_LIST_GFX,
    XV_LIST_GIC,
    XV_LIST_HDTYPE,
    XV_LIST_NIC_TYPE,
    XV_LIST_P9_TYPE,
    XV_LIST_PASSTHROUGH,
    XV_LIST_RDM_POLICY,
    XV_LIST_RDM_STRATEGY,
    XV_LIST_SCHEDULER,
    XV_LIST_SMBIOS,
    XV_LIST_SVE,
    XV_LIST_TEE,
    XV_LIST_TIMER,
    XV_LIST_TSC,
    XV_LIST_USBCTRL,
    XV_LIST_VENDOR,
    XV_LIST_VGA,
    XV_LIST_VKB_BACKEND,
    XV_LIST_PCM_FORMAT,
    XV_LIST_STREAM_TYPE,
    XV_LIST_VUART,
    XV_LIST_SERIAL,
    XV_LIST_USBDEVICE,
    XV_LIST_DOM0,
    XV_LISTS
};

struct xv_config_field {
    uint8_t name[XV_CONFIG_NAME]; /* padded with zeroes */
    uint8_t kind;                 /* enum xv_config_kind */
    uint8_t harmless;             /* leading words of an enumeration that are harmless */
    uint8_t class;                /* enum xv_config_class */
    uint8_t use;                  /* enum xv_config_use */
    uint16_t ref;                 /* the group of its members, or its list of words */
    uint16_t code;                /* the verdict that refuses it, or 0 */
    uint32_t allow;               /* the allowance that lifts the refusal, or 0 */
};

/* Row i; the skip row if there is none. */
const struct xv_config_field *xv_config_field(uint32_t i);

/*
 * Row of the field `name` (XV_CONFIG_NAME octets, zero-padded, `length` of them used) in a group: the first of that
 * name at or after row `from`; 0 if there is none.
 */
uint32_t xv_config_find(uint32_t group, uint32_t from, const void *name, uint32_t length);

/* Position of a lower-case, zero-padded word in a list; XV_CONFIG_WORDS if it is not there. */
uint32_t xv_config_word(uint32_t list, const uint8_t word[XV_CONFIG_WORD], uint32_t length);

#endif
