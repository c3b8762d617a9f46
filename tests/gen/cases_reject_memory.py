# SPDX-License-Identifier: MIT
"""Guest memory: PAGE_DATA, the p2m of a PV guest, its page tables."""
from . import hvm, libxc, pv
from .libxc import BROKEN, L1TAB, L3TAB, L4TAB, NOTAB, PINNED, XALLOC, XTAB, Pages, fill_page
from .registry import case, edit

HVM, PV, PV32 = hvm.guest(), pv.guest(), pv.guest(width=pv.NARROW)
UNSIGNED = 0xffffffff


def change(name, code, how, good=HVM, offset=None, options=""):
    case(f"page-{name}", code, edit(good, how), good, options, offset)


def entry_at(stream, pfn):
    record = stream.get("PAGE_DATA")
    return stream.body_at("PAGE_DATA", record.entry_offset(record.find(pfn)))


def raw_entry(pfn, value):
    """Overwrites one 64-bit pfn entry."""
    def how(stream):
        record = stream.get("PAGE_DATA")
        stream.poke("PAGE_DATA", record.entry_offset(record.find(pfn)), "<Q", value)
    return how


def framing():
    body = HVM.body_at("PAGE_DATA")
    change("count-0", "PAGE_COUNT", lambda s: s.replace("PAGE_DATA", Pages([])), HVM)
    change("count-0-with-body", "PAGE_COUNT", lambda s: setattr(s.get("PAGE_DATA"), "count", 0), HVM, body)
    change("count-max", "PAGE_COUNT", lambda s: setattr(s.get("PAGE_DATA"), "count", UNSIGNED), HVM, body)
    change("count-wrap", "PAGE_COUNT", lambda s: setattr(s.get("PAGE_DATA"), "count", 1 << 29), HVM, body)
    holes = lambda n: Pages([(0x1000 + i, XTAB, None) for i in range(n)])
    good = HVM.copy().before("TSC_INFO", holes(1024))
    bad = HVM.copy().before("TSC_INFO", holes(1025))
    case("page-count-1025", "PAGE_COUNT", bad, good, offset=bad.body_at("PAGE_DATA", nth=1))
    change("reserved", "PAGE_RESERVED", lambda s: setattr(s.get("PAGE_DATA"), "reserved", 1), HVM, body + 4)
    change("reserved-high", "PAGE_RESERVED", lambda s: setattr(s.get("PAGE_DATA"), "reserved", 1 << 31), HVM, body + 4)
    one_more = lambda s, n: setattr(s.get("PAGE_DATA"), "count", len(s.get("PAGE_DATA").entries) + n)
    change("count-one-less", "PAGE_LENGTH", lambda s: one_more(s, -1), HVM)
    change("extra-8", "PAGE_LENGTH", lambda s: setattr(s.get("PAGE_DATA"), "extra", bytes(8)), HVM)
    change("extra-page", "PAGE_LENGTH", lambda s: setattr(s.get("PAGE_DATA"), "extra", bytes(4096)), HVM)
    change("page-missing", "PAGE_LENGTH", lambda s: s.resize("PAGE_DATA", len(s.get("PAGE_DATA").content()) - 4096),
           HVM)
    change("octet-missing", "RECORD_LENGTH", lambda s: s.resize("PAGE_DATA", len(s.get("PAGE_DATA").content()) - 1),
           HVM)
    small = hvm.guest(batch=1)
    change("contents-for-xtab", "PAGE_LENGTH", raw_entry(0, XTAB << 60), small)
    change("entry-cut", "PAGE_LENGTH", lambda s: s.before("TSC_INFO", edit_length(holes(4), 8 + 24)), HVM)


def edit_length(record, length):
    record.resize(length)
    return record


def entries():
    at = entry_at(HVM, 3)
    for bit in (52, 59):
        change(f"bit-{bit}", "PAGE_PFN_BITS", raw_entry(3, 3 | 1 << bit), HVM, at)
    for kind in (5, 6, 7, 8):
        change(f"type-{kind}", "PAGE_TYPE", raw_entry(3, 3 | kind << 60), HVM, at)
        change(f"type-{kind}-pv", "PAGE_TYPE", raw_entry(12, 12 | kind << 60), PV, entry_at(PV, 12))
    for kind in (L1TAB, L4TAB, L1TAB | PINNED, L4TAB | PINNED):
        change(f"hvm-type-{kind}", "PAGE_TYPE_HVM", raw_entry(3, 3 | kind << 60), HVM, at)
    last = pv.LAST + 1
    above = lambda pfn, kind=NOTAB: edit(PV, lambda s: s.before(
        "TSC_INFO", Pages([(pfn, kind, fill_page(1) if kind == NOTAB else None)])))
    again = above(pv.LAST)
    for name, pfn in (("max-plus-1", last), ("2-32", 1 << 32), ("2-52-minus-1", (1 << 52) - 1)):
        bad = above(pfn)
        case(f"page-pv-{name}", "PAGE_PFN_RANGE", bad, again, offset=bad.body_at("PAGE_DATA", 8, nth=1))
    bad = above(last, XTAB)
    case("page-pv-xtab-above", "PAGE_PFN_RANGE", bad, again, offset=bad.body_at("PAGE_DATA", 8, nth=1))
    far = lambda pfn, kind=NOTAB: edit(HVM, lambda s: s.before(
        "TSC_INFO", Pages([(pfn, kind, fill_page(1) if kind == NOTAB else None)])))
    for power in (33, 35, 36, 52):
        bad = far((1 << power) - 1)
        case(f"page-hvm-2-{power}", "PAGE_PFN_RANGE", bad, far(0x100000), offset=bad.body_at("PAGE_DATA", 8, nth=1))
    bad = far((1 << 52) - 1, XTAB)
    case("page-hvm-xtab-2-52", "PAGE_PFN_RANGE", bad, far(0x100000, XTAB), offset=bad.body_at("PAGE_DATA", 8, nth=1))
    pair = lambda *pfns: edit(HVM, lambda s: s.before("TSC_INFO", Pages([(n, XTAB, None) for n in pfns])))
    for name, pfns in (("twice", (100, 100)), ("descending", (101, 100)), ("apart", (100, 101, 100))):
        bad = pair(*pfns)
        case(f"page-{name}", "PAGE_DUPLICATE", bad, pair(100, 101),
             offset=bad.body_at("PAGE_DATA", 8 * len(pfns), nth=1))


def totals():
    passes = lambda n: hvm.guest(rounds=[libxc.pages(hvm.guest_pages()) for _ in range(n)])
    case("page-rounds-4", "PAGE_ROUNDS", passes(4), passes(3), "--max-rounds 3")
    one = lambda n: hvm.guest(middle=[libxc.pages(hvm.guest_pages(), [5]) for _ in range(n)])
    case("page-rounds-one-page", "PAGE_ROUNDS", one(200), one(10))
    count = len(hvm.guest_pages())
    contents = {NOTAB: fill_page(1)}
    grow = lambda kind: HVM.copy().before("TSC_INFO", Pages([(100, kind, contents.get(kind))]))
    case("page-guest-memory", "GUEST_MEMORY", grow(NOTAB), HVM, f"--max-guest-pages {count}")
    case("page-guest-memory-xalloc", "GUEST_MEMORY", grow(XALLOC), grow(XTAB), f"--max-guest-pages {count}")
    case("page-guest-memory-broken", "GUEST_MEMORY", grow(XALLOC), grow(BROKEN), f"--max-guest-pages {count}")
    flood = lambda n: hvm.guest(middle=[Pages([(0x1000 + 1024 * i + j, XALLOC,
                                                None) for j in range(1024)]) for i in range(n)])
    case("page-xalloc-flood", "GUEST_MEMORY", flood(8), flood(7), f"--max-guest-pages {count + 7 * 1024}")


def pv_info():
    record = lambda *how: (lambda s: s.replace("PV_INFO", pv.pv_info(*how)))
    at = PV.body_at("PV_INFO")
    for width, levels in ((4, 4), (8, 3), (0, 4), (16, 4), (8, 0), (8, 5), (4, 2)):
        change(f"pv-info-{width}-{levels}", "PV_INFO", record(width, levels), PV)
    for octet in (2, 7):
        change(f"pv-info-reserved-{octet}", "PV_INFO_RESERVED",
               lambda s, n=octet: s.poke("PV_INFO", n, "<B", 1), PV, at + octet if octet == 2 else None)


def p2m():
    record = lambda *how: (lambda s: s.replace("P2M_FRAMES", pv.p2m_frames(*how)))
    body = PV.body_at("P2M_FRAMES")
    last = pv.LAST
    change("p2m-start-512", "P2M_START", record(512, 600, [4]), PV, body)
    change("p2m-start-1", "P2M_START", record(1, last, [4]), PV, body)
    change("p2m-end-0", "P2M_END", record(0, 0, [4]), PV, body + 4)
    change("p2m-end-before-start", "P2M_END", lambda s: s.before("TSC_INFO", pv.p2m_frames(24, 23, [4])), PV)
    change("p2m-too-long", "RECORD_LENGTH", record(0, last, [4, 11]), PV)
    change("p2m-too-short", "RECORD_LENGTH", record(0, last, []), PV)
    change("p2m-huge-end", "RECORD_LENGTH", record(0, (1 << 23) - 1, [4, 11]), PV)
    change("p2m-end-max", "P2M_LIMIT", record(0, UNSIGNED, [4, 11]), PV, body + 4)
    case("page-p2m-limit", "P2M_LIMIT", PV, pv_of(last - 1), f"--max-guest-pages {last}", body + 4)
    change("p2m-frame-range", "P2M_FRAME_RANGE", record(0, last, [last + 1]), PV, body + 8)
    change("p2m-frame-2-64", "P2M_FRAME_RANGE", record(0, last, [(1 << 64) - 1]), PV, body + 8)
    two = pv.growing()
    change("p2m-frame-twice", "P2M_FRAME_DUPLICATE", lambda s: s.poke("P2M_FRAMES", 16, "<Q", pv.P2M, nth=1), two)
    shared = pv.ballooned(21)
    change("p2m-sparse", "P2M_SPARSE", record(0, 23 * 512 - 1, [pv.P2M] + [13] * 22), shared)
    change("p2m-shared-frame-describes", "P2M_FRAME_DUPLICATE",
           lambda s: s.before("TSC_INFO", libxc.Pages([(600, libxc.NOTAB, libxc.fill_page(600))])), shared)
    change("p2m-shared-is-first", "P2M_FRAME_DUPLICATE", lambda s: s.poke("P2M_FRAMES", 24, "<Q", pv.P2M), shared)
    change("p2m-shared-table", "P2M_FRAME_TYPE", lambda s: s.poke("P2M_FRAMES", 24, "<Q", pv.L1), shared)
    for name, pfn in (("table", pv.L1), ("pinned", pv.TOP), ("xtab", last - 3), ("broken", last - 2)):
        change(f"p2m-frame-{name}", "P2M_FRAME_TYPE", record(0, last, [pfn]), PV)
    unsent = edit(PV, lambda s: s.get("PAGE_DATA").entries.pop(s.get("PAGE_DATA").find(15)))
    change("p2m-frame-unsent", "P2M_FRAME_TYPE", record(0, last, [15]), unsent)
    change("p2m-frame-changed", "P2M_FRAME_CHANGED", lambda s: s.poke("P2M_FRAMES", 8, "<Q", 13, nth=1), two,
           two.body_at("P2M_FRAMES", 8, nth=1))
    later = lambda *how: (lambda s: s.before("TSC_INFO", pv.p2m_frames(*how)))
    change("p2m-shrinks", "P2M_GROWTH", later(0, last - 1, [pv.P2M]), PV)
    change("p2m-gap", "P2M_START", later(1024, 1100, [11]), PV)
    change("p2m-grows-forever", "P2M_GROWTH",
           lambda s: s.before("TSC_INFO", *[pv.p2m_frames(0, last + n, [pv.P2M]) for n in range(1, 400)]), PV)


def pv_of(last):
    """The usual guest with its memory cut to `last`."""
    memory = {pfn: page for pfn, page in pv.guest_pages().items() if pfn <= last}
    stream = pv.guest(memory=memory)
    return stream.replace("P2M_FRAMES", pv.p2m_frames(0, last, [pv.P2M])).replace("SHARED_INFO",
                                                                                  pv.shared_info(last=last))


def tables():
    last, flags = pv.LAST, pv.RW

    def slot(name, code, pfn, index, value, good_value, stream=PV, options=""):
        bad, good = (pv.set_pte(stream.copy(), pfn, index, v) for v in (value, good_value))
        case(f"pte-{name}", code, bad, good, options, pv.pte_at(bad, pfn, index))

    for name, pfn in (("l1", pv.L1), ("l2", pv.L2), ("l3", pv.L3), ("l4", pv.TOP), ("user-l4", pv.USER_TOP)):
        target = {pv.L1: 0, pv.L2: pv.L1, pv.L3: pv.L2}.get(pfn, pv.L3)
        slot(f"{name}-max-plus-1", "PTE_RANGE", pfn, 100, pv.pte(last + 1, flags), pv.pte(target, flags))
    slot("l1-last-slot", "PTE_RANGE", pv.L1, 511, pv.pte(last + 1), pv.pte(last))
    slot("l1-first-slot", "PTE_RANGE", pv.L1, 0, pv.pte(last + 1), pv.pte(last))
    slot("l1-2-40", "PTE_RANGE", pv.L1, 7, pv.pte((1 << 40) - 1), pv.pte(last))
    slot("l1-only-present", "PTE_RANGE", pv.L1, 7, pv.pte(last + 1, 1), pv.pte(last + 1, 0))
    slot("l1-nx", "PTE_RANGE", pv.L1, 7, 1 << 63 | pv.pte(last + 1), 1 << 63 | pv.pte(last))
    for name, pfn in (("l1", pv.L1), ("l2", pv.L2), ("l3", pv.TOP)):
        slot(f"32-{name}", "PTE_RANGE", pfn, 2, pv.pte(last + 1, 1), pv.pte({pv.L1: 0, pv.L2: pv.L1}.get(pfn, 10), 1),
             PV32)
    slot("l2-superpage", "PTE_PSE", pv.L2, 3, pv.pte(0, flags | 0x80), pv.pte(pv.L1, flags))
    slot("l3-superpage", "PTE_PSE", pv.L3, 3, pv.pte(0, flags | 0x80), pv.pte(pv.L2, flags))
    slot("l4-superpage", "PTE_PSE", pv.TOP, 3, pv.pte(pv.L3, flags | 0x80), pv.pte(pv.L3, flags))
    slot("32-l2-superpage", "PTE_PSE", pv.L2, 3, pv.pte(0, flags | 0x80), pv.pte(pv.L1, flags), PV32)
    for index in (256, 271):
        neighbour = {256: 255, 271: 272}[index]
        bad = pv.set_pte(PV.copy(), pv.TOP, index, pv.pte(pv.L3))
        good = pv.set_pte(PV.copy(), pv.TOP, neighbour, pv.pte(pv.L3, 0x27))
        case(f"pte-xen-slot-{index}", "PTE_XEN_SLOT", bad, good, offset=pv.pte_at(bad, pv.TOP, index))
    bad = pv.set_pte(PV32.copy(), pv.TOP, 4, pv.pte(pv.L2, 1))
    case("pte-xen-slot-32-l3", "PTE_XEN_SLOT", bad, PV32, offset=pv.pte_at(bad, pv.TOP, 4))
    bad = edit(PV32, lambda s: s.get("PAGE_DATA").set(15, L4TAB, bytes(4096)))
    good = edit(PV32, lambda s: s.get("PAGE_DATA").set(15, L3TAB, bytes(4096)))
    case("pte-level-32-l4", "PTE_LEVEL", bad, good, offset=entry_at(bad, 15))
    bad = edit(PV32, lambda s: s.get("PAGE_DATA").set(15, L4TAB | PINNED, bytes(4096)))
    case("pte-level-32-pinned-l4", "PTE_LEVEL", bad, good, offset=entry_at(bad, 15))


def unsent():
    point = lambda pfn, stream=PV: pv.set_pte(stream.copy(), pv.L1, 50, pv.pte(pfn))
    case("pte-unsent-xtab", "PTE_UNSENT", point(pv.LAST - 3), point(pv.LAST))
    case("pte-unsent-broken", "PTE_UNSENT", point(pv.LAST - 2), point(pv.LAST))
    never = edit(PV, lambda s: s.get("PAGE_DATA").entries.pop(s.get("PAGE_DATA").find(15)))
    case("pte-unsent-never", "PTE_UNSENT", point(15, never), point(14, never))
    low = pv.set_pte(never.copy(), pv.L2, 50, pv.pte(15))
    case("pte-unsent-table", "PTE_UNSENT", low, pv.set_pte(never.copy(), pv.L2, 50, pv.pte(pv.L1)))


def build():
    for make in (framing, entries, totals, pv_info, p2m, tables, unsent):
        make()
