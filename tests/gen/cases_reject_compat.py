# SPDX-License-Identifier: MIT
"""Which release writes what, and which release can read it (docs/formats compat)."""
from . import hvm, libxc, libxl, pv
from .registry import case, edit

CONVERTED = (0, 1)


def saver():
    case("compat-v3-from-4.13", "COMPAT_IMAGE_VERSION", pv.guest(xen=(4, 13)), pv.guest(xen=(4, 14)))
    case("compat-v3-from-4.6", "COMPAT_IMAGE_VERSION", hvm.guest(xen=(4, 6)), hvm.guest(xen=(4, 14)))
    case("compat-v2-from-4.14", "COMPAT_IMAGE_VERSION", pv.guest(2, xen=(4, 14)), pv.guest(2, xen=(4, 13)),
         "--no-tolerate v2-from-newer-xen")
    case("compat-saver-4.5", "COMPAT_IMAGE_VERSION", pv.guest(2, xen=(4, 5)), pv.guest(2, xen=(4, 6)))
    case("compat-saver-3.4", "COMPAT_IMAGE_VERSION", pv.guest(2, xen=(3, 4)), pv.guest(2, xen=(4, 6)))
    newest = "--xen-max 4.99"
    case("compat-saver-4.100", "COMPAT_SAVER", pv.guest(xen=(4, 100)), pv.guest(xen=(4, 99)), newest, 32)
    case("compat-saver-5.0", "COMPAT_SAVER", pv.guest(xen=(5, 0)), pv.guest(xen=(4, 99)), newest, 32)
    case("compat-saver-5.0-default", "COMPAT_SAVER", pv.guest(xen=(5, 0)), pv.guest(), offset=32)
    case("compat-saver-minor-huge", "COMPAT_SAVER", pv.guest(xen=(4, 0x10000)), pv.guest())
    case("compat-saver-major-huge", "COMPAT_SAVER", pv.guest(xen=(0x10004, 17)), pv.guest())
    case("compat-saver-below-min", "COMPAT_SAVER", pv.guest(xen=(4, 15)), pv.guest(xen=(4, 16)), "--xen-min 4.16")
    case("compat-saver-above-max", "COMPAT_SAVER", pv.guest(xen=(4, 17)), pv.guest(xen=(4, 16)), "--xen-max 4.16")


def context_lengths():
    """An entry of a length that another release writes."""
    def other(name, xen, code, length, good_length, version=2):
        good = hvm.guest(version, xen=xen, viridian=True)
        body = hvm.ctx(good).entries[hvm.ctx(good).find(code)][2]
        assert len(body) == good_length
        bad = edit(good, lambda s: hvm.ctx(s).set(code, (body + bytes(length))[:length]))
        case(f"compat-saver-{name}", "COMPAT_SAVER_HVM", bad, good)
    other("cpu-1024-from-4.7", (4, 7), hvm.CPU, 1024, 1032)
    other("cpu-1032-from-4.6", (4, 6), hvm.CPU, 1032, 1024)
    other("lapic-32-from-4.17", (4, 17), hvm.LAPIC, 32, 24, 3)
    other("lapic-24-from-4.18", (4, 18), hvm.LAPIC, 24, 32, 3)
    other("rtc-16-from-4.14", (4, 14), hvm.RTC, 16, 24, 3)
    other("rtc-24-from-4.13", (4, 13), hvm.RTC, 24, 16)
    other("vmce-24-from-4.10", (4, 10), hvm.VMCE_VCPU, 24, 32)
    other("vmce-32-from-4.7", (4, 7), hvm.VMCE_VCPU, 32, 24)
    other("viridian-vcpu-16-from-4.13", (4, 13), hvm.VIRIDIAN_VCPU, 16, 216)
    other("viridian-vcpu-8-from-4.7", (4, 7), hvm.VIRIDIAN_VCPU, 8, 16)
    other("viridian-domain-24-from-4.6", (4, 6), hvm.VIRIDIAN_DOMAIN, 24, 32)


def target():
    old = lambda version: libxl.legacy(pv.guest(version))
    case("compat-target-v3-to-4.13", "COMPAT_TARGET_VERSION", old(3), old(2), "--target-xen 4.13")
    large = old(2)
    large.get("P2M_FRAMES").length = (8 << 20) + 8
    case("compat-target-length", "COMPAT_TARGET_LENGTH", large, old(2), "--target-xen 4.9 --max-guest-pages 4294967296",
         large.at("P2M_FRAMES", 4))
    mode = lambda n: edit(pv.guest(2, xen=(4, 11)), lambda s: s.replace("TSC_INFO", libxc.tsc_info(n)))
    case("compat-target-tsc", "COMPAT_TARGET_TSC", mode(3), mode(2), "--target-xen 4.12")
    emulator = libxl.emulator(emulator=libxl.UNKNOWN)
    vmce = lambda size: libxl.legacy(hvm.guest(2, chain=hvm.context(xen=(4, 7)).set(
        hvm.VMCE_VCPU, (b"\2" + bytes(31))[:size])), emulator)
    case("compat-target-vmce-4.9", "COMPAT_TARGET_HVM", vmce(32), vmce(24), "--target-xen 4.9")
    cpu = lambda xen: libxl.legacy(hvm.guest(2, chain=hvm.context(xen=xen)), emulator)
    case("compat-target-cpu-4.6", "COMPAT_TARGET_HVM", cpu((4, 7)), cpu((4, 6)), "--target-xen 4.6")
    lapic = lambda xen: libxl.legacy(hvm.guest(3, chain=hvm.context(xen=xen)), emulator)
    case("compat-target-lapic-4.17", "COMPAT_TARGET_HVM", lapic((4, 18)), lapic((4, 17)), "--target-xen 4.17")
    param = lambda index, value: libxl.legacy(
        hvm.set_param(hvm.guest(2, chain=hvm.context(xen=(4, 6))), index, value), emulator)
    vm86 = (hvm.P_VM86_SIZED, 0x68 << 32 | 0x6000)
    case("compat-target-param-4.9", "COMPAT_TARGET_PARAM", param(hvm.P_MCA, 1), param(*vm86), "--target-xen 4.9")
    case("compat-target-param-4.8", "COMPAT_TARGET_PARAM", param(*vm86), param(hvm.P_X87, 8), "--target-xen 4.8")
    leaves = lambda last: edit(pv.guest(xen=(4, 15)), lambda s: s.replace(
        "CPUID_POLICY", libxc.Leaves(libxc.cpuid_leaves(max_extended=last))))
    case("compat-target-cpuid-4.15", "COMPAT_TARGET_POLICY", leaves(0x8000001d), leaves(0x8000001c),
         "--target-xen 4.15")


def build():
    for make in (saver, context_lengths, target):
        make()
