/* SPDX-License-Identifier: MIT */
#ifndef XENVET_POLICY_H
#define XENVET_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a stream may contain. All limits are inclusive; every limit is checked before the value it bounds is used.
 * Compile-time maxima (XV_MAX_*) bound the policy itself, so that a policy cannot ask for unbounded work either.
 */
#define XV_MAX_GUEST_PAGES    ((uint64_t)1 << 32) /* 16 TiB: P2M_FRAMES has 32-bit pfns (libxc 4.3) */
#define XV_MAX_VCPUS_PV       8192u               /* MAX_VIRT_CPUS (libxc 9) */
#define XV_MAX_VCPUS_HVM      128u                /* HVM_MAX_VCPUS (libxc 9) */
#define XV_MAX_CONFIG_BYTES   (16u << 20)         /* (xl 1.3) */
#define XV_MAX_EMULATOR_BYTES ((uint64_t)1 << 30)
#define XV_MAX_PAGE_COUNT     1024u /* MAX_BATCH_SIZE of every saver (libxc 4.1) */
#define XV_MAX_XENSTORE_NAMES ((1u << 24) - 1)
#define XV_MAX_XENSTORE_DEPTH 1536u /* components of the longest path (xenstore 5) */

/* Containers, as bits of xv_policy.formats. */
enum xv_format {
    XV_FORMAT_NONE = 0, /* not known yet */
    XV_FORMAT_XL = 1 << 0,
    XV_FORMAT_LIBXL = 1 << 1,
    XV_FORMAT_LIBXC = 1 << 2,
    XV_FORMAT_LIBVIRT = 1 << 3,
    XV_FORMAT_XENOPSD = 1 << 4,
    XV_FORMAT_LEGACY_STREAM = 1 << 5,  /* bare or, if the container's bit is there too, in an image of xl, libvirt or
                                          xenopsd; XV_FORMAT_LEGACY is the verdict that refuses it */
    XV_FORMAT_DRAFT_B_STREAM = 1 << 6, /* libxc version 1; XV_FORMAT_DRAFT_B is the verdict that refuses it */
    XV_FORMAT_XENSTORE = 1 << 7,       /* state of a xenstored: no domain in it */
    XV_FORMAT_XENSTORE_2020 = 1 << 8,  /* the same, as proposed in April 2020 */
};
#define XV_FORMATS_XENSTORE ((uint32_t)(XV_FORMAT_XENSTORE | XV_FORMAT_XENSTORE_2020))

/* Guest types, as bits of xv_policy.guests. */
enum xv_guest {
    XV_GUEST_PV64 = 1 << 0,
    XV_GUEST_PV32 = 1 << 1,
    XV_GUEST_HVM =
        1 << 2, /* HVM libxc stream with emulated devices or emulator records, or a configuration that says hvm */
    XV_GUEST_PVH = 1 << 3, /* HVM libxc stream with neither */
};

/*
 * Named tolerances, bits of xv_policy.tolerate:  X(bit, NAME, "name", "what it tolerates, and why one would").
 * Where a tolerance fires, what is forwarded is canonical: the tolerated item is left out or re-encoded.
 */
#define XV_TOLERANCES(X) \
    X(0, OPTIONAL_RECORD, "optional-record", \
      "unknown optional libxc records; the specification lets a reader skip them, no writer emits any") \
    X(1, EMPTY_VCPU, "errata-empty-vcpu-record", \
      "empty VCPU_EXTENDED, VCPU_XSAVE and VCPU_MSRS records, as early 4.6, 4.7 and 4.8 savers wrote them") \
    X(2, EMPTY_PARAMS, "errata-empty-hvm-params", \
      "empty HVM_PARAMS records, as early 4.6, 4.7 and 4.8 savers wrote them") \
    X(3, BLANK_CPU, "blank-hvm-cpu", \
      "an HVM CPU entry that is all zero, as stream generators write it; Xen itself refuses to load it") \
    X(4, MINIMAL_CONTEXT, "minimal-hvm-context", \
      "an HVM context without LAPIC, LAPIC_REGS and MTRR; Xen loads it and leaves these at their reset values") \
    X(5, V2_FROM_NEWER, "v2-from-newer-xen", \
      "a version 2 stream that names Xen 4.14 or later as its saver, as converters produce it") \
    X(6, EMULATOR_TRADITIONAL, "emulator-traditional", \
      "state of qemu-traditional (emulator id 1), last written by Xen 4.20") \
    X(7, SPARSE_VCPUS, "sparse-vcpus", \
      "gaps in the vCPU ids of a PV stream without a configuration, as after unplugging a vCPU") \
    X(8, STALE_PTE, "stale-pte", \
      "page-table entries that point to pages the stream does not hold, in a stream that sends every page once") \
    X(9, HVM_CONTEXT_RELEASE, "hvm-context-release", \
      "HVM context entries of a length that another release than the saver's writes, as patched hypervisors do") \
    X(10, UNKNOWN_CONFIG_FIELD, "unknown-config-field", \
      "fields of the embedded configuration that no release of libxl knows; libxl ignores them") \
    X(11, XENSTORE_KEYS, "any-emulator-key", \
      "emulator keys outside physmap/, in the alphabet that xenstore allows (never forwarded)") \
    X(12, MISSING_RINGS, "missing-rings", "an HVM guest without a xenstore or console ring") \
    X(13, GO_AHEAD, "trailing-go-ahead", \
      "the 44-octet go-ahead message after the stream, as a captured xl migration has it") \
    X(14, PV32_BACKEND, "pv32-through-libxenguest", \
      "restoring 32-bit PV guests with the libxenguest back end, which reads 2368 octets beyond their vCPU context") \
    X(15, TRAILING_DEVICE, "trailing-device-data", \
      "anything after the end of a xenopsd image, as a device has it that is larger than the image; it is not read") \
    X(16, UNSUMMED, "record-without-checksum", \
      "records of a draft B stream that say they have no valid checksum, as its text permits") \
    X(17, XENSTORE_HEAP, "xenstore-heap-padding", \
      "padding of quota and domain records that is not zero, as xenstored 4.22 leaves its heap there; no reader looks") \
    X(18, XENSTORE_ROUNDING, "xenstore-spec-length", \
      "record lengths without padding, as the specification, but no xenstored, counts them") \
    X(19, XENSTORE_SPECIAL, "xenstore-special-watch", \
      "special watches with any octets, as guests could set them up to Xen 4.17; later readers abort") \
    X(20, XENSTORE_DEPTH_LOST, "xenstore-depth-lost", \
      "watches with a depth that is not in the record, as xenstored 4.22 writes them") \
    X(21, XENSTORE_DEPTH_AT_10, "xenstore-depth-at-10", \
      "watches with a depth whose path begins at octet 10, as xenstored 4.22 reads them") \
    X(22, XENSTORE_DOMAIN_ALONE, "xenstore-domain-alone", \
      "data of domains without a connection, as xenstored 4.21 writes it for domains being built; readers abort") \
    X(23, XENSTORE_ONE_DOMAIN, "xenstore-one-domain", \
      "a state of one domain, for migration, as specified; no xenstored reads or writes one")

enum xv_tolerance {
#define XV_X(bit, id, name, text) XV_TOLERATE_##id = 1 << bit,
    XV_TOLERANCES(XV_X)
#undef XV_X
};

/* Things a stream may be allowed to be or to bring, bits of xv_policy.allow:  X(bit, NAME, "name", "what"). */
#define XV_ALLOWANCES(X) \
    X(0, CHECKPOINTED, "checkpointed", "Remus streams: checkpoint after checkpoint, ended by the link breaking") \
    X(1, COLO, "colo", "COLO streams") \
    X(2, VERIFY, "verify", "a VERIFY pass; its pages are compared by the reader, not restored") \
    X(3, DISKS, "disks", "disks of the embedded configuration (paths of the host)") \
    X(4, NICS, "nics", "network interfaces of the embedded configuration") \
    X(5, OTHER_DEVICES, "other-devices", \
      "frame buffers, keyboards, consoles, TPMs, USB controllers and sound without host paths") \
    X(6, HOST_PATHS, "host-paths", \
      "devices other than disks that name a path of the host (9pfs shares, channels, consoles)") \
    X(7, PASSTHROUGH, "pass-through", "host hardware: PCI, USB, device tree, I/O ports, I/O memory, IRQs") \
    X(8, SCRIPTS, "scripts", "hotplug and disk scripts") \
    X(9, BOOTLOADER, "bootloader", "a bootloader that the toolstack runs") \
    X(10, DEVICE_MODEL, "device-model", "a device model chosen by the image, and extra arguments for it") \
    X(11, PRIVILEGE, "privilege", \
      "driver domain, stub domain, XSM label, CPU pool and similar settings that reach beyond the guest")

enum xv_allowance {
#define XV_X(bit, id, name, text) XV_ALLOW_##id = 1 << bit,
    XV_ALLOWANCES(XV_X)
#undef XV_X
};

struct xv_policy {
    uint64_t max_guest_pages;      /* populated pages of 4 KiB; for PV also the largest pfn + 1 */
    uint64_t max_stream_bytes;     /* octets of the whole input */
    uint64_t max_emulator_bytes;   /* EMULATOR_CONTEXT body */
    uint64_t max_checkpoint_bytes; /* octets of one checkpoint after the first (libxenguest buffers them all) */
    uint32_t max_checkpoint_records;
    uint64_t max_records;        /* libxl and libxc records together */
    uint32_t max_vcpus;          /* vCPUs of the guest, 1..8192 */
    uint32_t max_config_bytes;   /* embedded configuration, its NUL included */
    uint32_t max_emulator_keys;  /* key/value pairs of EMULATOR_XENSTORE_DATA */
    uint32_t max_rounds;         /* passes over guest memory (libxc live migration; older savers: 30) */
    uint32_t config_slack_pages; /* pages a stream may hold beyond its configuration's max_memkb (ring pages, video
                                    memory, ROMs) */
    uint32_t formats;            /* enum xv_format bits */
    uint32_t guests;             /* enum xv_guest bits */
    uint32_t tolerate;           /* enum xv_tolerance bits */
    uint32_t allow;              /* enum xv_allowance bits */
    uint32_t xen_min,
        xen_max;         /* saver's release, XV_XEN(major, minor), inclusive; xen_major 0 (legacy converter) passes */
    uint32_t target_xen; /* release that will restore the stream, 0 = not checked */
    /* of a xenstore state */
    uint64_t max_xenstore_buffer; /* buffered octets of one connection, either way */
    uint32_t max_xenstore_nodes;  /* committed and in transactions */
    uint32_t max_xenstore_names;  /* octets of distinct paths, tokens and numbers that are remembered */
    uint32_t max_xenstore_depth;  /* components of a path */
    uint32_t max_xenstore_connections, max_xenstore_watches, max_xenstore_transactions;
};

#define XV_XEN(major, minor) (((uint32_t)(major) << 16) | (uint32_t)(minor))

/* The presets: strict is what a host that expects attackers uses; lenient takes whatever a real writer ever wrote. */
void xv_policy_strict(struct xv_policy *out);
void xv_policy_lenient(struct xv_policy *out);

/* True if every value is within its compile-time range. */
bool xv_policy_valid(const struct xv_policy *policy);

/*
 * Octets of the arena that a parser with this policy needs: the most of what one accepted format needs. Guests: at most
 * 4 bits per allowed page + 64 KiB; a xenstore state: 10 octets per octet of max_xenstore_names.
 */
uint64_t xv_policy_arena_bytes(const struct xv_policy *policy);

#endif
