# SPDX-License-Identifier: MIT
"""Streams that real writers emit: every shape that must be accepted."""
import json

from . import hvm, libxc, libxl, pv, xl
from .libxc import BROKEN, NOTAB, XALLOC, XTAB, Pages, fill_page
from .registry import accept, edit

REMUS = "--allow checkpointed"
COLO = "--allow checkpointed --allow colo"


def plain():
    for version in (2, 3):
        accept(f"pv64-v{version}", pv.guest(version))
        accept(f"pv32-v{version}", pv.guest(version, pv.NARROW))
        accept(f"hvm-v{version}", hvm.guest(version))
        accept(f"pvh-v{version}", hvm.pvh(version=version))
        accept(f"pv64-v{version}-2vcpu", pv.guest(version, vcpus=2))
        accept(f"pv32-v{version}-2vcpu", pv.guest(version, pv.NARROW, vcpus=2))
        accept(f"hvm-v{version}-2vcpu", hvm.guest(version, vcpus=2))
    accept("pvh-v3-2vcpu", hvm.pvh(vcpus=2))
    accept("hvm-v3-offline-vcpu", edit(hvm.guest(vcpus=2), lambda s: hvm.ctx(s).remove(hvm.CPU, 1)))
    accept("pv64-v3-16vcpu", pv.guest(vcpus=16))
    accept("hvm-v3-one-page-per-record", hvm.guest(batch=1))
    accept("pv64-v3-small-records", pv.guest(batch=5))
    accept("pv64-v3-avx", pv.guest(accum=7))
    accept("pv64-v2-avx", pv.guest(2, accum=7))
    accept("hvm-v2-avx", hvm.guest(2, accum=7))
    accept("pv64-v3-pkru", pv.guest(accum=0x207))
    accept("hvm-v3-avx-msrs", hvm.guest(accum=7, msrs=True))
    accept("hvm-v3-viridian", hvm.set_param(hvm.guest(viridian=True), hvm.P_VIRIDIAN, 1))
    accept("hvm-v3-1024-entries", hvm.guest(memory=with_holes()))


def with_holes():
    """1024 entries in one record: the largest batch of any saver, most of them holes."""
    memory = hvm.guest_pages()
    memory.update({pfn: (XTAB, None) for pfn in range(0x1000, 0x1000 + 1024 - len(memory))})
    return memory


def live():
    for version in (2, 3):
        memory = pv.guest_pages()
        every = sorted(memory)
        rounds = [libxc.pages(memory, every), libxc.pages(memory, [1, 2, 9, 12]), libxc.pages(memory, [9])]
        accept(f"pv64-v{version}-live", pv.guest(version, rounds=rounds))
        memory = hvm.guest_pages()
        rounds = [libxc.pages(memory), libxc.pages(memory, [0, 1, 2, 3]), libxc.pages(memory, [3])]
        accept(f"hvm-v{version}-live", hvm.guest(version, rounds=rounds))
    memory = pv.guest_pages()
    late = Pages([(pfn, *(memory[pfn] if pfn != 12 else (XTAB, None))) for pfn in sorted(memory)])
    accept("pv64-v3-deferred-page", pv.guest(rounds=[late, libxc.pages(memory, [12])]))
    memory = hvm.guest_pages()
    gone = Pages([(5, XTAB, None)])
    accept("hvm-v3-live-ballooned", hvm.guest(rounds=[libxc.pages(memory), gone]))


def verify():
    accept("pv64-v3-verify", pv.guest(middle=[libxc.verify(), libxc.pages(pv.guest_pages())]), "--allow verify")
    accept("hvm-v3-verify", hvm.guest(middle=[libxc.verify(), libxc.pages(hvm.guest_pages())]), "--allow verify")


def memory_shapes():
    memory = hvm.guest_pages()
    sparse = {**memory, 0xf0000: (NOTAB, fill_page(1)), 0x100000: (NOTAB, fill_page(2)),
              0x100400: (NOTAB, fill_page(3))}
    accept("hvm-v3-sparse", hvm.guest(memory=sparse))
    holes = {**memory, 64: (XTAB, None), 65: (BROKEN, None), 66: (XALLOC, None)}
    accept("hvm-v3-xtab", hvm.guest(memory=holes))
    accept("pv64-v3-growing-p2m", pv.growing())
    accept("pv64-v3-shared-p2m", pv.ballooned(21))
    accept("pv32-v3-shared-p2m", pv.ballooned(3, pv.NARROW))
    tables = pv.guest_pages()
    for pfn in (pv.L3, pv.L2, pv.L1):
        tables[pfn] = (tables[pfn][0] | libxc.PINNED, tables[pfn][1])
    accept("pv64-v3-all-pinned", pv.guest(memory=tables))
    stale = pv.set_pte(pv.guest(), pv.L1, 20, pv.pte(pv.LAST - 3))
    accept("pv64-v3-stale-pte", stale, "--tolerate stale-pte")


def errata():
    """What early 4.6, 4.7 and 4.8 point releases wrote."""
    old = pv.guest(2, xen=(4, 6))
    empty = edit(old, lambda s: s.resize("VCPU_XSAVE", 8).resize("VCPU_MSRS", 8).resize("VCPU_EXTENDED", 8))
    accept("pv64-v2-4.6-empty-records", empty)
    accept("pv64-v3-empty-msrs", edit(pv.guest(), lambda s: s.resize("VCPU_MSRS", 8)))
    twice = hvm.guest(2, xen=(4, 6))
    accept("hvm-v2-4.6-empty-params", twice.after("HVM_PARAMS", libxc.Params([])))


def releases():
    """HVM context lengths of the releases, and the parameters of old savers."""
    for xen in sorted(hvm.RELEASES):
        version = 3 if xen >= (4, 14) else 2
        accept(f"hvm-v{version}-{xen[0]}.{xen[1]}", hvm.guest(version, xen=xen, viridian=True))
    old = hvm.guest(2, xen=(4, 6))
    hvm.set_param(old, hvm.P_VM86_TSS, 0xfeffe000)
    accept("hvm-v2-4.6-params", hvm.set_param(old, hvm.P_PAE, 1))
    new = hvm.guest(xen=(4, 17))
    for index, value in ((hvm.P_ACPI_IOPORTS, 1), (hvm.P_GENERATION, 0x7000), (hvm.P_X87, 8), (hvm.P_MCA, 1),
                         (hvm.P_VM86_SIZED, 0x68 << 32 | 0x6000)):
        hvm.set_param(new, index, value)
    accept("hvm-v3-all-params", new)
    accept("hvm-v3-minimal-context", hvm.guest(chain=hvm.minimal_context()))
    blank = hvm.minimal_context().set(hvm.CPU, bytes(1032))
    accept("hvm-v3-blank-cpu", hvm.guest(chain=blank))
    accept("hvm-v2-from-4.17", hvm.guest(2, xen=(4, 17)))
    accept("pv64-v2-from-4.17", pv.guest(2, xen=(4, 17)))
    accept("hvm-v3-params-before-context", hvm.guest().move_before("HVM_PARAMS", "HVM_CONTEXT"))
    accept("hvm-v3-two-param-records", two_param_records())
    accept("hvm-v3-no-policies", hvm.guest().drop("CPUID_POLICY").drop("MSR_POLICY"))
    accept("pv64-v3-no-tsc", pv.guest().drop("TSC_INFO"))


def two_param_records():
    """As the legacy converter writes them."""
    stream = hvm.guest()
    pairs = stream.get("HVM_PARAMS").pairs
    return stream.replace("HVM_PARAMS", libxc.Params(pairs[:4]), libxc.Params(pairs[4:]))


def extended_sizes():
    """VCPU_EXTENDED of 4.9 and older, and with the whole domctl union as its blob."""
    for size, total in ((32, 32), (40, 40), (56, 56), (56, 128), (64, 128)):
        one = edit(pv.guest(), lambda s, n=size, t=total: s.replace("VCPU_EXTENDED", pv.extended(0, n, t)))
        accept(f"pv64-v3-extended-{size}-of-{total}", one)


def containers():
    accept("pv64-v3", libxl.wrap(pv.guest()))
    accept("pv32-v3", libxl.wrap(pv.guest(width=pv.NARROW)))
    accept("hvm-v3", libxl.wrap_hvm(hvm.guest()))
    accept("hvm-v2", libxl.wrap_hvm(hvm.guest(2)))
    accept("hvm-v3-no-physmap", libxl.wrap_hvm(hvm.guest(), physmap=False))
    accept("hvm-v3-empty-xenstore", libxl.wrap(hvm.guest(), libxl.xenstore(()), libxl.emulator()))
    accept("pvh-v3", libxl.wrap(hvm.pvh()))
    accept("hvm-v3-traditional", libxl.wrap(hvm.guest(), libxl.emulator(emulator=libxl.TRADITIONAL)),
           "--tolerate emulator-traditional")
    accept("pv64-v2-converted", libxl.legacy(pv.guest(2)))
    accept("hvm-v2-converted", libxl.legacy(hvm.guest(2, xen=(4, 6)), libxl.emulator(emulator=libxl.UNKNOWN)))
    accept("pv64-v3-converted", libxl.legacy(pv.guest()))


def checkpoints():
    first = hvm.guest()
    again = lambda pfns: [libxc.pages(hvm.guest_pages(), pfns), libxc.tsc_info(), hvm.context(), hvm.params()]
    bare = libxl.checkpointed(first, [again([1, 2]), again([3])])
    accept("hvm-v3-remus", bare, REMUS)
    accept("hvm-v3-remus-ended", bare.copy().append(libxc.end()), REMUS + " --guests hvm")
    pvs = libxl.checkpointed(pv.guest(), [[libxc.pages(pv.guest_pages(), [0, 9])] + pv.tail()])
    accept("pv64-v3-remus", pvs, REMUS)
    wrapped = libxl.checkpointed(first, [again([1])], [libxl.xenstore(), libxl.emulator()])
    accept("hvm-v3-remus", wrapped, REMUS)
    accept("hvm-v3-remus-cut-later", wrapped.cut(len(wrapped) - 4000), REMUS)
    accept("pvh-v3-remus", libxl.checkpointed(hvm.pvh(), [], []), REMUS)
    colo = libxl.checkpointed(first, [again([1])], [libxl.emulator()], colo=True)
    accept("hvm-v3-colo", colo, COLO)


def files():
    accept("pv64-v3", xl.wrap(libxl.wrap(pv.guest()), xl.config("pv")))
    accept("pv64-v3-2vcpu", xl.wrap(libxl.wrap(pv.guest(vcpus=2)), xl.config("pv", 2)))
    accept("pv32-v3", xl.wrap(libxl.wrap(pv.guest(width=pv.NARROW)), xl.config("pv")))
    accept("hvm-v3", xl.wrap(libxl.wrap_hvm(hvm.guest()), xl.config("hvm", memkb=16384)))
    accept("hvm-v2", xl.wrap(libxl.wrap_hvm(hvm.guest(2)), xl.config("hvm", memkb=16384)))
    accept("pvh-v3", xl.wrap(libxl.wrap(hvm.pvh(vcpus=2)), xl.config("pvh", 2)))
    migrated = xl.wrap(libxl.wrap(pv.guest()), xl.config("pv")).append(pv.junk(xl.GO_AHEAD))
    accept("pv64-v3-migration", migrated, "--tolerate trailing-go-ahead")
    remus = libxl.checkpointed(hvm.pvh(), [], [])
    accept("pvh-v3-remus", xl.wrap(remus, xl.config("pvh")), REMUS)


def config_shapes():
    """Embedded configurations as other releases and other guests have them."""
    stream = libxl.wrap(pv.guest())
    base = xl.config("pv")
    minimal = {"c_info": {"type": "pv", "name": "m"},
               "b_info": {"max_vcpus": 1, "max_memkb": 4096, "target_memkb": 4096}}
    accept("config-minimal", xl.wrap(stream, minimal))
    accept("config-compact", xl.wrap(stream, json.dumps(base, separators=(",", ":")).encode() + b"\0"))
    nics = [{"devid": 0, "mac": "00:16:3e:00:00:01", "bridge": "xenbr0", "nictype": "vif", "model": "rtl8139"}]
    accept("config-nic", xl.wrap(stream, {**base, "nics": nics}))
    disks = [{"pdev_path": "/dev/vg/root", "vdev": "xvda", "backend": "phy", "format": "raw", "removable": 1,
              "readwrite": 1, "is_cdrom": 0}]
    accept("config-disk", xl.wrap(stream, {**base, "disks": disks}), "--allow disks")
    devices = {"vfbs": [{"devid": 0, "vnc": {"enable": "True"}, "sdl": {"enable": "False"}}], "vkbs": [{"devid": 0}]}
    accept("config-vfb", xl.wrap(stream, {**base, **devices}), "--allow other-devices")
    unicode = xl.edited(base, "c_info/name", "gr\u00fcn \u20ac \U0001f600")
    accept("config-escaped-name", xl.wrap(stream, unicode))
    raw = json.dumps(unicode, indent=4, ensure_ascii=False).encode() + b"\n\0"
    accept("config-utf8-name", xl.wrap(stream, raw))
    many = xl.config("pv", 16)
    accept("config-16vcpu", xl.wrap(libxl.wrap(pv.guest(vcpus=16)), many))
    unknown = xl.edited(base, "b_info/not_a_field", 1)
    accept("config-unknown-field", xl.wrap(stream, unknown), "--tolerate unknown-config-field")
    ssid = xl.edited(xl.edited(base, "c_info/ssidref", 0), "b_info/cmdline", "console=hvc0 root=/dev/xvda1")
    accept("config-cmdline", xl.wrap(stream, ssid))


def other():
    optional = pv.guest().before("TSC_INFO", libxc.Record("OPTIONAL", libxc.OPTIONAL | 0x77, b"hello"))
    accept("pv64-v3-optional-record", optional, "--tolerate optional-record")
    accept("hvm-v3-no-rings", hvm.guest().drop("HVM_PARAMS"), "--tolerate missing-rings")
    gap = pv.guest(vcpus=2)
    for name in ("VCPU_BASIC", "VCPU_EXTENDED", "VCPU_XSAVE", "VCPU_MSRS"):
        gap.poke(name, 0, "<I", 2, nth=1)
    gap.poke("VCPU_EXTENDED", 8, "<I", 2, nth=1)
    accept("pv64-v3-vcpu-gap", gap, "--tolerate sparse-vcpus")
    keys = ((b"parameter/timeoffset", b"0"),)
    accept("hvm-v3-other-keys", libxl.wrap(hvm.guest(), libxl.xenstore(keys), libxl.emulator()),
           "--tolerate any-emulator-key")
    accept("hvm-v3-tsc-before-tail", hvm.guest(3, middle=[libxc.tsc_info()]).drop("TSC_INFO", 1))



def build():
    for make in (plain, live, verify, memory_shapes, errata, releases, extended_sizes, containers, checkpoints, files,
                 config_shapes, other):
        make()
