#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seeds of the restore oracle: the smallest guests that are still whole, by content hash.

    make_seeds.py OUTDIR
"""
import hashlib
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from gen import hvm, libxc, libxl, pv, xl  # noqa: E402
from gen.items import Stream  # noqa: E402
from gen.libxc import BROKEN, L4TAB, NOTAB, PINNED, XALLOC, XTAB, fill_page  # noqa: E402

LENIENT, REMUS, VERIFY = 1, 2, 4


def switches(flags=0, pages=0, vcpus=16):
    """The eight octets that choose the policy, see fuzz/image_policy.h."""
    return struct.pack("<BBB5x", flags, pages, vcpus - 1)


def tiny_hvm(**how):
    """The two rings and one page of contents."""
    devices = how.get("devices", True)
    pairs = libxc.Params([(hvm.P_STORE, 1), (hvm.P_CONSOLE, 2)])
    memory = {0: (NOTAB, fill_page(0)), 1: (XALLOC, None), 2: (XALLOC, None), 3: (XTAB, None)}
    how.setdefault("memory", memory)
    return hvm.guest(**{**how, "devices": devices}).replace("HVM_PARAMS", pairs)


def tiny_leaves(stream):
    """Fewer CPUID leaves make a smaller stream."""
    leaves = stream.get("CPUID_POLICY")
    leaves.rows = [row for row in leaves.rows if row[0] in (0, 1, 0xd, 0x80000000, 0x80000001, 0x80000008)]
    return stream


def tiny_pv(width=pv.WIDE, tables=False, **how):
    """start_info, rings, p2m and an empty top-level table; with `tables` one table of each level."""
    full = pv.guest_pages(width)
    memory = {pfn: (XALLOC, None) for pfn in range(12)}
    wanted = [pv.START_INFO, pv.P2M, pv.TOP]
    wanted += [pv.L3, pv.L2, pv.L1, pv.USER_TOP] if tables else []
    if width is pv.NARROW:
        wanted += [7, 8, 9, 10, 11]
    for pfn in wanted:
        memory[pfn] = full[pfn]
    for pfn in (pv.STORE, pv.CONSOLE, pv.GDT, *([] if tables else [pv.USER_TOP])):
        memory[pfn] = (NOTAB, bytes(libxc.PAGE))
    if width is pv.WIDE and not tables:
        memory[pv.TOP] = (L4TAB | PINNED, bytes(libxc.PAGE))
    stream = pv.guest(width=width, memory=memory, **how)
    if width is pv.WIDE and not tables:
        for record in (item for item in stream.items if item.name == "VCPU_BASIC"):
            record.poke(8 + width.ctrlreg + width.octets, "<Q", 0)
    return stream


def streams():
    """(switches, stream)"""
    for version in (2, 3):
        yield switches(), tiny_hvm(version=version)
        yield switches(), tiny_hvm(version=version, devices=False)
        yield switches(), tiny_hvm(version=version, vcpus=2)
        yield switches(), tiny_pv(version=version)
        yield switches(), tiny_pv(version=version, tables=True)
        yield switches(), tiny_pv(pv.NARROW, version=version)
    yield switches(pages=1), tiny_leaves(tiny_hvm(chain=hvm.minimal_context()))
    yield switches(), tiny_leaves(tiny_hvm(accum=7, msrs=True, viridian=True))
    yield switches(), tiny_pv(vcpus=2)
    yield switches(), tiny_pv(accum=7)
    yield from live()
    yield from wrapped()
    yield from checkpointed()


def live():
    memory = {0: (NOTAB, fill_page(0)), 1: (XALLOC, None), 2: (XALLOC, None), 3: (BROKEN, None)}
    rounds = [libxc.pages(memory), libxc.pages(memory, [0, 1]), libxc.pages(memory, [0])]
    yield switches(), tiny_hvm(rounds=rounds)
    yield switches(VERIFY), tiny_hvm(middle=[libxc.verify(), libxc.pages(memory, [0])])
    small = tiny_pv()
    again = libxc.pages({9: (NOTAB, fill_page(9)), 10: (XTAB, None)})
    yield switches(), small.copy().before("TSC_INFO", again)
    grown = [pv.P2M, pv.USER_TOP]
    yield switches(), tiny_pv().before("TSC_INFO", pv.p2m_frames(0, 600, grown), libxc.Pages([(600, XALLOC, None)]))


def wrapped():
    yield switches(), libxl.wrap_hvm(tiny_hvm())
    yield switches(), libxl.wrap(tiny_pv())
    yield switches(LENIENT), xl.wrap(libxl.wrap_hvm(tiny_hvm()), xl.config("hvm", memkb=16384))
    yield switches(), xl.wrap(libxl.wrap(tiny_pv()), xl.config("pv"))


def checkpointed():
    first, memory = tiny_hvm(), {0: (NOTAB, fill_page(1))}
    later = [libxc.pages(memory), libxc.tsc_info(), hvm.context(), first.get("HVM_PARAMS")]
    yield switches(REMUS), libxl.checkpointed(first, [later, later])
    yield switches(REMUS), libxl.checkpointed(first, [later], [libxl.xenstore(), libxl.emulator()])
    yield switches(REMUS), libxl.checkpointed(tiny_pv(tables=True), [[libxc.pages({0: (NOTAB, fill_page(9))})] + pv.tail()])


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    seeds = [head + stream.pack() for head, stream in streams()]
    for octets in seeds:
        (out / hashlib.sha256(octets).hexdigest()[:16]).write_bytes(octets)
    print(f"{len(seeds)} seeds, {sum(map(len, seeds))} octets, the largest {max(map(len, seeds))}")


if __name__ == "__main__":
    main()
