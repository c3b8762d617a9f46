# SPDX-License-Identifier: MIT
"""PV vCPU records, and what must hold when a PV stream ends."""
from . import libxc, libxl, pv
from .libxc import NOTAB, XTAB
from .registry import case, edit

PV, PV32, TWO = pv.guest(), pv.guest(width=pv.NARROW), pv.guest(vcpus=2)
RECORDS = ("VCPU_BASIC", "VCPU_EXTENDED", "VCPU_XSAVE", "VCPU_MSRS")
W, N = pv.WIDE, pv.NARROW
LAST = pv.LAST


def change(name, code, how, good=PV, offset=None, options=""):
    case(f"vcpu-{name}", code, edit(good, how), good, options, offset)


def headers():
    for name in RECORDS:
        change(f"reserved-{name.lower()}", "VCPU_RESERVED", lambda s, n=name: s.poke(n, 4, "<I", 1), PV,
               PV.body_at(name, 4))
        change(f"id-8192-{name.lower()}", "VCPU_ID", lambda s, n=name: s.poke(n, 0, "<I", 8192), PV, PV.body_at(name))
        change(f"id-max-{name.lower()}", "VCPU_ID", lambda s, n=name: s.poke(n, 0, "<I", 0xffffffff), PV,
               PV.body_at(name))
        change(f"repeated-{name.lower()}", "VCPU_REPEATED", lambda s, n=name: s.before("END", s.get(n)), PV,
               PV.at("END", 8))
    case("vcpu-id-policy", "VCPU_ID", TWO, PV, "--max-vcpus 1", TWO.body_at("VCPU_BASIC", nth=1))
    for name in RECORDS[1:]:
        change(f"no-basic-{name.lower()}", "VCPU_NO_BASIC", lambda s, n=name: s.before(
            "END", renumbered(s, n, 1)), PV, PV.at("END", 8))
        change(f"before-basic-{name.lower()}", "VCPU_NO_BASIC", lambda s, n=name: s.move_before(n, "VCPU_BASIC"), PV)
    change("empty-basic", "VCPU_EMPTY", lambda s: s.resize("VCPU_BASIC", 8), PV)
    tolerance = "--no-tolerate errata-empty-vcpu-record"
    for name in RECORDS[1:]:
        change(f"empty-{name.lower()}", "VCPU_EMPTY", lambda s, n=name: s.resize(n, 8), PV, options=tolerance)
    change("none", "VCPU_MISSING", lambda s: [s.drop(n) for n in RECORDS], PV)
    only_one = edit(TWO, lambda s: [s.drop(n) for n in RECORDS])
    case("vcpu-no-0", "VCPU_ORDER", only_one, TWO)
    later = lambda vcpus: libxl.checkpointed(TWO, [[libxc.pages(pv.guest_pages(), [0])] + pv.tail(vcpus)])
    gone = later(1)
    case("vcpu-gone-in-later-checkpoint", "VCPU_MISSING", gone, later(2), "--allow checkpointed",
         offset=gone.at("CHECKPOINT", nth=1))
    case("vcpu-no-0-sparse", "VCPU_MISSING", only_one, TWO, "--tolerate sparse-vcpus")
    gap = pv.guest(vcpus=3)
    case("vcpu-gap", "VCPU_ORDER", edit(gap, lambda s: [s.drop(n, 1) for n in RECORDS]), gap)


def renumbered(stream, name, vcpu):
    """A copy of a vCPU record, for another vCPU."""
    record = stream.copy().get(name)
    record.poke(0, "<I", vcpu)
    return record


def lengths():
    for name, stream, size in (("64", PV, 5176), ("32", PV32, 2808)):
        for length in (size - 8, size - 1, size + 1, size + 8):
            code = "RECORD_LENGTH" if length > 5176 else "VCPU_LENGTH"
            change(f"basic-{name}-{length}", code, lambda s, v=length: s.resize("VCPU_BASIC", v), stream)
    change("basic-64-in-32", "VCPU_LENGTH", lambda s: s.replace("VCPU_BASIC", pv.basic()), PV32)
    change("extended-136", "RECORD_LENGTH", lambda s: s.replace("VCPU_EXTENDED", pv.extended(0, 64, 136)),
           edit(PV, lambda s: s.replace("VCPU_EXTENDED", pv.extended(0, 64, 128))))
    change("xsave-15", "VCPU_LENGTH", lambda s: s.resize("VCPU_XSAVE", 8 + 15), PV)
    change("xsave-8", "VCPU_LENGTH", lambda s: s.resize("VCPU_XSAVE", 8 + 8), PV)
    change("msrs-partial", "RECORD_LENGTH", lambda s: s.resize("VCPU_MSRS", 8 + 24), PV)
    change("msrs-15", "RECORD_LENGTH", lambda s: s.resize("VCPU_MSRS", 8 + 15), PV)
    change("msrs-many", "RECORD_LENGTH", lambda s: s.replace(
        "VCPU_MSRS", pv.msrs(0, [(0x48, 0)] * 3000)), PV)


def extended():
    at = PV.body_at("VCPU_EXTENDED", 8)
    inner = lambda offset, fmt, value: (lambda s: s.poke("VCPU_EXTENDED", 8 + offset, fmt, value))
    change("ext-id", "EXT_ID", inner(0, "<I", 3), PV, at)
    change("ext-id-max", "EXT_ID", inner(0, "<I", 0xffffffff), PV, at)
    change("ext-id-2", "EXT_ID", lambda s: s.poke("VCPU_EXTENDED", 8, "<I", 0, nth=1), TWO,
           TWO.body_at("VCPU_EXTENDED", 8, nth=1))
    for size in (0, 16, 31, 33, 48, 65, 128, 0xffffffff):
        change(f"ext-size-{size:x}", "EXT_SIZE", inner(4, "<I", size), PV)
    change("ext-shorter-than-size", "EXT_SIZE", lambda s: s.replace("VCPU_EXTENDED", pv.extended(0, 64, 56)), PV)
    change("ext-1-octet", "VCPU_LENGTH", lambda s: s.resize("VCPU_EXTENDED", 9), PV)
    change("ext-7-octets", "VCPU_LENGTH", lambda s: s.resize("VCPU_EXTENDED", 15), PV)
    for field in (8, 16):
        good = edit(PV, inner(field, "<Q", 0xffff800000000000))
        for value in (0xffff7fffffffffff, 0x0000800000000000, 1 << 63):
            bad = edit(PV, inner(field, "<Q", value))
            case(f"vcpu-ext-eip-{field}-{value:x}", "EXT_EIP", bad, good, offset=at + field)
        low = edit(PV, inner(field, "<Q", 0x00007fffffffffff))
        case(f"vcpu-ext-eip-{field}-low", "EXT_EIP", edit(PV, inner(field, "<Q", 0x0000800000000000)), low,
             offset=at + field)
    for field in (28, 29):
        good = edit(PV, inner(field, "<B", 1))
        case(f"vcpu-ext-flag-{field}", "EXT_FLAG", edit(PV, inner(field, "<B", 2)), good, offset=at + field)
    wide = edit(PV, lambda s: s.replace("VCPU_EXTENDED", pv.extended(0, 56, 128)))
    for offset in (56, 127):
        case(f"vcpu-ext-tail-{offset}", "EXT_TAIL", edit(wide, inner(offset, "<B", 1)), wide)
    every = edit(PV, inner(32, "<Q", 0x90009ff))
    for bit in (9, 10, 12, 23, 25, 26, 28, 63):
        case(f"vcpu-ext-vmce-{bit}", "EXT_VMCE", edit(every, inner(32, "<Q", 0x90009ff | 1 << bit)), every,
             offset=at + 32)


def xsave():
    blob = lambda xcr0, accum, **how: pv.xsave(0, blob=pv.xsave_image(xcr0, accum, **how))
    base = pv.guest(policy=0xff)
    stream = lambda record: edit(base, lambda s: s.replace("VCPU_XSAVE", record))
    good = stream(blob(7, 7))
    at = good.body_at("VCPU_XSAVE", 8)
    for name, xcr0, neighbour in (("no-x87", 6, 7), ("avx-without-sse", 5, 7), ("bndregs-alone", 0xb, 3),
                                  ("bndcsr-alone", 0x13, 3), ("opmask-alone", 0x27, 7), ("zmm-alone", 0x47, 7),
                                  ("avx512-without-avx", 0xe3, 0xe7), ("no-bits", 0, 1)):
        accum = xcr0 | neighbour | 3
        bad, near = stream(blob(xcr0, accum, width=600)), stream(blob(neighbour, neighbour | 3))
        case(f"vcpu-xcr0-{name}", "XSAVE_XCR0", bad, near)
    for bit in (8, 63):
        bad = stream(blob(7 | 1 << bit, 7 | 1 << bit, width=832))
        case(f"vcpu-xcr0-bit-{bit}", "XSAVE_XCR0", bad, good)
    rows = libxc.cpuid_leaves(7)
    for size, offset in ((0xffffffff, 0xffffffff), (0xffffffff, 576), (1, 0xffffffff), (0x7fffffff, 0x80000001)):
        lies = [(*row[:2], size, offset, 0, 0) if row[:2] == (0xd, 2) else row for row in rows]
        bad = edit(pv.guest(accum=7), lambda s, r=lies: s.replace("CPUID_POLICY", libxc.Leaves(r)))
        case(f"vcpu-xsave-policy-{size:x}-{offset:x}", "XSAVE_SIZE", bad, pv.guest(accum=7))
    case("vcpu-accum-lacks-avx", "XSAVE_ACCUM", stream(blob(7, 3)), stream(blob(3, 3)), offset=at)
    for name, accum, width in (("avx-one-less", 7, 831), ("avx-one-more", 7, 833), ("sse-one-more", 3, 577),
                               ("sse-one-less", 3, 575), ("avx-as-sse", 7, 576), ("header-only", 3, 512),
                               ("one", 3, 1)):
        body = blob(3, accum)
        body.resize(8 + 16 + width)
        case(f"vcpu-xsave-size-{name}", "XSAVE_SIZE", stream(body), stream(blob(3, accum)))
    header = lambda offset, fmt, value: edit(good, lambda s: s.poke("VCPU_XSAVE", 24 + 512 + offset, fmt, value))
    case("vcpu-xsave-bv", "XSAVE_HEADER", header(0, "<Q", 7 | 1 << 9), header(0, "<Q", 3), offset=at + 16 + 512)
    case("vcpu-xsave-compacted", "XSAVE_HEADER", header(8, "<Q", 1 << 63), good, offset=at + 16 + 520)
    for offset in (16, 63):
        case(f"vcpu-xsave-reserved-{offset}", "XSAVE_HEADER", header(offset, "<B", 1), good)


def msrs():
    stream = lambda *entries: edit(PV, lambda s: s.replace("VCPU_MSRS", pv.msrs(0, entries)))
    at = PV.body_at("VCPU_MSRS", 8)
    legal = ((0x48, 1), (0x140, 1), (0xc0000103, 7), (0xc0011027, 1), (0xc0011019, 1), (0xc001101a, 1), (0xc001101b, 1))
    every = stream(*legal)
    for index in (0, 0x10, 0x47, 0x49, 0xc0000080, 0xc001101c, 0xc0011028, 0xffffffff):
        case(f"vcpu-msr-{index:x}", "VCPU_MSR_INDEX", stream((index, 0)), PV, offset=at)
    bad = edit(PV, lambda s: s.poke("VCPU_MSRS", 12, "<I", 1))
    case("vcpu-msr-reserved", "VCPU_MSR_RESERVED", bad, PV, offset=at + 4)
    for name, entries in (("twice", ((0x48, 1), (0x48, 1))), ("twice-apart", ((0x48, 1), (0x140, 1), (0x48, 1)))):
        case(f"vcpu-msr-{name}", "VCPU_MSR_REPEATED", stream(*entries), stream((0x48, 1), (0x140, 1)),
             offset=at + 16 * (len(entries) - 1))
    case("vcpu-msr-all-and-one", "RECORD_LENGTH", stream(*legal, (0xc0011028, 0)), every)
    for index in (0xc0011019, 0xc0011027):
        case(f"vcpu-msr-mask-{index:x}", "VCPU_MSR_VALUE", stream((index, 1 << 32)), stream((index, (1 << 32) - 1)),
             offset=at + 8)
    case("vcpu-msr-tsc-aux", "VCPU_MSR_VALUE", stream((0xc0000103, 1 << 32)), stream((0xc0000103, (1 << 32) - 1)),
         offset=at + 8)


def word(width, offset, value, good=None):
    """Pairs (bad, offset) of a changed context word of vCPU 0."""
    base = PV if width is W else PV32
    base = base if good is None else good
    bad = edit(base, lambda s: s.poke("VCPU_BASIC", 8 + offset, width.word, value))
    return bad, bad.body_at("VCPU_BASIC", 8 + offset)


def both(name, code, offset_of, value, neighbour, widths=(W, N)):
    """A context field: refused with one value, accepted with its neighbour, for both widths."""
    for width in widths:
        offset = offset_of(width)
        bad, at = word(width, offset, value(width) if callable(value) else value)
        base = PV if width is W else PV32
        near = neighbour(width) if callable(neighbour) else neighbour
        good = base if near is None else word(width, offset, near)[0]
        case(f"vcpu-{name}-{8 * width.octets}", code, bad, good, offset=at)


def contexts():
    both("gdt-7169", "GDT_ENTS", lambda w: w.gdt_ents, 7169, None)
    bad, at = word(W, W.gdt_ents, 1 << 32 | 512)
    case("vcpu-gdt-wrap", "GDT_ENTS", bad, PV, offset=at)
    frames = lambda w: w.gdt_frames
    both("gdt-range", "GDT_FRAME", frames, LAST + 1, LAST)
    both("gdt-table", "GDT_FRAME", frames, pv.L1, 0)
    both("gdt-unsent", "GDT_FRAME", frames, LAST - 3, LAST)
    second = edit(PV, lambda s: s.poke("VCPU_BASIC", 8 + W.gdt_ents, "<Q", 513).poke(
        "VCPU_BASIC", 8 + W.gdt_frames + 8, "<Q", LAST + 1))
    case("vcpu-gdt-second", "GDT_FRAME", second, PV, offset=second.body_at("VCPU_BASIC", 8 + W.gdt_frames + 8))
    cr3 = lambda w: w.ctrlreg + 3 * w.octets
    both("cr3-range", "CR3", cr3, lambda w: w.cr3(LAST + 1), None)
    both("cr3-ordinary", "CR3", cr3, lambda w: w.cr3(12), None)
    both("cr3-lower", "CR3", cr3, lambda w: w.cr3(pv.L2), None)
    both("cr3-unsent", "CR3", cr3, lambda w: w.cr3(LAST - 3), None)
    both("cr3-high", "CR3", cr3, 0xfffff000, None)
    cr1 = lambda w: w.ctrlreg + w.octets
    both("cr1-range", "CR1", cr1, (LAST + 1) << 12 | 1, None, (W,))
    both("cr1-ordinary", "CR1", cr1, 12 << 12 | 1, 0, (W,))
    both("cr1-lower", "CR1", cr1, pv.L3 << 12 | 1, pv.TOP << 12 | 1, (W,))
    rdx = lambda w: w.rdx
    both("start-info-range", "START_INFO", rdx, LAST + 1, None)
    both("start-info-table", "START_INFO", rdx, pv.L1, None)
    both("start-info-unsent", "START_INFO", rdx, LAST - 3, None)
    bad, at = word(W, W.rdx, (1 << 64) - 1)
    case("vcpu-start-info-2-64", "START_INFO", bad, PV, offset=at)
    both("flags", "VCPU_FLAGS", lambda w: w.flags, 0x45, None)
    bad, at = word(W, W.flags, 1 << 32 | 0x25)
    case("vcpu-flags-high", "VCPU_FLAGS", bad, PV, offset=at)


def addresses():
    """Fields that Xen refuses: addresses that are not canonical or its own, sizes, flags."""
    low, high = (1 << 47) - 1, 0xffff800000000000
    canonical = {"rip": 648, "rsp": 672, "kernel-sp": 4976, "event": 5112, "failsafe": 5120, "syscall": 5128,
                 "fs-base": 5144, "gs-base-kernel": 5152, "gs-base-user": 5160, "trap-0": 728, "trap-255": 4808}
    for name, offset in canonical.items():
        both(f"address-{name}-low", "VCPU_CONTEXT", lambda w, n=offset: n, low + 1, low, (W,))
        both(f"address-{name}-high", "VCPU_CONTEXT", lambda w, n=offset: n, high - 1, high, (W,))
    ents = lambda w: w.ldt_ents
    both("ldt-8193", "VCPU_CONTEXT", ents, 8193, 8192)
    both("ldt-unaligned", "VCPU_CONTEXT", lambda w: w.ldt_ents - w.octets, 0x10000800, 0x10000000)
    both("ldt-in-xen", "VCPU_CONTEXT", lambda w: w.ldt_ents - 8, high, high + (1 << 43), (W,))
    both("ldt-not-canonical", "VCPU_CONTEXT", lambda w: w.ldt_ents - 8, low + 1, low - 4095, (W,))
    for number in (6, 7):
        debug = lambda w, n=number: w.debugreg + n * w.octets
        both(f"dr{number}-high", "VCPU_CONTEXT", debug, 1 << 32, (1 << 32) - 1, (W,))
    both("dr0-in-xen", "VCPU_CONTEXT", lambda w: w.debugreg, high, high + (1 << 43), (W,))
    both("vm-assist", "VCPU_CONTEXT", lambda w: w.vm_assist, 1 << 6, 0x3f)
    both("vm-assist-high", "VCPU_CONTEXT", lambda w: w.vm_assist, 1 << 33, 1 << 32, (W,))
    both("eflags-vm", "VCPU_CONTEXT", lambda w: 556, 1 << 17 | 0x206, 0x206, (N,))


def rings():
    def ring(name, code, width, which, pfn, good_pfn=None):
        base = PV if width is W else PV32
        offset = width.store if which == "store" else width.console
        put = lambda value: edit(base, lambda s: s.get("PAGE_DATA").write(pv.START_INFO, offset, width.word, value))
        case(f"vcpu-{name}-{8 * width.octets}", code, put(pfn), base if good_pfn is None else put(good_pfn))
    for width in (W, N):
        for which, code in (("store", "START_INFO_STORE"), ("console", "START_INFO_CONSOLE")):
            ring(f"{which}-range", code, width, which, LAST + 1, LAST)
            ring(f"{which}-table", code, width, which, pv.L1)
            ring(f"{which}-zero", code, width, which, 0)
            ring(f"{which}-unsent", code, width, which, LAST - 3)
            ring(f"{which}-high", code, width, which, 0xffffffff)
        ring("rings-same", "START_INFO_RINGS", width, "store", pv.CONSOLE)
        ring("store-is-start-info", "START_INFO_RINGS", width, "store", pv.START_INFO)
        ring("console-is-start-info", "START_INFO_RINGS", width, "console", pv.START_INFO)
        ring("store-is-p2m", "START_INFO_RINGS", width, "store", pv.P2M)
    same = edit(PV, lambda s: s.replace("P2M_FRAMES", pv.p2m_frames(0, LAST, [pv.START_INFO])))
    case("vcpu-p2m-is-start-info", "START_INFO_RINGS", same, PV)
    late = edit(PV, lambda s: s.before("TSC_INFO", libxc.Pages([(pv.TOP, XTAB, None)])))
    case("vcpu-cr3-retyped", "CR3", late, PV)
    late = edit(PV, lambda s: s.before("TSC_INFO", libxc.Pages([(pv.START_INFO, NOTAB, bytes(4096))])))
    case("vcpu-store-rewritten", "START_INFO_STORE", late, PV)


def build():
    for make in (headers, lengths, extended, xsave, msrs, contexts, addresses, rings):
        make()
