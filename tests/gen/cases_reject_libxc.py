# SPDX-License-Identifier: MIT
"""The libxc layer: headers, framing, which record may stand where, VERIFY."""
from . import hvm, libxc, libxl, pv
from .items import Record
from .registry import case, edit

HVM, PV, PV2, HVM2 = hvm.guest(), pv.guest(), pv.guest(2), hvm.guest(2)
BODY_LENGTHS = {"PV_INFO": 8, "TSC_INFO": 24, "SHARED_INFO": 4096}


def change(name, code, how, good=HVM, offset=None, options=""):
    case(f"libxc-{name}", code, edit(good, how), good, options, offset)


def headers():
    field = lambda offset, fmt, value: (lambda s: s.poke("IMAGE_HEADER", offset, fmt, value))
    wrapped = libxl.wrap(PV)
    change("marker", "LIBXC_MARKER", lambda s: s.poke("IMAGE_HEADER", 7, "<B", 0xfe), wrapped,
           wrapped.at("IMAGE_HEADER"))
    change("marker-zero", "LIBXC_MARKER", lambda s: s.poke("IMAGE_HEADER", 0, "<Q", 0), wrapped,
           wrapped.at("IMAGE_HEADER"))
    change("id", "LIBXC_ID", field(8, "4s", b"XENE"), offset=8)
    change("id-reversed", "LIBXC_ID", field(8, "4s", b"FNEX"), offset=8)
    change("version-0", "LIBXC_VERSION", field(12, ">I", 0), offset=12)
    change("version-4", "LIBXC_VERSION", field(12, ">I", 4), offset=12)
    change("version-le", "LIBXC_VERSION", field(12, "<I", 3), offset=12)
    change("big-endian", "LIBXC_ENDIAN", field(16, ">H", 1), offset=16)
    change("option-1", "LIBXC_OPTIONS", field(16, ">H", 2), offset=16)
    change("option-15", "LIBXC_OPTIONS", field(16, ">H", 1 << 15), offset=16)
    change("reserved-16", "LIBXC_RESERVED", field(18, ">H", 1), offset=18)
    change("reserved-32", "LIBXC_RESERVED", field(20, ">I", 1), offset=20)
    change("reserved-32-high", "LIBXC_RESERVED", field(20, ">I", 1 << 31), offset=20)
    field = lambda offset, fmt, value: (lambda s: s.poke("DOMAIN_HEADER", offset, fmt, value))
    for kind in (0, 3, 4, 0xffffffff):
        change(f"domain-type-{kind:x}", "DOMAIN_TYPE", field(0, "<I", kind), offset=24)
    for shift in (0, 11, 13, 32, 44, 0xffec):
        change(f"page-shift-{shift}", "DOMAIN_PAGE_SHIFT", field(4, "<H", shift), offset=28)
    change("domain-reserved", "DOMAIN_RESERVED", field(6, "<H", 1), offset=30)
    case("libxc-domain-hvm-refused", "DOMAIN_REFUSED", HVM, PV, "--guests pv64,pv32")
    case("libxc-domain-pv-refused", "DOMAIN_REFUSED", PV, HVM, "--guests hvm,pvh", 24)
    case("libxc-domain-pv32-refused", "DOMAIN_REFUSED", pv.guest(width=pv.NARROW), PV, "--guests pv64")
    case("libxc-domain-pv64-refused", "DOMAIN_REFUSED", PV, pv.guest(width=pv.NARROW), "--guests pv32")
    case("libxc-domain-hvm-not-pvh", "DOMAIN_REFUSED", HVM, hvm.pvh(), "--guests pvh")
    case("libxc-domain-pvh-not-hvm", "DOMAIN_REFUSED", hvm.pvh(), HVM, "--guests hvm", hvm.pvh().at("END"))
    hvm_stream, pvh_stream = libxl.wrap_hvm(HVM), libxl.wrap(hvm.pvh())
    case("libxl-domain-hvm-refused", "DOMAIN_REFUSED", hvm_stream, pvh_stream, "--guests pvh")
    case("libxl-domain-pvh-refused", "DOMAIN_REFUSED", pvh_stream, hvm_stream, "--guests hvm")


def unknown():
    put = lambda number, target="TSC_INFO": (lambda s: s.before(target, Record("STRAY", number, bytes(8))))
    for number in (0x13, 0x1000, 0x7fffffff):
        change(f"unknown-{number:x}", "RECORD_UNKNOWN", put(number), offset=HVM.at("TSC_INFO"))
    change("toolstack", "RECORD_UNKNOWN", put(libxc.TOOLSTACK), offset=HVM.at("TSC_INFO"))
    backwards = Record("STRAY", libxc.DIRTY_PFN_LIST)
    change("dirty-pfn-list", "RECORD_ORDER", lambda s: s.before("TSC_INFO", backwards), offset=HVM.at("TSC_INFO"))
    for number in (0, 1, 0x77, 0x7fffffff):
        change(f"optional-{number:x}", "RECORD_OPTIONAL", put(libxc.OPTIONAL | number), offset=HVM.at("TSC_INFO"))
    good = edit(HVM, put(libxc.OPTIONAL | 0x77))
    change("optional-too-long", "RECORD_LENGTH", lambda s: setattr(s.get("STRAY"), "length", (128 << 20) + 1), good,
           options="--tolerate optional-record")
    change("optional-length-max", "RECORD_LENGTH", lambda s: setattr(s.get("STRAY"), "length", 0xffffffff), good,
           options="--tolerate optional-record")


def guests():
    for name, record in (("pv-info", pv.pv_info()), ("p2m", pv.p2m_frames(0, 23, [4])), ("basic", pv.basic()),
                         ("extended", pv.extended()), ("xsave", pv.xsave()), ("msrs", pv.msrs()),
                         ("shared-info", pv.shared_info())):
        change(f"{name}-in-hvm", "RECORD_GUEST", lambda s, r=record: s.before("TSC_INFO", r), HVM, HVM.at("TSC_INFO"))
    for name, record in (("context", hvm.context()), ("params", hvm.params())):
        change(f"{name}-in-pv", "RECORD_GUEST", lambda s, r=record: s.before("TSC_INFO", r), PV, PV.at("TSC_INFO"))


def versions():
    policies = (("sde", libxc.static_data_end()), ("cpuid", libxc.Leaves(libxc.cpuid_leaves())),
                ("msr", libxc.msr_policy()))
    for name, record in policies:
        change(f"{name}-in-v2-hvm", "RECORD_VERSION", lambda s, r=record: s.before("PAGE_DATA", r), HVM2,
               HVM2.at("PAGE_DATA"))
        change(f"{name}-in-v2-pv", "RECORD_VERSION", lambda s, r=record: s.before("P2M_FRAMES", r), PV2,
               PV2.at("P2M_FRAMES"))


def lengths():
    for name, stream in (("PV_INFO", PV), ("TSC_INFO", PV), ("SHARED_INFO", PV)):
        size = BODY_LENGTHS[name]
        for length in sorted({0, size - 1, size - 8, size + 1, size + 8}):
            change(f"length-{name.lower()}-{length}", "RECORD_LENGTH", lambda s, n=name, v=length: s.resize(n, v),
                   stream)
    for name in ("STATIC_DATA_END", "END"):
        change(f"length-{name.lower()}", "RECORD_LENGTH", lambda s, n=name: s.resize(n, 8))
    verified = hvm.guest(middle=[libxc.verify(), libxc.pages(hvm.guest_pages())])
    change("length-verify", "RECORD_LENGTH", lambda s: s.resize("VERIFY", 8), verified, options="--allow verify")
    remus = libxl.checkpointed(HVM, [])
    change("length-checkpoint", "RECORD_LENGTH", lambda s: s.resize("CHECKPOINT", 8), remus,
           options="--allow checkpointed")
    for name, size in (("VCPU_BASIC", 5176), ("VCPU_EXTENDED", 72), ("VCPU_XSAVE", 24), ("VCPU_MSRS", 24)):
        for length in (0, 4, 7):
            change(f"length-{name.lower()}-{length}", "RECORD_LENGTH", lambda s, n=name, v=length: s.resize(n, v), PV)
        change(f"length-{name.lower()}-huge", "RECORD_LENGTH",
               lambda s, n=name: setattr(s.get(n), "length", 0xffffffff), PV)
        assert len(PV.get(name).content()) == size
    for name, step in (("CPUID_POLICY", 24), ("MSR_POLICY", 16)):
        size = len(PV.get(name).content())
        for length in sorted({0, step - 1, size - 1, size - 8}):
            change(f"length-{name.lower()}-{length}", "RECORD_LENGTH", lambda s, n=name, v=length: s.resize(n, v), PV)
    for length in (0, 7):
        change(f"length-page-data-{length}", "RECORD_LENGTH", lambda s, v=length: s.resize("PAGE_DATA", v))
        change(f"length-p2m-{length}", "RECORD_LENGTH", lambda s, v=length: s.resize("P2M_FRAMES", v), PV)
        change(f"length-params-{length}", "RECORD_LENGTH", lambda s, v=length: s.resize("HVM_PARAMS", v))
    change("length-p2m-partial", "RECORD_LENGTH", lambda s: s.resize("P2M_FRAMES", 15), PV)
    change("length-context-0", "RECORD_LENGTH", lambda s: s.resize("HVM_CONTEXT", 0))
    change("length-context-huge", "RECORD_LENGTH", lambda s: setattr(s.get("HVM_CONTEXT"), "length", 128 << 20))
    change("length-page-data-huge", "RECORD_LENGTH", lambda s: setattr(s.get("PAGE_DATA"), "length", (128 << 20)))


def order():
    tail = ("HVM_CONTEXT", "HVM_PARAMS")
    for name in tail:
        change(f"pages-after-{name.lower()}", "RECORD_ORDER",
               lambda s, n=name: s.after(n, libxc.pages(hvm.guest_pages(), [1])), HVM)
    for name in ("SHARED_INFO", "VCPU_BASIC", "VCPU_MSRS"):
        change(f"pages-after-{name.lower()}", "RECORD_ORDER",
               lambda s, n=name: s.after(n, libxc.pages(pv.guest_pages(), [0])), PV)
        change(f"p2m-after-{name.lower()}", "RECORD_ORDER",
               lambda s, n=name: s.after(n, pv.p2m_frames(0, pv.LAST, [pv.P2M])), PV)
    static = HVM.at("STATIC_DATA_END")
    for name, target in (("HVM_CONTEXT", "STATIC_DATA_END"), ("HVM_PARAMS", "STATIC_DATA_END")):
        change(f"{name.lower()}-in-static", "RECORD_MISSING", lambda s, n=name, t=target: s.move_before(n, t), HVM,
               static)
    change("pages-in-static", "RECORD_MISSING", lambda s: s.move_before("PAGE_DATA", "STATIC_DATA_END"), HVM, static)
    change("pages-in-static-pv", "RECORD_MISSING", lambda s: s.move_before("PAGE_DATA", "STATIC_DATA_END"), PV)
    change("p2m-in-static", "RECORD_MISSING", lambda s: s.move_before("P2M_FRAMES", "STATIC_DATA_END"), PV)
    change("no-static-data-end", "RECORD_MISSING", lambda s: s.drop("STATIC_DATA_END"), HVM)
    change("no-static-data-end-pv", "RECORD_MISSING", lambda s: s.drop("STATIC_DATA_END"), PV)
    for name in ("CPUID_POLICY", "MSR_POLICY"):
        change(f"{name.lower()}-late", "RECORD_ORDER", lambda s, n=name: s.move_before(n, "PAGE_DATA"), HVM)
        change(f"{name.lower()}-in-tail", "RECORD_ORDER", lambda s, n=name: s.move_before(n, "END"), HVM)
    change("shared-info-first", "RECORD_MISSING", lambda s: s.move_before("SHARED_INFO", "PV_INFO"), PV, 40)
    change("basic-before-p2m", "RECORD_MISSING", lambda s: s.move_before("VCPU_BASIC", "P2M_FRAMES"), PV)
    change("pv-info-late-v2", "RECORD_MISSING", lambda s: s.move_before("PV_INFO", "P2M_FRAMES") and s.move_before(
        "P2M_FRAMES", "PV_INFO"), PV2)
    change("end-in-static", "RECORD_MISSING", lambda s: s.before("STATIC_DATA_END", libxc.end()), HVM, static)
    change("end-first-pv", "RECORD_MISSING", lambda s: s.before("PV_INFO", libxc.end()), PV, 40)
    change("end-in-memory", "RECORD_MISSING", lambda s: s.before("TSC_INFO", libxc.end()), HVM)
    change("checkpoint-in-static", "RECORD_MISSING", lambda s: s.before("STATIC_DATA_END", libxc.checkpoint()), HVM,
           static,
           "--allow checkpointed")
    remus = libxl.checkpointed(PV, [[libxc.pages(pv.guest_pages(), [0])] + pv.tail()])
    grown = pv.p2m_frames(0, pv.LAST + 1, [pv.P2M])
    for name, record, code in (("pv-info", pv.pv_info(), "RECORD_REPEATED"), ("p2m", grown, "RECORD_ORDER"),
                               ("sde", libxc.static_data_end(), "RECORD_REPEATED")):
        bad = edit(remus, lambda s, r=record: s.before("PAGE_DATA", r, nth=1))
        case(f"libxc-{name}-in-later-checkpoint", code, bad, remus, "--allow checkpointed")
    ended = libxl.checkpointed(hvm.pvh(), []).append(libxc.end())
    case("libxc-checkpointed-pvh-refused", "DOMAIN_REFUSED", ended, libxl.checkpointed(HVM, []),
         "--allow checkpointed --guests hvm", offset=ended.at("CHECKPOINT"))


def repeats():
    for name in ("PV_INFO", "CPUID_POLICY", "MSR_POLICY"):
        change(f"two-{name.lower()}", "RECORD_REPEATED", lambda s, n=name: s.before("STATIC_DATA_END", s.get(n)), PV,
               PV.at("STATIC_DATA_END"))
    change("two-sde", "RECORD_REPEATED", lambda s: s.after("STATIC_DATA_END", libxc.static_data_end()), PV)
    for stream, name in ((PV, "TSC_INFO"), (PV, "SHARED_INFO"), (HVM, "HVM_CONTEXT"), (HVM, "TSC_INFO")):
        kind = "pv" if stream is PV else "hvm"
        change(f"two-{name.lower()}-{kind}", "RECORD_REPEATED", lambda s, n=name: s.before("END", s.get(n)), stream,
               stream.at("END"))


def missing():
    change("no-context", "RECORD_MISSING", lambda s: s.drop("HVM_CONTEXT"), HVM)
    change("no-pages-hvm", "RECORD_MISSING", lambda s: s.drop("PAGE_DATA"), HVM)
    change("no-shared-info", "RECORD_MISSING", lambda s: s.drop("SHARED_INFO"), PV)
    change("no-p2m", "RECORD_MISSING", lambda s: s.drop("P2M_FRAMES"), PV)
    change("no-p2m-v2", "RECORD_MISSING", lambda s: s.drop("P2M_FRAMES"), PV2)
    change("no-pages-pv", "RECORD_MISSING", lambda s: s.drop("PAGE_DATA"), PV)
    change("no-pv-info-v2", "RECORD_MISSING", lambda s: s.drop("PV_INFO"), PV2, 40)
    change("no-pv-info-v3", "RECORD_MISSING", lambda s: s.drop("PV_INFO"), PV)
    change("page-0-alone", "RECORD_MISSING",
           lambda s: s.drop("PV_INFO").drop("P2M_FRAMES").replace("PAGE_DATA", libxc.pages(pv.guest_pages(), [0])),
           PV2, 40)
    change("page-0-xtab-alone", "RECORD_MISSING",
           lambda s: s.drop("PV_INFO").drop("P2M_FRAMES").replace("PAGE_DATA", libxc.Pages([(0, libxc.XTAB, None)])),
           PV2, 40)


def verify():
    memory = hvm.guest_pages()
    good = hvm.guest(middle=[libxc.verify(), libxc.pages(memory)])
    case("libxc-verify-refused", "VERIFY_REFUSED", good, HVM, offset=good.at("VERIFY"))
    allow = "--allow verify"
    early = good.copy().move_before("VERIFY", "PAGE_DATA")
    case("libxc-verify-empty", "VERIFY_EMPTY", early, good, allow, early.at("VERIFY"))
    new = hvm.guest(middle=[libxc.verify(), libxc.Pages([(9, libxc.NOTAB, libxc.fill_page(9))])])
    case("libxc-verify-page", "VERIFY_PAGE", new, good, allow)
    tables = pv.guest(middle=[libxc.verify(), libxc.pages(pv.guest_pages())])
    for name, pfn, kind in (("table", 12, libxc.L1TAB), ("ordinary", pv.L1, libxc.NOTAB),
                            ("level", pv.L1, libxc.L2TAB)):
        bad = edit(tables, lambda s, n=pfn, t=kind: s.get("PAGE_DATA", 1).set(n, t, bytes(4096)))
        case(f"libxc-verify-type-{name}", "VERIFY_TYPE", bad, tables, allow)
    twice = good.copy().before("TSC_INFO", libxc.verify())
    case("libxc-verify-twice", "RECORD_REPEATED", twice, good, allow)
    tail = HVM.copy().before("END", libxc.verify())
    case("libxc-verify-in-tail", "RECORD_ORDER", tail, good, allow, tail.at("VERIFY"))
    grown = pv.guest(middle=[libxc.verify(), pv.p2m_frames(0, pv.LAST, [pv.P2M]), libxc.pages(pv.guest_pages())])
    case("libxc-verify-p2m", "RECORD_ORDER", grown, grown.copy().drop("P2M_FRAMES", 1), allow,
         grown.at("P2M_FRAMES", nth=1))


def build():
    for make in (headers, unknown, guests, versions, lengths, order, repeats, missing, verify):
        make()
