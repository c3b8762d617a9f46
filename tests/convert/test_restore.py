#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A converted image is restored on the simulated hypervisor, and the domain compared with the guest it was made from: page by page,
vCPU by vCPU, parameter by parameter. What it is compared with is the same guest as a version 2 stream, which nothing converted."""
import pathlib
import tempfile

from support import converted, main

from gen import draft_b, hvm, legacy, libvirt, libxl, pv, xenopsd, xl  # noqa: E402
from host import Host, domid_of  # noqa: E402

PV_ARGUMENTS = ["--memory", "256M", "--vcpus", "16"]
PV32 = ["--tolerate", "pv32-through-libxenguest"]


def restored(image, reference, *options):
    with tempfile.TemporaryDirectory(prefix="xenvet-convert-") as scratch:
        top = pathlib.Path(scratch)
        (top / "image.libxc").write_bytes(image)
        (top / "reference.libxc").write_bytes(reference.pack())
        host = Host(top / "host")
        done = host.restore(*PV_ARGUMENTS, *options, top / "image.libxc")
        assert done.returncode == 0, done.stderr
        result = host.compare(top / "reference.libxc", domid_of(done))
        assert result.returncode == 0, result.stdout[-2000:]


def plain(stream, *missing):
    """A native stream without what an older format lacks."""
    for name in missing:
        stream.drop_all(name)
    return stream


def test_legacy_pv():
    for bits in (32, 64):
        for vcpus in (1, 2):
            image = converted(legacy.pv_guest(bits, vcpus=vcpus, gone=(3,)), "--to", "v3")
            restored(image, plain(pv.guest(2, vcpus=vcpus), "VCPU_MSRS"))
    restored(converted(legacy.pv_guest(accum=7), "--to", "v3"), plain(pv.guest(2, accum=7), "VCPU_MSRS"))


def test_legacy_pv32():
    for bits in (32, 64):
        restored(converted(legacy.pv_guest(bits, pv.NARROW), "--to", "v3"), plain(pv.guest(2, pv.NARROW), "VCPU_MSRS"), *PV32)


def test_legacy_hvm():
    for bits in (32, 64):
        image = converted(legacy.hvm_guest(bits, vcpus=2), "--to", "v3")
        restored(image, hvm.guest(2, vcpus=2, xen=(4, 6)), "--type", "hvm")


def test_legacy_live():
    """The last contents of a page that was sent twice are those that count."""
    memory, later = pv.guest_pages(), pv.guest_pages()
    later[12] = (later[12][0], bytes(reversed(later[12][1])))
    rounds = legacy.batches(64, memory) + [legacy.batch(64, [(12, *later[12])])]
    restored(converted(legacy.pv_guest(rounds=rounds), "--to", "v3"), plain(pv.guest(2, memory=later), "VCPU_MSRS"))


def test_version_2():
    restored(converted(pv.guest(2)), pv.guest(2))
    restored(converted(pv.guest(2, pv.NARROW)), pv.guest(2, pv.NARROW), *PV32)
    restored(converted(hvm.guest(2)), hvm.guest(2), "--type", "hvm")
    restored(converted(hvm.pvh(version=2)), hvm.pvh(version=2))
    old = hvm.set_param(hvm.guest(2), hvm.P_PAE, 1)
    restored(converted(old), hvm.guest(2), "--type", "hvm")


def test_containers():
    restored(converted(libxl.wrap_hvm(hvm.guest(2)), "--to", "v3"), hvm.guest(2), "--type", "hvm")
    image = xl.wrap(libxl.wrap(pv.guest(2)), xl.config("pv"))
    restored(converted(image, "--to", "v3"), pv.guest(2))


def test_libvirt_and_xenopsd():
    pvh, old = plain(hvm.pvh(version=2)), plain(pv.guest(2), "VCPU_MSRS")
    restored(converted(libxl.wrap(hvm.pvh(version=2)), "--to", "xenopsd"), pvh)
    restored(converted(libvirt.wrap(libxl.wrap(hvm.pvh(version=2)))), pvh)
    restored(converted(xenopsd.wrap(pv.guest(2))), pv.guest(2))
    restored(converted(xenopsd.wrap_legacy(legacy.pv_guest(32))), old)
    restored(converted(libvirt.wrap(legacy.pv_guest(64), version=1)), old)


def test_draft_b():
    lacking = ("VCPU_EXTENDED", "VCPU_XSAVE", "VCPU_MSRS", "TSC_INFO")
    for width, options in ((pv.WIDE, []), (pv.NARROW, PV32)):
        image = draft_b.guest(width)
        reference = pv.guest(2, width, memory={item[0]: item[1:] for item in image.get("PAGE_DATA").entries})
        restored(converted(image, "--lossy"), plain(reference, *lacking), *options)


if __name__ == "__main__":
    main(globals())
