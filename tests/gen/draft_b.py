# SPDX-License-Identifier: MIT
"""Draft B of the domain save image format, image version 1 (docs/formats draft-b): a 64-bit or 32-bit PV guest in either byte order."""
import struct
import zlib

from . import libxc, pv
from .items import ZERO, Item, Stream

END, PAGE_DATA, VCPU_INFO, VCPU_CONTEXT, PV_INFO, P2M = range(6)
LITTLE, BIG = "<", ">"
INVALID = (1 << 64) - 1
FIRST_MFN = 0x40000


def image_header(order=LITTLE, options=None, reserved16=0, reserved32=0, version=1):
    flags = (order == BIG) if options is None else options
    return Item("IMAGE_HEADER", struct.pack(">Q4sIHHI", (1 << 64) - 1, b"XENF", version, flags, reserved16, reserved32))


def domain_header(order=LITTLE, arch=1, kind=1, shift=12, reserved=0):
    return Item("DOMAIN_HEADER", struct.pack(order + "HHHH", arch, kind, shift, reserved))


class Record(Item):
    """A 16-octet header, the body, its padding, and the footer with the checksum. All of it can be forced."""

    header = 16

    def __init__(self, name, rtype, body=b"", order=LITTLE):
        super().__init__(name, body)
        self.type, self.order = rtype, order
        self.length = self.pad = self.sum = None
        self.options, self.reserved16, self.reserved32, self.footer = 1, 0, 0, 0

    def pack(self):
        body = self.content()
        length = len(body) if self.length is None else self.length
        body += ZERO * (-len(body) % 8) if self.pad is None else self.pad
        good = zlib.crc32(body) if self.options & 1 else 0
        head = struct.pack(self.order + "IIHHI", self.type, length, self.options, self.reserved16, self.reserved32)
        return head + body + struct.pack(self.order + "II", good if self.sum is None else self.sum, self.footer)

    def force(self, **fields):
        """Sets fields of the header or footer; returns the record."""
        for name, value in fields.items():
            if not hasattr(self, name):
                raise AttributeError(name)
            setattr(self, name, value)
        return self


def end(order=LITTLE):
    return Record("END", END, order=order)


def pv_info(width=8, levels=4, options=0, reserved=bytes(5), order=LITTLE):
    return Record("PV_INFO", PV_INFO, struct.pack("BBB", width, levels, options) + reserved, order)


def p2m(begin, entries, end_pfn=None, order=LITTLE):
    last = begin + len(entries) if end_pfn is None else end_pfn
    return Record("P2M", P2M, struct.pack(f"{order}QQ{len(entries)}Q", begin, last, *entries), order)


def vcpu_info(most=0, reserved=0, order=LITTLE):
    return Record("VCPU_INFO", VCPU_INFO, struct.pack(order + "II", most, reserved), order)


def vcpu_context(vcpu=0, width=pv.WIDE, reserved=0, order=LITTLE):
    return Record("VCPU_CONTEXT", VCPU_CONTEXT, struct.pack(order + "II", vcpu, reserved) + pv.context(vcpu, width), order)


class Pages(Record):
    """PAGE_DATA; entries are (pfn, type, contents)."""

    def __init__(self, entries, order=LITTLE):
        super().__init__("PAGE_DATA", PAGE_DATA, order=order)
        self.entries = list(entries)
        self.count, self.reserved = None, 0

    def build(self):
        count = len(self.entries) if self.count is None else self.count
        head = struct.pack(self.order + "II", count, self.reserved)
        pfns = b"".join(struct.pack(self.order + "Q", pfn | kind << 60) for pfn, kind, _ in self.entries)
        return head + pfns + b"".join(contents for _, _, contents in self.entries if contents is not None)


def batches(memory, size, order=LITTLE):
    pfns = sorted(memory)
    size = size or len(pfns)
    return [Pages([(pfn, *memory[pfn]) for pfn in pfns[i:i + size]], order) for i in range(0, len(pfns), size)]


def mfns(count):
    """Where the host had the guest's pages; one is missing."""
    table = [FIRST_MFN + 7 * pfn for pfn in range(count)]
    table[count - 4] = INVALID
    return table


def p2m_page(width, table):
    """The guest's own p2m: the same machine frames, in words of its width; what is beyond the guest is invalid."""
    word, bits = (("Q", 64) if width is pv.WIDE else ("I", 32))
    values = [value & ((1 << bits) - 1) for value in table]
    values += [(1 << bits) - 1] * (width.per_frame - len(values))
    return struct.pack(f"<{width.per_frame}{word}", *values)


def guest(width=pv.WIDE, order=LITTLE, vcpus=1, batch=None, ranges=1, memory=None, pae=0):
    """A whole image. `ranges`: P2M records; `batch`: pages in a record."""
    count = pv.LAST + 1
    table = mfns(count)
    if memory is None:
        memory = pv.guest_pages(width)
        memory[pv.P2M] = (libxc.NOTAB, p2m_page(width, table))
    step = count // ranges
    parts = [p2m(i, table[i:i + step], order=order) for i in range(0, step * ranges, step)]
    return Stream("draft-b", [
        image_header(order), domain_header(order), pv_info(width.octets, width.levels, pae, order=order), *parts,
        *batches(memory, batch, order), vcpu_info(vcpus - 1, order=order),
        *[vcpu_context(vcpu, width, order=order) for vcpu in range(vcpus)], end(order)])


def unsum(stream):
    """The same image without any checksum, as the draft permits."""
    for item in stream.items:
        if isinstance(item, Record):
            item.options = 0
    return stream
