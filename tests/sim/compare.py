#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""compare.py SIMSTATE STREAM DIR DOMID: is the restored domain what the stream says?

Parses the stream on its own (libxc v2 or v3, plain or Remus, bare or inside libxl and xl containers) and compares
every page, the vCPU state, HVM parameters and context, TSC and shared info with the simulated host kept in DIR.
Where libxenguest or Xen must change something (page tables hold machine frames, rings are cleared), the change is
undone through the M2P or checked for what it should be.  Exit status 0: equal; 1: differences, listed.
"""
import json
import mmap
import os
import struct
import subprocess
import sys

PAGE = 4096
END, PAGE_DATA, PV_INFO, P2M_FRAMES, BASIC, EXTENDED, XSAVE, SHARED_INFO, TSC, CONTEXT, PARAMS = range(11)
MSRS, CHECKPOINT = 0xC, 0xE
NAMES = {BASIC: "context", EXTENDED: "extended", XSAVE: "xsave", MSRS: "msrs"}
HAS_DATA = {0, 1, 2, 3, 4, 9, 10, 11, 12}
XALLOC = 14
CLEARED = {1, 5, 6, 17}  # STORE_PFN, IOREQ_PFN, BUFIOREQ_PFN, CONSOLE_PFN


def find_libxc(data):
    at = 0
    if data[:27] == b"Xen saved domain, xl format":
        at = 48 + struct.unpack_from("<I", data, 44)[0]
    wrapped = data[at:at + 8] == b"LibxlFmt"
    if wrapped:
        at += 16
        kind = None
        while kind != 1:
            kind, length = struct.unpack_from("<II", data, at)
            at += 8 + (length + 7 & ~7)
    return at, wrapped


def records(data):
    """(type, body) of each libxc record; skips the libxl records that follow a checkpoint."""
    at, wrapped = find_libxc(data)
    at += 40
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<II", data, at)
        yield kind, data[at + 8:at + 8 + length]
        at += 8 + (length + 7 & ~7)
        if kind == END:
            return
        while wrapped and kind == CHECKPOINT and at + 8 <= len(data):
            lkind, length = struct.unpack_from("<II", data, at)
            at += 8 + (length + 7 & ~7)
            if lkind == 4:
                break


class Stream:
    """The final state a stream describes."""

    def __init__(self, data):
        at, _ = find_libxc(data)
        self.hvm = struct.unpack_from("<I", data, at + 24)[0] == 2
        self.width, self.types, self.pages, self.p2m, self.max_pfn = 8, {}, {}, {}, 0
        self.vcpus, self.params, self.context, self.tsc, self.shared = {}, {}, None, None, None
        self.verify = False
        todo = list(records(data))
        marks = [i for i, (kind, _) in enumerate(todo) if kind == CHECKPOINT]
        for kind, body in todo[:marks[-1] + 1] if marks else todo:
            self.apply(kind, body)

    def apply(self, kind, body):
        if kind == PAGE_DATA and not self.verify:
            self.page_data(body)
        elif kind == 0xD:
            self.verify = True
        elif kind == PV_INFO:
            self.width = body[0]
        elif kind == P2M_FRAMES:
            start, self.max_pfn = struct.unpack_from("<II", body)
            first = start // (PAGE // self.width)
            for i in range((len(body) - 8) // 8):
                self.p2m[first + i] = struct.unpack_from("<Q", body, 8 + 8 * i)[0]
        elif kind in NAMES and len(body) > 8:
            self.vcpus.setdefault(struct.unpack_from("<I", body)[0], {})[NAMES[kind]] = body[8:]
        elif kind == SHARED_INFO:
            self.shared = body
        elif kind == TSC:
            self.tsc = struct.unpack_from("<IIQI", body)
        elif kind == CONTEXT:
            self.context = body
        elif kind == PARAMS:
            for i in range(struct.unpack_from("<I", body)[0]):
                index, value = struct.unpack_from("<QQ", body, 8 + 16 * i)
                self.params[index] = value
                if index in CLEARED and value in self.pages:
                    self.pages[value] = bytes(PAGE)

    def page_data(self, body):
        count = struct.unpack_from("<I", body)[0]
        at = 8 + 8 * count
        for i in range(count):
            entry = struct.unpack_from("<Q", body, 8 + 8 * i)[0]
            pfn, kind = entry & (1 << 52) - 1, entry >> 60
            self.types[pfn] = kind
            if kind in HAS_DATA:
                self.pages[pfn] = body[at:at + PAGE]
                at += PAGE
            elif kind == XALLOC:
                self.pages.setdefault(pfn, bytes(PAGE))


class Host:
    """The simulated host: its state as JSON, its memory and M2P as they lie in the directory."""

    def __init__(self, simstate, directory, domid):
        out = subprocess.run([simstate, directory, "--pages"], check=True, stdout=subprocess.PIPE).stdout
        self.state = json.loads(out)
        self.domain = next((d for d in self.state["domains"] if d["domid"] == domid), None)
        if self.domain is None:
            sys.exit("compare: no domain %d" % domid)
        self.mfn = {p["pfn"]: p["mfn"] for p in self.domain["pages"]}
        self.info = {p["pfn"]: p for p in self.domain["pages"]}
        self.memory, self.m2p = (self.map(os.path.join(directory, f)) for f in ("memory", "m2p"))
        self.context = b""
        if "hvm_context" in self.domain:
            self.context = subprocess.run([simstate, directory, "--hvm-context", str(domid)], check=True,
                                          stdout=subprocess.PIPE).stdout

    @staticmethod
    def map(path):
        with open(path, "rb") as f:
            return mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)

    def page(self, pfn):
        at = self.mfn[pfn] * PAGE
        return self.memory[at:at + PAGE]

    def frame(self, mfn):
        return self.memory[mfn * PAGE:(mfn + 1) * PAGE]

    def pfn_of(self, mfn):
        return struct.unpack_from("<Q", self.m2p, 8 * mfn)[0] if 8 * mfn + 8 <= len(self.m2p) else None


class Compare:
    def __init__(self, stream, host):
        self.s, self.h, self.found = stream, host, []

    def differ(self, what, *args):
        self.found.append(what % args)

    def equal(self, what, wanted, got):
        if wanted != got:
            self.differ("%s: stream %s, domain %s", what, wanted, got)

    # ---- pages ----

    def table(self, pfn, wanted, got, level):
        """Present entries hold machine frames; translated back they are the stream's."""
        for slot in range(512):
            w, g = (struct.unpack_from("<Q", p, 8 * slot)[0] for p in (wanted, got))
            if level == 3 and self.s.width == 4 and slot >= 4:
                w = 0  # Xen clears what a PAE guest need not initialise
            if g & 1:
                back = self.h.pfn_of(g >> 12 & (1 << 40) - 1)
                g = g & ~(((1 << 40) - 1) << 12) | (back or 0) << 12
            if w != g:
                self.differ("page table pfn %#x slot %d: stream %#x, domain %#x", pfn, slot, w, g)
                return

    def start_info(self, pfn, wanted, got):
        wide = self.s.width == 8
        word, size = ("<Q", 8) if wide else ("<I", 4)
        for name, at in (("store", 56 if wide else 44), ("console", 72 if wide else 52)):
            w, g = (struct.unpack_from(word, p, at)[0] for p in (wanted, got))
            self.equal("start_info %s frame" % name, w, self.h.pfn_of(g))
        self.equal("start_info shared_info", self.h.domain["shared_info_mfn"] << 12,
                   struct.unpack_from(word, got, 40 if wide else 36)[0])
        tail = 84 if wide else 60  # beyond the fields libxenguest fills
        self.equal("start_info magic", wanted[:32], got[:32])
        self.equal("start_info tail", wanted[tail:], got[tail:])

    def p2m_frame(self, k, got):
        per = PAGE // self.s.width
        fmt, none = ("<512Q", (1 << 64) - 1) if self.s.width == 8 else ("<1024I", (1 << 32) - 1)
        for i, mfn in enumerate(struct.unpack(fmt, got)):
            pfn = k * per + i
            if pfn <= self.s.max_pfn and mfn != self.h.mfn.get(pfn, none):
                self.differ("p2m of pfn %#x: %#x", pfn, mfn)
                return

    def one_page(self, pfn, wanted, special):
        if pfn not in self.h.mfn:
            self.differ("pfn %#x is not populated", pfn)
            return
        got, kind = self.h.page(pfn), self.s.types.get(pfn, 0)
        level = kind & 7 if kind < 13 else 0
        if pfn in special:
            special[pfn](wanted, got)
        elif not self.s.hvm and 1 <= level <= 4:
            self.table(pfn, wanted, got, level)
            if kind & 8:
                self.equal("pfn %#x" % pfn, ("l%d" % level, True),
                           (self.h.info[pfn]["type"], self.h.info[pfn]["pinned"]))
        elif wanted != got:
            at = next(i for i in range(PAGE) if wanted[i] != got[i])
            self.differ("pfn %#x differs from octet %d on", pfn, at)

    def pages(self):
        special = {}
        if not self.s.hvm:
            for k, pfn in self.s.p2m.items():
                special[pfn] = lambda _, got, k=k: self.p2m_frame(k, got)
            start = struct.unpack_from(*(("<Q", self.s.vcpus[0]["context"], 616) if self.s.width == 8 else
                                         ("<I", self.s.vcpus[0]["context"], 524)))[0]
            special[start] = lambda wanted, got: self.start_info(start, wanted, got)
        for pfn, wanted in self.s.pages.items():
            self.one_page(pfn, wanted, special)
        extra = set(self.h.mfn) - set(self.s.pages)
        if self.s.hvm and extra:
            self.differ("populated without being in the stream: %s", sorted(extra)[:8])

    # ---- vCPUs ----

    def context(self, vid, wanted, got):
        wide = self.s.width == 8
        word, size = ("<Q", 8) if wide else ("<I", 4)
        back = bytearray(got)

        def translate(at, shift, keep):
            v = struct.unpack_from(word, got, at)[0]
            if shift == "pae":
                v = v >> 12 | v << 20 & 0xffffffff
                pfn = self.h.pfn_of(v) or 0
                struct.pack_into("<I", back, at, (pfn << 12 | pfn >> 20) & 0xffffffff)
            else:
                struct.pack_into(word, back, at, (self.h.pfn_of(v >> shift) or 0) << shift | v & keep)

        gdt, ents, cr = (4832, 4960, 4984) if wide else (2640, 2704, 2716)
        frames = (struct.unpack_from(word, wanted, ents)[0] + 511) // 512
        for i in range(frames):
            translate(gdt + size * i, 0, 0)
        translate(cr + 3 * size, 12 if wide else "pae", 0xfff)
        if wide and struct.unpack_from("<Q", wanted, cr + 8)[0] & 1:
            translate(cr + 8, 12, 0xfff)
            back[cr + 8] |= 1
        if vid == 0:
            translate(616 if wide else 524, 0, 0)
        back[512] = back[512] & ~0x20 | wanted[512] & 0x20  # libxenguest sets VGCF_online
        if bytes(back) != wanted:
            at = next(i for i in range(len(wanted)) if back[i] != wanted[i])
            self.differ("vCPU %d context differs from octet %d on", vid, at)

    def vcpus(self):
        have = {v["id"]: v for v in self.h.domain["vcpus"]}
        for vid, blobs in self.s.vcpus.items():
            got = {k: bytes.fromhex(have[vid][k]) for k in NAMES.values()} if vid in have else None
            if not got or not have[vid]["initialised"]:
                self.differ("vCPU %d has no state", vid)
                continue
            self.context(vid, blobs["context"], got["context"])
            for name in ("xsave", "msrs"):
                if name in blobs:
                    self.equal("vCPU %d %s" % (vid, name), blobs[name].hex(), got[name].hex())
            if "extended" in blobs:
                n = min(len(got["extended"]), len(blobs["extended"]))
                self.equal("vCPU %d extended" % vid, blobs["extended"][:n].hex(), got["extended"][:n].hex())

    def shared_info(self):
        if self.s.shared is None:
            return
        got, wide = self.h.frame(self.h.domain["shared_info_mfn"]), self.s.width == 8
        wanted = bytearray(self.s.shared)
        for i in range(32):  # evtchn_pending_sel is reset
            at, size = (64 * i + 8, 8) if wide else (64 * i + 4, 4)
            wanted[at:at + size] = bytes(size)
        self.equal("shared_info vcpu_info", bytes(wanted[:2048]), got[:2048])
        pending, mask, end = (2048, 2560, 3072) if wide else (2048, 2176, 2304)
        self.equal("shared_info evtchn_pending", bytes(mask - pending), got[pending:mask])
        self.equal("shared_info evtchn_mask", b"\xff" * (end - mask), got[mask:end])
        at, size = (3088, 8) if wide else (2316, 4)
        self.equal("shared_info max_pfn", bytes(wanted[at:at + size]), got[at:at + size])

    # ---- the rest ----

    def hvm(self):
        have = {int(k): v for k, v in self.h.domain["params"].items()}
        for index, value in self.s.params.items():
            if index == 4:  # PAE_ENABLED: dropped by libxenguest
                continue
            if index in (15, 37):  # VM86_TSS[_SIZED]: kept as one, with Xen's own bit
                self.equal("parameter 37", value & 0xffffffff, have.get(37, 0) & 0xffffffff)
                continue
            self.equal("parameter %d" % index, value, have.get(index, 0))
        if self.s.context is not None and len(self.s.context) <= 256 * 1024:
            if self.s.context != self.h.context:
                self.differ("HVM context differs")

    def run(self):
        d = self.h.domain
        self.equal("type", "hvm" if self.s.hvm else "pv", d["type"])
        if self.s.tsc:
            mode, khz, nsec, inc = self.s.tsc
            self.equal("TSC", (mode, khz, nsec, inc + 1),
                       tuple(d["tsc"][k] for k in ("mode", "khz", "nsec", "incarnation")))
        self.pages()
        if self.s.hvm:
            self.hvm()
        else:
            self.equal("width", self.s.width, d["width"])
            self.vcpus()
            self.shared_info()
        return self.found


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    with open(sys.argv[2], "rb") as f:
        stream = Stream(f.read())
    found = Compare(stream, Host(sys.argv[1], sys.argv[3], int(sys.argv[4]))).run()
    for line in found[:20]:
        print(line)
    print("%d pages, %d vCPUs compared, %d differences" % (len(stream.pages), len(stream.vcpus), len(found)))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
