/* SPDX-License-Identifier: MIT */
/* What the fields of an embedded configuration may be: required ones, ranges, guards and what lifts them, reports, the
 * table. */
#include "config_feed.h"

#include "config_fields.h"

#define C_INFO "\"c_info\":{\"type\":\"pv\"}"
#define SIZES  "\"max_vcpus\":4,\"max_memkb\":4096"
/* Whole configurations with more fields at the end of b_info, of c_info, of type.hvm, or of the document. */
#define B(fields)    "{" C_INFO ",\"b_info\":{" SIZES "," fields "}}"
#define C(fields)    "{\"c_info\":{\"type\":\"pv\"," fields "},\"b_info\":{" SIZES "}}"
#define H(fields)    "{\"c_info\":{\"type\":\"hvm\"},\"b_info\":{" SIZES ",\"type.hvm\":{" fields "}}}"
#define ROOT(fields) "{" C_INFO ",\"b_info\":{" SIZES "}," fields "}"

struct told {
    unsigned n;
    struct xv_fact last;
};

static struct told told;

static void tell(void *context, const struct xv_fact *fact) {
    struct told *t = context;

    if (fact->kind != XV_FACT_CONFIG)
        return;
    t->n++;
    t->last = *fact;
}

static int setup(void **state) {
    static struct test_parser t;
    const struct xv_observer observer = {tell, &told, 0};
    struct xv_policy policy;

    xv_policy_strict(&policy);
    policy.allow = 0;
    policy.tolerate &= ~(uint32_t)XV_TOLERATE_UNKNOWN_CONFIG_FIELD;
    test_parser_make(&t, &policy, observer);
    *state = &t;
    return 0;
}

static int teardown(void **state) {
    test_parser_free(*state);
    return 0;
}

static void test_real(void **state) {
    struct test_parser *t = *state;

    expect(t,
           "{\n    \"c_info\": {\n        \"type\": \"pv\",\n        \"name\": \"pv128\",\n"
           "        \"uuid\": \"32b491d9-d1f3-4cff-b449-dfc2e1fa2259\",\n"
           "        \"run_hotplug_scripts\": \"True\"\n    },\n"
           "    \"b_info\": {\n        \"max_vcpus\": 1,\n        \"avail_vcpus\": [\n            0\n        ],\n"
           "        \"max_memkb\": 131072,\n        \"target_memkb\": 131072,\n        \"video_memkb\": 0,\n"
           "        \"sched_params\": {\n            \"sched\": \"credit2\",\n            \"weight\": 256,\n"
           "            \"cap\": 0\n        },\n        \"claim_mode\": \"True\",\n"
           "        \"kernel\": \"/guest/vmlinuz\",\n"
           "        \"cmdline\": \"console=hvc0 panic=5 \",\n        \"ramdisk\": \"/guest/initrd.gz\",\n"
           "        \"type.pv\": {\n\n        },\n        \"arch_arm\": {\n\n        },\n        \"arch_x86\": {\n"
           "            \"msr_relaxed\": \"False\"\n        }\n    },\n    \"on_reboot\": \"restart\",\n"
           "    \"on_crash\": \"preserve\",\n    \"on_soft_reset\": \"soft_reset\"\n}\n",
           XV_ACCEPTED);
    assert_string_equal(t->p->sum.config_type, "pv");
    assert_string_equal(t->p->sum.config_name, "pv128");
    assert_string_equal(t->p->sum.config_uuid, "32b491d9-d1f3-4cff-b449-dfc2e1fa2259");
    assert_int_equal(t->p->sum.config_max_vcpus, 1);
    assert_int_equal(t->p->sum.config_max_memkb, 131072);
    assert_int_equal(t->p->sum.config_target_memkb, 131072);
    assert_true(t->p->sum.config_bytes > 800);
    expect(t,
           "{\"c_info\":{\"type\":\"hvm\",\"name\":\"tghvm32\"},\"b_info\":{\"max_vcpus\":1,\"avail_vcpus\":[0],"
           "\"max_memkb\":16384,\"kernel\":\"/x\",\"type.hvm\":{\"nographic\":\"True\",\"vga\":{\"kind\":\"none\"},"
           "\"vnc\":{\"enable\":\"False\"},\"sdl\":{},\"spice\":{\n\n},\"rdm\":{\n\n}},\"arch_arm\":{}}}",
           XV_ACCEPTED);
    assert_string_equal(t->p->sum.config_type, "hvm");
    expect(t, "{\"c_info\":{\"type\":\"PVH\"},\"b_info\":{\"max_vcpus\":2,\"max_memkb\":4096,\"type.pvh\":{}}}",
           XV_ACCEPTED);
    assert_string_equal(t->p->sum.config_type, "pvh");
}

static void test_types(void **state) {
    struct test_parser *t = *state;

    expect(t, "{\"c_info\":@[]}", XV_CONFIG_TYPE);
    expect(t, "{\"c_info\":@null}", XV_CONFIG_TYPE);
    expect(t, "{\"disks\":@{}}", XV_CONFIG_TYPE);
    expect(t, "{\"disks\":[@1]}", XV_CONFIG_TYPE);
    expect(t, "{\"c_info\":{\"type\":@12}}", XV_CONFIG_TYPE);
    expect(t, "{\"c_info\":{\"name\":@[\"a\"]}}", XV_CONFIG_TYPE);
    expect(t, "{\"c_info\":{\"uuid\":@null}}", XV_CONFIG_TYPE);
    expect(t, "{\"c_info\":{\"hap\":@1}}", XV_CONFIG_TYPE);
    expect(t, "{\"b_info\":{\"max_vcpus\":@\"1\"}}", XV_CONFIG_TYPE);
    expect(t, "{\"b_info\":{\"tsc_mode\":@0}}", XV_CONFIG_TYPE);
    expect(t, "{\"b_info\":{\"extra\":[@1]}}", XV_CONFIG_TYPE);
    expect(t, "{\"b_info\":{\"cpuid\":@\"host\"}}", XV_CONFIG_TYPE);
    expect(t, "{\"disks\":[{\"direct_io_safe\":@\"True\"}]}", XV_CONFIG_TYPE);
    expect(t, B("\"cpuid\":[]"), XV_ACCEPTED);
    expect(t, B("\"cpuid\":{}"), XV_ACCEPTED);
    expect(t, B("\"kernel\":null"), XV_ACCEPTED);
    expect(t, B("\"acpi\":true,\"apic\":false,\"nested_hvm\":\"<default>\""), XV_ACCEPTED);
}

static void test_unknown(void **state) {
    struct test_parser *t = *state;

    expect(t, "{@\"nonsense\":1}", XV_CONFIG_FIELD_UNKNOWN);
    expect(t, "{@\"\":1}", XV_CONFIG_FIELD_UNKNOWN);
    expect(t, "{@\"C_INFO\":{}}", XV_CONFIG_FIELD_UNKNOWN);
    expect(t, "{@\"c_infos\":{}}", XV_CONFIG_FIELD_UNKNOWN);
    expect(t, "{@\"[]\":{}}", XV_CONFIG_FIELD_UNKNOWN);
    expect(t, "{@\"*\":{}}", XV_CONFIG_FIELD_UNKNOWN);
    expect(t, "{@\"ROOT\":{}}", XV_CONFIG_FIELD_UNKNOWN);
    expect(t, "{@\"abcdefghijklmnopqrstuvwxyzabcdefghij\":{}}", XV_CONFIG_FIELD_UNKNOWN);
    expect(t, "{\"b_info\":{@\"type\":\"pv\"}}", XV_CONFIG_FIELD_UNKNOWN);
    expect(t, "{\"b_info\":{@\"u\":{}}}", XV_CONFIG_FIELD_UNKNOWN);
    expect(t, "{\"b_info\":{\"type.pv\":{@\"nographic\":\"True\"}}}", XV_CONFIG_FIELD_UNKNOWN);
    expect(t, "{\"b_info\":{\"type.invalid\":{@\"x\":1}}}", XV_CONFIG_FIELD_UNKNOWN);
    t->policy.tolerate |= XV_TOLERATE_UNKNOWN_CONFIG_FIELD;
    told.n = 0;
    /* what is inside a tolerated field is not looked at, not even when it has known names twice */
    expect(t, ROOT("\"non\\u00e9\":{\"c_info\":[{\"type\":\"pv\",\"type\":1},{\"bootloader\":\"x\"},null]}"),
           XV_ACCEPTED);
    assert_int_equal(told.n, 6);
    assert_string_equal(told.last.text, "non??");
    assert_int_equal(told.last.a, XV_CLASS_UNKNOWN);
    assert_true(t->p->sum.tolerated & XV_TOLERATE_UNKNOWN_CONFIG_FIELD);
    expect(t, B("\"x\":[]"), XV_ACCEPTED);
    assert_string_equal(told.last.text, "b_info.x");
}

static void test_missing(void **state) {
    struct test_parser *t = *state;

    expect(t, "{}", XV_CONFIG_MISSING);
    assert_int_equal(t->p->report.offset, CONFIG_BASE + 3);
    expect(t, "{\"c_info\":{},\"b_info\":{" SIZES "}}", XV_CONFIG_MISSING);
    expect(t, "{" C_INFO "}", XV_CONFIG_MISSING);
    expect(t, "{" C_INFO ",\"b_info\":{\"max_vcpus\":1}}", XV_CONFIG_MISSING);
    expect(t, "{" C_INFO ",\"b_info\":{\"max_memkb\":1}}", XV_CONFIG_MISSING);
    expect(t, "{" C_INFO ",\"b_info\":{\"max_memkb\":1,\"max_vcpus\":1}}", XV_ACCEPTED);
    assert_string_equal(t->p->sum.config_name, "");
    assert_int_equal(t->p->sum.config_target_memkb, 0);
}

static void test_guest_type(void **state) {
    struct test_parser *t = *state;

    expect(t, "{\"c_info\":{\"type\":@\"invalid\"}}", XV_CONFIG_RANGE);
    expect(t, "{\"c_info\":{\"type\":@\"\"}}", XV_CONFIG_RANGE);
    expect(t, "{\"c_info\":{\"type\":@\"pvx\"}}", XV_CONFIG_RANGE);
    expect(t, B("\"type.pv\":{}"), XV_ACCEPTED);
    expect(t, B("\"type.hvm\":@{}"), XV_CONFIG_GUEST_TYPE);
    expect(t, B("\"type.pvh\":@{}"), XV_CONFIG_GUEST_TYPE);
    expect(t, B("\"type.invalid\":@{}"), XV_CONFIG_GUEST_TYPE);
    expect(t, B("\"type.pv\":{},\"type.pvh\":@{}"), XV_CONFIG_GUEST_TYPE);
    expect(t, H(""), XV_ACCEPTED);
    expect(t, "{\"c_info\":{\"type\":\"pvh\"},\"b_info\":{" SIZES ",\"type.pvh\":{}}}", XV_ACCEPTED);
    expect(t, C("\"pvh\":\"False\""), XV_ACCEPTED);
    expect(t, C("\"pvh\":@\"True\""), XV_CONFIG_RANGE);
}

/* A configuration made of two halves, with a number between them. */
static void sized(struct test_parser *t, const char *head, uint64_t value, const char *tail, enum xv_code code) {
    char text[256];

    (void)snprintf(text, sizeof(text), "%s@%llu%s", head, (unsigned long long)value, tail);
    expect(t, text, code);
}

static void test_ranges(void **state) {
    struct test_parser *t = *state;
    uint64_t kb = t->policy.max_guest_pages * 4, vcpus = t->policy.max_vcpus, aux = kb + vcpus * 1024;
    const char *max_memkb = "{" C_INFO ",\"b_info\":{\"max_vcpus\":1,\"max_memkb\":";
    const char *max_vcpus = "{" C_INFO ",\"b_info\":{\"max_memkb\":1,\"max_vcpus\":";
    const char *target = "{" C_INFO ",\"b_info\":{" SIZES ",\"target_memkb\":";
    const char *shadow = "{" C_INFO ",\"b_info\":{" SIZES ",\"shadow_memkb\":";

    sized(t, max_memkb, 0, "}}", XV_CONFIG_RANGE);
    sized(t, max_memkb, 1, "}}", XV_ACCEPTED);
    sized(t, max_memkb, kb - 1, "}}", XV_ACCEPTED);
    sized(t, max_memkb, kb, "}}", XV_ACCEPTED);
    sized(t, max_memkb, kb + 1, "}}", XV_CONFIG_RANGE);
    sized(t, max_memkb, UINT64_MAX, "}}", XV_CONFIG_RANGE);
    assert_int_equal(t->p->report.allowed_max, kb);
    sized(t, max_vcpus, 0, "}}", XV_CONFIG_RANGE);
    sized(t, max_vcpus, vcpus - 1, "}}", XV_ACCEPTED);
    sized(t, max_vcpus, vcpus, "}}", XV_ACCEPTED);
    sized(t, max_vcpus, vcpus + 1, "}}", XV_CONFIG_RANGE);
    sized(t, max_vcpus, 2147483648u, "}}", XV_CONFIG_RANGE);
    expect(t, "{\"b_info\":{\"max_vcpus\":@-1}}", XV_CONFIG_RANGE);
    expect(t, "{\"b_info\":{\"max_memkb\":@-1}}", XV_CONFIG_RANGE);
    sized(t, target, 4095, "}}", XV_ACCEPTED);
    sized(t, target, 4096, "}}", XV_ACCEPTED);
    sized(t, target, 4097, "}}", XV_CONFIG_RANGE);
    sized(t, target, kb + 1, "}}", XV_CONFIG_RANGE);
    expect(t, "{\"b_info\":{\"target_memkb\":@5,\"max_memkb\":4,\"max_vcpus\":1}," C_INFO "}", XV_CONFIG_RANGE);
    sized(t, shadow, aux - 1, "}}", XV_ACCEPTED);
    sized(t, shadow, aux, "}}", XV_ACCEPTED);
    sized(t, shadow, aux + 1, "}}", XV_CONFIG_RANGE);
    expect(t, B("\"video_memkb\":@-1"), XV_CONFIG_RANGE);
    expect(t, B("\"sched_params\":{\"cap\":2147483647,\"weight\":-2147483648}"), XV_ACCEPTED);
    expect(t, B("\"sched_params\":{\"cap\":@2147483648}"), XV_CONFIG_RANGE);
    expect(t, B("\"sched_params\":{\"cap\":@-2147483649}"), XV_CONFIG_RANGE);
    expect(t, B("\"rtc_timeoffset\":4294967295"), XV_ACCEPTED);
    expect(t, B("\"rtc_timeoffset\":-2147483648"), XV_ACCEPTED);
    expect(t, B("\"rtc_timeoffset\":@4294967296"), XV_CONFIG_RANGE);
    expect(t, B("\"rtc_timeoffset\":@-2147483649"), XV_CONFIG_RANGE);
    expect(t, H("\"ms_vm_genid\":[0,255]"), XV_ACCEPTED);
    expect(t, H("\"ms_vm_genid\":[0,@256]"), XV_CONFIG_RANGE);
    expect(t, H("\"ms_vm_genid\":[0,@-1]"), XV_CONFIG_RANGE);
    expect(t, H("\"mca_caps\":18446744073709551615"), XV_ACCEPTED);
    expect(t, H("\"mca_caps\":@-1"), XV_CONFIG_RANGE);
}

static void test_bitmaps(void **state) {
    struct test_parser *t = *state;

    expect(t, B("\"avail_vcpus\":[]"), XV_ACCEPTED);
    expect(t, B("\"avail_vcpus\":[0,2,3]"), XV_ACCEPTED);
    expect(t, B("\"avail_vcpus\":[0,@4]"), XV_CONFIG_RANGE);
    expect(t, "{\"b_info\":{\"avail_vcpus\":[@1],\"max_vcpus\":1,\"max_memkb\":1}," C_INFO "}", XV_CONFIG_RANGE);
    expect(t, B("\"avail_vcpus\":[1,@0]"), XV_CONFIG_RANGE);
    expect(t, B("\"avail_vcpus\":[1,@1]"), XV_CONFIG_RANGE);
    expect(t, B("\"avail_vcpus\":[@-1]"), XV_CONFIG_RANGE);
    expect(t, B("\"cpumap\":[0,16383]"), XV_ACCEPTED);
    expect(t, B("\"cpumap\":[0,@16384]"), XV_CONFIG_RANGE);
    expect(t, B("\"vcpu_hard_affinity\":[[0,1],[],[0,1]]"), XV_ACCEPTED);
    expect(t, B("\"vcpu_hard_affinity\":[[0,1],[@[]]]"), XV_CONFIG_TYPE);
    expect(t, H("\"viridian_enable\":[0,2,63]"), XV_ACCEPTED);
}

#define X31 "xxxxxxxxxxxxxxx0000000000001111"
#define X63 X31 "1" X31

static void test_strings(void **state) {
    struct test_parser *t = *state;
    char text[512];

    expect(t, C("\"uuid\":\"00000000-AAAA-ffff-0000-000000000001\""), XV_ACCEPTED);
    expect(t, C("\"uuid\":@\"00000000-AAAA-ffff-0000-00000000000\""), XV_CONFIG_RANGE);
    expect(t, C("\"uuid\":@\"00000000-AAAA-ffff-0000-0000000000011\""), XV_CONFIG_RANGE);
    expect(t, C("\"uuid\":@\"00000000-AAAA-ffff-0000-00000000000g\""), XV_CONFIG_RANGE);
    expect(t, C("\"uuid\":@\"00000000AAAAA-ffff-0000-000000000001\""), XV_CONFIG_RANGE);
    expect(t, C("\"uuid\":@\"\""), XV_CONFIG_RANGE);
    expect(t, C("\"hap\":@\"true\""), XV_CONFIG_RANGE);
    expect(t, C("\"hap\":@\"Trueish\""), XV_CONFIG_RANGE);
    expect(t, C("\"hap\":@\"\""), XV_CONFIG_RANGE);
    expect(t, B("\"tsc_mode\":\"NATIVE\""), XV_ACCEPTED);
    expect(t, B("\"tsc_mode\":@\"\""), XV_CONFIG_RANGE);
    expect(t, B("\"tsc_mode\":@\"native_paravirt_native_paravirt_native_paravirt\""), XV_CONFIG_RANGE);
    expect(t, C("\"name\":\"caf\\u00e9 \\\"\xc3\xa9 \""), XV_ACCEPTED);
    assert_string_equal(t->p->sum.config_name, "caf?? \"?? ");
    expect(t, C("\"name\":@\"../../etc/x\""), XV_CONFIG_RANGE);
    expect(t, C("\"name\":@\"a\\nb\""), XV_CONFIG_RANGE);
    for (size_t n = 199; n <= 201; n++) {
        (void)snprintf(text, sizeof(text), "%s%0*d%s", "{\"c_info\":{\"type\":\"pv\",\"name\":@\"", (int)n, 0,
                       "\"},\"b_info\":{" SIZES "}}");
        expect(t, text, n <= 200 ? XV_ACCEPTED : XV_CONFIG_RANGE);
    }
    expect(t, B("\"cpuid\":{\"cpuid\":[{\"leaf\":1,\"eax\":\"k" X31 "\"}],\"msr\":[{\"policy\":\"s" X63 "\"}]}"),
           XV_ACCEPTED);
    expect(t, B("\"cpuid\":{\"cpuid\":[{\"leaf\":1,\"eax\":@\"" X31 "\"}]}"), XV_CONFIG_RANGE);
    expect(t, B("\"cpuid\":[{\"leaf\":1,\"edx\":@\"xx" X31 "\"}]"), XV_CONFIG_RANGE);
    expect(t, B("\"cpuid\":[{\"leaf\":1,\"edx\":@\"2" X31 "\"}]"), XV_CONFIG_RANGE);
    expect(t, B("\"cpuid\":{\"msr\":[{\"policy\":@\"" X63 "\"}]}"), XV_CONFIG_RANGE);
    expect(t, B("\"cpuid\":{\"msr\":[{\"policy\":@\"00" X63 "\"}]}"), XV_CONFIG_RANGE);
    t->policy.allow = XV_ALLOW_NICS;
    expect(t, ROOT("\"nics\":[{\"mac\":\"00:16:3e:AA:bb:cc\"}]"), XV_ACCEPTED);
    expect(t, ROOT("\"nics\":[{\"mac\":@\"00:16:3e:AA:bb:c\"}]"), XV_CONFIG_RANGE);
    expect(t, ROOT("\"nics\":[{\"mac\":@\"00:16:3e:AA:bb-cc\"}]"), XV_CONFIG_RANGE);
    expect(t, ROOT("\"nics\":[{\"mac\":@\"00:16:3e:AA:bb:cg\"}]"), XV_CONFIG_RANGE);
}

struct guarded {
    const char *refused; /* with its offset */
    enum xv_code code;
    uint32_t allow;   /* lifts the refusal; 0: nothing does */
    const char *path; /* what is then told last */
};

static const struct guarded guarded[] = {
    {B("\"bootloader\":@\"/usr/bin/pygrub\""), XV_CONFIG_BOOTLOADER, XV_ALLOW_BOOTLOADER, "b_info.bootloader"},
    {B("\"bootloader_args\":@[\"\"]"), XV_CONFIG_BOOTLOADER, XV_ALLOW_BOOTLOADER, "b_info.bootloader_args"},
    {B("\"type.pv\":{\"bootloader\":@\"x\"}"), XV_CONFIG_BOOTLOADER, XV_ALLOW_BOOTLOADER, "b_info.type.pv.bootloader"},
    {ROOT("\"disks\":[{\"script\":@\"/tmp/x\"}]"), XV_CONFIG_SCRIPT, XV_ALLOW_SCRIPTS | XV_ALLOW_DISKS, "disks[0]"},
    {ROOT("\"nics\":[{},{\"script\":@\"x\"}]"), XV_CONFIG_SCRIPT, XV_ALLOW_SCRIPTS | XV_ALLOW_NICS, "nics[1]"},
    {B("\"device_model\":@\"/tmp/qemu\""), XV_CONFIG_DEVICE_MODEL, XV_ALLOW_DEVICE_MODEL, "b_info.device_model"},
    {B("\"extra\":@[\"-s\"]"), XV_CONFIG_DM_ARGS, XV_ALLOW_DEVICE_MODEL, "b_info.extra"},
    {B("\"extra_hvm\":@[\"-s\"]"), XV_CONFIG_DM_ARGS, XV_ALLOW_DEVICE_MODEL, "b_info.extra_hvm"},
    {H("\"keymap\":@\"../x\""), XV_CONFIG_DM_ARGS, XV_ALLOW_DEVICE_MODEL, "b_info.type.hvm.keymap"},
    {H("\"boot\":@\"c,splash=x\""), XV_CONFIG_DM_ARGS, XV_ALLOW_DEVICE_MODEL, "b_info.type.hvm.boot"},
    {H("\"vnc\":{\"listen\":@\"unix:/tmp/x\"}"), XV_CONFIG_DM_ARGS, XV_ALLOW_DEVICE_MODEL,
     "b_info.type.hvm.vnc.listen"},
    {H("\"spice\":{\"passwd\":@\"a,b\"}"), XV_CONFIG_DM_ARGS, XV_ALLOW_DEVICE_MODEL, "b_info.type.hvm.spice.passwd"},
    {ROOT("\"pcidevs\":[@{\"bus\":3}]"), XV_CONFIG_PASSTHROUGH, XV_ALLOW_PASSTHROUGH, "pcidevs[0]"},
    {ROOT("\"dtdevs\":[@{\"path\":\"/x\"}]"), XV_CONFIG_PASSTHROUGH, XV_ALLOW_PASSTHROUGH, "dtdevs[0]"},
    {ROOT("\"usbdevs\":[@{\"type.hostdev\":{\"hostbus\":1}}]"), XV_CONFIG_PASSTHROUGH, XV_ALLOW_PASSTHROUGH,
     "usbdevs[0]"},
    {B("\"ioports\":@[{\"first\":1}]"), XV_CONFIG_PASSTHROUGH, XV_ALLOW_PASSTHROUGH, "b_info.ioports"},
    {B("\"iomem\":@[{\"start\":1}]"), XV_CONFIG_PASSTHROUGH, XV_ALLOW_PASSTHROUGH, "b_info.iomem"},
    {B("\"irqs\":@[0]"), XV_CONFIG_PASSTHROUGH, XV_ALLOW_PASSTHROUGH, "b_info.irqs"},
    {C("\"passthrough\":@\"enabled\""), XV_CONFIG_PASSTHROUGH, XV_ALLOW_PASSTHROUGH, "c_info.passthrough"},
    {H("\"gfx_passthru\":@\"True\""), XV_CONFIG_PASSTHROUGH, XV_ALLOW_PASSTHROUGH, "b_info.type.hvm.gfx_passthru"},
    {H("\"usbdevice\":@\"host:1.2\""), XV_CONFIG_PASSTHROUGH, XV_ALLOW_PASSTHROUGH, "b_info.type.hvm.usbdevice"},
    {H("\"usbdevice_list\":[\"tablet\",@\"host:1.2\"]"), XV_CONFIG_PASSTHROUGH, XV_ALLOW_PASSTHROUGH,
     "b_info.type.hvm.usbdevice_list[1]"},
    {H("\"rdm\":{\"strategy\":@\"host\"}"), XV_CONFIG_PASSTHROUGH, XV_ALLOW_PASSTHROUGH,
     "b_info.type.hvm.rdm.strategy"},
    {B("\"type.pv\":{\"e820_host\":@true}"), XV_CONFIG_PASSTHROUGH, XV_ALLOW_PASSTHROUGH, "b_info.type.pv.e820_host"},
    {ROOT("\"disks\":[{\"pdev_path\":@\"/dev/sda\"}]"), XV_CONFIG_HOST_PATH, XV_ALLOW_DISKS, "disks[0]"},
    {ROOT("\"p9s\":[{\"path\":@\"/\"}]"), XV_CONFIG_HOST_PATH, XV_ALLOW_HOST_PATHS, "p9s[0]"},
    {ROOT("\"channels\":[{\"connection.socket\":{\"path\":@\"/\"}}]"), XV_CONFIG_HOST_PATH,
     XV_ALLOW_HOST_PATHS | XV_ALLOW_OTHER_DEVICES, "channels[0]"},
    {H("\"firmware\":@\"/x\""), XV_CONFIG_HOST_PATH, XV_ALLOW_HOST_PATHS, "b_info.type.hvm.firmware"},
    {H("\"serial\":@\"file:/etc/x\""), XV_CONFIG_HOST_PATH, XV_ALLOW_HOST_PATHS, "b_info.type.hvm.serial"},
    {H("\"serial_list\":[@\"tcp::1\"]"), XV_CONFIG_HOST_PATH, XV_ALLOW_HOST_PATHS, "b_info.type.hvm.serial_list[0]"},
    {ROOT("\"disks\":[@{}]"), XV_CONFIG_DEVICE, XV_ALLOW_DISKS, "disks[0]"},
    {ROOT("\"nics\":[@{}]"), XV_CONFIG_DEVICE, XV_ALLOW_NICS, "nics[0]"},
    {ROOT("\"vfbs\":[@{\"vnc\":{},\"sdl\":{}}]"), XV_CONFIG_DEVICE, XV_ALLOW_OTHER_DEVICES, "vfbs[0]"},
    {ROOT("\"channels\":[@{\"connection.pty\":{}}]"), XV_CONFIG_DEVICE, XV_ALLOW_OTHER_DEVICES, "channels[0]"},
    {ROOT("\"disks\":[{\"colo_enable\":@\"True\"}]"), XV_CONFIG_DEVICE, XV_ALLOW_COLO | XV_ALLOW_DISKS, "disks[0]"},
    {ROOT("\"nics\":[{\"colo_checkpoint_port\":@\"1\"}]"), XV_CONFIG_DM_ARGS, XV_ALLOW_COLO | XV_ALLOW_NICS, "nics[0]"},
    {ROOT("\"nics\":[{\"backend_domid\":@1}]"), XV_CONFIG_PRIVILEGE, XV_ALLOW_PRIVILEGE | XV_ALLOW_NICS, "nics[0]"},
    {C("\"driver_domain\":@\"True\""), XV_CONFIG_PRIVILEGE, XV_ALLOW_PRIVILEGE, "c_info.driver_domain"},
    {C("\"ssidref\":@7"), XV_CONFIG_PRIVILEGE, XV_ALLOW_PRIVILEGE, "c_info.ssidref"},
    {C("\"ssid_label\":@\"x\""), XV_CONFIG_PRIVILEGE, XV_ALLOW_PRIVILEGE, "c_info.ssid_label"},
    {C("\"pool_name\":@\"x\""), XV_CONFIG_PRIVILEGE, XV_ALLOW_PRIVILEGE, "c_info.pool_name"},
    {C("\"xsdata\":@{\"a/b\":\"c\",\"d\":null}"), XV_CONFIG_PRIVILEGE, XV_ALLOW_PRIVILEGE, "c_info.xsdata"},
    {B("\"device_model_stubdomain\":@\"True\""), XV_CONFIG_PRIVILEGE, XV_ALLOW_PRIVILEGE,
     "b_info.device_model_stubdomain"},
    {B("\"nested_hvm\":@\"True\""), XV_CONFIG_PRIVILEGE, XV_ALLOW_PRIVILEGE, "b_info.nested_hvm"},
    {B("\"altp2m\":@\"external\""), XV_CONFIG_PRIVILEGE, XV_ALLOW_PRIVILEGE, "b_info.altp2m"},
    {B("\"xenstore_quota\":{\"quota\":@[{\"name\":\"nodes\",\"val\":1}]}"), XV_CONFIG_PRIVILEGE, XV_ALLOW_PRIVILEGE,
     "b_info.xenstore_quota.quota"},
    {C("\"pvh\":@true"), XV_CONFIG_RANGE, 0, ""},
};

/* The allowances that the refusals of a verdict ask for. */
static uint32_t asked_for(enum xv_code code) {
    switch (code) {
    case XV_CONFIG_BOOTLOADER:
        return XV_ALLOW_BOOTLOADER;
    case XV_CONFIG_SCRIPT:
        return XV_ALLOW_SCRIPTS;
    case XV_CONFIG_DEVICE_MODEL:
        return XV_ALLOW_DEVICE_MODEL;
    case XV_CONFIG_DM_ARGS:
        return XV_ALLOW_DEVICE_MODEL | XV_ALLOW_COLO;
    case XV_CONFIG_PASSTHROUGH:
        return XV_ALLOW_PASSTHROUGH;
    case XV_CONFIG_HOST_PATH:
        return XV_ALLOW_HOST_PATHS | XV_ALLOW_DISKS;
    case XV_CONFIG_DEVICE:
        return XV_ALLOW_DISKS | XV_ALLOW_NICS | XV_ALLOW_OTHER_DEVICES | XV_ALLOW_COLO;
    default:
        return XV_ALLOW_PRIVILEGE;
    }
}

static void test_guards(void **state) {
    struct test_parser *t = *state;

    for (size_t i = 0; i < sizeof(guarded) / sizeof(guarded[0]); i++) {
        const struct guarded *g = &guarded[i];

        t->policy.allow = 0xfff & ~asked_for(g->code);
        expect(t, g->refused, g->code);
        t->policy.allow = g->allow;
        memset(&told, 0, sizeof(told));
        if (g->allow == 0)
            continue;
        expect(t, g->refused, XV_ACCEPTED);
        assert_string_equal(told.last.text, g->path);
        assert_int_equal(told.last.a, XV_CLASS_REFUSED);
        assert_int_equal(t->p->sum.brings, g->allow);
    }
}

/* Empty and default values of guarded fields pass without any allowance. */
static void test_harmless(void **state) {
    static const char *const texts[] = {
        B("\"bootloader\":\"\",\"bootloader_args\":[],\"bootloader_user\":null"),
        B("\"device_model\":null,\"extra\":[],\"extra_pv\":[],\"extra_hvm\":[],\"device_model_user\":\"\""),
        B("\"ioports\":[],\"irqs\":[],\"iomem\":[],\"nested_hvm\":\"False\",\"altp2m\":\"disabled\",\"tee\":\"none\""),
        B("\"device_model_stubdomain\":\"<default>\",\"stubdomain_memkb\":0,\"exec_ssidref\":0,\"vpmu\":false"),
        C("\"driver_domain\":\"False\",\"ssidref\":0,\"poolid\":0,\"xsdata\":{},\"platformdata\":{}"),
        C("\"passthrough\":\"disabled\",\"pool_name\":null"),
        C("\"passthrough\":\"default\""),
        ROOT(
            "\"disks\":[],\"nics\":[],\"pcidevs\":[],\"rdms\":[],\"dtdevs\":[],\"vfbs\":[],\"vkbs\":[],\"usbdevs\":[]"),
        ROOT("\"virtios\":[],\"vtpms\":[],\"p9s\":[],\"p9\":[],\"pvcallsifs\":[],\"vdispls\":[],\"vsnds\":[]"),
        H("\"keymap\":\"en-us\",\"boot\":\"cdn\",\"soundhw\":\"ac97\",\"serial\":\"pty\",\"usbdevice\":\"tablet\""),
        H("\"vnc\":{\"listen\":\"127.0.0.1\"},\"spice\":{\"host\":\"[::1]\"},\"usbdevice_list\":[\"mouse\",\"\"]"),
        H("\"vnc\":{\"listen\":\"localhost\",\"passwd\":\"a,b\"},\"serial_list\":[\"pty\",\"none\"],\"serial\":\"\""),
        H("\"firmware\":\"\",\"gfx_passthru\":\"False\",\"gfx_passthru_kind\":\"default\",\"rdm\":{}"),
    };
    struct test_parser *t = *state;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        told.n = 0;
        expect(t, texts[i], XV_ACCEPTED);
        assert_int_equal(told.n, 0);
        assert_int_equal(t->p->sum.brings, 0);
    }
    t->policy.allow = XV_ALLOW_NICS;
    expect(
        t,
        ROOT("\"nics\":[{\"backend_domid\":0,\"backend_domname\":\"Domain-0\",\"bridge\":\"xenbr0\",\"script\":\"\"}]"),
        XV_ACCEPTED);
}

static void test_dropped(void **state) {
    struct test_parser *t = *state;

    told.n = 0;
    expect(t, B("\"kernel\":@\"/x\",\"ramdisk\":\"\",\"cmdline\":null"), XV_ACCEPTED);
    assert_int_equal(told.n, 6); /* once for each way of feeding */
    assert_string_equal(told.last.text, "b_info.kernel");
    assert_int_equal(told.last.a, XV_CLASS_DROPPED);
    assert_int_equal(told.last.offset, CONFIG_BASE + strlen("{" C_INFO ",\"b_info\":{" SIZES ",\"kernel\":"));
    expect(t,
           "{\"c_info\":{\"type\":\"pvh\",\"domid\":5},\"b_info\":{" SIZES ",\"type.pvh\":{\"pvshim_extra\":\"x\"}}}",
           XV_ACCEPTED);
    assert_string_equal(told.last.text, "b_info.type.pvh.pvshim_extra");
    expect(t, B("\"cpumap\":[1]"), XV_ACCEPTED);
    assert_string_equal(told.last.text, "b_info.cpumap");
    /* long paths are cut, indices have several digits */
    t->policy.allow = XV_ALLOW_OTHER_DEVICES | XV_ALLOW_PRIVILEGE;
    expect(t, ROOT("\"vkbs\":[{\"feature_abs_pointer\":true},{},{},{},{},{},{},{},{},{},{\"backend_domid\":1}]"),
           XV_ACCEPTED);
    assert_string_equal(told.last.text, "vkbs[10]");
    t->policy.tolerate |= XV_TOLERATE_UNKNOWN_CONFIG_FIELD;
    expect(t, H("\"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\":1"), XV_ACCEPTED);
    assert_string_equal(told.last.text, "b_info.type.hvm.abcdefghijklmnopqrstuvwxyzabcdefghijklm");
}

/* The table holds together. */
static void test_table(void **state) {
    uint32_t group = 0, members = 0, arrays = 0;

    (void)state;
    for (uint32_t i = 0; i < XV_CONFIG_ROWS; i++) {
        const struct xv_config_field *f = xv_config_field(i);
        bool container = f->kind == XV_KIND_OBJECT || f->kind == XV_KIND_ARRAY;

        assert_true(f->name[XV_CONFIG_NAME - 1] == 0);
        if (f->kind == XV_KIND_GROUP) {
            group = i;
            members = 0;
            continue;
        }
        members++;
        assert_true(members <= XV_CONFIG_SIBLINGS);
        assert_true(i == 0 || f->name[0] != 0);
        assert_true(f->code == XV_ACCEPTED || xv_verdict_of((enum xv_code)f->code));
        assert_true((f->class == XV_CLASS_REFUSED) == (f->code != XV_ACCEPTED));
        if (container)
            assert_int_equal(xv_config_field(f->ref)->kind, XV_KIND_GROUP);
        if (f->kind == XV_KIND_ARRAY) {
            arrays++;
            assert_string_equal((const char *)xv_config_field((uint32_t)f->ref + 1)->name, "[]");
        }
        if (f->kind == XV_KIND_ENUM || f->kind == XV_KIND_LISTED)
            assert_true(f->ref > XV_LIST_NONE && f->ref < XV_LISTS);
        if (i > 0) /* found by its name, unless an earlier row of another type has it */
            assert_true(xv_config_find(group, 0, f->name, (uint32_t)strlen((const char *)f->name)) <= i);
    }
    assert_true(arrays > 30);
    assert_int_equal(xv_config_field(XV_CONFIG_ROWS)->kind, XV_KIND_SKIP);
    assert_int_equal(xv_config_word(XV_LISTS, (const uint8_t[XV_CONFIG_WORD]){"pv"}, 2), XV_CONFIG_WORDS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_real, setup, teardown),
        cmocka_unit_test_setup_teardown(test_types, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown, setup, teardown),
        cmocka_unit_test_setup_teardown(test_missing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_guest_type, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ranges, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bitmaps, setup, teardown),
        cmocka_unit_test_setup_teardown(test_strings, setup, teardown),
        cmocka_unit_test_setup_teardown(test_guards, setup, teardown),
        cmocka_unit_test_setup_teardown(test_harmless, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(test_table, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
