# SPDX-License-Identifier: MIT
"""Seals, made and read from the description of the format alone (docs/formats/seal.md)."""
import hashlib
import struct

MAGIC, HEADER, SIGNED, ENTRY = b"XenvSeal", 256, 192, 40
FORMATS = {"xl": 1, "libxl": 2, "libxc": 4, "libvirt": 8, "xenopsd": 16}


def sha(octets):
    return hashlib.sha256(octets).digest()


def table_of(image, ends):
    entries, start = b"", 0
    for end in ends:
        entries += struct.pack("<Q", end) + sha(image[start:end])
        start = end
    return entries


def header(entries, octets, count=None, magic=MAGIC, version=1, flags=0, header_size=HEADER, entry_size=ENTRY, code=0,
           container=4, image=bytes(32), policy=bytes(32), table=None, tool=b"xenvet 0", reserved=bytes(16), signature=bytes(64)):
    count = len(entries) // ENTRY if count is None else count
    return (magic + struct.pack("<IIIIQQII", version, flags, header_size, entry_size, count, octets, code, container) + image +
            policy + (sha(entries) if table is None else table) + tool.ljust(32, b"\0") + reserved + signature)


def make(image, ends, **fields):
    entries = table_of(image, ends)
    return header(entries, len(image), image=sha(image), **fields) + entries


def ends_of(seal):
    """Where the items end."""
    return [struct.unpack_from("<Q", seal, at)[0] for at in range(HEADER, len(seal), ENTRY)]
