# SPDX-License-Identifier: MIT
"""Truncation, trailing octets, whole-stream limits, other formats, padding."""
import struct

from . import hvm, libxc, libxl, pv, xl
from .items import Record
from .registry import case, edit, raw

ZEROES = bytes(4096)


def truncation():
    stream = hvm.guest()
    end = len(stream)
    case("truncated-end", "TRUNCATED", stream.cut(end - 1), stream)
    case("truncated-before-end", "TRUNCATED", stream.cut(stream.at("END")), stream)
    case("truncated-image-header", "TRUNCATED", stream.cut(23), stream)
    case("truncated-domain-header", "TRUNCATED", stream.cut(39), stream)
    case("truncated-no-record", "TRUNCATED", stream.cut(40), stream)
    case("truncated-record-header", "TRUNCATED", stream.cut(47), stream)
    case("truncated-page-contents", "TRUNCATED", stream.cut(stream.at("TSC_INFO") - 1), stream)
    case("truncated-context", "TRUNCATED", stream.cut(stream.at("HVM_PARAMS") - 9), stream)
    case("truncated-empty", "TRUNCATED", stream.cut(0), stream)
    case("truncated-magic", "TRUNCATED", stream.cut(7), stream)
    inner = libxl.wrap_hvm(stream)
    case("truncated-libxl-header", "TRUNCATED", inner.cut(15), inner)
    case("truncated-libxl-no-record", "TRUNCATED", inner.cut(16), inner)
    case("truncated-before-emulator", "TRUNCATED", inner.cut(inner.at("LX_EMULATOR")), inner)
    case("truncated-emulator", "TRUNCATED", inner.cut(inner.at("LX_EMULATOR", 20)), inner)
    case("truncated-before-libxl-end", "TRUNCATED", inner.cut(inner.at("LX_END")), inner)
    file = xl.wrap(inner, xl.config("hvm", memkb=16384))
    case("truncated-xl-header", "TRUNCATED", file.cut(40), file)
    case("truncated-xl-config", "TRUNCATED", file.cut(file.at("LIBXL_HEADER") - 1), file)
    case("truncated-xl-no-stream", "TRUNCATED", file.cut(file.at("LIBXL_HEADER")), file)
    claim = edit(inner, lambda s: setattr(s.get("LX_EMULATOR"), "length", 1 << 20))
    case("truncated-emulator-claims-1M", "TRUNCATED", claim.cut(claim.at("LX_EMULATOR", 16)), inner)


def trailing():
    stream = hvm.guest()
    case("trailing-octet", "TRAILING", stream.copy().append(pv.junk(b"\0")), stream, offset=len(stream))
    case("trailing-record", "TRAILING", stream.copy().append(libxc.end()), stream, offset=len(stream))
    inner = libxl.wrap(pv.guest())
    case("trailing-libxl-octet", "TRAILING", inner.copy().append(pv.junk(b"\0")), inner, offset=len(inner))
    case("trailing-libxl-page", "TRAILING", inner.copy().append(pv.junk(ZEROES)), inner, offset=len(inner))
    case("trailing-libxl-record", "TRAILING", inner.copy().append(libxl.end()), inner, offset=len(inner))
    file = xl.wrap(inner, xl.config("pv"))
    going = file.copy().append(pv.junk(xl.GO_AHEAD))
    case("trailing-go-ahead-not-tolerated", "TRAILING", going, file, offset=len(file))
    case("truncated-go-ahead", "TRUNCATED", going.cut(len(going) - 1), going, "--tolerate trailing-go-ahead")
    wrong = file.copy().append(pv.junk(xl.GO_AHEAD[:-1] + b"!"))
    case("trailing-go-ahead-wrong", "TRAILING", wrong, going, "--tolerate trailing-go-ahead")
    twice = going.copy().append(pv.junk(b"\0"))
    case("trailing-after-go-ahead", "TRAILING", twice, going, "--tolerate trailing-go-ahead", offset=len(going))


def limits():
    stream = pv.guest()
    one_more = edit(stream, lambda s: s.resize("VCPU_MSRS", 8 + 32).poke("VCPU_MSRS", 24, "<IIQ", 0xc0011027, 0, 1))
    case("limit-bytes", "LIMIT_BYTES", one_more, stream, f"--max-stream-bytes {len(stream)}")
    records = sum(1 for item in stream.items if isinstance(item, Record))
    split = pv.guest(batch=23)
    case("limit-records", "LIMIT_RECORDS", split, stream, f"--max-records {records}", offset=split.at("END"))
    inner = libxl.wrap(stream)
    case("limit-records-libxl", "LIMIT_RECORDS", libxl.wrap(split), inner, f"--max-records {records + 2}",
         offset=libxl.wrap(split).at("LX_END"))
    flood = hvm.guest(middle=[Record("OPTIONAL", libxc.OPTIONAL | 1)] * 100)
    case("limit-records-optional-flood", "LIMIT_RECORDS", flood, hvm.guest(),
         "--tolerate optional-record --max-records 50")


def formats():
    good = hvm.guest()
    case("format-xend", "FORMAT_XEND", raw("libxc", b"LinuxGuestRecord" + struct.pack(">I", 100) + ZEROES), good)
    jpeg = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + ZEROES
    case("format-legacy-p2m-size", "FORMAT_LEGACY", raw("libxc", struct.pack("<Q", 1024) + ZEROES), good, offset=0)
    for name, octets in (("jpeg", jpeg), ("zeroes", ZEROES)):
        case(f"format-{name}", "FORMAT_UNKNOWN", raw("libxc", octets), good, offset=0)
    for name, octets in (("gzip", "1f8b080000000000"), ("zstd", "28b52ffd04580100")):
        case(f"format-{name}", "FORMAT_COMPRESSED", raw("libxc", bytes.fromhex(octets) + ZEROES), good, offset=0)
    marker = raw("libxc", b"\xff" * 8 + b"XENG" + good.pack()[12:])
    case("format-marker-other-id", "LIBXC_ID", marker, good, offset=8)
    short = raw("libxc", b"\xff" * 9 + ZEROES)
    case("format-all-ones", "LIBXC_ID", short, good, offset=8)
    file = xl.wrap(libxl.wrap(pv.guest()), xl.config("pv"))
    case("format-refused-xl", "FORMAT_REFUSED", file, libxl.wrap(pv.guest()), "--format libxl", offset=0)
    case("format-refused-libxl", "FORMAT_REFUSED", libxl.wrap(pv.guest()), pv.guest(), "--format libxc", offset=0)
    case("format-refused-libxc", "FORMAT_REFUSED", pv.guest(), file, "--format xl", offset=0)


def padding():
    """Each record whose length is not a multiple of 8, in each layer."""
    stream = pv.guest()
    optional = Record("OPTIONAL", libxc.OPTIONAL | 0x77, b"hello")
    good = stream.copy().before("TSC_INFO", optional)
    bad = edit(good, lambda s: setattr(s.get("OPTIONAL"), "pad", b"\0\0\1"))
    case("padding-optional-last", "PADDING", bad, good, "--tolerate optional-record",
         offset=good.body_at("OPTIONAL", 7))
    bad = edit(good, lambda s: setattr(s.get("OPTIONAL"), "pad", b"\x80\0\0"))
    case("padding-optional-first", "PADDING", bad, good, "--tolerate optional-record",
         offset=good.body_at("OPTIONAL", 5))
    inner = libxl.wrap_hvm(hvm.guest())
    for name in ("LX_XENSTORE", "LX_EMULATOR"):
        pad = -len(inner.get(name).content()) % 8
        bad = edit(inner, lambda s, n=name, p=pad: setattr(s.get(n), "pad", b"\0" * (p - 1) + b"\1"))
        at = inner.body_at(name, len(inner.get(name).content()) + pad - 1)
        case(f"padding-{name[3:].lower()}", "PADDING", bad, inner, offset=at)
    first = libxl.checkpointed(hvm.pvh(), [], [], colo=True)
    bad = edit(first, lambda s: setattr(s.get("LX_CHECKPOINT_STATE"), "pad", b"\0\0\0\1"))
    case("padding-checkpoint-state", "PADDING", bad, first, "--allow checkpointed --allow colo",
         offset=first.body_at("LX_CHECKPOINT_STATE", 7))


def build():
    for make in (truncation, trailing, limits, formats, padding):
        make()
