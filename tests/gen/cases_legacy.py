# SPDX-License-Identifier: MIT
"""Legacy streams: every shape that a saver of 4.0 to 4.5 wrote, and one image for each rule that it breaks."""
import struct

from . import hvm, legacy, libvirt, libxc, libxl, pv, xenopsd, xl
from .items import Item
from .libxc import XALLOC
from .registry import accept, case, edit

LEGACY = "--format xl,legacy"
PV, PV_OLD, HVM = legacy.pv_guest(), legacy.pv_guest(32), legacy.hvm_guest()
BARE = legacy.hvm_guest(model=[])
JSON = xl.wrap(HVM, xl.config("hvm", memkb=16384), mandatory=legacy.XL_LEGACY_JSON)
TEXT = xl.wrap(HVM, legacy.TEXT, mandatory=legacy.XL_LEGACY_TEXT)
MODEL = 21 + 4


def change(name, code, how, good=PV, offset=None, options=LEGACY):
    case(f"legacy-{name}", code, edit(good, how), good, options, offset)


def take(name, stream, options=LEGACY):
    accept(f"legacy-{name}", stream, options)


def shapes():
    for bits in (32, 64):
        for width in (pv.WIDE, pv.NARROW):
            take(f"{bits}-pv{8 * width.octets}", legacy.pv_guest(bits, width))
            take(f"{bits}-pv{8 * width.octets}-2vcpu", legacy.pv_guest(bits, width, vcpus=2))
        take(f"{bits}-pv64-avx", legacy.pv_guest(bits, accum=7))
        take(f"{bits}-pv64-4.0", legacy.pv_guest(bits, ext=False, last=False))
        take(f"{bits}-pv64-no-vcpu-map", legacy.pv_guest(bits, info=False))
        take(f"{bits}-pv64-unmapped", legacy.pv_guest(bits, gone=(3, 20, 23)))
        take(f"{bits}-hvm", legacy.hvm_guest(bits))
        take(f"{bits}-hvm-bare", legacy.hvm_guest(bits, model=[]))
        take(f"{bits}-hvm-2vcpu", legacy.hvm_guest(bits, vcpus=2, accum=7))
        take(f"{bits}-hvm-small-batches", legacy.hvm_guest(bits, size=3))
        take(f"{bits}-hvm-4.0", legacy.hvm_guest(bits, physmap=False, server=False, last=False, tsc=False,
                                                model=legacy.device_model(signature=b"QemuDeviceModelRecord")))
        live(bits)
    take("xl-json", JSON)
    take("xl-text", TEXT)
    take("xl-text-dos", xl.wrap(HVM, b"name = 'a'\r\n\tmemory = 16\r\n", mandatory=legacy.XL_LEGACY_TEXT))
    take("xl-text-empty", xl.wrap(HVM, b"", mandatory=0))
    take("xl-pv", xl.wrap(PV, xl.config("pv"), mandatory=1))
    take("xl-xend-signature", xl.wrap(legacy.hvm_guest(model=legacy.device_model(signature=b"QemuDeviceModelRecord")),
                                      legacy.TEXT, mandatory=0))
    take("verify", legacy.pv_guest(middle=[legacy.chunk("VERIFY", legacy.VERIFY), *legacy.batches(64, pv.guest_pages())]),
         LEGACY + " --allow verify")
    take("toolstack-empty", edit(HVM, lambda s: s.replace("TOOLSTACK", legacy.chunk("TOOLSTACK", legacy.TOOLSTACK, bytes(4)))))
    take("toolstack-no-entries", edit(HVM, lambda s: s.replace("TOOLSTACK", legacy.toolstack(64, ()))))
    take("fip-width", edit(HVM, lambda s: s.before("TOOLSTACK", legacy.param("X87", legacy.X87, 8))))
    take("generation-acpi-viridian-tss", edit(HVM, lambda s: s.before(
        "TOOLSTACK", legacy.param("GENERATION", legacy.GENERATION, 0x123456), legacy.param("ACPI", legacy.ACPI, 1),
        legacy.param("TSS", legacy.VM86_TSS, 0xfe000), legacy.param("VIRIDIAN", legacy.VIRIDIAN, 1))))
    take("pad-is-not-looked-at", edit(HVM, lambda s: s.replace("CONSOLE", legacy.param("CONSOLE", legacy.CONSOLE, hvm.CONSOLE, 7))))
    take("no-buffered-ioreq", edit(HVM, lambda s: s.replace("MAGIC", legacy.magic(bufioreq=0))))


def live(bits):
    """Pages again, and what a saver could not map: fillers among the entries, batches of nothing else."""
    memory = pv.guest_pages()
    again = [(pfn, *memory[pfn]) for pfn in (1, 9)]
    rounds = [legacy.batch(bits, [(pfn, *memory[pfn]) for pfn in sorted(memory)], fillers=5), legacy.tsc_info(),
              legacy.batch(bits, again), legacy.batch(bits, [], fillers=3)]
    stream = legacy.pv_guest(bits, rounds=rounds)
    take(f"{bits}-pv64-live-fillers", stream.drop("TSC_INFO"))


def containers():
    case("legacy-not-accepted", "FORMAT_LEGACY", PV, pv.guest(), "", 0)
    case("legacy-32-hvm-not-accepted", "FORMAT_LEGACY", legacy.hvm_guest(32), hvm.guest(), "", 0)
    case("legacy-32-pv-not-accepted", "FORMAT_LEGACY", PV_OLD, pv.guest(), "", 0)
    case("legacy-xl-not-accepted", "XL_FLAG_STREAMV2", JSON, xl.wrap(libxl.wrap(pv.guest()), xl.config("pv")), "", 36)
    case("legacy-inside-xl-only", "FORMAT_LEGACY", PV, xl.wrap(libxl.wrap(pv.guest()), xl.config("pv")), "--format xl", 0)
    header = len(JSON.items[0].pack())
    change("xl-payload", "LEGACY_P2M_SIZE", lambda s: s.poke("P2M_SIZE", 0, "<Q", 0), JSON, header)
    change("xl-payload-large", "LEGACY_P2M_SIZE", lambda s: s.poke("P2M_SIZE", 0, "<Q", (1 << 28) + 1), JSON, header)
    change("xl-payload-v2", "LEGACY_P2M_SIZE", lambda s: s.before("P2M_SIZE", libxl.header()), JSON, header)
    change("xl-flag-v2", "LIBXL_IDENT", lambda s: s.poke("XL_HEADER", 36, "<I", 3), JSON, header)
    change("xl-no-device-model", "TRUNCATED", lambda s: s.drop("SIGNATURE").drop("DEVICE_MODEL"), JSON)
    change("xl-guest-type", "CONFIG_GUEST_TYPE", lambda s: s.replace("XL_HEADER", *xl.wrap(
        HVM, xl.config("pv", memkb=16384), mandatory=1).items[:1]), JSON)
    change("xl-pvh", "CONFIG_GUEST_TYPE", lambda s: s.replace("XL_HEADER", *xl.wrap(
        HVM, xl.config("pvh", memkb=16384), mandatory=1).items[:1]), JSON)
    change("xl-memory", "CONFIG_MEMORY", lambda s: s.replace("XL_HEADER", *xl.wrap(
        HVM, xl.config("hvm", memkb=32), mandatory=1).items[:1]), JSON, options=LEGACY + " --config-slack-pages 0")
    for name, octet in (("nul", 0), ("escape", 27), ("delete", 127)):
        change(f"xl-text-{name}", "LEGACY_CONFIG_TEXT", lambda s, o=octet: s.poke("XL_HEADER", xl.CONFIG + 3, "B", o), TEXT,
               xl.CONFIG + 3)
    change("xl-text-length", "XL_CONFIG_LEN", lambda s: s.poke("XL_HEADER", 48, "<I", 1 << 31), TEXT, 48)
    change("xl-text-spare", "XL_OPTIONAL_LEN", lambda s: s.poke("XL_HEADER", 48, "<I", 3), TEXT, 48)
    change("xl-text-none", "XL_OPTIONAL_LEN", lambda s: s.poke("XL_HEADER", 44, "<I", 3), TEXT, 44)
    change("trailing", "TRAILING", lambda s: s.append(Item("JUNK", b"\0")), offset=len(PV))
    change("trailing-hvm", "TRAILING", lambda s: s.append(Item("JUNK", b"\0")), HVM, len(HVM))
    case("legacy-pv-refused", "DOMAIN_REFUSED", PV, HVM, LEGACY + " --guests hvm")
    case("legacy-hvm-refused", "DOMAIN_REFUSED", HVM, PV, LEGACY + " --guests pv64,pv32,pvh")
    case("legacy-pv32-refused", "DOMAIN_REFUSED", legacy.pv_guest(64, pv.NARROW), PV, LEGACY + " --guests pv64")
    case("legacy-memory", "P2M_LIMIT", edit(PV, lambda s: s.poke("P2M_SIZE", 0, "<Q", 25)), PV, LEGACY + " --max-guest-pages 24", 0)
    case("legacy-memory-hvm", "P2M_LIMIT", edit(HVM, lambda s: s.poke("P2M_SIZE", 0, "<Q", (1 << 20) + 25)), HVM,
         LEGACY + " --max-guest-pages 24", 0)


def libvirt_images():
    """Version 1 of libvirt's header says that a legacy stream follows (libvirt 1)."""
    good, options = libvirt.wrap(HVM, version=1), "--format libvirt,legacy"
    take("libvirt", good, options)
    take("libvirt-pv", libvirt.wrap(PV_OLD, version=1), options)
    change("libvirt-v2-payload", "LEGACY_P2M_SIZE", lambda s: s.before("P2M_SIZE", libxl.header()), good, good.at("P2M_SIZE"), options)
    change("libvirt-no-device-model", "TRUNCATED", lambda s: s.drop("SIGNATURE").drop("DEVICE_MODEL"), good, options=options)
    change("libvirt-trailing", "TRAILING", lambda s: s.append(Item("JUNK", b"\0")), good, len(good), options)
    case("legacy-inside-libvirt-only", "FORMAT_LEGACY", PV, libvirt.wrap(libxl.wrap(hvm.pvh())), "--format libvirt", 0)


def xenopsd_images():
    """The older kind: a signature, the stream of a 32-bit toolstack, and a signature of its own for the device model (xenopsd 4)."""
    options = "--format xenopsd,legacy"
    old = legacy.hvm_guest(32, model=xenopsd.device_model())
    good = xenopsd.wrap_legacy(old)
    model = good.at("SIGNATURE")
    take("xenopsd", good, options)
    take("xenopsd-pv", xenopsd.wrap_legacy(PV_OLD), options)
    case("legacy-xenopsd-wide", "XENOPSD_WIDE", xenopsd.wrap_legacy(legacy.hvm_guest(64, model=xenopsd.device_model())), good, options, 19)
    case("legacy-xenopsd-wide-pv", "XENOPSD_WIDE", xenopsd.wrap_legacy(PV), good, options, 19)
    change("xenopsd-payload", "LEGACY_P2M_SIZE", lambda s: s.before("P2M_SIZE", libxl.header()), good, 15, options)
    change("xenopsd-no-device-model", "TRUNCATED", lambda s: s.drop("SIGNATURE").drop("DEVICE_MODEL"), good, options=options)
    for name, at, octet in (("first", 0, b"R"), ("last", 20, b"c"), ("line", 21, b" ")):
        change(f"xenopsd-signature-{name}", "LEGACY_SIGNATURE", lambda s, a=at, o=octet: s.poke("SIGNATURE", a, "c", o), good, model + at,
               options)
    for name, length in (("8", 8), ("1M-and-1", (1 << 20) + 1), ("little", 0x20000000)):
        change(f"xenopsd-length-{name}", "LEGACY_EMULATOR_LENGTH", lambda s, n=length: s.poke("SIGNATURE", 22, ">I", n), good,
               model + 22, options)
    most = libxl.qevm(sections=libxl.section(b"x", data=bytes((1 << 20) - 29)))
    assert len(most) == 1 << 20
    take("xenopsd-1M", xenopsd.wrap_legacy(legacy.hvm_guest(32, model=xenopsd.device_model(most))), options)
    blob = libxl.qevm()
    for name, limit, longer in (("limit", len(blob) + 8, b"\0"), ("no-room", 8, b"")):
        bad = xenopsd.wrap_legacy(legacy.hvm_guest(32, model=xenopsd.device_model(blob + longer)))
        case(f"legacy-xenopsd-{name}", "LEGACY_EMULATOR_LENGTH", bad, good if longer else xenopsd.wrap_legacy(PV_OLD),
             f"{options} --max-emulator-bytes {limit}", model + 22)
    change("xenopsd-trailing", "TRAILING", lambda s: s.append(Item("JUNK", b"\0")), good, len(good), options)


def info():
    def put(*blocks, **fields):
        return lambda s: s.replace("EXTENDED_INFO", legacy.extended_info(64, pv.WIDE, blocks=b"".join(blocks), **fields))
    vcpu, extv, xcnt = legacy.block(b"vcpu", bytes(5168)), legacy.block(b"extv"), legacy.block(b"xcnt", struct.pack("<I", 32))
    at = 16
    change("marker", "LEGACY_MARKER", lambda s: s.poke("EXTENDED_INFO", 4, "<I", 0xfffffffe), offset=12)
    change("info-empty", "LEGACY_INFO_LENGTH", lambda s: s.poke("EXTENDED_INFO", 8, "<I", 0), offset=at)
    change("info-huge", "LEGACY_INFO_LENGTH", lambda s: s.poke("EXTENDED_INFO", 8, "<I", 8193), offset=at)
    change("info-short", "LEGACY_INFO_LENGTH", put(vcpu, extv, xcnt, total=5176 + 8 + 8), offset=at + 4 + 5176 + 8 + 4)
    change("info-rest", "LEGACY_INFO_LENGTH", put(vcpu, extv, xcnt, total=5176 + 8 + 12 + 4))
    change("info-unknown", "LEGACY_INFO", put(vcpu, legacy.block(b"xxxx"), extv, xcnt))
    change("info-no-vcpu", "LEGACY_INFO", put(extv, xcnt), offset=at + 4)
    change("info-vcpu-last", "LEGACY_INFO", put(extv, vcpu, xcnt), offset=at + 4)
    change("info-vcpu-twice", "LEGACY_INFO", put(legacy.block(b"vcpu", bytes(2800)), legacy.block(b"vcpu", bytes(2800))))
    change("info-vcpu-size", "LEGACY_INFO", put(legacy.block(b"vcpu", bytes(5160)), extv, xcnt), offset=at + 4)
    change("info-extv-size", "LEGACY_INFO", put(vcpu, legacy.block(b"extv", bytes(4)), xcnt))
    change("info-xcnt-size", "LEGACY_INFO", put(vcpu, extv, legacy.block(b"xcnt", bytes(8))))
    change("info-xcnt-value", "LEGACY_INFO", put(vcpu, extv, legacy.block(b"xcnt", struct.pack("<I", 31))))
    change("frame-range", "P2M_FRAME_RANGE", lambda s: s.poke("FRAMES", 0, "<Q", 24))
    change("frame-high", "P2M_FRAME_RANGE", lambda s: s.poke("FRAMES", 4, "<I", 1))
    change("frame-type", "P2M_FRAME_TYPE", lambda s: s.poke("FRAMES", 0, "<Q", pv.LAST - 1))


def chunks():
    after = PV.at("VCPU_INFO")
    put = lambda item: (lambda s: s.before("VCPU_INFO", item))
    for number in (-22, -23, -0x80000000):
        change(f"chunk-{-number:x}", "LEGACY_CHUNK_UNKNOWN", put(legacy.chunk("STRAY", number)), offset=after)
    for name, number in (("ident-pt", legacy.IDENT_PT), ("console", legacy.CONSOLE), ("x87", legacy.X87)):
        change(f"pv-{name}", "LEGACY_CHUNK_GUEST", put(legacy.param("STRAY", number, 1)), offset=after)
    change("pv-toolstack", "LEGACY_CHUNK_GUEST", put(legacy.toolstack(64)), offset=after)
    for name, number in (("data", legacy.COMPRESSED), ("enable", legacy.COMPRESS)):
        change(f"compressed-{name}", "LEGACY_COMPRESSED", put(legacy.chunk("STRAY", number, bytes(8))), offset=after)
    for name, number in (("tmem", legacy.TMEM), ("tmem-extra", legacy.TMEM_EXTRA)):
        change(name, "LEGACY_TMEM", put(legacy.chunk("STRAY", number, bytes(8))), offset=after)
    change("vcpu-map-twice", "LEGACY_CHUNK_REPEATED", put(legacy.vcpu_info()))
    change("tsc-twice", "LEGACY_CHUNK_REPEATED", put(legacy.tsc_info()), offset=after)
    change("last-twice", "LEGACY_CHUNK_REPEATED", put(legacy.last_checkpoint()))
    change("param-twice", "LEGACY_CHUNK_REPEATED", lambda s: s.after("CONSOLE", s.get("CONSOLE")), HVM)
    change("pages-late", "LEGACY_CHUNK_ORDER", lambda s: s.after("VCPU_INFO", s.get("BATCH")))
    change("verify-late", "LEGACY_CHUNK_ORDER", lambda s: s.after("VCPU_INFO", legacy.chunk("VERIFY", legacy.VERIFY)))
    change("no-pages", "LEGACY_CHUNK_ORDER", lambda s: s.drop("BATCH"), offset=None)
    change("verify", "VERIFY_REFUSED", put(legacy.chunk("VERIFY", legacy.VERIFY)), offset=after)
    change("verify-first", "VERIFY_EMPTY", lambda s: s.move_before("VERIFY", "BATCH"),
           legacy.pv_guest(middle=[legacy.chunk("VERIFY", legacy.VERIFY)]), options=LEGACY + " --allow verify")
    change("tsc-mode", "TSC_MODE", lambda s: s.replace("TSC_INFO", legacy.tsc_info(4)))
    change("tsc-khz", "TSC_KHZ", lambda s: s.replace("TSC_INFO", legacy.tsc_info(khz=9999)))
    bits = lambda **how: (lambda s: s.replace("VCPU_INFO", legacy.vcpu_info(**how)))
    change("vcpu-map-no-0", "LEGACY_VCPU_MAP", bits(bitmap=0), offset=after + 8)
    change("vcpu-map-beyond", "LEGACY_VCPU_MAP", bits(bitmap=3, max_id=0), offset=after + 8)
    change("vcpu-map-beyond-word", "LEGACY_VCPU_MAP", bits(bitmap=1 | 1 << 63, max_id=62), offset=after + 8 + 7)
    change("vcpu-map-size", "LEGACY_VCPU_MAP", bits(max_id=4096), offset=after + 4)
    change("vcpu-map-negative", "LEGACY_VCPU_MAP", lambda s: s.poke("VCPU_INFO", 4, "<i", -1), offset=after + 4)
    take("vcpu-map-largest", edit(PV, bits(max_id=4095, bitmap=1)))
    change("vcpu-gap", "VCPU_ORDER", bits(max_id=2, bitmap=5), legacy.pv_guest(vcpus=2))
    case("legacy-records", "LIMIT_RECORDS", PV, edit(PV, lambda s: s.drop("TSC_INFO")), LEGACY + f" --max-records {len(PV.items) - 2}")


def batches():
    first = PV.at("BATCH")
    entry = lambda i, fmt, value: (lambda s: s.poke("BATCH", 4 + 8 * i, fmt, value))
    change("batch-1025", "LEGACY_BATCH", lambda s: s.poke("BATCH", 0, "<I", 1025), offset=first)
    change("batch-max", "LEGACY_BATCH", lambda s: s.poke("BATCH", 0, "<I", 0x7fffffff), offset=first)
    change("entry-high", "LEGACY_ENTRY", entry(0, "<Q", 1 << 32), offset=first + 4)
    change("entry-type", "PAGE_TYPE", entry(0, "<Q", 5 << 28), offset=first + 4)
    change("entry-range", "PAGE_PFN_RANGE", entry(23, "<Q", 24), offset=first + 4 + 8 * 23)
    change("entry-twice", "PAGE_DUPLICATE", entry(1, "<Q", 0), offset=first + 12)
    change("hvm-entry-table", "PAGE_TYPE_HVM", entry(0, "<Q", 1 << 28), HVM)
    change("hvm-entry-range", "PAGE_PFN_RANGE", lambda s: s.poke("P2M_SIZE", 0, "<Q", 0xfe000), HVM)
    change("pte-range", "PTE_RANGE", lambda s: s.replace("BATCH", *with_pte(24)))
    take("entries-1024", legacy.hvm_guest(memory={**hvm.guest_pages(), **{pfn: (XALLOC, None) for pfn in range(0x100, 0x100 + 1000)}}))


def with_pte(pfn):
    memory = pv.guest_pages()
    memory[pv.L1] = (libxc.L1TAB, pv.table({**{slot: pv.pte(slot, pv.RO) for slot in range(9)}, 9: pv.pte(pfn, pv.RO)}))
    return legacy.batches(64, memory)


def toolstack():
    at = HVM.at("TOOLSTACK")
    put = lambda *args, **how: (lambda s: s.replace("TOOLSTACK", legacy.toolstack(64, *args, **how)))
    one = lambda name: ((1, 2, 3, name),)
    change("toolstack-short", "LEGACY_TOOLSTACK_LENGTH", put(length=7), HVM, at + 4)
    change("toolstack-long", "LEGACY_TOOLSTACK_LENGTH", put(length=(1 << 20) + 1), HVM, at + 4)
    change("toolstack-extra", "LEGACY_TOOLSTACK_LENGTH", put(extra=b"\0"), HVM)
    change("toolstack-entry-missing", "LEGACY_TOOLSTACK_LENGTH", put(count=3), HVM)
    change("toolstack-version", "LEGACY_TOOLSTACK_DATA", put(version=2), HVM, at + 8)
    change("toolstack-name-empty", "LEGACY_TOOLSTACK_DATA", put(one(b"")), HVM, at + 8 + 8 + 24)
    change("toolstack-name-open", "LEGACY_TOOLSTACK_DATA", put(one(b"abc")), HVM, at + 8 + 8 + 28 + 2)
    change("toolstack-name-nul", "LEGACY_TOOLSTACK_DATA", put(one(b"a\0c\0")), HVM, at + 8 + 8 + 28 + 1)
    change("toolstack-name-control", "LEGACY_TOOLSTACK_DATA", put(one(b"a\nc\0")), HVM, at + 8 + 8 + 28 + 1)
    change("toolstack-name-256", "LEGACY_TOOLSTACK_DATA", put(one(b"a" * 256 + b"\0")), HVM)
    take("toolstack-name-255", edit(HVM, put(one(b"a" * 255 + b"\0"))))
    change("toolstack-twice", "EMULATOR_REPEATED", put(one(b"a\0") + one(b"b\0")), HVM, at + 8 + 8 + 28 + 2 + 4)
    many = tuple((i, 2, 3, b"n\0") for i in range(43))
    change("toolstack-many", "EMULATOR_PAIRS", put(many), HVM, at + 12)
    take("toolstack-most", edit(HVM, put(many[:42])))


def tails():
    at = PV.at("UNMAPPED")
    gone = legacy.pv_guest(gone=(3, 20))
    change("unmapped-count", "LEGACY_UNMAPPED", lambda s: s.poke("UNMAPPED", 0, "<I", 25), offset=at)
    change("unmapped-pfn", "LEGACY_UNMAPPED", lambda s: s.poke("UNMAPPED", 12, "<Q", 24), gone, at + 12)
    change("xsave-size", "LEGACY_XSAVE_LENGTH", lambda s: s.poke("VCPU", 5168 + 128 + 8, "<Q", 15))
    wide = legacy.pv_guest(accum=7)
    change("xsave-xcr0", "XSAVE_XCR0", lambda s: s.poke("VCPU", 5168 + 128 + 16, "<Q", 6), wide)
    change("xsave-xcnt", "XSAVE_SIZE", lambda s: xcnt(s, 16 + 16 + 100), wide)
    change("xsave-xcnt-huge", "XSAVE_SIZE", lambda s: xcnt(s, 16 + 16 + 16385), wide)
    change("extended-id", "EXT_ID", lambda s: s.poke("VCPU", 5168, "<I", 1))
    change("cr3", "CR3", lambda s: s.poke("VCPU", pv.WIDE.ctrlreg + 24, "<Q", pv.L3 << 12))
    change("start-info", "START_INFO", lambda s: s.poke("VCPU", pv.WIDE.rdx, "<Q", pv.LAST - 3))
    case("legacy-vcpus", "VCPU_ID", legacy.pv_guest(vcpus=2), PV, LEGACY + " --max-vcpus 1")
    at = HVM.at("MAGIC")
    change("magic-store", "PARAM_MISSING", lambda s: s.replace("MAGIC", legacy.magic(store=0)), HVM)
    change("magic-unpopulated", "PARAM_UNPOPULATED", lambda s: s.replace("MAGIC", legacy.magic(ioreq=0x1234)), HVM, at)
    change("magic-shared", "PARAM_SHARED", lambda s: s.replace("MAGIC", legacy.magic(bufioreq=hvm.STORE)), HVM, at + 16)
    change("console-zero", "PARAM_VALUE", lambda s: s.replace("CONSOLE", legacy.param("CONSOLE", legacy.CONSOLE, 0)), HVM)
    at = HVM.at("CONTEXT")
    change("context-empty", "LEGACY_CONTEXT_SIZE", lambda s: s.poke("CONTEXT", 0, "<I", 7), HVM, at)
    change("context-huge", "LEGACY_CONTEXT_SIZE", lambda s: s.poke("CONTEXT", 0, "<I", (8 << 20) + 1), HVM, at)
    change("context-header", "HVM_HEADER", lambda s: s.poke("CONTEXT", 4, "<H", 2), HVM, at + 4)
    at = HVM.at("SIGNATURE")
    change("signature", "LEGACY_SIGNATURE", lambda s: s.poke("SIGNATURE", 20, "B", 0x33), HVM, at + 20)
    change("signature-first", "LEGACY_SIGNATURE", lambda s: s.poke("SIGNATURE", 0, "B", 0x21), HVM, at)
    change("signature-mixed", "LEGACY_SIGNATURE", lambda s: s.poke("SIGNATURE", 0, "21s", b"DeviceModelRecoRecord"), HVM, at + 15)
    change("remus-signature", "LEGACY_CHECKPOINT", lambda s: s.poke("SIGNATURE", 0, "21s", b"RemusDeviceModelState"), HVM, at)
    old = legacy.pv_guest(last=False)
    change("remus-pv", "LEGACY_CHECKPOINT", lambda s: s.append(s.get("BATCH")), old, len(old))
    change("model-short", "LEGACY_EMULATOR_LENGTH", lambda s: s.poke("SIGNATURE", 21, "<I", 8), HVM, at + 21)
    change("model-long", "LEGACY_EMULATOR_LENGTH", lambda s: s.poke("SIGNATURE", 21, "<I", (64 << 20) - 7), HVM, at + 21)
    change("model-magic", "QEVM_MAGIC", lambda s: s.poke("DEVICE_MODEL", 0, "B", 0), HVM, at + MODEL)
    change("model-end", "QEVM_END", lambda s: s.poke("DEVICE_MODEL", len(libxl.qevm()) - 1, "B", 1), HVM, len(HVM) - 1)
    change("model-cut", "TRUNCATED", lambda s: s.resize("DEVICE_MODEL", 20), HVM)
    xend = legacy.hvm_guest(model=legacy.device_model(signature=b"QemuDeviceModelRecord"))
    change("xend-model-magic", "QEVM_MAGIC", lambda s: s.poke("DEVICE_MODEL", 0, "B", 0), xend)
    case("legacy-xend-model-long", "LEGACY_EMULATOR_LENGTH", edit(xend, lambda s: s.resize("DEVICE_MODEL", 4089)),
         edit(xend, lambda s: s.resize("DEVICE_MODEL", 4088)), LEGACY + " --max-emulator-bytes 4096")


def xcnt(stream, value):
    """Another size of extended registers, here and in the tail."""
    offset = 12 + 8 + 5168 + 8 + 8
    stream.poke("EXTENDED_INFO", offset, "<I", value)
    stream.poke("VCPU", 5168 + 128 + 8, "<Q", value - 16)


def build():
    shapes()
    containers()
    libvirt_images()
    xenopsd_images()
    info()
    chunks()
    batches()
    toolstack()
    tails()
