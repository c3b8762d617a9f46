# SPDX-License-Identifier: MIT
"""The libxc stream, versions 2 and 3: headers and records (docs/formats libxc 1-4)."""
import struct

from .items import Item, Record

END, PAGE_DATA, PV_INFO, P2M_FRAMES, VCPU_BASIC, VCPU_EXTENDED, VCPU_XSAVE, SHARED_INFO = range(8)
TSC_INFO, HVM_CONTEXT, HVM_PARAMS, TOOLSTACK, VCPU_MSRS, VERIFY, CHECKPOINT, DIRTY_PFN_LIST = range(8, 16)
STATIC_DATA_END, CPUID_POLICY, MSR_POLICY = range(16, 19)
OPTIONAL = 1 << 31

NOTAB, L1TAB, L2TAB, L3TAB, L4TAB = range(5)
PINNED = 8
BROKEN, XALLOC, XTAB = 13, 14, 15
PAGE = 4096

PV, HVM = 1, 2


def has_contents(ptype):
    return ptype < BROKEN


def image_header(version=3, marker=(1 << 64) - 1, ident=b"XENF", options=0, reserved16=0, reserved32=0):
    body = struct.pack(">Q4sIHHI", marker, ident, version, options, reserved16, reserved32)
    return Item("IMAGE_HEADER", body)


def domain_header(kind, xen=(4, 17), shift=12, reserved=0):
    return Item("DOMAIN_HEADER", struct.pack("<IHHII", kind, shift, reserved, *xen))


def end():
    return Record("END", END)


def verify():
    return Record("VERIFY", VERIFY)


def checkpoint():
    return Record("CHECKPOINT", CHECKPOINT)


def static_data_end():
    return Record("STATIC_DATA_END", STATIC_DATA_END)


def fill_page(seed):
    """A page that differs from its neighbours, compresses well, and is not zero."""
    return struct.pack("<Q", 0x1234567800000000 + seed) * (PAGE // 8)


class Pages(Record):
    """PAGE_DATA. Entries are (pfn, type, contents); count, reserved and trailing octets can be forced."""

    def __init__(self, entries, count=None, reserved=0, extra=b""):
        super().__init__("PAGE_DATA", PAGE_DATA)
        self.entries = list(entries)
        self.count, self.reserved, self.extra = count, reserved, extra

    def build(self):
        count = len(self.entries) if self.count is None else self.count
        head = struct.pack("<II", count, self.reserved)
        pfns = b"".join(struct.pack("<Q", pfn | ptype << 60) for pfn, ptype, _ in self.entries)
        data = b"".join(contents for _, _, contents in self.entries if contents is not None)
        return head + pfns + data + self.extra

    def find(self, pfn):
        for i, entry in enumerate(self.entries):
            if entry[0] == pfn:
                return i
        raise KeyError(pfn)

    def entry_offset(self, i):
        """Of pfn entry i, inside the body."""
        return 8 + 8 * i

    def contents_offset(self, pfn):
        i = self.find(pfn)
        before = sum(1 for entry in self.entries[:i] if entry[2] is not None)
        return 8 + 8 * len(self.entries) + PAGE * before

    def set(self, pfn, ptype, contents=None):
        """Gives a page another type; contents follow the type unless they are given."""
        if contents is None and has_contents(ptype):
            contents = fill_page(pfn)
        self.entries[self.find(pfn)] = (pfn, ptype, contents)

    def write(self, pfn, offset, fmt, *values):
        """Overwrites inside a page."""
        i = self.find(pfn)
        _, ptype, contents = self.entries[i]
        page = bytearray(contents)
        struct.pack_into(fmt, page, offset, *values)
        self.entries[i] = (pfn, ptype, bytes(page))


def pages(table, pfns=None):
    """PAGE_DATA of a {pfn: (type, contents)} table, or of some of its pfns."""
    chosen = sorted(table) if pfns is None else pfns
    return Pages([(pfn, *table[pfn]) for pfn in chosen])


def batches(table, size=None):
    """The whole table, in records of at most `size` entries."""
    pfns = sorted(table)
    size = size or max(1, len(pfns))
    return [pages(table, pfns[i:i + size]) for i in range(0, len(pfns), size)]


def tsc_info(mode=0, khz=2000000, nsec=123456789, incarnation=1, reserved=0):
    return Record("TSC_INFO", TSC_INFO, struct.pack("<IIQII", mode, khz, nsec, incarnation, reserved))


class Params(Record):
    """HVM_PARAMS: (index, value) pairs."""

    def __init__(self, pairs, count=None, reserved=0, extra=b""):
        super().__init__("HVM_PARAMS", HVM_PARAMS)
        self.pairs = list(pairs)
        self.count, self.reserved, self.extra = count, reserved, extra

    def build(self):
        count = len(self.pairs) if self.count is None else self.count
        body = struct.pack("<II", count, self.reserved)
        return body + b"".join(struct.pack("<QQ", *pair) for pair in self.pairs) + self.extra

    def set(self, index, value):
        """Replaces a parameter, or adds it at the end."""
        for i, pair in enumerate(self.pairs):
            if pair[0] == index:
                self.pairs[i] = (index, value)
                return
        self.pairs.append((index, value))

    def remove(self, index):
        self.pairs = [pair for pair in self.pairs if pair[0] != index]

    def offset(self, index):
        """Of the pair with this index, inside the body."""
        return 8 + 16 * [pair[0] for pair in self.pairs].index(index)


class Leaves(Record):
    """X86_CPUID_POLICY: rows of (leaf, subleaf, eax, ebx, ecx, edx)."""

    def __init__(self, rows):
        super().__init__("CPUID_POLICY", CPUID_POLICY)
        self.rows = list(rows)

    def build(self):
        return b"".join(struct.pack("<6I", *row) for row in self.rows)


NO_SUBLEAF = 0xffffffff
SUBLEAVES = {4: 1, 7: 1, 0xb: 1}  # the leaves that have subleaves, and how many our guests have


def cpuid_leaves(accum=3, max_extended=0x80000021, hvm=False):
    """A full policy as a saver of 4.17 writes it; `accum` says which XSAVE components exist (with PKRU: 0x207)."""
    known = {0: (0xd, 0x756e6547, 0x6c65746e, 0x49656e69), 1: (0x306a9, 0x800, 0xb6f82203, 0x1fc9cbf5),
             7: (0, 0x21, 0, 0), 0x80000000: (max_extended, 0, 0, 0), 0x80000001: (0, 0, 0x21, 0x2c100800),
             0x80000008: (0x3028 if hvm else 0x3024, 0, 0, 0)}
    rows = []
    for leaf in range(0xd):
        values = known.get(leaf, (0, 0, 0, 0))
        if leaf in SUBLEAVES:
            rows += [(leaf, sub, *values) for sub in range(SUBLEAVES[leaf])]
        else:
            rows.append((leaf, NO_SUBLEAF, *values))
    rows += xstate_leaves(accum)
    rows += [(0x40000000, NO_SUBLEAF, 0, 0, 0, 0), (0x40000100, NO_SUBLEAF, 0, 0, 0, 0)]
    for leaf in range(0x80000000, max_extended + 1):
        rows.append((leaf, NO_SUBLEAF, *known.get(leaf, (0, 0, 0, 0))))
    return rows


COMPONENTS = {2: (256, 576), 3: (64, 960), 4: (64, 1024), 5: (64, 1088), 6: (512, 1152), 7: (1024, 1664), 9: (8, 2688)}


def xstate_size(accum):
    """Octets of the uncompressed XSAVE image that holds these components."""
    return max([576] + [sum(COMPONENTS[n]) for n in COMPONENTS if accum >> n & 1])


def xstate_leaves(accum):
    rows = [(0xd, 0, accum, 0, xstate_size(accum), 0), (0xd, 1, 1, 0, 0, 0)]
    for n in range(2, accum.bit_length()):
        size, offset = COMPONENTS[n] if accum >> n & 1 else (0, 0)
        rows.append((0xd, n, size, offset, 0, 0))
    return rows


def msr_policy(entries=((0xce, 0, 0x80000000), (0x10a, 0, 0))):
    return Record("MSR_POLICY", MSR_POLICY, b"".join(struct.pack("<IIQ", *entry) for entry in entries))
