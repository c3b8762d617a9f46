#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`xenvet convert` as a command: which format comes out of which, what is refused, and that nothing is left behind then."""
import os
import subprocess

from support import TESTS, XENVET, Place, checked, converted, main, octets, refused

import golden  # noqa: E402
from gen import draft_b, hvm, legacy, libvirt, libxc, libxl, pv, xenopsd, xl  # noqa: E402

PVH = hvm.pvh()
XL = xl.wrap(libxl.wrap_hvm(hvm.guest()), xl.config("hvm", memkb=16384))


def begins(image):
    for name, magic in (("xl", b"Xen saved"), ("libxl", b"LibxlFmt"), ("libxc", b"\xff" * 8 + b"XENF\0\0\0\3"),
                        ("libvirt", libvirt.MAGIC + b"\2\0\0\0"), ("xenopsd", xenopsd.SIGNATURE)):
        if image.startswith(magic):
            return name
    return image[:16]


def test_containers():
    assert converted(XL) == octets(XL)
    assert converted(XL, "--to", "xl") == octets(XL)
    assert converted(XL, "--to", "libxl") == octets(libxl.wrap_hvm(hvm.guest()))
    assert converted(XL, "--to", "v3") == octets(hvm.guest())
    assert converted(PVH) == octets(PVH)
    assert converted(PVH, "--to", "libxl") == octets(libxl.wrap(PVH))
    assert converted(libxl.wrap(PVH), "--to", "v3") == octets(PVH)


def test_what_comes_out_unless_told():
    for stream, kind in ((XL, "xl"), (libxl.wrap(pv.guest(2)), "libxl"), (pv.guest(2), "libxc"), (legacy.hvm_guest(), "libxl"),
                         (xl.wrap(legacy.pv_guest(), xl.config("pv"), mandatory=1), "xl")):
        image = converted(stream)
        assert begins(image) == kind, (begins(image), kind)
        assert checked(image)[0], checked(image)[1]
    assert begins(converted(draft_b.guest(), "--lossy")) == "libxc"


def test_version_2():
    """Static data get their end where version 3 has it; PAE_ENABLED goes; everything else stays."""
    for stream in (pv.guest(2), hvm.guest(2), hvm.pvh(version=2)):
        image = converted(stream)
        first = "P2M_FRAMES" if "P2M_FRAMES" in [item.name for item in stream.items] else "PAGE_DATA"
        twin = stream.copy().before(first, libxc.static_data_end())
        twin.poke("IMAGE_HEADER", 12, ">I", 3).poke("DOMAIN_HEADER", 8, "<II", 0, 1)
        assert image == octets(twin)
        assert checked(image)[0]
    with_pae = converted(hvm.set_param(hvm.guest(2), hvm.P_PAE, 1))
    assert with_pae == converted(hvm.guest(2))
    only_pae = hvm.guest(2).before("HVM_PARAMS", libxc.Params([(hvm.P_PAE, 1)]))
    assert converted(only_pae) == converted(hvm.guest(2))


def test_marks_of_conversion():
    """A stream that says it was converted is in a libxl stream that says so, and its emulator has no id."""
    image = converted(libxl.wrap_hvm(hvm.guest(2)))
    assert image[:16] == b"LibxlFmt\0\0\0\2\0\0\0\2" and checked(image)[0]
    assert octets(libxl.wrap_hvm(hvm.guest()))[:16] == b"LibxlFmt\0\0\0\2\0\0\0\0"


def test_tolerated_records_are_left_out():
    stream = pv.guest(2).before("END", pv.vcpu_record("EMPTY", libxc.VCPU_MSRS, 0, b"")).drop("VCPU_MSRS")
    twin = pv.guest(2).drop("VCPU_MSRS")
    assert converted(stream) == converted(twin)


def test_own_configuration():
    place = Place()
    own = place.where.parent / "own.cfg"
    own.write_text('name = "own"\ntype = "pv"\n')
    done = place.convert(legacy.pv_guest(), "--to", "xl", "--config", own)
    assert done.returncode == 0, done.stderr
    image = place.output.read_bytes()
    assert image.startswith(b"Xen saved domain") and b'name = "own"' in image[:200]
    text = xl.wrap(legacy.hvm_guest(), legacy.TEXT, mandatory=0)
    refused(text, "XL_FLAG_JSON")
    assert place.convert(text, "--to", "xl", "--config", own).returncode == 0
    refused(legacy.pv_guest(), "CONVERT_NO_CONFIG", "--to", "xl")


def test_libvirt():
    """The container is kept, its version says what the payload is now; any other is to be had where no configuration is needed."""
    inner = libxl.wrap(hvm.pvh())
    image = libvirt.wrap(inner)
    assert converted(image) == octets(image) and converted(image, "--to", "libvirt") == octets(image)
    assert converted(image, "--to", "libxl") == octets(inner) and converted(image, "--to", "v3") == octets(PVH)
    assert converted(image, "--from", "libvirt", "--to", "xenopsd") == converted(PVH, "--to", "xenopsd")
    refused(image, "CONVERT_NO_CONFIG", "--to", "xl")
    refused(inner, "CONVERT_NO_CONFIG", "--to", "libvirt")
    old = legacy.hvm_guest()
    out = converted(libvirt.wrap(old, version=1))
    assert begins(out) == "libvirt" and out.endswith(converted(old)) and checked(out)[0]
    upgraded = converted(libvirt.wrap(libxl.wrap(hvm.pvh(version=2))))
    assert begins(upgraded) == "libvirt" and upgraded.endswith(converted(hvm.pvh(version=2), "--to", "libxl"))


def test_own_xml():
    place = Place()
    own = place.where.parent / "domain.xml"
    own.write_text(libvirt.domain())
    stream = libxl.wrap(hvm.pvh())
    done = place.convert(stream, "--to", "libvirt", "--config", own)
    assert done.returncode == 0 and place.output.read_bytes() == octets(libvirt.wrap(stream)), done.stderr
    own.write_text("")
    assert place.convert(stream, "--to", "libvirt", "--config", own).returncode == 3


def test_xenopsd():
    """The device model's state changes its frame and back; what only xenopsd has stays there or is lost by word."""
    image, guest = xenopsd.wrap_hvm(hvm.guest()), hvm.guest()
    assert converted(image) == octets(image) and converted(image, "--to", "v3") == octets(guest)
    inner = converted(image, "--to", "libxl")
    assert inner == octets(libxl.wrap_hvm(guest).drop("LX_XENSTORE")) and checked(inner)[0]
    again = converted(inner, "--to", "xenopsd")
    assert checked(again)[0] and converted(again, "--to", "libxl") == inner
    assert again.endswith(octets(image)[octets(image).index(b"\xff" * 8):])
    assert converted(octets(libxl.wrap_hvm(guest)), "--to", "xenopsd") == again
    assert converted(xenopsd.wrap(pv.guest()), "--to", "libxl") == octets(libxl.wrap(pv.guest()))
    version_2 = converted(xenopsd.wrap_hvm(hvm.guest(2)))
    assert checked(version_2)[0] and version_2.startswith(octets(image)[:15 + 16 + len(xenopsd.METADATA)])
    marked = converted(xenopsd.wrap_hvm(hvm.guest(2)), "--to", "libxl")
    assert marked[:16] == b"LibxlFmt\0\0\0\2\0\0\0\2" and checked(marked)[0]


def test_devices_of_xenopsd():
    devices = [xenopsd.Record("V", xenopsd.VARSTORED, b"variables"), xenopsd.Record("T", xenopsd.SWTPM, b"tpm")]
    image, allow = xenopsd.wrap_hvm(hvm.guest(), *devices), ("--allow", "other-devices")
    assert converted(image, *allow) == octets(image)
    refused(image, "CONVERT_DEVICE", *allow, "--to", "libxl")
    assert converted(image, *allow, "--lossy", "--to", "libxl") == converted(xenopsd.wrap_hvm(hvm.guest()), "--to", "libxl")


def test_old_xenopsd():
    old = legacy.hvm_guest(32, model=xenopsd.device_model())
    out = converted(xenopsd.wrap_legacy(old))
    assert begins(out) == "xenopsd" and checked(out)[0]
    assert converted(xenopsd.wrap_legacy(old), "--to", "libxl") == converted(legacy.hvm_guest(32))
    assert converted(xenopsd.wrap_legacy(legacy.pv_guest(32)), "--to", "v3") == converted(legacy.pv_guest(32), "--to", "v3")


def test_rejections_leave_nothing():
    refused(hvm.guest(), "LIBXL_RECORD_MISSING", "--to", "libxl")
    refused(legacy.hvm_guest(model=[]), "LIBXL_RECORD_MISSING")
    refused(legacy.pv_guest().append(legacy.unmapped(64)), "TRAILING")
    refused(legacy.pv_guest().drop("SHARED_INFO"), "TRUNCATED")
    refused(legacy.pv_guest().before("VCPU_INFO", legacy.chunk("STRAY", legacy.COMPRESSED)), "LEGACY_COMPRESSED")
    refused(b"\x89PNG\r\n\x1a\n" + bytes(100), "FORMAT_UNKNOWN")
    refused(libxl.checkpointed(hvm.guest(), []), "CHECKPOINT_REFUSED", "--allow", "checkpointed")
    cut = legacy.device_model(libxl.qevm()[:-1] + b"\1", signature=b"QemuDeviceModelRecord")
    refused(legacy.hvm_guest(model=cut), "QEVM_END")  # nothing but the output tells that this state is not whole


def test_every_truncation_leaves_nothing():
    image = octets(legacy.pv_guest())
    for length in range(0, len(image), 4999):
        place = Place()
        done = place.convert(image[:length])
        assert done.returncode == 1 and place.left() == [], (length, done.stderr)


def test_from():
    assert converted(legacy.pv_guest(), "--from", "legacy", "--to", "v3") == converted(legacy.pv_guest(), "--to", "v3")
    refused(legacy.pv_guest(), "FORMAT_LEGACY", "--from", "libxc")
    refused(pv.guest(), "FORMAT_REFUSED", "--from", "legacy")
    assert Place().convert(pv.guest(), "--from", "nothing").returncode == 2
    assert Place().convert(pv.guest(), "--to", "nothing").returncode == 2
    assert Place().convert(pv.guest(), "--config", "x").returncode == 2


def test_draft_b():
    image = draft_b.guest()
    refused(image, "CONVERT_LOSSY")
    refused(draft_b.guest(order=draft_b.BIG), "CONVERT_BIG_ENDIAN", "--lossy")
    memory = {item[0]: item[1:] for item in image.get("PAGE_DATA").entries}
    nowhere = {**memory, pv.P2M: (libxc.NOTAB, bytes(4096))}
    refused(draft_b.guest(memory=nowhere), "CONVERT_P2M", "--lossy")
    twice = {**memory, 12: memory[pv.P2M]}
    refused(draft_b.guest(memory=twice), "CONVERT_P2M", "--lossy")
    again = image.copy().after("PAGE_DATA", draft_b.Pages([(12, *memory[12])]))
    refused(again, "CONVERT_P2M", "--lossy")
    for width in (pv.WIDE, pv.NARROW):
        out = converted(draft_b.guest(width, batch=3, ranges=3), "--lossy")
        assert checked(out)[0]
        assert out.count(memory[pv.START_INFO][1] if width is pv.WIDE else pv.start_info(width)) == 1
    place = Place()
    done = subprocess.run([XENVET, "convert", "--lossy", "-", place.output], input=octets(image), capture_output=True, timeout=60)
    assert done.returncode == 1 and b"CONVERT_PIPE" in done.stderr and place.left() == []


def test_streams():
    """From standard input to standard output; an output that takes nothing."""
    for stream in (legacy.pv_guest(), legacy.hvm_guest(), pv.guest(2)):
        done = subprocess.run([XENVET, "convert", "-q", "-", "-"], input=octets(stream), capture_output=True, timeout=60)
        assert done.returncode == 0 and done.stdout == converted(stream), done.stderr
    full = subprocess.run([XENVET, "convert", "-", "/dev/full"], input=octets(pv.guest(2)), capture_output=True, timeout=60)
    assert full.returncode == 3, full


def test_an_existing_file_is_replaced_whole_or_kept():
    place = Place()
    place.output.write_bytes(b"old")
    assert place.convert(legacy.pv_guest().drop("SHARED_INFO")).returncode == 1
    assert place.output.read_bytes() == b"old" and os.listdir(place.where) == ["image"]
    assert place.convert(legacy.pv_guest()).returncode == 0
    assert place.output.read_bytes().startswith(b"LibxlFmt")


def test_real_images():
    """What a real Xen saved, from container to container and back."""
    corpus = TESTS.parent / "corpus"
    rows = [row for row in golden.load(corpus / "MANIFEST", "golden/accept/xen-") if row["options"] == "-" and ".xl" in row["path"]]
    place, count = Place(), 0
    files = golden.unpack(corpus, rows, place.where)
    for row in rows:
        image = files[row["path"]].read_bytes()
        v3, inner = converted(image, "--to", "v3"), converted(image, "--to", "libxl")
        assert begins(v3) == "libxc" and begins(inner) == "libxl", row["path"]
        assert checked(v3)[0] and checked(inner)[0] and converted(inner, "--to", "v3") == v3, row["path"]
        assert converted(image).endswith(inner)
        count += 1
    assert count >= 2, count


if __name__ == "__main__":
    main(globals())
