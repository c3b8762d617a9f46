# SPDX-License-Identifier: MIT
"""The libxl stream, version 2, around a libxc stream (docs/formats libxl)."""
import struct

from . import libxc
from .items import Item, Record, Stream

END, LIBXC_CONTEXT, XENSTORE, EMULATOR, CHECKPOINT_END, CHECKPOINT_STATE = range(6)
UNKNOWN, TRADITIONAL, UPSTREAM = range(3)
LEGACY = 2  # header option


def header(ident=b"LibxlFmt", version=2, options=0):
    return Item("LIBXL_HEADER", struct.pack(">8sII", ident, version, options))


def libxc_context():
    return Record("LX_LIBXC_CONTEXT", LIBXC_CONTEXT)


def end():
    return Record("LX_END", END)


def checkpoint_end():
    return Record("LX_CHECKPOINT_END", CHECKPOINT_END)


def checkpoint_state(state=0):
    return Record("LX_CHECKPOINT_STATE", CHECKPOINT_STATE, struct.pack("<I", state))


PHYSMAP = ((b"physmap/f0000000/start_addr", b"f0000000"), (b"physmap/f0000000/size", b"800000"),
           (b"physmap/f0000000/name", b"vga.vram"))


def xenstore(pairs=PHYSMAP, emulator=UPSTREAM, index=0, raw=None):
    data = b"".join(key + b"\0" + value + b"\0" for key, value in pairs) if raw is None else raw
    return Record("LX_XENSTORE", XENSTORE, struct.pack("<II", emulator, index) + data)


def section(name, number=0, data=bytes(16)):
    """A full device section with its footer, as QEMU 2.4 and later write it."""
    head = struct.pack(">BIB", 4, number, len(name)) + name + struct.pack(">II", 0, 2)
    return head + data + struct.pack(">BI", 0x7e, number)


def qevm(magic=b"QEVM", version=3, sections=None, last=b"\0"):
    body = section(b"timer") + section(b"cpu_common", 1) if sections is None else sections
    return magic + struct.pack(">I", version) + body + last


def emulator(blob=None, emulator=UPSTREAM, index=0):
    blob = qevm() if blob is None else blob
    return Record("LX_EMULATOR", EMULATOR, struct.pack("<II", emulator, index) + blob)


def wrap(stream, *records, options=0):
    """A plain libxl stream: the libxc stream, then emulator records, then END."""
    return Stream("libxl", [header(options=options), libxc_context(), *stream.items, *records, end()])


def wrap_hvm(stream, physmap=True):
    return wrap(stream, *([xenstore()] if physmap else []), emulator())


def legacy(stream, *records):
    """What the legacy converter writes: its mark in the libxl header, Xen version 0.1 in the libxc one."""
    twin = stream.copy()
    twin.get("DOMAIN_HEADER").poke(8, "<II", 0, 1)
    return wrap(twin, *records, options=LEGACY)


def checkpointed(first, later, inner=None, colo=False):
    """Remus or COLO: `first` is a plain libxc stream, `later` lists the records of each further checkpoint."""
    sets = [[item for item in first.items if item.name != "END"]] + list(later)
    items = [] if inner is None else [header(), libxc_context()]
    for records in sets:
        items += records + [libxc.checkpoint()]
        if inner is not None:
            items += list(inner) + [checkpoint_end()]
            if colo:
                items.append(checkpoint_state())
    return Stream("libxc" if inner is None else "libxl", items).copy()
