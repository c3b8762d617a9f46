# SPDX-License-Identifier: MIT
"""The file header of xl with its embedded configuration (docs/formats xl 1)."""
import copy
import json
import struct

from .items import Item, Stream

MAGIC = b"Xen saved domain, xl format\n \0 \r"
GO_AHEAD = b"domain is yours, you are cleared to unpause\0"
JSON, STREAMV2 = 1, 2
UUID = "6f1b3c54-0a7e-4c0e-9d7a-2f64b1f2a001"


def config(kind="pv", vcpus=1, memkb=4096, **build):
    """What libxl of 4.17 writes for a small guest; `build` adds fields to b_info."""
    return {
        "c_info": {"type": kind, "name": "golden", "uuid": UUID, "run_hotplug_scripts": "True"},
        "b_info": {
            "max_vcpus": vcpus, "avail_vcpus": list(range(vcpus)), "max_memkb": memkb, "target_memkb": memkb,
            "video_memkb": 0, "sched_params": {"sched": "credit2", "weight": 256, "cap": 0}, "claim_mode": "True",
            "kernel": "/boot/guest", **build, f"type.{kind}": type_block(kind), "arch_arm": {},
            "arch_x86": {"msr_relaxed": "False"},
        },
        "on_reboot": "restart", "on_crash": "preserve", "on_soft_reset": "soft_reset",
    }


def type_block(kind):
    if kind != "hvm":
        return {}
    return {"nographic": "True", "vga": {"kind": "none"}, "vnc": {"enable": "False"}, "sdl": {"enable": "False"},
            "spice": {}, "rdm": {}}


def edited(base, path, value):
    """A copy with one field set; the path is dotted with slashes, a number selects in a list."""
    twin = copy.deepcopy(base)
    place = twin
    *way, last = path.split("/")
    for step in way:
        place = place.setdefault(step, {}) if isinstance(place, dict) else place[int(step)]
    place[last] = value
    return twin


def without(base, path):
    twin = copy.deepcopy(base)
    place = twin
    *way, last = path.split("/")
    for step in way:
        place = place[step]
    del place[last]
    return twin


def text(value):
    """The JSON as libxl prints it: indented, a newline, one NUL."""
    return json.dumps(value, indent=4).encode() + b"\n\0"


class Header(Item):
    """The 48 octets and the optional data; every field can be forced."""

    def __init__(self, blob, magic=MAGIC, order=0x01020304, mandatory=JSON | STREAMV2, optional=0, optional_len=None,
                 config_len=None, extra=b""):
        super().__init__("XL_HEADER")
        self.blob, self.magic, self.order, self.extra = blob, magic, order, extra
        self.mandatory, self.optional = mandatory, optional
        self.optional_len, self.config_len = optional_len, config_len

    def build(self):
        length = len(self.blob) if self.config_len is None else self.config_len
        data = struct.pack("<I", length) + self.blob + self.extra
        total = len(data) if self.optional_len is None else self.optional_len
        return self.magic + struct.pack("<IIII", self.order, self.mandatory, self.optional, total) + data


CONFIG = 52  # where the configuration begins


def wrap(stream, blob, **fields):
    """An xl file; `blob` is a configuration or the octets of one."""
    octets = blob if isinstance(blob, bytes) else text(blob)
    return Stream("xl", [Header(octets, **fields), *stream.copy().items])
