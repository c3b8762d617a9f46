# SPDX-License-Identifier: MIT
"""The save image of libvirt's libxl driver: header and domain XML before a libxl stream (docs/formats/libvirt.md)."""
import struct

from .items import Item, Stream

MAGIC = b"libvirt-xml\n \0 \r"
HEADER = 64
UUID = "6f1b3c54-0a7e-4c0e-9d7a-2f64b1f2a001"
EMULATOR = "/usr/lib/xen/bin/qemu-system-i386"


def domain(kind="pvh", vcpus=1, memkb=16384, devices="", more="", emulator=EMULATOR):
    """What libvirt 9 writes for an inactive definition."""
    types = {"pv": "<type arch='x86_64' machine='xenpv'>linux</type>\n    <kernel>/boot/guest</kernel>",
             "pvh": "<type arch='x86_64' machine='xenpvh'>xenpvh</type>\n    <kernel>/boot/guest</kernel>",
             "hvm": "<type arch='x86_64' machine='xenfv'>hvm</type>\n"
                    "    <loader type='rom'>/usr/lib/xen/boot/hvmloader</loader>\n    <boot dev='hd'/>"}
    return f"""<domain type='xen'>
  <name>golden</name>
  <uuid>{UUID}</uuid>
  <memory unit='KiB'>{memkb}</memory>
  <currentMemory unit='KiB'>{memkb}</currentMemory>
  <vcpu placement='static'>{vcpus}</vcpu>
  <os>
    {types[kind]}
  </os>
  <clock offset='utc' adjustment='reset'/>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  {more}<devices>
    <emulator>{emulator}</emulator>
    <console type='pty'>
      <target type='xen' port='0'/>
    </console>
    {devices}<memballoon model='xen'/>
  </devices>
</domain>
"""


class Header(Item):
    """The 64 octets and the XML; every field can be forced."""

    def __init__(self, text, magic=MAGIC, version=2, length=None, unused=(0,) * 10, order="<"):
        super().__init__("LIBVIRT_HEADER")
        self.text, self.magic, self.version = text, magic, version
        self.length, self.unused, self.order = length, unused, order

    def build(self):
        length = len(self.text) if self.length is None else self.length
        return self.magic + struct.pack(f"{self.order}12I", self.version, length, *self.unused) + self.text


def octets(text):
    """XML with its NUL."""
    return (text if isinstance(text, bytes) else text.encode()) + b"\0"


def wrap(stream, text=None, **fields):
    """A libvirt image around a libxl stream; `text` is the XML, or all its octets if they end in a NUL."""
    text = domain() if text is None else text
    blob = text if isinstance(text, bytes) and text.endswith(b"\0") else octets(text)
    return Stream("libvirt", [Header(blob, **fields), *stream.copy().items])
