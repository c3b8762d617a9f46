# SPDX-License-Identifier: MIT
"""The xl header, and the JSON of the embedded configuration."""
import json

from . import libxl, pv, xl
from .registry import case
from .xl import CONFIG

STREAM = libxl.wrap(pv.guest())
BASE = xl.config("pv")
GOOD = xl.wrap(STREAM, BASE)


def head(name, code, offset, **fields):
    case(name, code, xl.wrap(STREAM, BASE, **fields), GOOD, offset=offset)


def header():
    head("xl-magic-last", "XL_MAGIC", None, magic=xl.MAGIC[:-1] + b"\n")
    head("xl-magic-crlf", "XL_MAGIC", None, magic=xl.MAGIC.replace(b"\n", b"\r"))
    head("xl-byteorder-big", "XL_BYTEORDER", 32, order=0x04030201)
    head("xl-byteorder-zero", "XL_BYTEORDER", 32, order=0)
    head("xl-flag-bit-2", "XL_FLAG_UNKNOWN", 36, mandatory=7)
    head("xl-flag-bit-31", "XL_FLAG_UNKNOWN", 36, mandatory=1 << 31 | 3)
    head("xl-no-json", "XL_FLAG_JSON", 36, mandatory=xl.STREAMV2)
    head("xl-no-streamv2", "XL_FLAG_STREAMV2", 36, mandatory=xl.JSON)
    head("xl-no-flags", "XL_FLAG_STREAMV2", 36, mandatory=0)
    head("xl-optional-flag", "XL_OPTIONAL_FLAGS", 40, optional=1)
    head("xl-optional-flag-31", "XL_OPTIONAL_FLAGS", 40, optional=1 << 31)
    size = len(xl.text(BASE))
    for name, length in (("zero", 0), ("three", 3)):
        head(f"xl-optional-len-{name}", "XL_OPTIONAL_LEN", None, optional_len=length)
    head("xl-optional-len-one-more", "XL_OPTIONAL_LEN", None, extra=b"\0")
    head("xl-optional-len-one-less", "XL_OPTIONAL_LEN", None, config_len=size + 1)
    head("xl-config-len-zero", "XL_OPTIONAL_LEN", None, optional_len=4, config_len=0)
    head("xl-optional-len-4g", "XL_CONFIG_LEN", None, optional_len=0xffffffff, config_len=0xfffffffb)
    head("xl-config-len-negative", "XL_CONFIG_LEN", None, config_len=0xffffffff)
    big = xl.text(xl.edited(BASE, "c_info/name", "n" * 100))
    case("xl-config-len-limit", "XL_CONFIG_LEN", xl.wrap(STREAM, big + b"\0"), xl.wrap(STREAM, big),
         f"--max-config-bytes {len(big)}")


def document(name, code, octets, good=None, offset=None):
    """`octets` is the whole configuration; `offset` is relative to it."""
    at = None if offset is None else CONFIG + offset
    case(f"json-{name}", code, xl.wrap(STREAM, octets), xl.wrap(STREAM, good or BASE), offset=at)


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


def syntax():
    text = xl.text(BASE)
    body = text[:-1]
    for name, old, new in (
            ("no-colon", b'"type": ', b'"type" '), ("double-comma", b",", b",,"), ("no-comma", b",", b" "),
            ("single-quotes", b'"c_info"', b"'c_info'"), ("bare-word", b'"pv"', b"pv"),
            ("true-word-cut", b'"True"', b"tru"), ("comment", b"{", b"{/**/"),
            ("unknown-escape", b'"golden"', b'"gol\\den"'), ("control-octet", b'"golden"', b'"gol\x01den"'),
            ("short-escape", b'"golden"', b'"\\u12g4"')):
        document(name, "JSON_SYNTAX", text.replace(old, new, 1))
    for name, escape in (("high", b"\\ud800x"), ("low", b"\\udc00"), ("two-high", b"\\ud800\\ud800")):
        document(f"surrogate-{name}", "JSON_UTF8", text.replace(b"golden", escape),
                 text.replace(b"golden", b"\\ud83d\\ude00"))
    document("unclosed", "JSON_SYNTAX", body.rstrip()[:-1] + b"\n\0")
    document("trailing-comma", "JSON_SYNTAX", body.rstrip()[:-1] + b",}\n\0")
    document("array-closed-as-object", "JSON_SYNTAX", text.replace(b"]", b"}", 1))
    document("byte-order-mark", "JSON_SYNTAX", b"\xef\xbb\xbf" + text)
    document("escaped-nul", "JSON_NUL", text.replace(b"golden", b"gol\\u0000en"))
    document("only-nul", "JSON_SYNTAX", b"\0")
    document("leading-zero", "JSON_SYNTAX", text.replace(b'"weight": 256', b'"weight": 0256'))
    document("second-document", "JSON_TRAILING", body + b"{}\0")
    document("trailing-word", "JSON_TRAILING", body + b"x\0")
    document("no-nul", "JSON_NUL", body + b"\n")
    document("two-nuls", "JSON_NUL", text + b"\0")
    document("early-nul", "JSON_NUL", body + b"\0{}\0")
    document("nul-in-string", "JSON_NUL", text.replace(b"golden", b"gol\0en"))
    document("top-array", "JSON_SYNTAX", b"[" + body.rstrip() + b"]\n\0")
    document("top-string", "JSON_SYNTAX", b'"pv"\0')


def utf8():
    text = xl.text(BASE)
    good = lambda octets: text.replace(b"golden", octets)
    for name, bad, neighbour in (
            ("lone-continuation", b"\x80", b"\xc2\x80"), ("overlong-2", b"\xc1\xbf", b"\xc2\x80"),
            ("overlong-3", b"\xe0\x9f\xbf", b"\xe0\xa0\x80"), ("overlong-4", b"\xf0\x8f\xbf\xbf", b"\xf0\x90\x80\x80"),
            ("surrogate", b"\xed\xa0\x80", b"\xed\x9f\xbf"),
            ("beyond-unicode", b"\xf4\x90\x80\x80", b"\xf4\x8f\xbf\xbf"),
            ("cut", b"\xe2\x82", b"\xe2\x82\xac"), ("ff", b"\xff", b"\xc3\xbf")):
        document(f"utf8-{name}", "JSON_UTF8", good(bad), good(neighbour))


def numbers():
    base = xl.edited(BASE, "b_info/shadow_memkb", 77777)
    text = xl.text(base)
    for name, bad in (("fraction", b"1.5"), ("exponent", b"1e3"), ("overflow", b"18446744073709551616"),
                      ("huge", b"9" * 40), ("underflow", b"-9223372036854775809")):
        document(f"number-{name}", "JSON_NUMBER", text.replace(b"77777", bad), base)
    document("number-two-zeroes", "JSON_SYNTAX", text.replace(b"77777", b"00"), base)
    document("number-minus", "JSON_SYNTAX", text.replace(b"77777", b"-"), base)
    document("number-plus", "JSON_SYNTAX", text.replace(b"77777", b"+1"), base)


DEPTH, ELEMENTS, STRING, NAME = 32, 16384, 8192, 64  # what xenvet-check(1) documents
LOOSE = "--tolerate unknown-config-field --max-config-bytes 4194304"


def count(value):
    """Values of a document, containers included."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(count(item) for item in inner)


def extra(value):
    """A configuration with one more, unknown, field."""
    return xl.wrap(STREAM, compact({**BASE, "extra": value}) + b"\0")


def caps():
    nest = lambda depth: json.loads("[" * depth + "]" * depth)
    case("json-depth-33", "JSON_DEPTH", extra(nest(DEPTH)), extra(nest(DEPTH - 1)), LOOSE)
    case("json-depth-900", "JSON_DEPTH", extra(nest(900)), extra(nest(DEPTH - 1)), LOOSE)
    room = ELEMENTS - count({**BASE, "extra": []})
    case("json-elements-16385", "JSON_ELEMENTS", extra([0] * (room + 1)), extra([0] * room), LOOSE)
    case("json-elements-objects", "JSON_ELEMENTS", extra([{}] * (room + 1)), extra([{}] * room), LOOSE)
    case("json-elements-200000", "JSON_ELEMENTS", extra([0] * 200000), extra([0] * room), LOOSE)
    case("json-string-8193", "JSON_STRING", extra("s" * (STRING + 1)), extra("s" * STRING), LOOSE)
    case("json-string-70000", "JSON_STRING", extra("s" * 70000), extra("s" * STRING), LOOSE)
    name = lambda n: xl.wrap(STREAM, compact({**BASE, "n" * n: 1}) + b"\0")
    case("json-name-65", "JSON_STRING", name(NAME + 1), name(NAME), LOOSE)


def duplicates():
    text = xl.text(BASE)
    once = b'"max_vcpus": 1,'
    document("duplicate-max-vcpus", "JSON_DUPLICATE", text.replace(once, once + b'"max_vcpus": 9,'))
    document("duplicate-type", "JSON_DUPLICATE", text.replace(b'"type": "pv",', b'"type": "pv","type": "hvm",'))
    document("duplicate-b-info", "JSON_DUPLICATE", text.replace(b'"on_reboot"', b'"b_info": {}, "on_reboot"'))
    escaped = text.replace(once, once + b'"max_\\u0076cpus": 9,')
    document("duplicate-escaped", "JSON_DUPLICATE", escaped)


def build():
    for make in (header, syntax, utf8, numbers, caps, duplicates):
        make()
