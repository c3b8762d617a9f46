/* SPDX-License-Identifier: MIT */
/* The libvirt header, the length of its XML, and which elements of a domain are judged. */
#include "stream_build.h"

static struct test_parser t;
static struct stream s;
static char told[256];
static const char plain[] = "<domain type='xen'><name>a</name></domain>";

static void tell(void *context, const struct xv_fact *fact) {
    (void)context;
    if (fact->offset == 0) /* the first of a stream */
        told[0] = 0;
    if (fact->kind == XV_FACT_CONFIG || fact->kind == XV_FACT_LAYER) {
        strncat(told, fact->text, sizeof(told) - strlen(told) - 2);
        strcat(told, " ");
    }
}

/* Header and XML, and a PVH guest behind them. */
static void image(const char *xml) {
    size_t n = strlen(xml) + 1;

    s.n = 0;
    raw(&s, "libvirt-xml\n \0 \r", 16);
    le(&s, 2, 4);
    le(&s, n, 4);
    zeroes(&s, 40);
    raw(&s, xml, n);
    libxl_header(&s, 0);
    header(&s, 1, 0);
    libxc_hvm(&s);
    header(&s, 0, 0);
}

static int setup(void **state) {
    struct xv_policy policy;

    (void)state;
    xv_policy_strict(&policy);
    policy.max_guest_pages = 4096;
    test_parser_make(&t, &policy, (struct xv_observer){tell, NULL, 0});
    image(plain);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    test_parser_free(&t);
    return 0;
}

static enum xv_code with(size_t at, uint32_t value) {
    struct stream other = s;

    other.n = at;
    le(&other, value, 4);
    other.n = s.n;
    return judge(&t, &other);
}

static void whole(void **state) {
    (void)state;
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    assert_string_equal(told, "libvirt libxl libxc ");
    assert_int_equal(xv_parser_summary(t.p)->format, XV_FORMAT_LIBVIRT);
    assert_int_equal(xv_parser_summary(t.p)->config_bytes, sizeof(plain));
    assert_int_equal(xv_parser_summary(t.p)->guest, XV_GUEST_PVH);
    assert_int_equal(xv_parser_committed(t.p), s.n);
}

static void magic_and_version(void **state) {
    (void)state;
    for (size_t i = 8; i < 16; i++) {
        s.bytes[i] ^= 1;
        assert_int_equal(judge(&t, &s), XV_LIBVIRT_MAGIC);
        assert_int_equal(offset_of(&t), i);
        s.bytes[i] ^= 1;
    }
    assert_int_equal(with(16, 0), XV_LIBVIRT_VERSION);
    assert_int_equal(with(16, 3), XV_LIBVIRT_VERSION);
    assert_int_equal(with(16, 0x02000000), XV_LIBVIRT_VERSION);
    assert_int_equal(with(16, 1), XV_LIBVIRT_LEGACY);
    assert_int_equal(offset_of(&t), 16);
}

static void lengths(void **state) {
    (void)state;
    assert_int_equal(with(20, 0), XV_LIBVIRT_XML_LEN);
    assert_int_equal(with(20, UINT32_MAX), XV_LIBVIRT_XML_LEN);
    assert_int_equal(offset_of(&t), 20);
    assert_int_equal(with(20, sizeof(plain) - 1), XV_XML_NUL);
    assert_int_equal(with(20, sizeof(plain) + 1), XV_XML_NUL);
    for (int more = -1; more <= 1; more++) {
        t.policy.max_config_bytes = (uint32_t)((int)sizeof(plain) + more);
        assert_int_equal(judge(&t, &s), more < 0 ? XV_LIBVIRT_XML_LEN : XV_ACCEPTED);
    }
}

static void unused(void **state) {
    (void)state;
    for (size_t i = 24; i < 64; i++) {
        s.bytes[i] = 0x80;
        assert_int_equal(judge(&t, &s), XV_LIBVIRT_UNUSED);
        assert_int_equal(offset_of(&t), i);
        s.bytes[i] = 0;
    }
}

/* XML longer than one demand comes in pieces, and is refused where it is wrong. */
static void long_xml(void **state) {
    static char xml[2 * XV_WANT_MAX + 100];

    (void)state;
    memset(xml, '\n', sizeof(xml) - 1);
    memcpy(xml, plain, sizeof(plain) - 1);
    image(xml);
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    s.bytes[64 + XV_WANT_MAX] = 'x';
    assert_int_equal(judge(&t, &s), XV_XML_ROOT);
    assert_int_equal(offset_of(&t), 64 + XV_WANT_MAX);
}

static void inner(void **state) {
    size_t ident = 64 + sizeof(plain);

    (void)state;
    s.bytes[ident + 3] ^= 1;
    assert_int_equal(judge(&t, &s), XV_LIBXL_IDENT);
    assert_int_equal(offset_of(&t), ident);
}

struct sample {
    const char *xml;
    enum xv_code code;
    uint32_t allow; /* what lifts it */
};

#define IN_DEVICES(xml) "<domain><devices>" xml "</devices></domain>"

static const struct sample samples[] = {
    {"<domain><bootloader/></domain>", XV_CONFIG_BOOTLOADER, XV_ALLOW_BOOTLOADER},
    {"<domain><x:commandline/></domain>", XV_CONFIG_DM_ARGS, XV_ALLOW_DEVICE_MODEL},
    {"<domain><seclabel type='static'/></domain>", XV_CONFIG_PRIVILEGE, XV_ALLOW_PRIVILEGE},
    {"<domain><os><nvram/></os></domain>", XV_CONFIG_HOST_PATH, XV_ALLOW_HOST_PATHS},
    {"<domain><features><xen><passthrough state='on'/></xen></features></domain>", XV_CONFIG_PASSTHROUGH,
     XV_ALLOW_PASSTHROUGH},
    {IN_DEVICES("<emulator>/tmp/x</emulator>"), XV_CONFIG_DEVICE_MODEL, XV_ALLOW_DEVICE_MODEL},
    {IN_DEVICES("<emulator/>"), XV_CONFIG_DEVICE_MODEL, XV_ALLOW_DEVICE_MODEL},
    {IN_DEVICES("<disk/>"), XV_CONFIG_DEVICE, XV_ALLOW_DISKS},
    {IN_DEVICES("<interface/>"), XV_CONFIG_DEVICE, XV_ALLOW_NICS},
    {IN_DEVICES("<interface type='hostdev'/>"), XV_CONFIG_PASSTHROUGH, XV_ALLOW_PASSTHROUGH},
    {IN_DEVICES("<interface><script path='x'/></interface>"), XV_CONFIG_SCRIPT, XV_ALLOW_SCRIPTS},
    {IN_DEVICES("<interface><backenddomain/></interface>"), XV_CONFIG_PRIVILEGE, XV_ALLOW_PRIVILEGE},
    {IN_DEVICES("<filesystem/>"), XV_CONFIG_HOST_PATH, XV_ALLOW_HOST_PATHS},
    {IN_DEVICES("<hostdev/>"), XV_CONFIG_PASSTHROUGH, XV_ALLOW_PASSTHROUGH},
    {IN_DEVICES("<lease/>"), XV_CONFIG_PRIVILEGE, XV_ALLOW_PRIVILEGE},
    {IN_DEVICES("<serial type='file'/>"), XV_CONFIG_HOST_PATH, XV_ALLOW_HOST_PATHS},
    {IN_DEVICES("<x:console x:type='unix'/>"), XV_CONFIG_HOST_PATH, XV_ALLOW_HOST_PATHS},
    {IN_DEVICES("<graphics socket='/x'/>"), XV_CONFIG_HOST_PATH, XV_ALLOW_HOST_PATHS},
    {IN_DEVICES("<tpm><backend type='passthrough'/></tpm>"), XV_CONFIG_PASSTHROUGH, XV_ALLOW_PASSTHROUGH},
    {IN_DEVICES("<rng><backend>/dev/sda</backend></rng>"), XV_CONFIG_HOST_PATH, XV_ALLOW_HOST_PATHS},
    {IN_DEVICES("<video/>"), XV_CONFIG_DEVICE, XV_ALLOW_OTHER_DEVICES},
};

/* Each is refused unless exactly its allowance is there. */
static void judged(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        uint32_t needed = samples[i].allow;

        image(samples[i].xml);
        t.policy.allow = 0xfff & ~needed;
        assert_int_equal(judge(&t, &s), samples[i].code);
        assert_in_range(offset_of(&t), 64, 64 + strlen(samples[i].xml));
        t.policy.allow = 0xfff;
        assert_int_equal(judge(&t, &s), XV_ACCEPTED);
        assert_true(xv_parser_summary(t.p)->brings & needed);
    }
}

/* What looks alike and is not: another place, another depth, harmless values. */
static void not_judged(void **state) {
    static const char *const harmless[] = {
        "<domain><metadata><bootloader/></metadata></domain>",
        "<domain><metadata><devices><hostdev/></devices></metadata></domain>",
        "<domain><metadata><interface><script/></interface></metadata></domain>",
        "<domain><name>bootloader</name></domain>",
        "<domain><bootloaders/><boot/></domain>",
        "<domain><seclabel type='none'/></domain>",
        "<domain><features><xen><passthrough state='off'/></xen></features></domain>",
        IN_DEVICES("<emulator>/usr/lib/xen/bin/qemu-system-i386</emulator>"),
        IN_DEVICES("<emulator><!-- -->/usr/bin/qemu-system-x86_64</emulator>"),
        "<domain><devices/><os/></domain>",
    };

    (void)state;
    t.policy.allow = 0;
    for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
        image(harmless[i]);
        assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    }
    t.policy.allow = XV_ALLOW_OTHER_DEVICES | XV_ALLOW_NICS;
    image(IN_DEVICES("<console type='pty'/><serial type='null'/><interface type='bridge'/><memballoon model='xen'/>"
                     "<rng><backend>/dev/urandom</backend></rng><graphics type='vnc'/>"));
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
}

static void root(void **state) {
    static const char other[] = "<domain type='kvm'><os><kernel/></os></domain>";

    (void)state;
    image("<network/>");
    assert_int_equal(judge(&t, &s), XV_LIBVIRT_DOMAIN);
    image("<domains/>");
    assert_int_equal(judge(&t, &s), XV_LIBVIRT_DOMAIN);
    image(other);
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    assert_string_equal(told, "libvirt domain@type os.kernel libxl libxc ");
    image("<domain id='3' type='xen'/>");
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    assert_string_equal(told, "libvirt libxl libxc ");
}

static void unknown_device(void **state) {
    (void)state;
    image(IN_DEVICES("<teleporter/>"));
    assert_int_equal(judge(&t, &s), XV_CONFIG_FIELD_UNKNOWN);
    assert_int_equal(offset_of(&t), 64 + 17);
    t.policy.tolerate |= XV_TOLERATE_UNKNOWN_CONFIG_FIELD;
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    assert_true(xv_parser_summary(t.p)->tolerated & XV_TOLERATE_UNKNOWN_CONFIG_FIELD);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whole, setup, teardown),
        cmocka_unit_test_setup_teardown(magic_and_version, setup, teardown),
        cmocka_unit_test_setup_teardown(lengths, setup, teardown),
        cmocka_unit_test_setup_teardown(unused, setup, teardown),
        cmocka_unit_test_setup_teardown(long_xml, setup, teardown),
        cmocka_unit_test_setup_teardown(inner, setup, teardown),
        cmocka_unit_test_setup_teardown(judged, setup, teardown),
        cmocka_unit_test_setup_teardown(not_judged, setup, teardown),
        cmocka_unit_test_setup_teardown(root, setup, teardown),
        cmocka_unit_test_setup_teardown(unknown_device, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
