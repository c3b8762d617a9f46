# SPDX-License-Identifier: MIT
"""Fields of the embedded configuration that a restore must not act on, or that contradict the stream."""
from . import hvm, libxl, pv, xl
from .libxc import XALLOC
from .registry import case

PV, HVM, PVH = libxl.wrap(pv.guest()), libxl.wrap_hvm(hvm.guest()), libxl.wrap(hvm.pvh())
BASE, HBASE = xl.config("pv"), xl.config("hvm", memkb=16384)
TYPE_HVM = "b_info/type.hvm"


def pair(name, code, bad, good=None, options="", stream=PV, base=BASE):
    case(f"config-{name}", code, xl.wrap(stream, bad), xl.wrap(stream, good or base), options)


def field(name, code, path, bad, good=None, options=""):
    """One field of a PV configuration: refused with `bad`, accepted with `good` or without the field."""
    neighbour = BASE if good is None else xl.edited(BASE, path, good)
    pair(name, code, xl.edited(BASE, path, bad), neighbour, options)


def hfield(name, code, path, bad, good=None, options=""):
    neighbour = HBASE if good is None else xl.edited(HBASE, path, good)
    pair(name, code, xl.edited(HBASE, path, bad), neighbour, options, HVM, HBASE)


def types():
    field("type-c-info", "CONFIG_TYPE", "c_info", [])
    field("type-b-info-string", "CONFIG_TYPE", "b_info", "x")
    field("type-max-vcpus-string", "CONFIG_TYPE", "b_info/max_vcpus", "1")
    field("type-max-memkb-array", "CONFIG_TYPE", "b_info/max_memkb", [4096])
    field("type-guest-number", "CONFIG_TYPE", "c_info/type", 1)
    field("type-name-number", "CONFIG_TYPE", "c_info/name", 7)
    field("type-kernel-object", "CONFIG_TYPE", "b_info/kernel", {})


def ranges():
    field("range-type", "CONFIG_RANGE", "c_info/type", "pvx")
    field("range-vcpus-zero", "CONFIG_RANGE", "b_info/max_vcpus", 0)
    field("range-vcpus-negative", "CONFIG_RANGE", "b_info/max_vcpus", -1)
    field("range-vcpus-8193", "CONFIG_RANGE", "b_info/max_vcpus", 8193, 8192, "--max-vcpus 8192")
    field("range-memkb-zero", "CONFIG_RANGE", "b_info/max_memkb", 0)
    field("range-memkb-huge", "CONFIG_RANGE", "b_info/max_memkb", (1 << 63) - 1)
    field("range-target", "CONFIG_RANGE", "b_info/target_memkb", 4097, 4096)
    field("range-name-slash", "CONFIG_RANGE", "c_info/name", "a/../b", "a..b")
    field("range-name-newline", "CONFIG_RANGE", "c_info/name", "a\nb", "a b")
    field("range-avail-vcpus", "CONFIG_RANGE", "b_info/avail_vcpus", [0, 1], [0])
    field("range-avail-negative", "CONFIG_RANGE", "b_info/avail_vcpus", [-1], [0])
    field("range-on-crash", "CONFIG_RANGE", "on_crash", "explode", "destroy")
    field("range-uuid", "CONFIG_RANGE", "c_info/uuid", "not-a-uuid")
    field("range-vcpus-policy", "CONFIG_RANGE", "b_info/max_vcpus", 5, 4, "--max-vcpus 4")


def missing():
    for path in ("c_info", "b_info", "c_info/type", "b_info/max_vcpus", "b_info/max_memkb"):
        pair("missing-" + path.replace("/", "-"), "CONFIG_MISSING", xl.without(BASE, path))
    pair("missing-all", "CONFIG_MISSING", {})


def agreement():
    pair("guest-hvm-for-pv", "CONFIG_GUEST_TYPE", xl.config("hvm"))
    pair("guest-pvh-for-pv", "CONFIG_GUEST_TYPE", xl.config("pvh"))
    pair("guest-pv-for-hvm", "CONFIG_GUEST_TYPE", xl.config("pv", memkb=16384), stream=HVM, base=HBASE)
    pair("guest-pvh-for-hvm", "CONFIG_GUEST_TYPE", xl.config("pvh", memkb=16384), stream=HVM, base=HBASE)
    pair("guest-pv-for-pvh", "CONFIG_GUEST_TYPE", xl.config("pv"), stream=PVH, base=xl.config("pvh"))
    two = libxl.wrap(pv.guest(vcpus=2))
    case("config-vcpus-pv", "CONFIG_VCPUS", xl.wrap(two, xl.config("pv", 1)), xl.wrap(two, xl.config("pv", 2)))
    two = libxl.wrap_hvm(hvm.guest(vcpus=2))
    case("config-vcpus-hvm", "CONFIG_VCPUS", xl.wrap(two, xl.config("hvm", 1, 16384)),
         xl.wrap(two, xl.config("hvm", 2, 16384)))
    memory = {**hvm.guest_pages(devices=False), **{pfn: (XALLOC, None) for pfn in range(0x100, 0x100 + 900)}}
    large = libxl.wrap(hvm.pvh(memory=memory))
    many = {**memory, **{pfn: (XALLOC, None) for pfn in range(0x1000, 0x1000 + 20000)}}
    flood = libxl.wrap(hvm.pvh(memory=many, batch=1024))
    small = xl.config("pvh", memkb=4096)
    case("config-memory-hvm", "CONFIG_MEMORY", xl.wrap(flood, small), xl.wrap(large, small))
    wide = pv.growing(20000)
    case("config-memory-pv-p2m", "P2M_LIMIT", xl.wrap(libxl.wrap(wide), BASE), xl.wrap(PV, BASE))


def programs():
    field("bootloader", "CONFIG_BOOTLOADER", "b_info/type.pv/bootloader", "/usr/bin/pygrub")
    field("bootloader-45", "CONFIG_BOOTLOADER", "b_info/bootloader", "/usr/bin/pygrub")
    escaped = xl.text(BASE).replace(b'"claim_mode"', b'"b\\u006fotloader": "/x", "claim_mode"')
    pair("bootloader-escaped", "CONFIG_BOOTLOADER", escaped)
    field("bootloader-args", "CONFIG_BOOTLOADER", "b_info/bootloader_args", ["-q"])
    nic = {"devid": 0, "mac": "00:16:3e:00:00:01"}
    pair("nic-script", "CONFIG_SCRIPT", {**BASE, "nics": [{**nic, "script": "/tmp/x"}]}, {**BASE, "nics": [nic]})
    disk = {"pdev_path": "/dev/vg/x", "vdev": "xvda", "backend": "phy", "format": "raw"}
    pair("disk-script", "CONFIG_SCRIPT", {**BASE, "disks": [{**disk, "script": "block-x"}]}, {**BASE, "disks": [disk]},
         "--allow disks --allow host-paths")
    field("device-model", "CONFIG_DEVICE_MODEL", "b_info/device_model", "/tmp/qemu")
    hfield("device-model-stubdomain", "CONFIG_PRIVILEGE", "b_info/device_model_stubdomain", "True")
    hfield("device-model-user", "CONFIG_DEVICE_MODEL", "b_info/device_model_user", "root")
    hfield("device-model-hvm", "CONFIG_DEVICE_MODEL", "b_info/device_model", "/tmp/qemu")
    for key in ("extra", "extra_pv", "extra_hvm"):
        hfield(f"dm-args-{key}", "CONFIG_DM_ARGS", f"b_info/{key}", ["-monitor", "stdio"])


def hardware():
    pair("pci", "CONFIG_PASSTHROUGH", {**BASE, "pcidevs": [{"dev": 2, "bus": 0, "domain": 0}]})
    pair("dtdev", "CONFIG_PASSTHROUGH", {**BASE, "dtdevs": [{"path": "/soc"}]})
    field("ioports", "CONFIG_PASSTHROUGH", "b_info/ioports", [{"first": 0x3f8, "number": 8}])
    field("iomem", "CONFIG_PASSTHROUGH", "b_info/iomem", [{"start": 0xa0, "number": 32}])
    field("irqs", "CONFIG_PASSTHROUGH", "b_info/irqs", [5])
    hfield("usb-host-device", "CONFIG_PASSTHROUGH", TYPE_HVM + "/usbdevice", "host:1.2", "tablet")
    hfield("gfx-passthru", "CONFIG_PASSTHROUGH", TYPE_HVM + "/gfx_passthru", "True", "False")
    pair("usbdev", "CONFIG_PASSTHROUGH", {**BASE, "usbdevs": [{"ctrl": 0, "port": 1}]})


def devices():
    disk = {"pdev_path": "/dev/vg/x", "vdev": "xvda", "backend": "phy", "format": "raw"}
    pair("disk", "CONFIG_HOST_PATH", {**BASE, "disks": [disk]})
    pair("disk-bare", "CONFIG_DEVICE", {**BASE, "disks": [{"vdev": "xvda"}]})
    pair("nic-refused", "CONFIG_DEVICE", {**BASE, "nics": [{"devid": 0}]}, options="--refuse nics")
    for kind in ("vfbs", "vkbs", "vtpms"):
        pair(kind, "CONFIG_DEVICE", {**BASE, kind: [{"devid": 0}]}, options="--refuse other-devices")
    pair("p9", "CONFIG_HOST_PATH", {**BASE, "p9": [{"tag": "t", "path": "/", "security_model": "none"}]})
    channel = {"devid": 0, "name": "c", "connection.socket": {"path": "/tmp/s"}}
    pair("channel", "CONFIG_HOST_PATH", {**BASE, "channels": [channel]})
    for key in ("firmware", "system_firmware", "smbios_firmware", "acpi_firmware"):
        hfield(key, "CONFIG_HOST_PATH", f"{TYPE_HVM}/{key}", "/etc/shadow")
    hfield("serial-list-file", "CONFIG_HOST_PATH", TYPE_HVM + "/serial_list", ["file:/etc/shadow"], ["pty"])
    hfield("serial-file", "CONFIG_HOST_PATH", TYPE_HVM + "/serial", "file:/etc/shadow")


def privilege():
    field("driver-domain", "CONFIG_PRIVILEGE", "c_info/driver_domain", "True")
    field("seclabel", "CONFIG_PRIVILEGE", "c_info/ssid_label", "system_u:system_r:dom0_t")
    field("stubdomain-kernel", "CONFIG_PRIVILEGE", "b_info/stubdomain_kernel", "/x")
    field("exec-label", "CONFIG_PRIVILEGE", "b_info/exec_ssid_label", "x")
    pair("pvcalls", "CONFIG_PRIVILEGE", {**BASE, "pvcallsifs": [{"devid": 0}]})
    field("pool", "CONFIG_PRIVILEGE", "c_info/pool_name", "Pool-1")


def unknown():
    field("unknown-top", "CONFIG_FIELD_UNKNOWN", "not_a_field", 1)
    field("unknown-c-info", "CONFIG_FIELD_UNKNOWN", "c_info/not_a_field", 1)
    field("unknown-b-info", "CONFIG_FIELD_UNKNOWN", "b_info/max_vcpu", 1)


def build():
    for make in (types, ranges, missing, agreement, programs, hardware, devices, privilege, unknown):
        make()
