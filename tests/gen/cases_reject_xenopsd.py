# SPDX-License-Identifier: MIT
"""The framing of xenopsd images, the s-expression of their first record, and what may stand around the libxc stream."""
from . import hvm, libxc, libxl, pv, xenopsd
from .items import Record as LibxcRecord
from .registry import accept, case, edit
from .xenopsd import METADATA, Record

PVH = xenopsd.wrap(hvm.pvh())
HVM = xenopsd.wrap_hvm(hvm.guest())
PV = xenopsd.wrap(pv.guest())


def change(name, code, good, how, at=None, options=""):
    """`at` is an item, or an item and an offset in it."""
    bad = edit(good, how)
    item, delta = at if isinstance(at, tuple) else (at, 0)
    case(f"xenopsd-{name}", code, bad, good, options, offset=None if at is None else bad.at(item, delta))


def signature():
    for name, octets, offset in (("signature-last", b"XenSavedDomv2-\r", 14), ("signature-3", b"XenSavedDomv3-\n", 12),
                                 ("signature-end", b"XenSavedDomv2 \n", 13), ("signature-first", b"XenSavedVomv2-\n", 8)):
        change(name, "XENOPSD_SIGNATURE", PVH, lambda s, o=octets: s.get("XP_SIGNATURE").freeze().__setitem__(slice(None), o),
               ("XP_SIGNATURE", offset))
    change("legacy", "XENOPSD_LEGACY", PVH, lambda s: s.replace("XP_SIGNATURE", xenopsd.signature(xenopsd.LEGACY)))
    case("format-refused-xenopsd", "FORMAT_REFUSED", PVH, hvm.pvh(), "--format libxc", offset=0)
    case("truncated-xenopsd-signature", "TRUNCATED", PVH.cut(14), PVH)
    case("truncated-xenopsd-header", "TRUNCATED", PVH.cut(30), PVH)
    case("truncated-xenopsd-xenops", "TRUNCATED", PVH.cut(60), PVH)
    case("truncated-xenopsd-no-libxc", "TRUNCATED", PVH.cut(PVH.at("XP_LIBXC", 16)), PVH)
    case("truncated-xenopsd-no-end", "TRUNCATED", PVH.cut(PVH.at("XP_END")), PVH)
    case("truncated-xenopsd-qemu", "TRUNCATED", HVM.cut(HVM.at("XP_QEMU", 40)), HVM)


def types():
    for name, rtype in (("0", 0), ("0xe", 0xe), ("0xf3", 0xf3), ("0xf14", 0xf14), ("0x10000", 0x10000), ("high", 1 << 32 | 0xffff),
                        ("negative", (1 << 64) - 1)):
        change(f"unknown-{name}", "XENOPSD_UNKNOWN", PVH, lambda s, t=rtype: s.before("XP_END", Record("X", t)), "X")
    change("unknown-first", "XENOPSD_UNKNOWN", PVH, lambda s: s.before("XP_XENOPS", Record("X", 1)), "X")
    for name, rtype in (("libxl", xenopsd.LIBXL), ("libxc-legacy", xenopsd.LIBXC_LEGACY), ("qemu-xen", xenopsd.QEMU_XEN)):
        change(f"unsupported-{name}", "XENOPSD_UNSUPPORTED", HVM, lambda s, t=rtype: s.before("XP_END", Record("X", t)), "X")
        change(f"unsupported-{name}-in-place", "XENOPSD_UNSUPPORTED", PVH, lambda s, t=rtype: s.replace("XP_LIBXC", Record("X", t)), "X")
    change("demu", "XENOPSD_DEMU", HVM, lambda s: s.before("XP_QEMU", Record("X", xenopsd.DEMU)), "X")


def lengths():
    for name, item, length in (("xenops-0", "XP_XENOPS", 0), ("xenops-17M", "XP_XENOPS", (16 << 20) + 1),
                               ("xenops-4g", "XP_XENOPS", 1 << 32), ("xenops-negative", "XP_XENOPS", (1 << 64) - 1),
                               ("libxc-8", "XP_LIBXC", 8), ("libxc-high", "XP_LIBXC", 1 << 32), ("end-1", "XP_END", 1),
                               ("end-high", "XP_END", 1 << 63)):
        change(f"length-{name}", "XENOPSD_LENGTH", PVH, lambda s, i=item, n=length: setattr(s.get(i), "length", n), (item, 8))
    for name, length in (("8", 8), ("1M-and-1", (1 << 20) + 1), ("4g", (1 << 32) + 32)):
        change(f"length-qemu-{name}", "XENOPSD_LENGTH", HVM, lambda s, n=length: setattr(s.get("XP_QEMU"), "length", n), ("XP_QEMU", 8))
    text = METADATA + b" "
    case("xenopsd-limit-xenops", "XENOPSD_LENGTH", xenopsd.wrap(hvm.pvh(), metadata=text), PVH, f"--max-config-bytes {len(METADATA)}")
    blob = libxl.qevm()
    case("xenopsd-limit-qemu", "XENOPSD_LENGTH", xenopsd.wrap(hvm.guest(), xenopsd.qemu(blob + b"\0")), HVM,
         f"--max-emulator-bytes {len(blob)}")
    for name, rtype in (("varstored", xenopsd.VARSTORED), ("swtpm0", xenopsd.SWTPM0), ("swtpm", xenopsd.SWTPM)):
        good = xenopsd.wrap_hvm(hvm.guest(), Record("X", rtype, b"x"))
        change(f"length-{name}-0", "XENOPSD_LENGTH", good, lambda s: s.resize("X", 0), ("X", 8))
        change(f"length-{name}-17M", "XENOPSD_LENGTH", good, lambda s: setattr(s.get("X"), "length", (16 << 20) + 1), ("X", 8))
    most = xenopsd.wrap(hvm.guest(), xenopsd.qemu(libxl.qevm(sections=libxl.section(b"x", data=bytes((1 << 20) - 29)))))
    assert len(most.get("XP_QEMU").body) == 1 << 20, len(most.get("XP_QEMU").body)
    accept("xenopsd-qemu-1M", most)


def order():
    change("no-xenops", "XENOPSD_ORDER", PVH, lambda s: s.drop("XP_XENOPS"), "XP_LIBXC")
    change("qemu-first", "XENOPSD_ORDER", HVM, lambda s: s.move_before("XP_QEMU", "XP_LIBXC"), "XP_QEMU")
    change("two-xenops", "XENOPSD_REPEATED", PVH, lambda s: s.after("XP_XENOPS", Record("X", xenopsd.XENOPS, METADATA)), "X")
    change("two-libxc", "XENOPSD_REPEATED", PVH, lambda s: s.before("XP_END", Record("X", xenopsd.LIBXC)), "X")
    change("two-qemu", "XENOPSD_REPEATED", HVM, lambda s: s.after("XP_QEMU", Record("X", xenopsd.QEMU_TRAD, libxl.qevm())), "X")
    two = xenopsd.wrap_hvm(hvm.guest(), Record("V", xenopsd.VARSTORED, b"a"))
    change("two-varstored", "XENOPSD_REPEATED", two, lambda s: s.after("V", Record("X", xenopsd.VARSTORED, b"a")), "X")
    case("xenopsd-no-libxc", "XENOPSD_MISSING", xenopsd.Stream("xenopsd", [xenopsd.signature(), xenopsd.xenops(), xenopsd.end()]), PVH,
         offset=15 + 16 + len(METADATA))
    case("xenopsd-only-end", "XENOPSD_MISSING", xenopsd.Stream("xenopsd", [xenopsd.signature(), xenopsd.end()]), PVH, offset=15)
    change("no-qemu", "XENOPSD_MISSING", HVM, lambda s: s.drop("XP_QEMU"), "XP_END")
    change("qemu-of-pvh", "XENOPSD_GUEST", PVH, lambda s: s.before("XP_END", xenopsd.qemu()), "XP_QEMU")
    change("qemu-of-pv", "XENOPSD_GUEST", PV, lambda s: s.before("XP_END", xenopsd.qemu()), "XP_QEMU")
    change("varstored-of-pv", "XENOPSD_GUEST", PV, lambda s: s.before("XP_END", Record("X", xenopsd.VARSTORED, b"a")), "X")
    change("swtpm-of-pvh", "XENOPSD_GUEST", PVH, lambda s: s.before("XP_END", Record("X", xenopsd.SWTPM, b"a")), "X")
    change("device-refused", "XENOPSD_DEVICE", HVM, lambda s: s.before("XP_QEMU", Record("X", xenopsd.SWTPM, b"a")), "X",
           "--refuse other-devices")
    case("xenopsd-hvm-refused", "DOMAIN_REFUSED", HVM, PVH, "--guests pvh")
    change("checkpoint", "RECORD_ORDER", PVH, lambda s: s.before("END", libxc.checkpoint()), None, "--allow checkpointed")


def inside():
    change("libxl-inside", "LIBXC_MARKER", PVH, lambda s: s.before("IMAGE_HEADER", pv.junk(b"LibxlFmt")))
    compressed = LibxcRecord("X", 0x70, b"private")
    change("unknown-libxc-record", "RECORD_UNKNOWN", PVH, lambda s: s.before("TSC_INFO", compressed), "X")
    change("qevm-magic", "QEVM_MAGIC", HVM, lambda s: s.replace("XP_QEMU", xenopsd.qemu(b"QEVN" + libxl.qevm()[4:])), ("XP_QEMU", 16))
    change("qevm-version", "QEVM_VERSION", HVM, lambda s: s.replace("XP_QEMU", xenopsd.qemu(libxl.qevm(version=2))), ("XP_QEMU", 20))
    change("qevm-end", "QEVM_END", HVM, lambda s: s.replace("XP_QEMU", xenopsd.qemu(libxl.qevm(last=b"\1"))))
    octet = pv.junk(b"\0")
    case("trailing-xenopsd", "TRAILING", PVH.copy().append(octet), PVH, offset=len(PVH))
    case("trailing-xenopsd-record", "TRAILING", HVM.copy().append(xenopsd.end()), HVM, offset=len(HVM))
    accept("xenopsd-on-a-device", PVH.copy().append(pv.junk(b"whatever the device held before" * 100)), "--tolerate trailing-device-data")
    case("trailing-device-data-of-libxl", "TRAILING", libxl.wrap(hvm.pvh()).append(octet), libxl.wrap(hvm.pvh()),
         "--tolerate trailing-device-data")


def document(name, code, text, good=METADATA, offset=None):
    case(f"xenops-{name}", code, xenopsd.wrap(hvm.pvh(), metadata=text), xenopsd.wrap(hvm.pvh(), metadata=good),
         offset=None if offset is None else 31 + offset)


SHORT = b"((word_size 64)(time now))"


def expression():
    for name, text in (("no-list", b"word_size"), ("closed-first", b")"), ("unclosed", SHORT[:-1]), ("second", SHORT + b"()"),
                       ("after", SHORT + b"x"), ("nul", SHORT + b"\0"), ("comment", b"; x\n" + SHORT), ("block-comment", b"#|x|#" + SHORT),
                       ("datum-comment", b"#;(x)" + SHORT), ("atom-at-top", b"(word_size 64)"),
                       ("atom-between", b"((word_size 64) x (time now))"),
                       ("control", SHORT.replace(b"now", b"n\x01w")), ("high", SHORT.replace(b"now", b"n\xc3\xa4w")),
                       ("quoted-high", SHORT.replace(b"now", b'"n\xc3\xa4w"')), ("quoted-newline", SHORT.replace(b"now", b'"n\nw"')),
                       ("quote-in-atom", SHORT.replace(b"now", b'n"w')), ("quoted-adjacent", SHORT.replace(b"now", b'"n"w')),
                       ("unclosed-quote", SHORT.replace(b"now", b'"now')), ("escape", SHORT.replace(b"now", b'"\\x41"')),
                       ("escape-256", SHORT.replace(b"now", b'"\\256"')), ("escape-short", SHORT.replace(b"now", b'"\\12"')),
                       ("escape-end", SHORT.replace(b"now", b'"\\"'))):
        document(name, "XENOPS_SYNTAX", text, SHORT)
    document("empty-list", "XENOPS_MISSING", b"()", SHORT)
    document("no-time", "XENOPS_MISSING", b"((word_size 64))", SHORT)
    document("no-word-size", "XENOPS_MISSING", b"((time now))", SHORT)
    document("unknown-field", "XENOPS_FIELD", SHORT[:-1] + b"(x 1))", SHORT)
    document("longer-field", "XENOPS_FIELD", SHORT.replace(b"word_size", b"word_sizes"), SHORT)
    document("long-field", "XENOPS_FIELD", SHORT.replace(b"word_size", b"word_size" * 3), SHORT)
    document("escaped-field", "XENOPS_FIELD", SHORT.replace(b"time", b'"t\\nime"'), SHORT.replace(b"time", b'"time"'))
    document("twice", "XENOPS_REPEATED", SHORT[:-1] + b"(time now))", SHORT)
    document("twice-quoted", "XENOPS_REPEATED", SHORT[:-1] + b'("time" now))', SHORT)
    for name, field in (("no-value", b"(vm_str)"), ("two-values", b"(vm_str a b)"), ("list", b"(vm_str (a))"), 
                        ("empty-list", b"(vm_str ())"),
                        ("no-name", b"()"), ("list-for-name", b"(() a)"), ("subtree-atom", b"(xs_subtree a)"),
                        ("no-subtree", b"(xs_subtree)"),
                        ("subtree-two", b"(xs_subtree () ())")):
        document(f"value-{name}", "XENOPS_VALUE", SHORT[:-1] + field + b")", SHORT[:-1] + b"(vm_str \"\"))")
    for name, size in (("31", b"31"), ("640", b"640"), ("hex", b"0x40"), ("063", b"063"), ("empty", b'""')):
        document(f"word-size-{name}", "XENOPS_WORD_SIZE", SHORT.replace(b"64", size), SHORT.replace(b"64", b"32"))
    for name, tree in (("pair", b"((a b))"), ("atom", b"(a)"), ("list", b"(())")):
        document(f"subtree-{name}", "XENOPS_SUBTREE", SHORT[:-1] + b"(xs_subtree " + tree + b"))", SHORT[:-1] + b"(xs_subtree ( )))")
    spread = b" ( ( time\n\"a b\\\\\\\"\\'\\n\\t\\b\\r\\ \\255\" )\t( word_size\r32 ) ) \n"
    accept("xenops-spread", xenopsd.wrap(hvm.pvh(), metadata=spread))
    accept("xenops-long", xenopsd.wrap(hvm.pvh(), metadata=SHORT[:-1] + b"(vm_str \"" + b"x" * 60000 + b"\"))"))


def whole():
    for version in (2, 3):
        accept(f"pv64-v{version}", xenopsd.wrap(pv.guest(version)))
        accept(f"hvm-v{version}", xenopsd.wrap_hvm(hvm.guest(version)))
    accept("pv32-v3", xenopsd.wrap(pv.guest(width=pv.NARROW)))
    accept("pvh-v3", PVH)
    state = [Record("XP_VARSTORED", xenopsd.VARSTORED, b"variables"), Record("XP_SWTPM", xenopsd.SWTPM, b"QUJD"),
             Record("XP_SWTPM", xenopsd.SWTPM, b"REVG"), Record("XP_SWTPM0", xenopsd.SWTPM0, b"\0\1\2")]
    accept("hvm-v3-devices", xenopsd.wrap_hvm(hvm.guest(), *state))
    accept("hvm-v3-qemu-before-devices", xenopsd.wrap(hvm.guest(), xenopsd.qemu(), *state))


def build():
    for make in (signature, types, lengths, order, inside, expression, whole):
        make()
