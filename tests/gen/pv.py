# SPDX-License-Identifier: MIT
"""Complete PV guests, 64-bit and 32-bit, of two dozen pages (docs/formats libxc 4, 8; blobs 1-4)."""
import struct

from . import libxc
from .items import Item, Record, Stream
from .libxc import BROKEN, L1TAB, L2TAB, L3TAB, L4TAB, NOTAB, PAGE, PINNED, XALLOC, XTAB, fill_page

# Where things are in the guests below.
START_INFO, STORE, CONSOLE, P2M, GDT, TOP, L3, L2, L1, USER_TOP = range(1, 11)
LAST = 23  # max_pfn

RW, RO, TABLE = 0x67, 0x65, 0x67  # present, writable, user, accessed, dirty


def pte(pfn, flags=RW):
    return pfn << 12 | flags


def table(entries):
    """A page-table page of {slot: pte}."""
    page = bytearray(PAGE)
    for slot, value in entries.items():
        struct.pack_into("<Q", page, 8 * slot, value)
    return bytes(page)


def words(fmt, values):
    page = bytearray(PAGE)
    for offset, value in values.items():
        struct.pack_into(fmt, page, offset, value)
    return bytes(page)


def start_info(width, store=None, console=None):
    """As the domain builder wrote it: a magic string, and the two rings."""
    page = bytearray(words(width.word, {width.store: STORE if store is None else store,
                                        width.console: CONSOLE if console is None else console}))
    magic = b"xen-3.0-x86_64" if width.octets == 8 else b"xen-3.0-x86_32p"
    page[:len(magic)] = magic
    return bytes(page)


class Width:
    """What differs between the two kinds of PV guest."""

    def __init__(self, octets):
        wide = octets == 8
        self.octets, self.levels = octets, 4 if wide else 3
        self.word = "<Q" if wide else "<I"
        self.per_frame = PAGE // octets
        self.context = 5168 if wide else 2800
        # offsets inside the vCPU context
        self.flags, self.rdx = 512, 616 if wide else 524
        self.ldt_ents = 4824 if wide else 2636
        self.gdt_frames, self.gdt_ents = (4832, 4960) if wide else (2640, 2704)
        self.ctrlreg, self.debugreg = (4984, 5048) if wide else (2716, 2748)
        self.vm_assist = 5136 if wide else 2796
        # offsets inside start_info and shared_info
        self.store, self.console = (56, 72) if wide else (44, 52)
        self.shared_max_pfn = 3088 if wide else 2316

    def cr3(self, pfn):
        return pfn << 12 if self.octets == 8 else (pfn << 12 | pfn >> 20) & 0xffffffff


WIDE, NARROW = Width(8), Width(4)


def pv_info(width=8, levels=4, reserved=bytes(6)):
    return Record("PV_INFO", libxc.PV_INFO, struct.pack("<BB", width, levels) + reserved)


def p2m_frames(start, last, frames):
    return Record("P2M_FRAMES", libxc.P2M_FRAMES, struct.pack(f"<II{len(frames)}Q", start, last, *frames))


def guest_pages(width=WIDE):
    """{pfn: (type, contents)} of a complete guest."""
    memory = {pfn: (NOTAB, fill_page(pfn)) for pfn in range(LAST + 1)}
    memory[START_INFO] = (NOTAB, start_info(width))
    for pfn in (STORE, CONSOLE, P2M, GDT):
        memory[pfn] = (NOTAB, bytes(PAGE))
    memory[L1] = (L1TAB, table({pfn: pte(pfn, RW if pfn < TOP else RO) for pfn in range(L1 + 1)}))
    memory[L2] = (L2TAB, table({0: pte(L1, TABLE)}))
    if width is WIDE:
        memory[L3] = (L3TAB, table({0: pte(L2, TABLE)}))
        memory[TOP] = (L4TAB | PINNED, table({0: pte(L3, TABLE), 272: pte(L3, TABLE)}))
        memory[USER_TOP] = (L4TAB | PINNED, table({0: pte(L3, TABLE)}))
    else:
        memory[TOP] = (L3TAB | PINNED, table({slot: pte(pfn, 1) for slot, pfn in enumerate((L2, 7, 10, 11))}))
        for pfn in (7, 10, 11):
            memory[pfn] = (L2TAB, table({1: pte(L1, TABLE)}))
    memory[LAST - 3] = (XTAB, None)
    memory[LAST - 2] = (BROKEN, None)
    memory[LAST - 1] = (XALLOC, None)
    return memory


def context(vcpu=0, width=WIDE):
    """A vCPU context as a running guest has it; only vCPU 0 carries start_info."""
    blob = bytearray(width.context)
    struct.pack_into("<HHHH", blob, 0, 0x37f, 0, 0, 0)
    struct.pack_into("<II", blob, 24, 0x1f80, 0xffff)
    put = lambda offset, value: struct.pack_into(width.word, blob, offset, value)
    put(width.flags, 0x25 if width is WIDE else 0x21)
    if vcpu == 0:
        put(width.rdx, START_INFO)
    put(width.gdt_frames, GDT)
    put(width.gdt_ents, 512)
    size = width.octets
    put(width.ctrlreg, 0x80050033)
    put(width.ctrlreg + 3 * size, width.cr3(TOP))
    put(width.ctrlreg + 4 * size, 0x660)
    if width is WIDE:
        put(width.ctrlreg + size, USER_TOP << 12 | 1)
    put(width.debugreg + 6 * size, 0xffff0ff0)
    put(width.debugreg + 7 * size, 0x400)
    return bytes(blob)


def vcpu_record(name, rtype, vcpu, blob, reserved=0):
    return Record(name, rtype, struct.pack("<II", vcpu, reserved) + blob)


def basic(vcpu=0, width=WIDE):
    return vcpu_record("VCPU_BASIC", libxc.VCPU_BASIC, vcpu, context(vcpu, width))


def extended(vcpu=0, size=64, total=None, inner=None):
    """The callback block; `total` octets of blob, `size` of them meant."""
    blob = bytearray(max(size, total or 0, 64))
    struct.pack_into("<II", blob, 0, vcpu if inner is None else inner, size)
    if size >= 40:
        struct.pack_into("<Q", blob, 32, 2)  # vMCE capabilities
    return vcpu_record("VCPU_EXTENDED", libxc.VCPU_EXTENDED, vcpu, bytes(blob[:total or size]))


def xsave_image(xcr0, accum, bv=None, width=None):
    """xcr0, its accumulated value, and the uncompressed area for the latter."""
    area = bytearray(libxc.xstate_size(accum) if width is None else width)
    if area:
        struct.pack_into("<H", area, 0, 0x37f)
        struct.pack_into("<I", area, 24, 0x1f80)
        struct.pack_into("<Q", area, 512, xcr0 if bv is None else bv)
    return struct.pack("<QQ", xcr0, accum) + bytes(area)


def xsave(vcpu=0, xcr0=0, accum=0, blob=None):
    if blob is None:
        blob = xsave_image(xcr0, accum) if accum else bytes(16)
    return vcpu_record("VCPU_XSAVE", libxc.VCPU_XSAVE, vcpu, blob)


def msrs(vcpu=0, entries=((0xc0000103, 7),)):
    blob = b"".join(struct.pack("<IIQ", index, 0, value) for index, value in entries)
    return vcpu_record("VCPU_MSRS", libxc.VCPU_MSRS, vcpu, blob)


def shared_info(width=WIDE, last=LAST):
    page = bytearray(PAGE)
    page[1] = 1  # vcpu_info[0].evtchn_upcall_mask
    struct.pack_into(width.word, page, width.shared_max_pfn, last + 1)
    return Record("SHARED_INFO", libxc.SHARED_INFO, bytes(page))


def static(version, width=WIDE, accum=3):
    """PV_INFO and, in version 3, the policies."""
    records = [pv_info(width.octets, width.levels)]
    if version >= 3:
        records += [libxc.Leaves(libxc.cpuid_leaves(accum)), libxc.msr_policy(), libxc.static_data_end()]
    return records


def tail(vcpus=1, width=WIDE, accum=0):
    records = [libxc.tsc_info(), shared_info(width)]
    for vcpu in range(vcpus):
        records += [basic(vcpu, width), extended(vcpu), xsave(vcpu, accum, accum), msrs(vcpu)]
    return records


def guest(version=3, width=WIDE, vcpus=1, xen=None, memory=None, rounds=None, batch=None, accum=0, middle=(),
          policy=None):
    """A whole plain stream. `rounds`: records of their own instead of one pass over memory; `policy`: XSAVE components
    that the CPUID policy knows."""
    memory = guest_pages(width) if memory is None else memory
    head = [libxc.image_header(version), libxc.domain_header(libxc.PV, xen or ((4, 17) if version >= 3 else (4, 13)))]
    sent = libxc.batches(memory, batch) if rounds is None else rounds
    return Stream("libxc", head + static(version, width, policy or accum or 3) + [p2m_frames(0, LAST, [P2M])] + sent +
                  list(middle) + tail(vcpus, width, accum) + [libxc.end()])


def growing(last=600):
    """A guest whose P2M_FRAMES is sent again, larger, before the pages above the first one."""
    stream = guest()
    per_frame = WIDE.per_frame
    frames = [P2M] + [11 + i for i in range(last // per_frame)]
    return stream.before("TSC_INFO", p2m_frames(0, last, frames), libxc.Pages([(last, NOTAB, fill_page(last))]))


def ballooned(missing, width=WIDE):
    """A guest that could have more memory: one frame stands for each part of the p2m that describes nothing."""
    frames = [P2M] + [13] * missing
    stream = guest(width=width)
    return stream.replace("P2M_FRAMES", p2m_frames(0, len(frames) * width.per_frame - 1, frames))


def pte_at(stream, pfn, slot):
    """Absolute offset of a page-table entry."""
    return stream.body_at("PAGE_DATA", stream.get("PAGE_DATA").contents_offset(pfn) + 8 * slot)


def set_pte(stream, pfn, slot, value):
    stream.get("PAGE_DATA").write(pfn, 8 * slot, "<Q", value)
    return stream


def junk(octets):
    return Item("junk", octets)
