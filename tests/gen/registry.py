# SPDX-License-Identifier: MIT
"""Where the case files put what they make: streams to accept, and pairs of one to reject and its nearest neighbour."""
from .items import Item, Stream

ACCEPT = []  # (name, stream, options)
REJECT = []  # (name, code, bad, good, options, offset)


def accept(name, stream, options=""):
    """A stream that must be accepted."""
    ACCEPT.append((name, stream, options))


def case(name, code, bad, good, options="", offset=None):
    """`bad` is rejected with `code`, at `offset` unless None; `good` passes under the same options."""
    if bad.pack() == good.pack():
        raise ValueError(f"{name}: the two streams are the same")
    REJECT.append((name, code, bad, good, options, offset))


def raw(fmt, octets):
    """A stream that is just octets."""
    return Stream(fmt, [Item("raw", octets)])


def edit(stream, change):
    """A changed copy: `change` gets the copy."""
    twin = stream.copy()
    change(twin)
    return twin
