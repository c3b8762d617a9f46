# SPDX-License-Identifier: MIT
"""The libxl layer: header, records, emulator data, checkpoints."""
from . import hvm, libxc, libxl, pv, xl
from .items import Record
from .registry import case, edit

HVM, PV = libxl.wrap_hvm(hvm.guest()), libxl.wrap(pv.guest())
REMUS = "--allow checkpointed"
COLO = "--allow checkpointed --allow colo"


def change(name, code, how, good=HVM, offset=None, options=""):
    case(f"libxl-{name}", code, edit(good, how), good, options, offset)


def header():
    file = xl.wrap(PV, xl.config("pv"))
    case("libxl-ident", "LIBXL_IDENT", edit(file, lambda s: s.poke("LIBXL_HEADER", 0, "<B", 0x6c)), file,
         offset=file.at("LIBXL_HEADER"))
    change("version-1", "LIBXL_VERSION", lambda s: s.poke("LIBXL_HEADER", 8, ">I", 1), offset=8)
    change("version-3", "LIBXL_VERSION", lambda s: s.poke("LIBXL_HEADER", 8, ">I", 3), offset=8)
    change("version-le", "LIBXL_VERSION", lambda s: s.poke("LIBXL_HEADER", 8, "<I", 2), offset=8)
    change("big-endian", "LIBXL_ENDIAN", lambda s: s.poke("LIBXL_HEADER", 12, ">I", 1), offset=12)
    for bit in (2, 16, 31):
        change(f"option-{bit}", "LIBXL_OPTIONS", lambda s, b=bit: s.poke("LIBXL_HEADER", 12, ">I", 1 << b), offset=12)
    converted = libxl.legacy(pv.guest(2))
    change("legacy-mark-alone", "LIBXL_LEGACY", lambda s: s.poke("LIBXL_HEADER", 12, ">I", 2), PV)
    change("legacy-mark-missing", "LIBXL_LEGACY", lambda s: s.poke("LIBXL_HEADER", 12, ">I", 0), converted)


def records():
    for number in (6, 7, 0x7fffffff):
        stray = Record("STRAY", number)
        change(f"unknown-{number:x}", "LIBXL_RECORD_UNKNOWN", lambda s, r=stray: s.before("LX_END", r),
               offset=HVM.at("LX_END"))
    optional = Record("STRAY", libxc.OPTIONAL | 6)
    change("optional", "LIBXL_RECORD_UNKNOWN", lambda s: s.before("LX_END", optional), offset=HVM.at("LX_END"))
    change("first-unknown", "LIBXL_RECORD_UNKNOWN", lambda s: s.before("LX_LIBXC_CONTEXT", Record("STRAY", 6)),
           offset=16)


def lengths():
    grow = lambda name, n: (lambda s: s.resize(name, n))
    for name in ("LX_END", "LX_LIBXC_CONTEXT"):
        change(f"length-{name[3:].lower()}", "LIBXL_RECORD_LENGTH", grow(name, 8))
    for name in ("LX_XENSTORE", "LX_EMULATOR"):
        change(f"length-{name[3:].lower()}-7", "LIBXL_RECORD_LENGTH", grow(name, 7))
        change(f"length-{name[3:].lower()}-0", "LIBXL_RECORD_LENGTH", grow(name, 0))
        for length in (0xffffffff, 0xfffffff9, 0xfffffff0):
            change(f"length-{name[3:].lower()}-{length:x}", "LIBXL_RECORD_LENGTH",
                   lambda s, n=name, v=length: setattr(s.get(n), "length", v))
    change("length-emulator-8", "QEVM_MAGIC", grow("LX_EMULATOR", 8))
    size = len(HVM.get("LX_EMULATOR").content())
    larger = libxl.wrap(hvm.guest(), libxl.xenstore(), libxl.emulator(libxl.qevm() + b"\0"))
    case("libxl-length-emulator-limit", "LIBXL_RECORD_LENGTH", larger, HVM, f"--max-emulator-bytes {size}")
    colo = libxl.checkpointed(hvm.pvh(), [], [], colo=True)
    for length in (0, 3, 12):  # type 5 of another length is taken for libxc's VCPU_EXTENDED
        change(f"length-state-{length}", "RECORD_GUEST", grow("LX_CHECKPOINT_STATE", length), colo, options=COLO)
    remus = libxl.checkpointed(hvm.pvh(), [], [])
    change("length-checkpoint-end", "LIBXL_RECORD_LENGTH", grow("LX_CHECKPOINT_END", 8), remus, options=REMUS)


def order():
    change("end-first", "LIBXL_RECORD_MISSING", lambda s: s.before("LX_LIBXC_CONTEXT", libxl.end()), offset=16)
    change("emulator-first", "LIBXL_RECORD_ORDER", lambda s: s.move_before("LX_EMULATOR", "LX_LIBXC_CONTEXT"),
           offset=16)
    change("xenstore-first", "LIBXL_RECORD_ORDER", lambda s: s.move_before("LX_XENSTORE", "LX_LIBXC_CONTEXT"),
           offset=16)
    change("emulator-before-xenstore", "LIBXL_RECORD_ORDER", lambda s: s.move_before("LX_EMULATOR", "LX_XENSTORE"))
    change("checkpoint-end-plain", "LIBXL_RECORD_ORDER", lambda s: s.before("LX_END", libxl.checkpoint_end()),
           offset=HVM.at("LX_END"), options=REMUS)
    change("state-plain", "LIBXL_RECORD_ORDER", lambda s: s.before("LX_END", libxl.checkpoint_state()),
           offset=HVM.at("LX_END"), options=COLO)
    remus = libxl.checkpointed(hvm.guest(), [], [libxl.emulator()])
    at = remus.at("LX_EMULATOR")
    for name, record in (("end", libxl.end()), ("libxc", libxl.libxc_context())):
        change(f"{name}-in-checkpoint", "LIBXL_RECORD_ORDER", lambda s, r=record: s.before("LX_EMULATOR", r), remus,
               at, REMUS)


def repeats():
    change("two-libxc", "LIBXL_RECORD_ORDER", lambda s: s.before("LX_END", libxl.libxc_context()))
    change("two-emulators", "LIBXL_RECORD_REPEATED", lambda s: s.before("LX_END", libxl.emulator()),
           offset=HVM.at("LX_END"))
    change("two-xenstores", "LIBXL_RECORD_REPEATED", lambda s: s.before("LX_EMULATOR", libxl.xenstore()),
           offset=HVM.at("LX_EMULATOR"))
    remus = libxl.checkpointed(hvm.guest(), [], [libxl.emulator()])
    change("two-emulators-in-checkpoint", "LIBXL_RECORD_REPEATED",
           lambda s: s.before("LX_CHECKPOINT_END", libxl.emulator()), remus, remus.at("LX_CHECKPOINT_END"), REMUS)


def guests():
    change("emulator-for-pv", "LIBXL_RECORD_GUEST", lambda s: s.before("LX_END", libxl.emulator()), PV, PV.at("LX_END"))
    change("xenstore-for-pv", "LIBXL_RECORD_GUEST", lambda s: s.before("LX_END", libxl.xenstore()), PV, PV.at("LX_END"))
    pvh = xl.wrap(libxl.wrap(hvm.pvh()), xl.config("pvh"))
    change("emulator-for-pvh", "LIBXL_RECORD_GUEST", lambda s: s.before("LX_END", libxl.emulator()), pvh)
    file = xl.wrap(HVM, xl.config("hvm", memkb=16384))
    change("no-emulator-for-hvm", "LIBXL_RECORD_MISSING", lambda s: s.drop("LX_EMULATOR").drop("LX_XENSTORE"), file)
    change("xenstore-without-emulator", "LIBXL_RECORD_MISSING", lambda s: s.drop("LX_EMULATOR"))


def emulator():
    inside = lambda value, fmt="<I", at=0: (lambda s: s.poke("LX_EMULATOR", at, fmt, value))
    change("emulator-id-3", "EMULATOR_ID", inside(3), offset=HVM.body_at("LX_EMULATOR"))
    change("emulator-id-traditional", "EMULATOR_ID", inside(1), offset=None)
    change("emulator-id-0", "EMULATOR_ID", inside(0))
    change("xenstore-id-3", "EMULATOR_ID", lambda s: s.poke("LX_XENSTORE", 0, "<I", 3),
           offset=HVM.body_at("LX_XENSTORE"))
    change("emulator-index", "EMULATOR_INDEX", inside(1, at=4), offset=HVM.body_at("LX_EMULATOR", 4))
    change("xenstore-index", "EMULATOR_INDEX", lambda s: s.poke("LX_XENSTORE", 4, "<I", 1 << 31),
           offset=HVM.body_at("LX_XENSTORE", 4))
    change("emulator-mismatch", "EMULATOR_MISMATCH", inside(1), offset=HVM.body_at("LX_EMULATOR"),
           options="--tolerate emulator-traditional")
    blob = lambda octets: (lambda s: s.replace("LX_EMULATOR", libxl.emulator(octets)))
    start = HVM.body_at("LX_EMULATOR", 8)
    change("qevm-magic", "QEVM_MAGIC", blob(libxl.qevm(magic=b"QEVN")), offset=start)
    change("qevm-zeroes", "QEVM_MAGIC", blob(bytes(64)), offset=start)
    change("qevm-version-2", "QEVM_VERSION", blob(libxl.qevm(version=2)), offset=start + 4)
    change("qevm-version-4", "QEVM_VERSION", blob(libxl.qevm(version=4)), offset=start + 4)
    for first in (1, 2, 5, 8, 0x7e):
        sections = bytes([first]) + libxl.section(b"timer")[1:]
        change(f"qevm-section-{first:x}", "QEVM_SECTION", blob(libxl.qevm(sections=sections)), offset=start + 8)
    change("qevm-end", "QEVM_END", blob(libxl.qevm(last=b"\1")))
    change("qevm-end-missing", "QEVM_END", blob(libxl.qevm(last=b"")))


KEYS_BAD = {
    "empty": b"", "absolute": b"/local/domain/0/x", "state": b"state", "dotdot": b"physmap/../state",
    "other": b"physmap/f0/other", "no-hex": b"physmap/g0/size", "empty-hex": b"physmap//size", "cut": b"physmap/f0/",
    "deeper": b"physmap/f0/size/x", "prefix": b"xphysmap/f0/size", "binary": b"physmap/\x80/size",
    "upper-word": b"Physmap/f0/size",
    "long-hex": b"physmap/" + b"1" * 17 + b"/size", "long": b"a/" * 1400, "prefixed-hex": b"physmap/0x10/size",
}


def keys():
    record = lambda pairs: (lambda s: s.replace("LX_XENSTORE", libxl.xenstore(pairs)))
    good = ((b"physmap/f0/size", b"800000"),)
    base = edit(HVM, record(good))
    for name, key in KEYS_BAD.items():
        change(f"key-{name}", "EMULATOR_KEY", record(((key, b"800000"),)), base)
    for name, key, value, neighbour in (
            ("size-text", b"size", b"zz", b"ff"), ("size-empty", b"size", b"", b"0"),
            ("size-17-digits", b"size", b"1" * 17, b"1" * 16), ("start-prefixed", b"start_addr", b"0xf0", b"f0"),
            ("start-space", b"start_addr", b"f0 ", b"f0"), ("name-binary", b"name", b"vga\x01", b"vga1"),
            ("name-high", b"name", b"vga\xff", b"vga."), ("name-newline", b"name", b"a\nb", b"a.b")):
        path = b"physmap/f0/" + key
        change(f"value-{name}", "EMULATOR_VALUE", record(((path, value),)), edit(HVM, record(((path, neighbour),))))
    raw = lambda octets: edit(HVM, lambda s: s.replace("LX_XENSTORE", libxl.xenstore(raw=octets)))
    whole = b"physmap/f0/size\0" + b"800000\0"
    case("libxl-unterminated-value", "EMULATOR_UNTERMINATED", raw(whole[:-1]), raw(whole))
    case("libxl-unterminated-key", "EMULATOR_UNTERMINATED", raw(whole + b"physmap/f0/name"), raw(whole))
    case("libxl-key-without-value", "EMULATOR_UNTERMINATED", raw(whole + b"physmap/f0/name\0"), raw(whole))
    numbered = lambda n: [(b"physmap/%x/size" % i, b"1") for i in range(n)]
    for limit, options in ((3, "--max-emulator-keys 3"), (60, "--max-emulator-keys 60")):
        case(f"libxl-pairs-{limit + 1}", "EMULATOR_PAIRS", edit(HVM, record(numbered(limit + 1))),
             edit(HVM, record(numbered(limit))), options)
    case("libxl-pairs-600", "EMULATOR_PAIRS", edit(HVM, record(numbered(600))), edit(HVM, record(numbered(60))))
    case("libxl-pairs-flood", "LIBXL_RECORD_LENGTH", edit(HVM, record(numbered(20000))),
         edit(HVM, record(numbered(60))))
    case("libxl-key-twice", "EMULATOR_REPEATED", edit(HVM, record(good * 2)), base)
    two = good + ((b"physmap/f0/name", b"x"),)
    case("libxl-key-twice-apart", "EMULATOR_REPEATED", edit(HVM, record(two + good)), edit(HVM, record(two)))


def checkpoints():
    again = [libxc.pages(hvm.guest_pages(), [1]), libxc.tsc_info(), hvm.context(), hvm.params()]
    inner = [libxl.emulator()]
    remus = libxl.checkpointed(hvm.guest(), [again], inner)
    case("libxl-remus-refused", "CHECKPOINT_REFUSED", remus, HVM, offset=remus.at("CHECKPOINT"))
    bare = libxl.checkpointed(hvm.guest(), [again])
    case("libxc-remus-refused", "CHECKPOINT_REFUSED", bare, hvm.guest(), offset=bare.at("CHECKPOINT"))
    colo = libxl.checkpointed(hvm.guest(), [again], inner, colo=True)
    case("libxl-colo-refused", "COLO_REFUSED", colo, remus, REMUS, colo.at("LX_CHECKPOINT_STATE"))
    for state in (1, 2, 3, 4, 0xffffffff):
        bad = edit(colo, lambda s, n=state: s.poke("LX_CHECKPOINT_STATE", 0, "<I", n))
        case(f"libxl-state-{state:x}", "CHECKPOINT_STATE", bad, colo, COLO, colo.body_at("LX_CHECKPOINT_STATE"))
    ended = bare.copy().append(libxc.end())
    page = libxc.pages(hvm.guest_pages(), [1])
    case("libxc-remus-unprocessed", "CHECKPOINT_UNPROCESSED", bare.copy().append(page, libxc.end()), ended, REMUS)
    first = libxl.checkpointed(hvm.guest(), [], inner)
    half = first.cut(first.at("LX_CHECKPOINT_END"))
    case("libxl-remus-none", "CHECKPOINT_NONE", half, first, REMUS)
    case("libxl-remus-none-emulator", "CHECKPOINT_NONE", first.cut(first.at("LX_EMULATOR", 12)), first, REMUS)
    split = [libxc.pages(hvm.guest_pages(), [n]) for n in (1, 2, 3)] + again[1:]
    whole = [libxc.pages(hvm.guest_pages(), [1, 2, 3])] + again[1:]
    over, under = (libxl.checkpointed(hvm.guest(), [records]) for records in (split, whole))
    case("libxc-remus-records", "LIMIT_CHECKPOINT", over, under, f"{REMUS} --max-checkpoint-records {len(whole) + 1}")
    octets = len(under) - under.at("CHECKPOINT", 8)
    more = libxl.checkpointed(hvm.guest(), [[libxc.pages(hvm.guest_pages(), [1, 2, 3, 4])] + again[1:]])
    case("libxc-remus-octets", "LIMIT_CHECKPOINT", more, under, f"{REMUS} --max-checkpoint-bytes {octets}")
    optional = bare.copy().before("TSC_INFO", Record("STRAY", libxc.OPTIONAL | 1, bytes(8)), nth=1)
    case("libxc-remus-optional", "RECORD_OPTIONAL", optional, bare, REMUS + " --tolerate optional-record")
    incomplete = libxl.checkpointed(hvm.guest(), [[libxc.pages(hvm.guest_pages(), [1])]])
    case("libxc-remus-no-state", "RECORD_MISSING", incomplete, bare, REMUS)


def build():
    for make in (header, records, lengths, order, repeats, guests, emulator, keys, checkpoints):
        make()
