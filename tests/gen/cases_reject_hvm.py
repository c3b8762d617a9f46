# SPDX-License-Identifier: MIT
"""The HVM context: its chain of entries and what is in them."""
from . import hvm, libxc, libxl, xl
from .registry import case, edit

HVM, TWO, FULL = hvm.guest(), hvm.guest(vcpus=2), hvm.guest(accum=7, msrs=True, viridian=True)
OPEN_END = 0xffffffff


def change(name, code, how, good=HVM, offset=None, options=""):
    """`how` gets the context record."""
    case(f"hvm-{name}", code, edit(good, lambda s: how(hvm.ctx(s))), good, options, offset)


def frame():
    head = hvm.entry_at(HVM, hvm.HEADER)
    body = head + 8
    change("no-header", "HVM_HEADER", lambda c: c.remove(hvm.HEADER), offset=head)
    change("header-second", "HVM_HEADER", lambda c: c.entries.insert(1, c.entries.pop(0)), offset=head)
    change("header-magic", "HVM_HEADER", lambda c: c.write(hvm.HEADER, 0, "<I", 0x54381287), offset=body)
    change("header-version", "HVM_HEADER", lambda c: c.write(hvm.HEADER, 4, "<I", 2), offset=body + 4)
    change("header-version-0", "HVM_HEADER", lambda c: c.write(hvm.HEADER, 4, "<I", 0), offset=body + 4)
    change("two-headers", "HVM_REPEATED", lambda c: c.entries.insert(1, list(c.entries[0])))
    change("no-end", "HVM_END", lambda c: c.remove(hvm.END))
    change("end-length", "HVM_END", lambda c: c.set(hvm.END, bytes(8)))
    change("end-instance", "HVM_END", lambda c: c.entries[-1].__setitem__(1, 1))
    for octets in (1, 8, 40):
        change(f"trailing-{octets}", "HVM_END", lambda c, n=octets: setattr(c, "trailing", bytes(n)))
    change("end-early", "HVM_END", lambda c: c.entries.insert(3, [hvm.END, 0, b"", None]))
    change("end-twice", "HVM_END", lambda c: c.entries.append([hvm.END, 0, b"", None]))
    for code in (21, 22, 34, 35, 0x7fff, 0xffff):
        change(f"typecode-{code:x}", "HVM_TYPECODE", lambda c, n=code: c.entries.insert(-1, [n, 0, bytes(8), None]),
               offset=hvm.entry_at(HVM, hvm.END))
    change("end-claims-1", "HVM_END", lambda c: c.entries[-1].__setitem__(3, 1))
    for length in (0xffffffff, 0x10000):
        change(f"overrun-{length:x}", "HVM_OVERRUN", lambda c, n=length: c.entries[c.find(hvm.CPU)].__setitem__(3, n))
    change("overrun-last", "HVM_OVERRUN", lambda c: c.remove(hvm.END).entries.append([hvm.TSC_ADJUST, 1, bytes(4), 8]))
    change("descriptor-cut", "HVM_END", lambda c: setattr(c, "trailing", bytes(4)) or c.remove(hvm.END))


LENGTHS = {hvm.HEADER: 24, hvm.PIC: 8, hvm.IOAPIC: 400, hvm.LAPIC_REGS: 1024, hvm.PCI_IRQ: 16, hvm.ISA_IRQ: 8,
           hvm.PCI_LINK: 8, hvm.PIT: 56, hvm.HPET: 1048, hvm.PMTIMER: 8, hvm.MTRR: 240, hvm.TSC_ADJUST: 8,
           hvm.CPU: 1032, hvm.LAPIC: 24, hvm.RTC: 24, hvm.VMCE_VCPU: 32, hvm.VIRIDIAN_DOMAIN: 32,
           hvm.VIRIDIAN_VCPU: 216}


def lengths():
    for code, size in LENGTHS.items():
        for length in sorted({0, size - 1, size + 1, size + 8}):
            name = "HVM_LENGTH" if code != hvm.HEADER else "HVM_HEADER"
            if (code, length) == (hvm.LAPIC, 32):
                name = "COMPAT_SAVER_HVM"  # what 4.18 writes
            change(f"length-{code}-{length}", name,
                   lambda c, n=code, v=length: c.set(n, (c.entries[c.find(n)][2] + bytes(8))[:v]), FULL)
    for length in (0, 8, 599):
        change(f"length-xsave-{length}", "HVM_LENGTH",
               lambda c, v=length: c.set(hvm.CPU_XSAVE, c.entries[c.find(hvm.CPU_XSAVE)][2][:v]), FULL)
    for length in (0, 8, 15, 23):
        change(f"length-msr-{length}", "HVM_LENGTH",
               lambda c, v=length: c.set(hvm.CPU_MSR, (c.entries[c.find(hvm.CPU_MSR)][2])[:v]), FULL)


def instances():
    once = (hvm.HEADER, hvm.IOAPIC, hvm.PCI_IRQ, hvm.ISA_IRQ, hvm.PCI_LINK, hvm.PIT, hvm.RTC, hvm.HPET, hvm.PMTIMER)
    for code in once:
        name = "HVM_INSTANCE" if code != hvm.HEADER else "HVM_HEADER"
        change(f"instance-{code}", name, lambda c, n=code: c.entries[c.find(n)].__setitem__(1, 1), HVM)
    change("instance-pic-2", "HVM_INSTANCE", lambda c: c.entries[c.find(hvm.PIC, 1)].__setitem__(1, 2), HVM)
    for code in (hvm.CPU, hvm.LAPIC, hvm.LAPIC_REGS, hvm.MTRR, hvm.VMCE_VCPU, hvm.TSC_ADJUST):
        change(f"instance-{code}-128", "HVM_INSTANCE", lambda c, n=code: c.entries[c.find(n)].__setitem__(1, 128), HVM)
        change(f"instance-{code}-ffff", "HVM_INSTANCE", lambda c, n=code: c.entries[c.find(n)].__setitem__(1, 0xffff),
               HVM)
    again = lambda context: [[libxc.pages(hvm.guest_pages(), [1]), libxc.tsc_info(), context, hvm.params(False)]]
    before = hvm.pvh()
    case("hvm-instance-device-in-later-checkpoint", "HVM_INSTANCE", libxl.checkpointed(before, again(hvm.context())),
         libxl.checkpointed(before, again(hvm.ctx(before))), "--allow checkpointed")
    case("hvm-instance-policy", "HVM_INSTANCE", TWO, HVM, "--max-vcpus 1", hvm.entry_at(TWO, hvm.CPU, 2, 1))
    many = hvm.guest(vcpus=129)
    case("hvm-instance-129-vcpus", "HVM_INSTANCE", many, hvm.guest(vcpus=128), "--max-vcpus 8192",
         hvm.entry_at(many, hvm.CPU, 2, 128))
    offline = libxl.wrap_hvm(edit(TWO, lambda s: hvm.ctx(s).remove(hvm.CPU, 1)))
    case("hvm-instance-config", "CONFIG_VCPUS", xl.wrap(offline, xl.config("hvm", 1, 16384)),
         xl.wrap(offline, xl.config("hvm", 2, 16384)))


def repeats():
    for code in (hvm.CPU, hvm.IOAPIC, hvm.LAPIC, hvm.PIT, hvm.HPET, hvm.TSC_ADJUST):
        change(f"repeated-{code}", "HVM_REPEATED",
               lambda c, n=code: c.entries.insert(c.find(n), list(c.entries[c.find(n)])), HVM)
    many = lambda c: [c.entries.insert(-1, [hvm.TSC_ADJUST, 0, bytes(8), None]) for _ in range(1000)]
    change("repeated-flood", "HVM_REPEATED", many, HVM)
    swap = lambda c, a, b: c.entries.insert(c.find(*a), c.entries.pop(c.find(*b)))
    change("order-links-before-irqs", "HVM_ORDER", lambda c: swap(c, (hvm.PCI_IRQ,), (hvm.PCI_LINK,)), HVM)
    change("order-lapic-regs-first", "HVM_ORDER", lambda c: swap(c, (hvm.LAPIC,), (hvm.LAPIC_REGS,)), HVM)
    change("order-vcpus", "HVM_ORDER", lambda c: swap(c, (hvm.CPU, 0), (hvm.CPU, 1)), TWO)
    change("order-pic", "HVM_ORDER", lambda c: swap(c, (hvm.PIC, 0), (hvm.PIC, 1)), HVM)


def missing():
    change("no-cpu", "HVM_MISSING", lambda c: c.remove(hvm.CPU), hvm.guest(chain=hvm.minimal_context()))
    no = "--no-tolerate minimal-hvm-context"
    for code in (hvm.LAPIC, hvm.LAPIC_REGS, hvm.MTRR):
        change(f"no-{code}", "HVM_MISSING", lambda c, n=code: c.remove(n), HVM, options=no)
        change(f"no-{code}-vcpu-1", "HVM_MISSING", lambda c, n=code: c.remove(n, 1), TWO, options=no)


def cpu():
    at = hvm.entry_at(HVM, hvm.CPU, 8)

    def field(name, code, offset, value, neighbour=None, fmt="<Q"):
        put = lambda v: edit(HVM, lambda s: hvm.ctx(s).write(hvm.CPU, offset, fmt, v))
        case(f"hvm-cpu-{name}", code, put(value), HVM if neighbour is None else put(neighbour), offset=at + offset)

    field("cr0-no-et", "HVM_CPU", hvm.CPU_CR0, 0x80050023)
    field("cr0-pg-without-pe", "HVM_CPU", hvm.CPU_CR0, 0x80050032)
    field("cr0-reserved", "HVM_CPU", hvm.CPU_CR0, 0x80050073)
    field("cr0-high", "HVM_CPU", hvm.CPU_CR0, 1 << 32 | 0x80050033)
    field("cr4-high", "HVM_CPU", hvm.CPU_CR4, 1 << 32 | 0x6f0)
    field("efer-reserved", "HVM_CPU", hvm.CPU_EFER, 0xd01 | 1 << 63)
    field("efer-lma-without-lme", "HVM_CPU", hvm.CPU_EFER, 0xc01)
    field("dr6-high", "HVM_CPU", hvm.CPU_DR6, 1 << 32 | 0xffff0ff0)
    field("dr7-high", "HVM_CPU", hvm.CPU_DR7, 1 << 32 | 0x400)
    field("tsc-aux", "HVM_CPU", hvm.CPU_TSC_AUX, 1 << 32, (1 << 32) - 1)
    field("cr3-high", "HVM_CPU", hvm.CPU_CR3, 1 << 52 | 0x1000)
    field("flags", "HVM_VALUE", hvm.CPU_FLAGS, 3, 0, "<I")
    field("pad", "HVM_RESERVED", hvm.CPU_PAD, 1, None, "<I")
    blank = hvm.guest(chain=hvm.minimal_context().set(hvm.CPU, bytes(1032)))
    good = hvm.guest(chain=hvm.minimal_context())
    case("hvm-cpu-blank", "HVM_CPU", blank, good, "--no-tolerate blank-hvm-cpu")
    almost = edit(blank, lambda s: hvm.ctx(s).write(hvm.CPU, 512, "<Q", 1))
    case("hvm-cpu-almost-blank", "HVM_CPU", almost, blank)


def values():
    def field(name, code, entry, offset, fmt, value, neighbour=None, inst=0, good=HVM):
        put = lambda v: edit(good, lambda s: hvm.ctx(s).write(entry, offset, fmt, v, inst=inst))
        case(f"hvm-{name}", code, put(value), good if neighbour is None else put(neighbour),
             offset=hvm.entry_at(good, entry, 8 + offset, inst))

    for route in range(4):
        field(f"link-route-{route}", "HVM_VALUE", hvm.PCI_LINK, route, "<B", 16, 15)
    field("link-pad", "HVM_RESERVED", hvm.PCI_LINK, 4, "<I", 1 << 24)
    field("pit-count", "HVM_VALUE", hvm.PIT, 0, "<I", 0x10001, 0xffff)
    field("pit-rw-mode", "HVM_VALUE", hvm.PIT, 12, "<B", 4, 2)
    field("pit-count-latched", "HVM_VALUE", hvm.PIT, 6, "<B", 5, 4)
    field("pit-read-state", "HVM_VALUE", hvm.PIT, 9, "<B", 5, 4)
    field("pit-write-state", "HVM_VALUE", hvm.PIT, 10, "<B", 5, 4)
    field("pit-bcd", "HVM_VALUE", hvm.PIT, 14, "<B", 2, 1)
    field("pit-gate", "HVM_VALUE", hvm.PIT, 32 + 15, "<B", 2, 1)
    field("pit-gate-0", "HVM_VALUE", hvm.PIT, 15, "<B", 0)
    field("pit-speaker", "HVM_VALUE", hvm.PIT, 48, "<I", 2, 1)
    field("pit-pad", "HVM_RESERVED", hvm.PIT, 52, "<I", 1)
    field("mtrr-count", "HVM_VALUE", hvm.MTRR, 224, "<Q", 0x509, 0x507)
    field("pic-output", "HVM_VALUE", hvm.PIC, 7, "<B", 2, 1)
    field("pic-not-master", "HVM_VALUE", hvm.PIC, 5, "<B", 0)
    field("pic-two-masters", "HVM_VALUE", hvm.PIC, 5, "<B", 0x40, inst=1)
    field("lapic-x2apic-disabled", "HVM_VALUE", hvm.LAPIC, 0, "<Q", 0xfee00500, 0xfee00d00)
    for offset in (9, 15):
        change(f"viridian-pad-{offset}", "HVM_RESERVED", lambda c, n=offset: c.write(hvm.VIRIDIAN_VCPU, n, "<B", 1),
               FULL)
    new = hvm.guest(xen=(4, 18))
    field("lapic-tail", "HVM_RESERVED", hvm.LAPIC, 28, "<I", 1, good=new)


def msrs():
    stream = lambda *entries: edit(FULL, lambda s: hvm.ctx(s).set(hvm.CPU_MSR, hvm.cpu_msr(entries)))
    at = hvm.entry_at(FULL, hvm.CPU_MSR, 8)
    for index in (0, 0x47, 0xc0000080, 0xc0000103, 0xc001101c, OPEN_END):
        case(f"hvm-msr-{index:x}", "HVM_MSR", stream((index, 0)), stream((0xda0, 0)), offset=at + 8)
    case("hvm-msr-twice", "HVM_MSR", stream((0x48, 0), (0x48, 0)), stream((0x48, 0), (0x140, 0)), offset=at + 24)
    for index, value, good in ((0x48, 0x200, 0x5ff), (0x48, 0x100001, 1), (0xd90, 4, 3), (0xda0, 0x100, 0)):
        case(f"hvm-msr-{index:x}-{value:x}", "HVM_MSR", stream((index, value)), stream((index, good)), offset=at + 8)
    put = lambda offset, value: edit(FULL, lambda s: hvm.ctx(s).write(hvm.CPU_MSR, offset, "<I", value))
    case("hvm-msr-reserved", "HVM_RESERVED", put(12, 1), FULL, offset=at + 12)
    case("hvm-msr-pad", "HVM_RESERVED", put(4, 1), FULL, offset=at + 4)
    case("hvm-msr-count-0", "HVM_LENGTH", put(0, 0), FULL)
    case("hvm-msr-count-2", "HVM_LENGTH", put(0, 2), FULL)


def xsave():
    chain = lambda *how, **more: edit(FULL, lambda s: hvm.ctx(s).set(hvm.CPU_XSAVE, hvm.cpu_xsave(*how, **more)))
    at = hvm.entry_at(FULL, hvm.CPU_XSAVE, 8)
    case("hvm-xsave-xcr0", "HVM_XSAVE", chain(5, 7), chain(3, 7), offset=at + 8)
    case("hvm-xsave-accum", "HVM_XSAVE", chain(7, 3), chain(3, 3))
    case("hvm-xsave-short", "HVM_XSAVE", chain(7, 7, size=824), FULL)
    case("hvm-xsave-one-less", "HVM_XSAVE", chain(7, 7, size=831), FULL)
    case("hvm-xsave-bv", "HVM_XSAVE", chain(7, 7, bv=1 << 9 | 7), chain(7, 7, bv=3), offset=at + 24 + 512)
    longer = chain(7, 7, size=840)
    dirty = edit(longer, lambda s: hvm.ctx(s).write(hvm.CPU_XSAVE, 24 + 839, "<B", 1))
    case("hvm-xsave-excess", "HVM_XSAVE", dirty, longer)
    compact = edit(FULL, lambda s: hvm.ctx(s).write(hvm.CPU_XSAVE, 24 + 520, "<Q", 1 << 63))
    case("hvm-xsave-compacted", "HVM_XSAVE", compact, FULL, offset=at + 24 + 520)


def build():
    for make in (frame, lengths, instances, repeats, missing, cpu, values, msrs, xsave):
        make()
