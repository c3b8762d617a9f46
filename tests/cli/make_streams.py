#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes the images that the command line tests read into a directory."""
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from tests.gen import hvm, libvirt, libxc, libxl, pv, xenopsd, xenstore, xl  # noqa: E402


def unterminated(stream):
    """Everything but the last record's last octet."""
    return stream.pack()[:-1]


def big_hvm():
    """Large enough to be skipped over in a file and to be spliced from a pipe."""
    memory = {**hvm.guest_pages(), **{pfn: (libxc.NOTAB, bytes(4096)) for pfn in range(0x100, 0x900)}}
    return hvm.guest(memory=memory, batch=1024).pack()


def main(out):
    def write(name, octets):
        (out / name).write_bytes(octets)

    pvh = xl.wrap(libxl.wrap(hvm.pvh(vcpus=2)), xl.config("pvh", vcpus=2))
    write("pvh.xl", pvh.pack())
    write("pv64.libxc", pv.guest().pack())
    write("pv64-live.libxc", pv.guest(rounds=[libxc.pages(pv.guest_pages()), libxc.pages(pv.guest_pages(), [9])]).pack())
    write("hvm.libxl", libxl.wrap_hvm(hvm.guest()).pack())
    write("big.libxc", big_hvm())
    write("hvm.xenopsd", xenopsd.wrap_hvm(hvm.guest()).pack())
    write("pvh.libvirt", libvirt.wrap(libxl.wrap(hvm.pvh())).pack())
    write("verify.libxc", pv.guest(middle=[libxc.verify(), libxc.pages(pv.guest_pages())]).pack())
    write("trailing.libxc", pv.guest().pack() + b"x")
    write("truncated.xl", unterminated(pvh))
    write("truncated.libxc", big_hvm()[:3000000])
    bad = pv.set_pte(pv.guest(), pv.L1, 3, pv.pte(pv.LAST + 1))
    write("pte.libxc", bad.pack())
    name = "\u001b[31mevil\u0007\u202e\""
    named = xl.edited(xl.config("pvh", vcpus=2), "c_info/name", name)
    write("name.xl", xl.wrap(libxl.wrap(hvm.pvh(vcpus=2)), named).pack())
    write("script.xl", xl.wrap(libxl.wrap(hvm.pvh(vcpus=2)),
                               xl.edited(xl.config("pvh", vcpus=2), "b_info/device_model", "/tmp/x")).pack())
    write("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00" + struct.pack("<64I", *range(64)))
    write("empty", b"")
    write("new.xenstore", xenstore.newest().pack())
    write("proposed.xenstore", xenstore.x_update().pack())


main(pathlib.Path(sys.argv[1]))
