# SPDX-License-Identifier: MIT
"""Large valid streams and costly hostile ones, written piece by piece from what the tests' generator knows."""
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests"))
from gen import hvm, libxc, pv  # noqa: E402
from gen import xl as xl_file  # noqa: E402

BATCH = 1024  # pages per record, as savers write them
PAGE = libxc.PAGE


def page_record(entries, contents):
    """One PAGE_DATA record: entries are (pfn, type), contents the pages that follow, as they are."""
    body = struct.pack("<II", len(entries), 0) + b"".join(struct.pack("<Q", pfn | kind << 60) for pfn, kind in entries) + contents
    return struct.pack("<II", libxc.PAGE_DATA, len(body)) + body + bytes(-len(body) % 8)


def write(path, pieces):
    with open(path, "wb") as out:
        for piece in pieces:
            out.write(piece)
    return path


def split(stream):
    """The octets before the first PAGE_DATA, those records, and the octets after the last."""
    items = stream.items
    where = [i for i, item in enumerate(items) if isinstance(item, libxc.Pages)]
    octets = [item.pack() for item in items]
    return b"".join(octets[:where[0]]), b"".join(octets[where[0]:where[-1] + 1]), b"".join(octets[where[-1] + 1:])


def hvm_image(octets):
    """An HVM guest (version 3) of so many octets of memory, every page with contents."""
    head, pages, tail = split(hvm.guest())
    yield head + pages
    noise = bytes(range(256)) * (PAGE // 256) * BATCH
    for first in range(64, octets // PAGE, BATCH):
        count = min(BATCH, octets // PAGE - first)
        yield page_record([(pfn, libxc.NOTAB) for pfn in range(first, first + count)], noise[:count * PAGE])
    yield tail


def pv_head(last):
    """Everything of a 64-bit PV guest (version 3) that comes before its pages; its p2m lies in its last pages."""
    count = (last + 1 + 511) // 512
    frames = list(range(last + 1 - count, last + 1))
    items = [libxc.image_header(3), libxc.domain_header(libxc.PV), *pv.static(3), pv.p2m_frames(0, last, frames)]
    return b"".join(item.pack() for item in items)


def full_table(first, last):
    """An L1 page of 512 present entries within the guest."""
    return struct.pack("<512Q", *((first + i) % (last + 1) << 12 | pv.RO for i in range(512)))


def pv_image(octets):
    """A 64-bit PV guest with one L1 table for each 512 pages, as its kernel maps all memory."""
    last = octets // PAGE - 1
    tables = range(1024, 1024 + (last + 1) // 512)
    memory = {pfn: (kind, page) for pfn, (kind, page) in pv.guest_pages().items() if libxc.has_contents(kind)}
    plain = bytes(range(256)) * (PAGE // 256)
    yield pv_head(last)
    for first in range(0, last + 1, BATCH):
        entries, contents = [], []
        for pfn in range(first, min(first + BATCH, last + 1)):
            kind, page = memory.get(pfn, (libxc.NOTAB, plain))
            if pfn in tables:
                kind, page = libxc.L1TAB, full_table((pfn - tables[0]) * 512, last)
            entries.append((pfn, kind))
            contents.append(page)
        yield page_record(entries, b"".join(contents))
    tail = [libxc.tsc_info(), pv.shared_info(last=last), pv.basic(), pv.extended(), pv.xsave(), pv.msrs(), libxc.end()]
    yield b"".join(item.pack() for item in tail)


# What an attacker would send to make each octet cost most; all are cut at the end, so that the last octet counts too.

def tiny_records(octets):
    """PAGE_DATA records of one hole each: 24 octets per record."""
    head, pages, _ = split(hvm.guest())
    yield head + pages
    one = [page_record([(64 + i, libxc.XTAB)], b"") for i in range(4096)]
    whole = b"".join(one)
    for _ in range(octets // len(whole)):
        yield whole


def holes(octets):
    """PAGE_DATA records full of entries that bring no contents."""
    head, pages, _ = split(hvm.guest())
    yield head + pages
    done = 0
    while done < octets:
        for first in range(64, 64 + 64 * BATCH, BATCH):
            record = page_record([(pfn, libxc.XTAB) for pfn in range(first, first + BATCH)], b"")
            done += len(record)
            yield record


def tables(octets):
    """A PV guest that consists of page tables, every entry present."""
    last = octets // PAGE - 1
    yield pv_head(last)
    page = full_table(0, last)
    for first in range(0, last + 1, BATCH):
        pfns = range(first, min(first + BATCH, last + 1))
        yield page_record([(pfn, libxc.L1TAB) for pfn in pfns], page * len(pfns))


def single_pages(octets):
    """PAGE_DATA records of one page each of a PV guest: the most pieces per octet with contents."""
    last = octets // PAGE - 1
    yield pv_head(last)
    plain = bytes(PAGE)
    for pfn in range(last + 1):
        yield page_record([(pfn, libxc.NOTAB)], plain)


def configuration(octets, text):
    """An xl file that is all configuration."""
    body = text(octets).encode() + b"\0"
    header = struct.pack("<32sIIII", b"Xen saved domain, xl format\n \0 \r", 0x01020304, 3, 0, len(body) + 4)
    yield header + struct.pack("<I", len(body)) + body


def escapes(octets):
    """Strings as long as they may be, every character an escape."""
    unit = '"' + "\\u00e9" * 1365 + '"'
    return '{"zz":[' + ",".join([unit] * (octets // len(unit))) + "]}"


def names(octets):
    """As many fields as there may be, each name as long as it may be and like a known one but for its end."""
    count = min(16000, octets // 70)
    return '{"b_info":{' + ",".join(f'"{"device_model_stubdomain_seclabel":x<56}{i:08}":0' for i in range(count)) + "}}"


def pvh_image(octets):
    """What a small PVH or HVM guest really looks like: a few pages, and a million holes up to the end of the MMIO hole."""
    head, pages, tail = split(hvm.guest())
    yield head + pages
    for first in range(1024, 0xff000, BATCH):
        yield page_record([(pfn, libxc.XTAB) for pfn in range(first, first + BATCH)], b"")
    yield tail


VALID = {"PVH image, mostly holes": pvh_image, "HVM image": hvm_image, "PV image": pv_image}
HOSTILE = {"records of one hole": tiny_records, "lists of holes": holes, "page tables only": tables,
           "records of one PV page": single_pages}
HOSTILE_CONFIG = {"escapes in strings": escapes, "long names of fields": names}
