# SPDX-License-Identifier: MIT
"""Complete HVM and PVH guests of two dozen pages, with the HVM context that Xen writes (docs/formats blobs 7, 9)."""
import struct

from . import libxc
from .items import Record, Stream
from .libxc import NOTAB, PAGE, fill_page

HEADER, CPU, PIC, IOAPIC, LAPIC, LAPIC_REGS, PCI_IRQ, ISA_IRQ, PCI_LINK, PIT, RTC, HPET, PMTIMER, MTRR = range(1, 15)
VIRIDIAN_DOMAIN, CPU_XSAVE, VIRIDIAN_VCPU, VMCE_VCPU, TSC_ADJUST, CPU_MSR = range(15, 21)
END = 0

# Special pages where the domain builder puts them, just below 4 GiB - 64 KiB.
SERVER = 0xfeff0
PAGING, MONITOR, SHARING, BUFIOREQ, STORE, IOREQ, IDENT_PT, CONSOLE = range(0xfeff8, 0xff000)
P_STORE, P_PAE, P_IOREQ, P_BUFIOREQ, P_VIRIDIAN, P_IDENT_PT, P_VM86_TSS, P_CONSOLE = 1, 4, 5, 6, 9, 12, 15, 17
P_ACPI_IOPORTS, P_PAGING, P_MONITOR, P_SHARING, P_SERVER, P_NR_SERVER = 19, 27, 28, 29, 32, 33
P_GENERATION, P_X87, P_VM86_SIZED, P_MCA = 34, 36, 37, 38


def header(khz=2000000):
    return struct.pack("<IIQII", 0x54381286, 1, (1 << 64) - 1, 0x306a9, khz)


CPU_CR0, CPU_CR3, CPU_CR4, CPU_DR6, CPU_DR7, CPU_EFER, CPU_TSC_AUX = 656, 672, 680, 720, 728, 992, 1000
CPU_FLAGS, CPU_PAD = 1024, 1028


def cpu(long_mode=True, length=1032):
    """A vCPU in 64-bit mode, or in flat protected mode without paging."""
    blob = bytearray(1032)
    struct.pack_into("<H", blob, 0, 0x37f)
    struct.pack_into("<II", blob, 24, 0x1f80, 0xffff)
    put = lambda offset, value: struct.pack_into("<Q", blob, offset, value)
    put(640, 0x1023a8)
    put(648, 0x46)
    put(CPU_CR0, 0x80050033 if long_mode else 0x11)
    put(CPU_CR3, 0x1000 if long_mode else 0)
    put(CPU_CR4, 0x6f0 if long_mode else 0x200)
    put(CPU_DR6, 0xffff0ff0)
    put(CPU_DR7, 0x400)
    struct.pack_into("<8I", blob, 736, 8, 16, 16, 0, 0, 16, 0, 0)
    struct.pack_into("<10I", blob, 768, *[0xffffffff] * 3, 0, 0, 0xffffffff, 0x67, 0, 0xfff, 0x17)
    struct.pack_into("<8I", blob, 888, 0xa9b if long_mode else 0xc9b, 0xc93, 0xc93, 0, 0, 0xc93, 0x8b, 0)
    put(CPU_EFER, 0xd01 if long_mode else 0)
    put(1008, 0x1000000)
    struct.pack_into("<I", blob, CPU_FLAGS, 1)
    return bytes(blob[:length])


def pic(master):
    return bytes([0, 0, 0, 0x20, 0, 0x40, 4, 0] if master else [0, 0, 0, 0x28, 0, 0, 0, 0])


def ioapic():
    return struct.pack("<QII", 0xfec00000, 0, 1) + struct.pack("<Q", 0x10000) * 48


def lapic(vcpu, length=24):
    blob = struct.pack("<QIIQII", 0xfee00800 | (0x100 if vcpu == 0 else 0), 0, 2, 0, 0, 0)
    return blob[:length]


def lapic_regs(vcpu):
    blob = bytearray(1024)
    for offset, value in {0x20: (vcpu * 2 & 0xff) << 24, 0x30: 0x50014, 0xe0: 0xffffffff, 0xf0: 0xff}.items():
        struct.pack_into("<I", blob, offset, value)
    return bytes(blob)


def pit():
    channel = struct.pack("<IHBBBBBBBBBB", 0x10000, 0, 0, 0, 0, 0, 0, 0, 3, 0xff, 0, 1)
    last = channel[:15] + bytes(1)
    return channel + channel + last + bytes(8)


def rtc(length=24):
    return (bytes.fromhex("420059002300062111262602108000") + bytes(9))[:length]


def hpet():
    blob = bytearray(1048)
    struct.pack_into("<Q", blob, 0, 0xf424008086a201)
    return bytes(blob)


def pmtimer():
    return struct.pack("<IHH", 0x6702c89, 0, 0)


def mtrr():
    blob = bytearray(240)
    struct.pack_into("<Q", blob, 0, 0x0007040600070406)
    struct.pack_into("<QQ", blob, 224, 0x508, 0)
    return bytes(blob)


def viridian_vcpu(length=216):
    return bytes(length)


def cpu_xsave(xcr0, accum, bv=None, size=None):
    area = bytearray(libxc.xstate_size(accum) if size is None else size)
    struct.pack_into("<H", area, 0, 0x37f)
    struct.pack_into("<I", area, 24, 0x1f80)
    struct.pack_into("<Q", area, 512, xcr0 if bv is None else bv)
    return struct.pack("<QQQ", accum, xcr0, accum) + bytes(area)


def cpu_msr(entries=((0x48, 1),)):
    return struct.pack("<II", len(entries), 0) + b"".join(struct.pack("<IIQ", i, 0, v) for i, v in entries)


class Context(Record):
    """HVM_CONTEXT: entries of [code, instance, octets, forced length or None]."""

    def __init__(self, entries, trailing=b""):
        super().__init__("HVM_CONTEXT", libxc.HVM_CONTEXT)
        self.entries = [[code, inst, body, None] for code, inst, body in entries]
        self.trailing = trailing

    def build(self):
        out = b""
        for code, inst, body, length in self.entries:
            out += struct.pack("<HHI", code, inst, len(body) if length is None else length) + body
        return out + self.trailing

    def find(self, code, inst=0):
        for i, entry in enumerate(self.entries):
            if entry[:2] == [code, inst]:
                return i
        raise KeyError((code, inst))

    def offset(self, code, inst=0):
        """Of an entry's descriptor, inside the body."""
        return sum(8 + len(entry[2]) for entry in self.entries[:self.find(code, inst)])

    def set(self, code, body, inst=0):
        self.entries[self.find(code, inst)][2] = body
        return self

    def write(self, code, offset, fmt, *values, inst=0):
        """Overwrites inside an entry."""
        entry = self.entries[self.find(code, inst)]
        body = bytearray(entry[2])
        struct.pack_into(fmt, body, offset, *values)
        if bytes(body) == entry[2]:
            raise ValueError(f"HVM entry {code}+{offset} does not change")
        entry[2] = bytes(body)
        return self

    def add(self, code, body, inst=0):
        """Puts an entry where Xen's order has it: ascending typecode, then instance; END stays last."""
        place = [i for i, e in enumerate(self.entries) if e[0] == END or (e[0], e[1]) > (code, inst)][0]
        self.entries.insert(place, [code, inst, body, None])
        return self

    def remove(self, code, inst=0):
        del self.entries[self.find(code, inst)]
        return self


# Lengths of the entries that changed between releases (compat 3).
RELEASES = {
    (4, 6): {"cpu": 1024, "lapic": 24, "rtc": 16, "vmce": 24, "viridian": 8},
    (4, 7): {"cpu": 1032, "lapic": 24, "rtc": 16, "vmce": 24, "viridian": 16},
    (4, 10): {"cpu": 1032, "lapic": 24, "rtc": 16, "vmce": 32, "viridian": 16},
    (4, 13): {"cpu": 1032, "lapic": 24, "rtc": 16, "vmce": 32, "viridian": 216},
    (4, 14): {"cpu": 1032, "lapic": 24, "rtc": 24, "vmce": 32, "viridian": 216},
    (4, 18): {"cpu": 1032, "lapic": 32, "rtc": 24, "vmce": 32, "viridian": 216},
}


def lengths(xen):
    if xen[0] == 0:
        xen = (4, 6)
    return RELEASES[max(release for release in RELEASES if release <= xen)]


def context(vcpus=1, devices=True, xen=(4, 17), accum=0, msrs=False, viridian=False):
    """The chain in Xen's own order."""
    size = lengths(xen)
    per_vcpu = {CPU: lambda v: cpu(v == 0, size["cpu"]), LAPIC: lambda v: lapic(v, size["lapic"]),
                LAPIC_REGS: lapic_regs, MTRR: lambda v: mtrr(), TSC_ADJUST: lambda v: bytes(8),
                VMCE_VCPU: lambda v: (b"\2" + bytes(31))[:size["vmce"]]}
    once = {PCI_IRQ: bytes(16), ISA_IRQ: bytes(8), PCI_LINK: bytes(8)}
    if devices:
        once.update({IOAPIC: ioapic(), PIT: pit(), RTC: rtc(size["rtc"]), HPET: hpet(), PMTIMER: pmtimer()})
    if viridian:
        once[VIRIDIAN_DOMAIN] = bytes(32)
        per_vcpu[VIRIDIAN_VCPU] = lambda v: viridian_vcpu(size["viridian"])
    if accum:
        per_vcpu[CPU_XSAVE] = lambda v: cpu_xsave(accum, accum)
    if msrs:
        per_vcpu[CPU_MSR] = lambda v: cpu_msr()
    entries = [(HEADER, 0, header())]
    for code in range(CPU, CPU_MSR + 1):
        if code == PIC and devices:
            entries += [(PIC, 0, pic(True)), (PIC, 1, pic(False))]
        elif code in once:
            entries.append((code, 0, once[code]))
        elif code in per_vcpu:
            entries += [(code, vcpu, per_vcpu[code](vcpu)) for vcpu in range(vcpus)]
    return Context(entries + [(END, 0, b"")])


def minimal_context():
    """HEADER, one CPU, END: what Xen loads without complaint."""
    return Context([(HEADER, 0, header()), (CPU, 0, cpu()), (END, 0, b"")])


def params(devices=True):
    pairs = [(P_STORE, STORE), (P_IOREQ, IOREQ), (P_BUFIOREQ, BUFIOREQ), (P_PAGING, PAGING), (P_MONITOR, MONITOR),
             (P_SHARING, SHARING), (P_CONSOLE, CONSOLE), (P_IDENT_PT, IDENT_PT << 12)]
    if devices:
        pairs += [(P_SERVER, SERVER), (P_NR_SERVER, 8)]
    return libxc.Params(pairs)


def guest_pages(low=8, devices=True):
    """Low memory and the special pages."""
    special = range(SERVER if devices else PAGING, CONSOLE + 1)
    memory = {pfn: (NOTAB, fill_page(pfn)) for pfn in range(low)}
    memory.update({pfn: (NOTAB, bytes(PAGE)) for pfn in special})
    return memory


def static(version, accum=3):
    if version < 3:
        return []
    return [libxc.Leaves(libxc.cpuid_leaves(accum, hvm=True)), libxc.msr_policy(), libxc.static_data_end()]


def guest(version=3, vcpus=1, devices=True, xen=None, memory=None, rounds=None, batch=None, middle=(), accum=0,
          chain=None, msrs=False, viridian=False):
    """A whole plain stream: HVM with the usual devices, or PVH without."""
    memory = guest_pages(devices=devices) if memory is None else memory
    xen = xen or ((4, 17) if version >= 3 else (4, 13))
    head = [libxc.image_header(version), libxc.domain_header(libxc.HVM, xen)]
    sent = libxc.batches(memory, batch) if rounds is None else rounds
    chain = chain or context(vcpus, devices, xen, accum, msrs, viridian)
    return Stream("libxc", head + static(version, accum or 3) + sent + list(middle) +
                  [libxc.tsc_info(), chain, params(devices), libxc.end()])


def pvh(**how):
    return guest(devices=False, **how)


def set_param(stream, index, value):
    stream.get("HVM_PARAMS").set(index, value)
    return stream


def ctx(stream):
    return stream.get("HVM_CONTEXT")


def entry_at(stream, code, delta=0, inst=0):
    """Absolute offset of a context entry's descriptor; its octets begin 8 later."""
    return stream.body_at("HVM_CONTEXT", ctx(stream).offset(code, inst) + delta)


def param_at(stream, index, delta=0):
    return stream.body_at("HVM_PARAMS", stream.get("HVM_PARAMS").offset(index) + delta)
