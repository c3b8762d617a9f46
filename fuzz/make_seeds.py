#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seeds of the harnesses of one stage: bodies of records that the generator of the corpus makes.

    make_seeds.py DIR       writes DIR/<harness>/<content hash>; DIR is corpus/seeds of the repository

Whole images are tests/fuzz/make_seeds.py's: corpus/seeds/images serves every harness of images.
"""
import hashlib
import json
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))

from gen import draft_b, hvm, legacy, libvirt, libxc, libxl, pv, seal, xenopsd, xenstore, xl  # noqa: E402

RELEASES = ((4, 6), (4, 10), (4, 13), (4, 17), (4, 18))


def body(record):
    return record.content()


def config():
    for kind in ("pv", "pvh", "hvm"):
        document = json.dumps(xl.config(kind)).encode()
        yield bytes([0, 7]) + document
    yield bytes([3, 1]) + json.dumps({**xl.config("pv"), "extra": [1, -1, None, True, "\u20ac"]}).encode()


def cpu_policy():
    yield bytes([0]) + body(libxc.Leaves(libxc.cpuid_leaves(7)))
    yield bytes([0]) + body(libxc.Leaves(libxc.cpuid_leaves()[:4]))
    yield bytes([1]) + body(libxc.msr_policy())
    yield bytes([2]) + body(libxc.tsc_info())
    yield bytes([2]) + body(libxc.tsc_info(2, 0))


def hvm_context():
    for release in RELEASES:
        for devices in (True, False):
            yield bytes([release[1], 0]) + body(hvm.context(devices=devices, xen=release))
    yield bytes([17, 0]) + body(hvm.context(vcpus=2, accum=7, msrs=True, viridian=True))
    yield bytes([17, 2]) + body(hvm.minimal_context())


def hvm_params():
    for devices in (True, False):
        pairs = [(index, value if index == hvm.P_IDENT_PT else value % 64) for index, value in hvm.params(devices).pairs]
        yield bytes([17, 0]) + body(libxc.Params(pairs))
    yield bytes([17, 0]) + struct.pack("<IIQQQQ", 2, 0, 1, 1, 17, 2)
    yield bytes([6, 1]) + struct.pack("<II", 0, 0)


def page_data():
    memory = {0: (libxc.NOTAB, libxc.fill_page(0)), 1: (libxc.XTAB, None), 2: (libxc.BROKEN, None), 3: (libxc.XALLOC, None)}
    for kind in (0, 1, 2, 0x82):
        yield bytes([kind]) + body(libxc.pages(memory))
    tables = {9: (libxc.L1TAB, pv.table({0: pv.pte(1)})), 10: (libxc.L4TAB | libxc.PINNED, pv.table({0: pv.pte(9)}))}
    yield bytes([0]) + body(libxc.pages(tables))
    yield bytes([0]) + body(libxc.pages({0: (libxc.NOTAB, pv.start_info(pv.WIDE))}))


def pv_vcpu():
    for kind, width in ((0, pv.WIDE), (4, pv.NARROW)):
        yield bytes([kind]) + body(pv.basic(0, width))
    yield bytes([1]) + body(pv.extended(0))
    yield bytes([1]) + body(pv.extended(0, 56, 128))
    yield bytes([2]) + body(pv.xsave(0))
    yield bytes([2]) + body(pv.xsave(0, 7, 7))
    yield bytes([3]) + body(pv.msrs(0))


def emulator():
    yield bytes([0]) + body(libxl.xenstore())
    yield bytes([2]) + body(libxl.xenstore(((b"a/b", b"c"),), libxl.TRADITIONAL))
    yield bytes([1]) + body(libxl.emulator())
    yield bytes([1]) + body(libxl.emulator(libxl.qevm(sections=b"")))
    yield bytes([5]) + body(libxl.emulator(emulator=libxl.UNKNOWN))


def libxl_tail():
    end, both = libxl.end().pack(), libxl.xenstore().pack() + libxl.emulator().pack()
    yield bytes([8]) + both + end
    yield bytes([8]) + libxl.emulator().pack() + end
    yield bytes([2]) + libxl.xenstore(emulator=libxl.UNKNOWN).pack() + libxl.emulator(emulator=libxl.UNKNOWN).pack() + end
    yield bytes([4]) + end
    yield bytes([0]) + end
    yield bytes([8 + 16 + 1]) + both + end + b"domain is yours, you are cleared to unpause\0"


XML = """<domain type='xen' id="1">
  <!-- a - comment -->
  <name>a &amp; b &#65;&#x20AC; \u20ac</name>
  <os><type arch='x86_64'>linux</type><kernel>/boot/guest</kernel></os>
  <devices><emulator>/usr/lib/xen/bin/qemu-system-i386</emulator><console type='pty'/></devices>
</domain>
"""


def xml():
    for text in (XML, libvirt.domain("hvm"), "<domain/>", "<a b='&lt;' c=\"'\"><b><!----></b ></a>\n<!-- x -->\n"):
        yield bytes([0]) + text.encode()
    yield bytes([1]) + XML.encode()


def libvirt_image():
    nic = "<interface type='bridge'><script path='x'/></interface>"
    for switches, text in ((bytes([0xff, 0x1f]), libvirt.domain(devices=nic)), (bytes([0x30, 0]), libvirt.domain("hvm")),
                           (bytes([0, 0]), "<domain type='xen'/>"), (bytes([0xff, 0x1f]), "<domain><devices><x/></devices></domain>"),
                           (bytes([0x30, 0]), libvirt.domain(more="<x:commandline xmlns:x='y'/><bootloader>z</bootloader>"))):
        yield switches + libvirt.Header(libvirt.octets(text)).pack() + b"LibxlFmt"


def xenopsd_image():
    head = xenopsd.signature().pack() + xenopsd.xenops().pack() + xenopsd.libxc().pack()
    short = xenopsd.xenops(b"((word_size 32)(time \"\\065\\n\"))").pack()
    end, state = xenopsd.end().pack(), xenopsd.Record("X", xenopsd.VARSTORED, b"state").pack()
    tpm = xenopsd.Record("X", xenopsd.SWTPM, b"QUJD").pack()
    yield bytes([0]) + head + b"\xff" * 8
    yield bytes([0]) + xenopsd.signature().pack() + short
    yield bytes([0]) + xenopsd.LEGACY
    yield bytes([4]) + end
    yield bytes([4 + 16 + 1]) + end + b"what was there before"
    yield bytes([4 + 8]) + state + tpm + tpm + xenopsd.qemu().pack() + end
    yield bytes([4 + 8 + 2]) + xenopsd.qemu().pack() + end


def seal_file():
    image = pv.guest().pack()[:1000]
    for ends in ([1000], [40, 48, 1000]):
        yield seal.make(image, ends)
        yield seal.make(image, ends, flags=1, signature=bytes(range(64)))
    yield seal.make(image, [1000])[:255]


def xenstore_state():
    deep = [xenstore.deep_watch(1, b"/local", b"a"), xenstore.deep_watch_lost(1, b"/vm", b"t" * 7),
            xenstore.deep_watch_at_10(1, b"x", b"t")]
    pending = [xenstore.transaction(2, 1), xenstore.node(b"/new/x", b"1", ident=2, number=1, access=2),
               xenstore.node(b"/vm", b"", (), 2, 1)]
    for stream in (xenstore.state(), xenstore.newest(), xenstore.state(2, 1, order=">"),
                   xenstore.state(tree=xenstore.nodes(xenstore.SPECIAL + xenstore.TREE) + pending),
                   xenstore.state(peers=[], tree=[xenstore.node(b"/")]), xenstore.x_update(), xenstore.x_domain()):
        yield bytes([1, 0]) + stream.pack()
    for record in deep:
        yield bytes([0x7f, 3]) + xenstore.state(2, peers=[xenstore.ring(1, 0), record]).pack()
    yield bytes([0x7f, 0]) + xenstore.state(head=[], peers=[xenstore.ring(1, 1), xenstore.watch(1, b"@\1")], tail=[xenstore.domain(9)]).pack()


BANNER = b"xl migration receiver ready, send binary domain data.\n"
READY = b"domain received, ready to unpause\0"
REPORT = b"my copy unpause results are as follows\0"
FORWARD, BACK, DONE = 0, 1, 0xfc


def said(who, octets):
    """Steps of handshake_fuzz, which hold up to 125 octets each."""
    return b"".join(bytes([len(part) << 1 | who]) + part for part in (octets[at:at + 125] for at in range(0, len(octets), 125)))


def handshake():
    start = said(BACK, BANNER) + bytes([DONE]) + said(BACK, READY) + said(FORWARD, xl.GO_AHEAD) + said(BACK, REPORT)
    yield bytes([0]) + start + said(BACK, b"\0") + bytes([0xff])
    yield bytes([0]) + start + said(BACK, b"\3" + xl.GO_AHEAD) + bytes([0xff, 0xfe])
    yield bytes([0]) + start[:70] + bytes([0xfe])
    yield bytes([1]) + said(BACK, BANNER) + bytes([DONE, 0xff])
    state = [struct.pack("<IIII", 5, 4, number, 0) for number in range(4)]
    for gap in (b"", bytes(8)):
        dirty = struct.pack("<II", 0xf, 24) + gap + struct.pack("<QQQ", 1, 2, 3)
        yield bytes([2]) + said(BACK, BANNER + (state[2] + state[3] + state[1] + dirty) * 2) + bytes([DONE, 0xff])


def messages():
    ready, fact, tick, complete, go_ahead, outcome, config = 17, 18, 19, 20, 21, 22, 23
    yield bytes([1, ready, fact, tick, config, complete, go_ahead, outcome])
    yield bytes([0, ready, complete, outcome])
    yield bytes([0, ready, outcome | 32, 1, 0, 0, 0, 10, 0, 0, 0])
    yield bytes([2, 16, ready, complete, outcome, outcome])


def detect():
    for begins in (b"Xen save", b"LibxlFmt", b"\xff" * 8, b"libvirt-", b"XenSaved", b"LinuxGue", b"xenstore", struct.pack("<Q", 4096)):
        yield bytes([0]) + begins + bytes(16)
    yield bytes([6]) + b"Xen saved domain, xl format\n \0 \r"


def xl_head():
    """What follows the magic: four words, then the configuration."""
    for kind, allowed in (("pv", 0), ("pvh", 0), ("hvm", 0xff)):
        document = json.dumps(xl.config(kind)).encode() + b"\0"
        yield bytes([allowed & 1, allowed]) + struct.pack("<5I", 0x01020304, 3, 0, len(document) + 4, len(document)) + document


def libxc_order():
    """An octet a record, see fuzz/libxc_fuzz.c: the orders that savers write."""
    pv3, hvm3 = (2, 0x11, 0x12, 0x10, 3, 1, 8, 7, 4, 5, 6, 0xc, 0), (0x11, 0x12, 0x10, 1, 8, 9, 0xa, 0)
    yield bytes([3, *pv3])
    yield bytes([1, *hvm3])
    yield bytes([2, *(record for record in pv3 if record < 0x10)])
    yield bytes([0, *(record for record in hvm3 if record < 0x10)])
    yield bytes([1, 0x10, 1, 1, 0xd, 1, 0xa, 9, 8, 0])
    yield bytes([3, 2, 0x10, 3, 1, 3, 1, 0xd, 1, 7, 4, 4, 0])


def page_table():
    """Slot and value, see fuzz/page_table_fuzz.c."""
    def entries(*pairs):
        return b"".join(struct.pack("<HQ", slot, value) for slot, value in pairs)
    for level in range(4):
        yield bytes([level]) + entries((0, 0x1067), (255, 0x3f067), (511, 0))
    yield bytes([3]) + entries((256, 0), (272, 0x5067))
    yield bytes([4 + 2]) + entries((0, 0x1001), (3, 0x2001))
    yield bytes([0]) + entries((0, 0x10e7), (1, 0x10000000000066))


def policy_file():
    yield b"{}"
    yield json.dumps({"schema": "xenvet.policy/1", "base": "lenient", "max_guest_pages": 4096, "max_vcpus": 4}).encode()
    yield json.dumps({"formats": ["xl", "libxl"], "guests": ["hvm"], "tolerate": ["sparse-vcpus"], "allow": []}).encode()
    yield json.dumps({"xen_min": "4.6", "xen_max": None, "target_xen": "4.17", "timeout_seconds": 60}).encode()
    yield b'{"max_records": -1, "allow": [1], "xen_min": 4}'


def small_draft_b(order, width, vcpus=1):
    """start_info, rings, p2m, GDT and tables; the rest of the pages have no contents."""
    memory = pv.guest_pages(width)
    for pfn in range(12, pv.LAST + 1):
        memory[pfn] = (libxc.XTAB, None)
    table = {slot: pv.pte(slot, pv.RO) for slot in range(10)}
    memory[pv.L1] = (libxc.L1TAB, pv.table(table))
    memory[0] = (libxc.XALLOC, None)
    return draft_b.guest(width, order, vcpus, memory=memory)


def draft_b_image():
    yield bytes([0]) + small_draft_b(draft_b.LITTLE, pv.WIDE).pack()
    yield bytes([2]) + small_draft_b(draft_b.BIG, pv.WIDE).pack()
    yield bytes([2]) + small_draft_b(draft_b.LITTLE, pv.NARROW, 2).pack()
    yield bytes([1]) + draft_b.unsum(small_draft_b(draft_b.LITTLE, pv.WIDE)).pack()


def small_legacy(bits, width=None, model=None):
    """A guest of few contents, as small_draft_b(); without a width an HVM guest with its special pages below 64."""
    if width is not None:
        memory = {pfn: (libxc.XTAB, None) for pfn in range(12, pv.LAST + 1)}
        memory = {**pv.guest_pages(width), **memory, 0: (libxc.XALLOC, None)}
        memory[pv.L1] = (libxc.L1TAB, pv.table({slot: pv.pte(slot, pv.RO) for slot in range(10)}))
        return legacy.pv_guest(bits, width, memory=memory, gone=(3,))
    memory = {pfn: (libxc.XALLOC, None) for pfn in range(12)}
    memory[0] = (libxc.NOTAB, libxc.fill_page(0))
    stream = legacy.hvm_guest(bits, memory=memory, model=model, server=False)
    stream.replace("P2M_SIZE", legacy.p2m_size(bits, 64)).replace("MAGIC", legacy.magic(1, 2, 3))
    for name, number, value in (("PAGING", legacy.PAGING, 4), ("ACCESS", legacy.ACCESS, 5), ("SHARING", legacy.SHARING, 6),
                                ("CONSOLE", legacy.CONSOLE, 7)):
        stream.replace(name, legacy.param(name, number, value))
    return stream


def legacy_stream():
    for bits in (32, 64):
        yield bytes([0]) + small_legacy(bits, pv.WIDE).pack()
        yield bytes([0]) + small_legacy(bits, pv.NARROW).pack()
        yield bytes([2]) + small_legacy(bits).pack()
        yield bytes([0]) + small_legacy(bits, model=legacy.device_model(signature=b"QemuDeviceModelRecord")).pack()
    yield bytes([1]) + small_legacy(64, model=[]).pack()
    yield bytes([2 + 8]) + small_legacy(32, model=xenopsd.device_model()).pack()


STAGES = {"detect": detect, "xl": xl_head, "libxc": libxc_order, "page_table": page_table, "policy_file": policy_file,
          "config": config, "cpu_policy": cpu_policy, "hvm_context": hvm_context, "hvm_params": hvm_params,
          "page_data": page_data, "pv_vcpu": pv_vcpu, "emulator": emulator, "libxl": libxl_tail,
          "xml": xml, "libvirt": libvirt_image, "xenopsd": xenopsd_image, "seal": seal_file,
          "handshake": handshake, "messages": messages, "draft_b": draft_b_image,
          "legacy": legacy_stream, "xenstore": xenstore_state}


def main():
    for name, make in STAGES.items():
        out = pathlib.Path(sys.argv[1]) / name
        out.mkdir(parents=True, exist_ok=True)
        seeds = list(make())
        for octets in seeds:
            (out / hashlib.sha256(octets).hexdigest()[:16]).write_bytes(octets)
        print(f"{name}: {len(seeds)} seeds, {sum(map(len, seeds))} octets, the largest {max(map(len, seeds))}")


if __name__ == "__main__":
    main()
