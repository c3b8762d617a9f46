#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Puts the accepted images of the corpus, those of a real Xen among them, into other containers: what was accepted stays accepted,
and what the gate lets through is what went in. PV images become draft B as well, and version 3 again by `xenvet convert`.

    containers.py XENVET [--corpus DIR] [--filter SUBSTR]

Shares no code with the parser, and takes the images apart by their lengths alone. One line per failure, then "N passed, N failed".
"""
import argparse
import concurrent.futures
import pathlib
import shlex
import struct
import subprocess
import sys
import tempfile
import zlib

import golden
from gen import libvirt, xenopsd

XL_MAGIC, LIBXL_MAGIC = b"Xen saved domain", b"LibxlFmt"
# Options whose images are not plain.
NOT_PLAIN = ("checkpointed", "trailing-go-ahead")
# Options that mean the container that the image came in.
SPECIFIC = ("--format", "--refuse", "--max-stream-bytes", "--max-config-bytes", "--max-records")


def libxl_part(octets):
    """The libxl stream of an xl file, or of a bare stream; None if there is none."""
    if octets.startswith(XL_MAGIC):
        return octets[48 + struct.unpack_from("<I", octets, 44)[0]:]
    return octets if octets.startswith(LIBXL_MAGIC) else None


def libvirt_image(octets):
    inner = libxl_part(octets)
    text = libvirt.octets(libvirt.domain())
    return None if inner is None else libvirt.MAGIC + struct.pack("<12I", 2, len(text), *(0,) * 10) + text + inner


def libxc_part(octets):
    """The libxc stream of any image, and the state of its device model: what follows the ends of the libxc records."""
    inner = libxl_part(octets)
    start = octets.find(b"\xff" * 8 + b"XENF")
    at = start + 40
    while True:
        kind, length = struct.unpack_from("<II", octets, at)
        at += 8 + (length + 7) // 8 * 8
        if kind == 0:
            break
    stream, emulator = octets[start:at], None
    while inner is not None and at < len(octets):
        kind, length = struct.unpack_from("<II", octets, at)
        if kind == 3:
            emulator = octets[at + 16:at + 8 + length]
        at += 8 + (length + 7) // 8 * 8
    return stream, emulator


def xenopsd_image(octets):
    """None if the guest has a device model whose state is not there, or too large."""
    stream, emulator = libxc_part(octets)
    records = [xenopsd.qemu(emulator)] if emulator else []
    hvm = struct.unpack_from("<I", stream, 24)[0] == 2
    if (emulator and len(emulator) > 1 << 20) or (hvm and not emulator and octets.startswith(stream[:16])):
        return None
    return b"".join(item.pack() for item in (xenopsd.signature(), xenopsd.xenops(), xenopsd.libxc(),
                                             xenopsd.Item("STREAM", stream), *records, xenopsd.end()))


PAGE_DATA, PV_INFO, P2M_FRAMES, VCPU_BASIC, INVALID = 1, 2, 3, 4, (1 << 64) - 1


def records_of(stream, at=40):
    """(type, body) of a libxc stream, its END among them; of any that frames its records so, from `at` on."""
    while at < len(stream):
        kind, length = struct.unpack_from("<II", stream, at)
        yield kind, stream[at + 8:at + 8 + length]
        at += 8 + (length + 7) // 8 * 8


def contents_of(records):
    """The last contents of each page that has some."""
    pages = {}
    for body in (body for kind, body in records if kind == PAGE_DATA):
        count, = struct.unpack_from("<I", body)
        entries = struct.unpack_from(f"<{count}Q", body, 8)
        full = [entry for entry in entries if entry >> 60 < 13]
        for i, entry in enumerate(full):
            pages[entry & (1 << 52) - 1] = body[8 + 8 * count + 4096 * i:][:4096]
    return pages


def draft_b_image(octets):
    """The same PV guest; where the host had its pages says the guest's own p2m, as it did when the image was saved."""
    stream, _ = libxc_part(octets)
    records = list(records_of(stream))
    kinds = [kind for kind, _ in records]
    if struct.unpack_from("<I", stream, 24)[0] != 1 or kinds.count(P2M_FRAMES) != 1 or 13 in kinds:
        return None
    bodies = dict(records)
    width, word = bodies[PV_INFO][0], "Q" if bodies[PV_INFO][0] == 8 else "I"
    first, last = struct.unpack_from("<II", bodies[P2M_FRAMES])
    frames = struct.unpack_from(f"<{len(bodies[P2M_FRAMES]) // 8 - 1}Q", bodies[P2M_FRAMES], 8)
    pages = contents_of(records)
    if first or any(frame not in pages for frame in frames):
        return None
    mfns = [value for frame in frames for value in struct.unpack(f"<{4096 // width}{word}", pages[frame])][:last + 1]
    table = [mfn if mfn < 1 << (32 if width == 8 else 31) else INVALID for mfn in mfns]
    vcpus = [body for kind, body in records if kind == VCPU_BASIC]

    def record(kind, body):
        body += bytes(-len(body) % 8)
        return struct.pack("<IIHHI", kind, len(body), 1, 0, 0) + body + struct.pack("<II", zlib.crc32(body), 0)

    return b"".join([
        struct.pack(">Q4sIQ", INVALID, b"XENF", 1, 0), struct.pack("<4H", 1, 1, 12, 0),
        record(4, bodies[PV_INFO][:2] + bytes(6)), record(5, struct.pack(f"<QQ{len(table)}Q", 0, last + 1, *table)),
        *(record(1, body) for kind, body in records if kind == PAGE_DATA),
        record(2, struct.pack("<II", struct.unpack_from("<I", vcpus[-1])[0], 0)), *(record(3, body) for body in vcpus), record(0, b"")])


def converted_back(xenvet, octets, path):
    """What is wrong with the version 3 that draft B becomes: the p2m's frames are found again, pages and vCPUs are the same."""
    want = [record for record in records_of(libxc_part(octets)[0]) if record[0] in (PV_INFO, P2M_FRAMES, PAGE_DATA, VCPU_BASIC)]
    out = path.with_name("converted")
    done = subprocess.run([xenvet, "convert", "-q", "--lossy", path, out], capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        return f"convert: {done.stderr.decode().strip()}"
    got = [record for record in records_of(out.read_bytes()) if record[0] in (PV_INFO, P2M_FRAMES, PAGE_DATA, VCPU_BASIC)]
    out.unlink()
    return None if got == want else "convert makes another guest of it"


CONTAINERS = {"libvirt": libvirt_image, "xenopsd": xenopsd_image, "draft-b": draft_b_image}


def wanted(row):
    name = row["path"].removesuffix(".zst")
    plain = name.endswith((".xl", ".libxl", ".libxc", ".save")) and "legacy" not in name and "--format" not in row["options"]
    return row["verdict"] == "ACCEPTED" and plain and not any(word in row["options"] for word in NOT_PLAIN)


def is_real(row):
    """Saved by a real Xen, not generated."""
    return row["origin"] != "tests/gen"


def judge(xenvet, scratch, file, row, name):
    """What is wrong, None, or "" if the image does not fit into the container."""
    image = CONTAINERS[name](file.read_bytes())
    if image is None:
        return ""
    path = pathlib.Path(tempfile.mkdtemp(dir=scratch)) / f"image.{name}"
    path.write_bytes(image)
    options = [] if row["options"] == "-" else shlex.split(row["options"])
    if any(option in options for option in SPECIFIC):
        return ""
    run = lambda *words: subprocess.run([xenvet, *words], capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
    done = run("check", *options, path)
    if done.returncode != 0:
        return done.stdout.decode().strip()
    copy = path.with_name("copy")
    done = run("gate", "-q", *options, "--in", path, "--out", copy)
    if done.returncode != 0:
        return f"gate: {done.stderr.decode().strip()}"
    if name == "draft-b" and is_real(row) and (wrong := converted_back(xenvet, file.read_bytes(), path)):
        return wrong
    same = copy.read_bytes() == image or "--tolerate" in options or "empty" in row["path"]
    path.unlink()
    copy.unlink()
    return None if same else "the gate lets other octets through"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("xenvet")
    options.add_argument("--corpus", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent / "corpus")
    options.add_argument("--filter", default="", metavar="SUBSTR")
    args = options.parse_args()
    rows = [row for row in golden.load(args.corpus / "MANIFEST", args.filter) if wanted(row)]
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="xenvet-containers-") as scratch:
        files = golden.unpack(args.corpus, rows, pathlib.Path(scratch) / "corpus")
        jobs = [(row, name) for row in rows for name in CONTAINERS]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            results = pool.map(lambda job: judge(args.xenvet, scratch, files[job[0]["path"]], *job), jobs)
            for (row, name), wrong in zip(jobs, results):
                passed += wrong is None
                failed += bool(wrong)
                if wrong:
                    print(f"FAIL {row['path']} as {name}: {wrong}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
