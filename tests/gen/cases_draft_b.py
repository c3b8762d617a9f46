# SPDX-License-Identifier: MIT
"""Draft B: every shape that it allows, and one image for each rule that it breaks."""
import struct

from . import draft_b, hvm, libxc, libxl, pv
from .draft_b import BIG
from .registry import accept, case, edit

PV, PV32, PV_BIG = draft_b.guest(), draft_b.guest(pv.NARROW), draft_b.guest(order=BIG)
UNSUMMED = "--tolerate record-without-checksum"


def change(name, code, how, good=PV, offset=None, options=""):
    case(f"draft-b-{name}", code, edit(good, how), good, options, offset)


def force(name, nth=0, **fields):
    return lambda s: s.get(name, nth).force(**fields)


def shapes():
    accept("draft-b-pv64", PV)
    accept("draft-b-pv32", PV32)
    accept("draft-b-pv64-big-endian", PV_BIG)
    accept("draft-b-pv32-big-endian", draft_b.guest(pv.NARROW, BIG))
    accept("draft-b-pv64-2vcpu", draft_b.guest(vcpus=2))
    accept("draft-b-pv64-small-records", draft_b.guest(batch=5, ranges=3))
    accept("draft-b-pv32-pae", draft_b.guest(pv.NARROW, pae=1))
    accept("draft-b-pv64-unsummed", draft_b.unsum(PV.copy()), UNSUMMED)
    accept("draft-b-one-record-unsummed", edit(PV, force("VCPU_INFO", options=0)), UNSUMMED)
    accept("draft-b-pv64-sent-twice", edit(PV, lambda s: s.after("PAGE_DATA", s.get("PAGE_DATA"))))
    accept("draft-b-fewer-vcpus-than-ids", edit(PV, lambda s: s.poke("VCPU_INFO", 0, "<I", 3)))


def headers():
    field = lambda offset, fmt, value: (lambda s: s.poke("IMAGE_HEADER", offset, fmt, value))
    change("option-1", "DRAFT_OPTIONS", field(16, ">H", 2), offset=16)
    change("option-15", "DRAFT_OPTIONS", field(16, ">H", 0x8001), PV_BIG, 16)
    change("reserved-16", "DRAFT_RESERVED", field(18, ">H", 1), offset=18)
    change("reserved-32", "DRAFT_RESERVED", field(20, ">I", 1 << 31), offset=20)
    field = lambda offset, value, order="<": (lambda s: s.poke("DOMAIN_HEADER", offset, order + "H", value))
    change("arch-0", "DRAFT_DOMAIN_TYPE", field(0, 0), offset=24)
    change("arch-arm", "DRAFT_DOMAIN_TYPE", field(0, 2), offset=24)
    change("type-0", "DRAFT_DOMAIN_TYPE", field(2, 0), offset=26)
    change("type-2", "DRAFT_DOMAIN_TYPE", field(2, 2), offset=26)
    change("arch-other-order", "DRAFT_DOMAIN_TYPE", field(0, 1), PV_BIG, 24)
    change("page-shift-11", "DRAFT_PAGE_SHIFT", field(4, 11), offset=28)
    change("page-shift-13", "DRAFT_PAGE_SHIFT", field(4, 13), offset=28)
    change("domain-reserved", "DRAFT_DOMAIN_RESERVED", field(6, 1), offset=30)
    case("draft-b-not-accepted", "FORMAT_DRAFT_B", PV, pv.guest(), "--format libxc", 12)
    case("draft-b-marker-not-accepted", "FORMAT_REFUSED", PV, libxl.wrap(pv.guest()), "--format libxl", 0)
    inside = libxl.wrap(pv.guest())
    case("draft-b-inside-libxl", "FORMAT_DRAFT_B", edit(inside, lambda s: s.poke("IMAGE_HEADER", 12, ">I", 1)), inside,
         offset=inside.at("IMAGE_HEADER", 12))
    case("draft-b-pv32-refused", "DOMAIN_REFUSED", PV32, PV, "--guests pv64")
    case("draft-b-pv64-refused", "DOMAIN_REFUSED", PV, PV32, "--guests pv32")
    case("draft-b-pv-refused", "DOMAIN_REFUSED", PV, hvm.guest(), "--guests hvm", 24)


def framing():
    for number in (6, 7, 0x80000000, 0xffffffff):
        change(f"unknown-{number:x}", "DRAFT_RECORD_UNKNOWN",
               lambda s, n=number: s.before("VCPU_INFO", draft_b.Record("STRAY", n)), offset=PV.at("VCPU_INFO"))
    change("record-option-1", "DRAFT_RECORD_OPTIONS", force("PV_INFO", options=3), offset=PV.at("PV_INFO", 8))
    change("record-option-15", "DRAFT_RECORD_OPTIONS", force("END", options=0x8001), offset=PV.at("END", 8))
    change("record-reserved-16", "DRAFT_RECORD_RESERVED", force("P2M", reserved16=1), offset=PV.at("P2M", 10))
    change("record-reserved-32", "DRAFT_RECORD_RESERVED", force("P2M", reserved32=1 << 31), offset=PV.at("P2M", 12))
    change("footer-reserved", "DRAFT_RECORD_RESERVED", force("VCPU_INFO", footer=1), offset=PV.at("VCPU_CONTEXT", -4))
    for name in ("PV_INFO", "P2M", "PAGE_DATA", "VCPU_INFO", "VCPU_CONTEXT"):
        after = PV.items[PV.index(name) + 1].name
        change(f"checksum-{name.lower()}", "DRAFT_CHECKSUM", force(name, sum=0x12345678), offset=PV.at(after, -8))
    change("checksum-end", "DRAFT_CHECKSUM", force("END", sum=1), offset=len(PV) - 8)
    change("checksum-other-order", "DRAFT_CHECKSUM",
           lambda s: s.get("PV_INFO").force(sum=struct.unpack("<I", s.get("PV_INFO").pack()[24:28])[0]), PV_BIG)
    data = PV.get("PAGE_DATA")
    contents = 8 + 8 * len(data.entries)
    flip = lambda s: s.replace("PAGE_DATA", flipped(data, contents + 4096 * 6 + 100))
    change("checksum-of-a-page", "DRAFT_CHECKSUM", flip)
    change("unsummed", "DRAFT_UNSUMMED", force("PAGE_DATA", options=0), offset=PV.at("PAGE_DATA", 8))
    change("unsummed-value", "DRAFT_UNSUMMED_VALUE", force("VCPU_INFO", options=0, sum=1),
           edit(PV, force("VCPU_INFO", options=0)), PV.at("VCPU_CONTEXT", -8), UNSUMMED)
    change("trailing", "TRAILING", lambda s: s.append(draft_b.end()), offset=len(PV))


def flipped(record, at):
    """A record whose body has one bit changed and whose checksum is the old one."""
    twin = draft_b.Record(record.name, record.type, record.content(), record.order)
    good = twin.pack()
    twin.body[at] ^= 1
    return twin.force(sum=struct.unpack("<I", good[-8:-4])[0])


def order():
    records = {"PV_INFO": PV.get("PV_INFO"), "P2M": PV.get("P2M"), "VCPU_INFO": PV.get("VCPU_INFO")}
    for name, item in records.items():
        if name != "P2M":
            change(f"twice-{name.lower()}", "DRAFT_RECORD_ORDER", lambda s, n=name, i=item: s.after(n, i))
        change(f"without-{name.lower()}", "DRAFT_RECORD_ORDER", lambda s, n=name: s.drop(n))
    change("without-page-data", "DRAFT_RECORD_ORDER", lambda s: s.drop("PAGE_DATA"), offset=PV.at("PAGE_DATA"))
    change("without-contexts", "DRAFT_RECORD_ORDER", lambda s: s.drop("VCPU_CONTEXT"), offset=PV.at("VCPU_CONTEXT"))
    change("p2m-after-pages", "DRAFT_RECORD_ORDER", lambda s: s.before("VCPU_INFO", draft_b.p2m(24, [1])))
    change("pages-after-vcpus", "DRAFT_RECORD_ORDER", lambda s: s.before("END", s.get("PAGE_DATA")))
    change("vcpu-info-last", "DRAFT_RECORD_ORDER", lambda s: s.move_before("VCPU_INFO", "END"))
    change("end-first", "DRAFT_RECORD_ORDER", lambda s: s.before("PV_INFO", draft_b.end()), offset=PV.at("PV_INFO"))
    change("truncated", "TRUNCATED", lambda s: s.drop("END"), offset=PV.at("END"))


def lengths():
    for name, length in (("PV_INFO", 16), ("VCPU_INFO", 4), ("END", 8), ("P2M", 16), ("PAGE_DATA", 8), ("VCPU_CONTEXT", 0)):
        change(f"length-{name.lower()}", "DRAFT_RECORD_LENGTH", lambda s, n=name, k=length: s.resize(n, k),
               offset=PV.at(name, 4))
    change("length-page-data-max", "DRAFT_RECORD_LENGTH", force("PAGE_DATA", length=8 + 1024 * 4104 + 8))
    change("length-p2m-odd", "DRAFT_RECORD_LENGTH", force("P2M", length=16 + 8 * 24 + 4))
    change("length-p2m-short", "DRAFT_RECORD_LENGTH", lambda s: s.resize("P2M", 16 + 8 * 23), offset=PV.at("P2M", 4))
    change("length-p2m-long", "DRAFT_RECORD_LENGTH", lambda s: s.resize("P2M", 16 + 8 * 25), offset=PV.at("P2M", 4))
    change("length-context", "VCPU_LENGTH", lambda s: s.resize("VCPU_CONTEXT", 8 + 5160))
    change("length-context-narrow", "VCPU_LENGTH", lambda s: s.resize("VCPU_CONTEXT", 8 + 5168), PV32)


def bodies():
    at = lambda name, offset: PV.body_at(name, offset)
    change("pv-info", "PV_INFO", lambda s: s.poke("PV_INFO", 1, "B", 3), offset=at("PV_INFO", 0))
    change("pv-info-options", "DRAFT_PV_OPTIONS", lambda s: s.poke("PV_INFO", 2, "B", 2), draft_b.guest(pv.NARROW, pae=1),
           PV32.body_at("PV_INFO", 2))
    change("pv-info-options-wide", "DRAFT_PV_OPTIONS", lambda s: s.poke("PV_INFO", 2, "B", 1), offset=at("PV_INFO", 2))
    change("pv-info-reserved", "PV_INFO_RESERVED", lambda s: s.poke("PV_INFO", 7, "B", 1), offset=at("PV_INFO", 3))
    change("p2m-begins-late", "DRAFT_P2M_RANGE", lambda s: s.replace("P2M", draft_b.p2m(1, draft_b.mfns(24)[1:])),
           offset=at("P2M", 0))
    three = draft_b.guest(ranges=3)
    change("p2m-gap", "DRAFT_P2M_RANGE", lambda s: s.drop("P2M", 1), three, three.body_at("P2M", 0, 1))
    change("p2m-overlap", "DRAFT_P2M_RANGE", lambda s: s.poke("P2M", 0, "<Q", 7, nth=1), three)
    change("p2m-empty", "DRAFT_P2M_RANGE", lambda s: s.poke("P2M", 8, "<Q", 0), offset=at("P2M", 8))
    change("p2m-backwards", "DRAFT_P2M_RANGE", lambda s: s.poke("P2M", 8, "<Q", 8, nth=1), three)
    change("p2m-far", "DRAFT_P2M_LIMIT", lambda s: s.poke("P2M", 8, "<Q", 1 << 63), offset=at("P2M", 8))
    change("p2m-entry", "DRAFT_P2M_ENTRY", lambda s: s.poke("P2M", 16, "<Q", 1 << 40), offset=at("P2M", 16))
    change("p2m-entry-nearly-invalid", "DRAFT_P2M_ENTRY", lambda s: s.poke("P2M", 16 + 8 * 23, "<Q", (1 << 64) - 2),
           offset=at("P2M", 16 + 8 * 23))
    accept("draft-b-p2m-entry-largest", edit(PV, lambda s: s.poke("P2M", 16, "<Q", (1 << 40) - 1)))
    change("vcpu-info", "DRAFT_VCPU_INFO", lambda s: s.poke("VCPU_INFO", 0, "<I", 128), offset=at("VCPU_INFO", 0))
    accept("draft-b-vcpu-info-largest", edit(PV, lambda s: s.poke("VCPU_INFO", 0, "<I", 127)))
    change("vcpu-info-reserved", "VCPU_RESERVED", lambda s: s.poke("VCPU_INFO", 4, "<I", 1), offset=at("VCPU_INFO", 4))
    change("vcpu-beyond", "VCPU_ID", lambda s: s.after("VCPU_CONTEXT", draft_b.vcpu_context(1)))
    two = draft_b.guest(vcpus=2)
    change("vcpu-missing", "VCPU_ORDER", lambda s: s.drop("VCPU_CONTEXT"), two)
    change("vcpu-twice", "VCPU_REPEATED", lambda s: s.after("VCPU_CONTEXT", draft_b.vcpu_context(0)), two)
    change("vcpu-reserved", "VCPU_RESERVED", lambda s: s.poke("VCPU_CONTEXT", 4, "<I", 1), offset=at("VCPU_CONTEXT", 4))


def memory():
    entry = lambda i: PV.body_at("PAGE_DATA", 8 + 8 * i)
    pages = lambda how: (lambda s: how(s.get("PAGE_DATA")))
    change("pages-count", "PAGE_COUNT", pages(lambda r: setattr(r, "count", 0)), offset=PV.body_at("PAGE_DATA"))
    change("pages-reserved", "PAGE_RESERVED", pages(lambda r: setattr(r, "reserved", 1)), offset=PV.body_at("PAGE_DATA", 4))
    change("pages-beyond-p2m", "PAGE_PFN_RANGE", lambda s: s.after("PAGE_DATA", draft_b.Pages([(24, libxc.XTAB, None)])))
    change("pages-type", "PAGE_TYPE", lambda s: s.poke("PAGE_DATA", 8, "<Q", 5 << 60), offset=entry(0))
    change("pages-bits", "PAGE_PFN_BITS", lambda s: s.poke("PAGE_DATA", 8, "<Q", 1 << 52), offset=entry(0))
    change("pages-length", "PAGE_LENGTH", lambda s: s.resize("PAGE_DATA", len(s.get("PAGE_DATA").content()) - 8))
    change("pte", "PTE_RANGE", lambda s: s.replace("PAGE_DATA", with_pte(24)))
    change("pages-other-order", "PAGE_PFN_BITS", lambda s: s.get("PAGE_DATA").poke(16, "<Q", 1), PV_BIG)
    change("cr3", "CR3", lambda s: s.poke("VCPU_CONTEXT", 8 + pv.WIDE.ctrlreg + 24, "<Q", pv.L3 << 12))
    change("no-start-info", "START_INFO", lambda s: s.poke("VCPU_CONTEXT", 8 + pv.WIDE.rdx, "<Q", 23 - 3))


def with_pte(pfn):
    memory_of = pv.guest_pages()
    memory_of[pv.P2M] = (libxc.NOTAB, draft_b.p2m_page(pv.WIDE, draft_b.mfns(24)))
    table = {slot: pv.pte(slot, pv.RO) for slot in range(9)}
    table[9] = pv.pte(pfn, pv.RO)
    memory_of[pv.L1] = (libxc.L1TAB, pv.table(table))
    return draft_b.batches(memory_of, None)[0]


def build():
    shapes()
    headers()
    framing()
    order()
    lengths()
    bodies()
    memory()
