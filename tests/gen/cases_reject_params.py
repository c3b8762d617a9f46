# SPDX-License-Identifier: MIT
"""HVM_PARAMS."""
from . import hvm, libxc
from .registry import case, edit

HVM = hvm.guest()


def change(name, code, how, good=HVM, offset=None, options=""):
    """`how` gets the parameter record."""
    case(f"param-{name}", code, edit(good, lambda s: how(s.get("HVM_PARAMS"))), good, options, offset)


def framing():
    body = HVM.body_at("HVM_PARAMS")
    count = len(HVM.get("HVM_PARAMS").pairs)
    for name, value in (("one-more", count + 1), ("one-less", count - 1), ("zero", 0), ("max", 0xffffffff),
                        ("wrap", 1 << 28)):
        change(f"count-{name}", "PARAM_COUNT", lambda p, v=value: setattr(p, "count", v), offset=body)
    for octets in (1, 8):
        change(f"extra-{octets}", "RECORD_LENGTH", lambda p, n=octets: setattr(p, "extra", bytes(n)))
    many = lambda p: setattr(p, "pairs", p.pairs + [(hvm.P_X87, 8)] * (40 - count))
    change("count-40", "RECORD_LENGTH", many)
    change("reserved", "PARAM_RESERVED", lambda p: setattr(p, "reserved", 1), offset=body + 4)
    empty = HVM.copy().after("HVM_PARAMS", libxc.Params([]))
    case("param-empty", "PARAM_EMPTY", empty, HVM, "--no-tolerate errata-empty-hvm-params")


def indices():
    at = HVM.body_at("HVM_PARAMS", len(HVM.get("HVM_PARAMS").content()))
    known = lambda: hvm.set_param(HVM.copy(), hvm.P_X87, 8)
    for index in (0, 2, 3, 7, 8, 10, 11, 13, 14, 16, 18, 20, 21, 22, 23, 24, 25, 26, 30, 31, 35, 39, 40, 64, 1 << 32,
                  (1 << 32) + 35, (1 << 32) + 1, (1 << 64) - 1):
        case(f"param-index-{index:x}", "PARAM_INDEX", hvm.set_param(HVM.copy(), index, 1), known(), offset=at)
    change("twice", "PARAM_REPEATED", lambda p: p.pairs.append((hvm.P_IDENT_PT, hvm.IDENT_PT << 12)), offset=at)
    change("twice-ring", "PARAM_REPEATED", lambda p: p.pairs.append((hvm.P_STORE, hvm.STORE)), offset=at)
    again = HVM.copy().after("HVM_PARAMS", libxc.Params([(hvm.P_STORE, hvm.STORE)]))
    near = HVM.copy().after("HVM_PARAMS", libxc.Params([(hvm.P_X87, 8)]))
    case("param-twice-records", "PARAM_REPEATED", again, near, offset=again.body_at("HVM_PARAMS", 8, nth=1))


def values():
    end = HVM.body_at("HVM_PARAMS", len(HVM.get("HVM_PARAMS").content()))

    old = hvm.guest(2)
    case("param-value-pae", "PARAM_VALUE", hvm.set_param(old.copy(), hvm.P_PAE, 2),
         hvm.set_param(old.copy(), hvm.P_PAE, 1))
    new = hvm.set_param(HVM.copy(), hvm.P_PAE, 1)
    case("param-index-pae-in-v3", "PARAM_INDEX", new, hvm.set_param(old.copy(), hvm.P_PAE, 1), offset=end)

    def value(name, index, bad, near=None):
        stream = HVM if near is None else hvm.set_param(HVM.copy(), index, near)
        present = any(pair[0] == index for pair in HVM.get("HVM_PARAMS").pairs)
        at = (hvm.param_at(HVM, index) if present else end) + 8
        case(f"param-value-{name}", "PARAM_VALUE", hvm.set_param(HVM.copy(), index, bad), stream, offset=at)

    value("ioports", hvm.P_ACPI_IOPORTS, 2, 1)
    value("ident-pt-unaligned", hvm.P_IDENT_PT, (hvm.IDENT_PT << 12) + 1)
    value("nr-server-65", hvm.P_NR_SERVER, 65)
    value("nr-server-0", hvm.P_NR_SERVER, 0)
    value("x87-3", hvm.P_X87, 3, 4)
    value("x87-16", hvm.P_X87, 16, 8)
    value("mca", hvm.P_MCA, 2, 1)
    value("generation-high", hvm.P_GENERATION, 1 << 63, 0x7000)
    value("vm86-high", hvm.P_VM86_SIZED, (1 << 64) - 1, 0x68 << 32 | 0x6000)
    value("viridian-even", hvm.P_VIRIDIAN, 2, 1)
    value("viridian-unknown", hvm.P_VIRIDIAN, 1 << 63 | 1, 3)


def pages():
    rings = ((hvm.P_STORE, "store"), (hvm.P_CONSOLE, "console"), (hvm.P_IOREQ, "ioreq"), (hvm.P_BUFIOREQ, "bufioreq"),
             (hvm.P_PAGING, "paging"), (hvm.P_MONITOR, "monitor"), (hvm.P_SHARING, "sharing"))
    for index, name in rings:
        change(f"unpopulated-{name}", "PARAM_UNPOPULATED", lambda p, n=index: p.set(n, 0x7000), HVM)
        change(f"zero-page-{name}", "PARAM_UNPOPULATED", lambda p, n=index: p.set(n, (1 << 52) - 1), HVM)
    change("unpopulated-2-64", "PARAM_UNPOPULATED", lambda p: p.set(hvm.P_STORE, (1 << 64) - 1), HVM)
    memory = hvm.guest_pages()
    memory[0x7000] = (libxc.XTAB, None)
    holed = hvm.guest(memory=memory)
    change("unpopulated-xtab", "PARAM_UNPOPULATED", lambda p: p.set(hvm.P_STORE, 0x7000), holed)
    change("shared-store-console", "PARAM_SHARED", lambda p: p.set(hvm.P_CONSOLE, hvm.STORE), HVM)
    change("shared-store-ioreq", "PARAM_SHARED", lambda p: p.set(hvm.P_IOREQ, hvm.STORE), HVM)
    change("shared-ioreq-bufioreq", "PARAM_SHARED", lambda p: p.set(hvm.P_BUFIOREQ, hvm.IOREQ), HVM)
    change("unpopulated-server", "PARAM_UNPOPULATED", lambda p: p.set(hvm.P_SERVER, 0x7000), HVM)
    change("unpopulated-server-last", "PARAM_UNPOPULATED", lambda p: p.set(hvm.P_NR_SERVER, 64), HVM)
    change("shared-server-covers-store", "PARAM_SHARED", lambda p: p.set(hvm.P_NR_SERVER, 13), HVM)
    for index, name in rings[:2]:
        change(f"missing-{name}", "PARAM_MISSING", lambda p, n=index: p.remove(n), HVM)
    case("param-missing-all", "PARAM_MISSING", HVM.copy().drop("HVM_PARAMS"), HVM)


def build():
    for make in (framing, indices, values, pages):
        make()
