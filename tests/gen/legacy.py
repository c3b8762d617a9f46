# SPDX-License-Identifier: MIT
"""Legacy streams of Xen 4.0 to 4.5, from 32-bit and 64-bit toolstacks (docs/formats legacy): head, chunks, tail, device model."""
import struct

from . import hvm, libxc, libxl, pv
from .items import Item, Stream
from .libxc import BROKEN, NOTAB, XALLOC, XTAB

VERIFY, VCPU_INFO, IDENT_PT, VM86_TSS, TMEM, TMEM_EXTRA, TSC_INFO, CONSOLE, LAST, ACPI, VIRIDIAN = range(-1, -12, -1)
COMPRESSED, COMPRESS, GENERATION, PAGING, ACCESS, SHARING, TOOLSTACK, SERVER, NR_SERVER, X87 = range(-12, -22, -1)
FILLER = 0xf0000000
XL_LEGACY_JSON, XL_LEGACY_TEXT = 1, 0  # mandatory flags of 4.5, and of 4.0 to 4.4
TEXT = b'name = "golden"\nbuilder = "hvm"\nmemory = 16\nvcpus = 1\n'


def word(bits):
    return "<Q" if bits == 64 else "<I"


def words(bits, values):
    return b"".join(struct.pack(word(bits), value) for value in values)


def p2m_size(bits, pages):
    return Item("P2M_SIZE", struct.pack(word(bits), pages))


def block(name, data=b"", size=None):
    return name + struct.pack("<I", len(data) if size is None else size) + data


def extended_info(bits, width, ext=True, xsave=16, blocks=None, total=None, marker=None):
    """`xsave`: octets of each vCPU's extended registers, from xcr0 on; 0: the saver had none."""
    if blocks is None:
        blocks = block(b"vcpu", pv.context(0, width))
        blocks += block(b"extv") if ext else b""
        blocks += block(b"xcnt", struct.pack("<I", 16 + xsave)) if xsave else b""
    ones = (1 << bits) - 1 if marker is None else marker
    return Item("EXTENDED_INFO", struct.pack(word(bits), ones) + struct.pack("<I", len(blocks) if total is None else total) + blocks)


def frames(bits, width, pages, first):
    per_frame = 4096 // width.octets
    return Item("FRAMES", words(bits, [first + i for i in range((pages - 1) // per_frame + 1)]))


def chunk(name, number, body=b""):
    return Item(name, struct.pack("<i", number) + body)


def end_of_chunks():
    return chunk("END_OF_CHUNKS", 0)


def batch(bits, entries, fillers=0, count=None):
    """(pfn, type, contents); fillers stand where the saver found pages that it could not map."""
    values = [pfn | kind << 28 for pfn, kind, _ in entries]
    values += [FILLER] * fillers
    head = struct.pack("<i", len(values) if count is None else count) + words(bits, values)
    return Item("BATCH", head + b"".join(contents for _, _, contents in entries if contents is not None))


def batches(bits, memory, size=None):
    pfns = sorted(memory)
    size = min(size or len(pfns), 1024)
    return [batch(bits, [(pfn, *memory[pfn]) for pfn in pfns[i:i + size]]) for i in range(0, len(pfns), size)]


def vcpu_info(vcpus=1, max_id=None, bitmap=None):
    most = vcpus - 1 if max_id is None else max_id
    count = most // 64 + 1
    bits = (1 << vcpus) - 1 if bitmap is None else bitmap
    return chunk("VCPU_INFO", VCPU_INFO, struct.pack("<i", most) + bits.to_bytes(8 * count, "little"))


def tsc_info(mode=0, nsec=123456789, khz=2000000, incarnation=1):
    return chunk("TSC_INFO", TSC_INFO, struct.pack("<IQII", mode, nsec, khz, incarnation))


def param(name, number, value, pad=0):
    return chunk(name, number, struct.pack("<IQ", pad, value))


def last_checkpoint():
    return chunk("LAST_CHECKPOINT", LAST)


PHYSMAP = ((0xf0000000, 0xf1000000, 0x800000, b"vga.vram\0"), (0xc0000000, 0xc1000000, 0x1000, b"rom\0"))


def toolstack(bits, entries=PHYSMAP, version=1, count=None, length=None, extra=b""):
    """64-bit writers leak four octets behind each name."""
    data = struct.pack("<II", version, len(entries) if count is None else count)
    for phys, start, size, name in entries:
        data += struct.pack("<QQQI", phys, start, size, len(name)) + name + (b"\xde\xad\0\xef" if bits == 64 else b"")
    data += extra
    return chunk("TOOLSTACK", TOOLSTACK, struct.pack("<I", len(data) if length is None else length) + data)


def unmapped(bits, pfns=(), count=None):
    return Item("UNMAPPED", struct.pack("<I", len(pfns) if count is None else count) + words(bits, pfns))


def vcpu(number, width, ext=True, xsave=16, accum=0):
    """Context, extended context padded to 128 octets, extended registers behind their two numbers."""
    blob = pv.context(number, width)
    if ext:
        blob += pv.extended(number, 64, 128).body[8:]
    if xsave:
        image = pv.xsave_image(accum, accum) if accum else bytes(16)
        blob += struct.pack("<QQ", accum or 3, len(image)) + image
    return Item("VCPU", bytes(blob))


def shared_info(width):
    return Item("SHARED_INFO", bytes(pv.shared_info(width).body))


def magic(ioreq=hvm.IOREQ, bufioreq=hvm.BUFIOREQ, store=hvm.STORE):
    return Item("MAGIC", struct.pack("<QQQ", ioreq, bufioreq, store))


def context(chain, length=None):
    body = chain.content()
    return Item("CONTEXT", struct.pack("<I", len(body) if length is None else length) + body)


def device_model(blob=None, signature=b"DeviceModelRecord0002", length=None):
    """With a length, as libxl 4.1 and later have it; without (signature of xend) to the end of the file."""
    blob = libxl.qevm() if blob is None else blob
    size = struct.pack("<I", len(blob) if length is None else length) if signature.endswith(b"0002") else b""
    return [Item("SIGNATURE", signature + size), Item("DEVICE_MODEL", blob)]


def pv_guest(bits=64, width=pv.WIDE, vcpus=1, ext=True, accum=0, memory=None, size=None, rounds=None, info=True, gone=(),
             last=True, middle=()):
    memory = pv.guest_pages(width) if memory is None else memory
    xsave = 16 if not accum else 16 + libxc.xstate_size(accum)
    xsave = xsave if ext else 0
    sent = batches(bits, memory, size) if rounds is None else rounds
    online = [vcpu_info(vcpus)] if info else []
    return Stream("legacy", [
        p2m_size(bits, pv.LAST + 1), extended_info(bits, width, ext, xsave), frames(bits, width, pv.LAST + 1, pv.P2M),
        tsc_info(), *sent, *middle, *online, *([last_checkpoint()] if last else []), end_of_chunks(), unmapped(bits, gone),
        *[vcpu(i, width, ext, xsave, accum) for i in range(vcpus)], shared_info(width)])


HVM_PAGES = 0x100000  # p2m_size counts the hole below 4 GiB


def params(server=True):
    chunks = [param("PAGING", PAGING, hvm.PAGING), param("ACCESS", ACCESS, hvm.MONITOR),
              param("SHARING", SHARING, hvm.SHARING), param("IDENT_PT", IDENT_PT, hvm.IDENT_PT << 12),
              param("CONSOLE", CONSOLE, hvm.CONSOLE)]
    if server:
        chunks += [param("SERVER", SERVER, hvm.SERVER), param("NR_SERVER", NR_SERVER, 8)]
    return chunks


def hvm_guest(bits=64, vcpus=1, memory=None, rounds=None, size=None, physmap=True, model=None, chain=None, server=True,
              xen=(4, 6), accum=0, last=True, tsc=True):
    """`model`: items of the device model, [] for none."""
    memory = hvm.guest_pages() if memory is None else memory
    sent = batches(bits, memory, size) if rounds is None else rounds
    chain = chain or hvm.context(vcpus, xen=xen, accum=accum)
    return Stream("legacy", [
        p2m_size(bits, HVM_PAGES), *([tsc_info()] if tsc else []), *sent, vcpu_info(vcpus), *params(server),
        *([toolstack(bits)] if physmap else []), *([last_checkpoint()] if last else []), end_of_chunks(), magic(),
        context(chain), *(device_model() if model is None else model)])


TYPES = (NOTAB, XALLOC, XTAB, BROKEN)
