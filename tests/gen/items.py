# SPDX-License-Identifier: MIT
"""A stream as a list of named items, so that a test can say "the length of the second PAGE_DATA" and get its offset.

Nothing here knows what is legal. An item writes what it is told to write; the builders in libxc.py, libxl.py and xl.py
know what a correct writer emits, and a test case changes one thing of that.
"""
import copy
import struct

ZERO = b"\0"


class Item:
    """Octets with a name: a header, a container's optional data, junk."""

    header = 0  # octets before the body

    def __init__(self, name, body=b""):
        self.name = name
        self.frozen = False
        self.body = bytearray(body)

    def build(self):
        """The body as a correct writer emits it; kinds of items override this."""
        return bytes(self.body)

    def content(self):
        return bytes(self.body) if self.frozen else self.build()

    def freeze(self):
        """Makes the body plain octets that can be poked."""
        self.body = bytearray(self.content())
        self.frozen = True
        return self.body

    def poke(self, offset, fmt, *values):
        body = self.freeze()
        before = bytes(body)
        struct.pack_into(fmt, body, offset, *values)
        if bytes(body) == before:
            raise ValueError(f"poke of {self.name}+{offset} changes nothing")

    def resize(self, length):
        """Cuts the body, or extends it with zeroes."""
        body = self.freeze()
        body[length:] = ZERO * max(0, length - len(body))

    def pack(self):
        return self.content()


class Record(Item):
    """type u32, length u32, body, zero padding to a multiple of 8; length and padding can be forced."""

    header = 8

    def __init__(self, name, rtype, body=b"", length=None, pad=None):
        super().__init__(name, body)
        self.type, self.length, self.pad = rtype, length, pad

    def pack(self):
        body = self.content()
        length = len(body) if self.length is None else self.length
        pad = ZERO * (-len(body) % 8) if self.pad is None else self.pad
        return struct.pack("<II", self.type, length) + body + pad


class Stream:
    """Items in order, and the container that the first of them begins."""

    def __init__(self, fmt, items):
        self.fmt = fmt
        self.items = list(items)

    def copy(self):
        return copy.deepcopy(self)

    def pack(self):
        return b"".join(item.pack() for item in self.items)

    def __len__(self):
        return len(self.pack())

    def index(self, name, nth=0):
        found = [i for i, item in enumerate(self.items) if item.name == name]
        if not found:
            raise KeyError(f"no {name} in {[item.name for item in self.items]}")
        return found[nth]

    def get(self, name, nth=0):
        return self.items[self.index(name, nth)]

    def at(self, name, delta=0, nth=0):
        """Absolute offset of an item, plus delta."""
        return sum(len(item.pack()) for item in self.items[:self.index(name, nth)]) + delta

    def body_at(self, name, delta=0, nth=0):
        """Absolute offset inside an item's body."""
        return self.at(name, self.get(name, nth).header + delta, nth)

    def at_index(self, i, delta=0):
        return sum(len(item.pack()) for item in self.items[:i]) + delta

    # Edits. Each returns the stream, so that they can be chained on a copy.
    def before(self, name, *items, nth=0):
        i = self.index(name, nth)
        self.items[i:i] = copy.deepcopy(list(items))
        return self

    def after(self, name, *items, nth=0):
        i = self.index(name, nth) + 1
        self.items[i:i] = copy.deepcopy(list(items))
        return self

    def drop(self, name, nth=0):
        del self.items[self.index(name, nth)]
        return self

    def drop_all(self, name):
        self.items = [item for item in self.items if item.name != name]
        return self

    def replace(self, name, *items, nth=0):
        i = self.index(name, nth)
        self.items[i:i + 1] = copy.deepcopy(list(items))
        return self

    def move_before(self, name, target, nth=0):
        item = self.items.pop(self.index(name, nth))
        self.items.insert(self.index(target), item)
        return self

    def poke(self, name, offset, fmt, *values, nth=0):
        """Overwrites inside the body of an item."""
        self.get(name, nth).poke(offset, fmt, *values)
        return self

    def resize(self, name, length, nth=0):
        self.get(name, nth).resize(length)
        return self

    def append(self, *items):
        self.items += copy.deepcopy(list(items))
        return self

    def cut(self, length):
        """The same stream, ended after `length` octets."""
        return Stream(self.fmt, [Item("cut", self.pack()[:length])])
