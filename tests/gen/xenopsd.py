# SPDX-License-Identifier: MIT
"""The suspend image of xenopsd, the toolstack below XAPI, around a libxc stream (docs/formats/xenopsd.md)."""
import struct

from .items import Item, Stream
from .libxl import qevm

SIGNATURE, LEGACY = b"XenSavedDomv2-\n", b"XenSavedDomain\n"
XENOPS, LIBXC, LIBXL, LIBXC_LEGACY = 0x000f, 0x00f0, 0x00f1, 0x00f2
QEMU_TRAD, QEMU_XEN, DEMU, VARSTORED, SWTPM0, SWTPM, END = 0x0f00, 0x0f01, 0x0f10, 0x0f11, 0x0f12, 0x0f13, 0xffff
METADATA = b"((word_size 64)(time 20240101T00:00:00Z)" \
           b"(vm_str \"{\\\"id\\\": \\\"6f1b\\\", \\\"name\\\": \\\"g\\195\\188n\\\"}\")(xs_subtree()))"


class Record(Item):
    """type i64, length i64, body; no padding."""

    header = 16

    def __init__(self, name, rtype, body=b"", length=None):
        super().__init__(name, body)
        self.type, self.length = rtype, length

    def pack(self):
        body = self.content()
        return struct.pack("<QQ", self.type, len(body) if self.length is None else self.length) + body


def signature(octets=SIGNATURE):
    return Item("XP_SIGNATURE", octets)


def xenops(body=METADATA):
    return Record("XP_XENOPS", XENOPS, body)


def libxc():
    return Record("XP_LIBXC", LIBXC)


def qemu(blob=None):
    return Record("XP_QEMU", QEMU_TRAD, qevm() if blob is None else blob)


def end():
    return Record("XP_END", END)


def wrap(stream, *records, metadata=METADATA):
    """A plain image: the libxc stream, then records of devices, then the end."""
    return Stream("xenopsd", [signature(), xenops(metadata), libxc(), *stream.copy().items, *records, end()])


def wrap_hvm(stream, *records):
    return wrap(stream, *records, qemu())


def device_model(blob=None):
    """As the older kind of image has it: its own signature, and a big-endian length."""
    blob = qevm() if blob is None else blob
    return [Item("SIGNATURE", b"QemuDeviceModelRecord\n" + struct.pack(">I", len(blob))), Item("DEVICE_MODEL", blob)]


def wrap_legacy(stream):
    """The older kind: nothing but a signature before a legacy stream."""
    return Stream("xenopsd", [signature(LEGACY), *stream.copy().items])
