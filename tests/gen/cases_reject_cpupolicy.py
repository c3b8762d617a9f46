# SPDX-License-Identifier: MIT
"""CPUID and MSR policies, and TSC_INFO."""
from . import hvm, libxc, pv
from .libxc import NO_SUBLEAF, Leaves
from .registry import case, edit

PV = pv.guest()
ROWS = libxc.cpuid_leaves()


def with_rows(rows):
    return edit(PV, lambda s: s.replace("CPUID_POLICY", Leaves(rows)))


def sorted_with(*extra):
    return with_rows(sorted(ROWS + list(extra), key=lambda row: row[:2]))


def cpuid():
    at = PV.body_at("CPUID_POLICY")

    def leaf(name, bad, near):
        stream = sorted_with((*bad, 0, 0, 0, 0))
        keys = sorted([row[:2] for row in ROWS] + [bad])
        good = PV if near is None else sorted_with((*near, 0, 0, 0, 0))
        case(f"cpuid-{name}", "CPUID_LEAF", stream, good, offset=at + 24 * keys.index(bad))

    leaf("leaf-e", (0xe, NO_SUBLEAF), None)
    leaf("leaf-3fffffff", (0x3fffffff, NO_SUBLEAF), None)
    leaf("leaf-40000001", (0x40000001, NO_SUBLEAF), None)
    leaf("leaf-80000022", (0x80000022, NO_SUBLEAF), None)
    leaf("leaf-ffffffff", (0xffffffff, NO_SUBLEAF), None)
    leaf("leaf-4-sub-6", (4, 6), (4, 5))
    leaf("leaf-7-sub-3", (7, 3), (7, 2))
    leaf("leaf-b-sub-2", (0xb, 2), (0xb, 1))
    leaf("leaf-d-sub-63", (0xd, 63), (0xd, 62))
    leaf("leaf-1-sub-0", (1, 0), None)
    leaf("leaf-40000000-sub-0", (0x40000000, 0), None)
    leaf("leaf-d-no-sub", (0xd, NO_SUBLEAF), None)
    case("cpuid-twice", "CPUID_ORDER", with_rows([ROWS[0]] + ROWS), PV, offset=at + 24)
    case("cpuid-swapped", "CPUID_ORDER", with_rows([ROWS[1], ROWS[0]] + ROWS[2:]), PV, offset=at + 24)
    case("cpuid-twice-late", "CPUID_ORDER", with_rows(ROWS + [ROWS[-1]]), PV, offset=at + 24 * len(ROWS))
    for name, key, most in (("basic", (0, NO_SUBLEAF), 0xd), ("features", (7, 0), 2), ("extended", (0x80000000, NO_SUBLEAF), 0x80000021)):
        says = lambda value, k=key: with_rows([(*row[:2], value, *row[3:]) if row[:2] == k else row for row in ROWS])
        index = [row[:2] for row in ROWS].index(key)
        bad, good = says(most + 1), says(most)
        case(f"cpuid-largest-{name}", "CPUID_LARGEST", bad, PV if good.pack() == PV.pack() else good, offset=at + 24 * index + 8)
    every = [(0xd, n, 0, 0, 0, 0) for n in range(2, 63)]
    every += [(4, n, 0, 0, 0, 0) for n in range(1, 6)] + [(7, n, 0, 0, 0, 0) for n in (1, 2)] + [(0xb, 1, 0, 0, 0, 0)]
    full = sorted_with(*every)
    count = len(full.get("CPUID_POLICY").rows)
    assert count == 120, count
    over = full.copy()
    over.get("CPUID_POLICY").rows.append((0x80000021, NO_SUBLEAF, 0, 0, 0, 0))
    case("cpuid-121", "CPUID_COUNT", over, full)
    flood = with_rows([(n, NO_SUBLEAF, 0, 0, 0, 0) for n in range(5000)])
    case("cpuid-flood", "RECORD_LENGTH", flood, full)


def msr():
    policy = lambda *entries: edit(PV, lambda s: s.replace("MSR_POLICY", libxc.msr_policy(entries)))
    at = PV.body_at("MSR_POLICY")
    info, caps = (0xce, 0, 0x80000000), (0x10a, 0, 0)
    for index in (0, 0xcd, 0xcf, 0x109, 0x10b, 0xc0000080):
        case(f"msrp-{index:x}", "MSRP_INDEX", policy((index, 0, 0)), policy(info), offset=at)
    case("msrp-flags", "MSRP_FLAGS", policy((0xce, 1, 0)), policy((0xce, 0, 0)), offset=at + 4)
    case("msrp-flags-second", "MSRP_FLAGS", policy(info, (0x10a, 1 << 31, 0)), PV, offset=at + 20)
    case("msrp-twice", "MSRP_ORDER", policy(info, info), policy(info, caps), offset=at + 16)
    case("msrp-swapped", "MSRP_ORDER", policy(caps, info), policy(info, caps), offset=at + 16)
    case("msrp-value", "MSRP_VALUE", policy((0xce, 0, 1 << 30)), policy((0xce, 0, 1 << 31)), offset=at + 8)
    case("msrp-three", "MSRP_ORDER", policy(info, caps, caps), PV)


def tsc():
    for kind, base in (("pv", PV), ("hvm", hvm.guest())):
        tsc_info = lambda base=base, **how: edit(base, lambda s: s.replace("TSC_INFO", libxc.tsc_info(**how)))
        at = base.body_at("TSC_INFO")
        case(f"tsc-mode-4-{kind}", "TSC_MODE", tsc_info(mode=4), tsc_info(mode=2), offset=at)
        case(f"tsc-mode-max-{kind}", "TSC_MODE", tsc_info(mode=0xffffffff), tsc_info(mode=1), offset=at)
        case(f"tsc-khz-1-{kind}", "TSC_KHZ", tsc_info(khz=1), tsc_info(khz=0), offset=at + 4)
        case(f"tsc-khz-low-{kind}", "TSC_KHZ", tsc_info(khz=9999), tsc_info(khz=10000), offset=at + 4)
        case(f"tsc-khz-high-{kind}", "TSC_KHZ", tsc_info(khz=100000001), tsc_info(khz=100000000), offset=at + 4)
        case(f"tsc-reserved-{kind}", "TSC_RESERVED", tsc_info(reserved=1), base, offset=at + 20)


def build():
    for make in (cpuid, msr, tsc):
        make()
