# SPDX-License-Identifier: MIT
"""The state stream of xenstored, versions 1 and 2, and the proposal of April 2020 (docs/formats xenstore, xenstore-2020)."""
import struct

from . import libxl
from .items import Item, Record, Stream

END, GLOBAL, CONNECTION, WATCH, TRANSACTION, NODE, QUOTA, DOMAIN, WATCH_EXTENDED = range(9)
NO_TARGET = 0x7ff4  # DOMID_INVALID
NAMES = ["END", "GLOBAL", "CONNECTION", "WATCH", "TRANSACTION", "NODE", "QUOTA", "DOMAIN", "WATCH_EXTENDED"]
OWNER = (b"n", 0, 0)  # domain 0, nobody else


class XsRecord(Record):
    """A record as xenstored writes it: its length counts the padding. `order` is "<" or ">"."""

    def __init__(self, rtype, body=b"", order="<", name=None):
        super().__init__(name or NAMES[rtype], rtype, body)
        self.order = order

    def build(self):
        return bytes(self.body) + bytes(-len(self.body) % 8)

    def pack(self):
        body = self.content()
        length = len(body) if self.length is None else self.length
        pad = bytes(-len(body) % 8) if self.pad is None else self.pad
        return struct.pack(self.order + "II", self.type, length) + body + pad


class SpecRecord(XsRecord):
    """A record as the specification counts it: without its padding, which follows."""

    def build(self):
        return bytes(self.body)


def header(version=1, flags=0, ident=b"xenstore"):
    return Item("HEADER", struct.pack(">8sII", ident, version, flags))


def end(order="<"):
    return XsRecord(END, order=order)


def global_data(socket=3, evtchn=13, order="<"):
    return XsRecord(GLOBAL, struct.pack(order + "ii", socket, evtchn), order)


def message(kind, body, request=0, transaction=0, length=None, order="<"):
    return struct.pack(order + "IIII", kind, request, transaction, len(body) if length is None else length) + body


def buffers(requests, rest, responses):
    return len(requests), len(rest), len(rest) + len(responses)


def connection(ident, spec, kind, requests=b"", rest=b"", responses=b"", unique=None, fields=None, order="<"):
    fields = int(unique is not None) if fields is None else fields
    head = struct.pack(order + "IHH", ident, kind, fields) + spec
    body = head + struct.pack(order + "HHI", *buffers(requests, rest, responses)) + requests + rest + responses
    if unique is not None:
        body += bytes(-len(body) % 8) + struct.pack(order + "Q", unique)
    return XsRecord(CONNECTION, body, order)


def ring(ident, domid, target=NO_TARGET, port=31, order="<", **more):
    return connection(ident, struct.pack(order + "HHI", domid, target, port), 0, order=order, **more)


def socket(ident, descriptor, pad=0, order="<", **more):
    return connection(ident, struct.pack(order + "iI", descriptor, pad), 1, order=order, **more)


def strings(path, token):
    return path + b"\0" + token + b"\0"


def watch(ident, path, token=b"token", order="<"):
    return XsRecord(WATCH, struct.pack(order + "IHH", ident, len(path) + 1, len(token) + 1) + strings(path, token), order)


def deep_watch(ident, path, token=b"token", depth=1, pad=0, order="<"):
    head = struct.pack(order + "IHHHH", ident, len(path) + 1, len(token) + 1, depth, pad)
    return XsRecord(WATCH_EXTENDED, head + strings(path, token), order)


def deep_watch_lost(ident, path, token=b"token"):
    """As xenstored 4.22 writes it: no depth, but a length that counts it."""
    body = struct.pack("<IHH", ident, len(path) + 1, len(token) + 1) + strings(path, token)
    record = XsRecord(WATCH_EXTENDED, body)
    record.length = (len(body) + 4 + 7) // 8 * 8
    return record


def deep_watch_at_10(ident, path, token=b"token", depth=1):
    """As xenstored 4.22 reads it."""
    head = struct.pack("<IHHH", ident, len(path) + 1, len(token) + 1, depth)
    return XsRecord(WATCH_EXTENDED, head + strings(path, token))


def transaction(ident, number, order="<"):
    return XsRecord(TRANSACTION, struct.pack(order + "II", ident, number), order)


def permissions(perms, order="<"):
    return b"".join(struct.pack(order + "cBH", letter, flags, domid) for letter, flags, domid in perms)


def node(path, value=b"", perms=(OWNER,), ident=0, number=0, access=0, order="<"):
    head = struct.pack(order + "IIHHHH", ident, number, len(path) + 1, len(value), access, len(perms))
    return XsRecord(NODE, head + permissions(perms, order) + path + b"\0" + value, order)


def quotas(pairs, order="<"):
    return b"".join(struct.pack(order + "I", value) for _, value in pairs) + b"".join(name + b"\0" for name, _ in pairs)


DEFAULTS = ((b"nodes", 1000), (b"watches", 128), (b"transactions", 10), (b"outstanding", 20), (b"memory", 2621440),
            (b"soft-memory", 2097152), (b"transaction-nodes", 1024), (b"node-permissions", 5), (b"path-max", 2048),
            (b"node-size", 2048))


def quota(pairs=DEFAULTS, whole=0, order="<"):
    """`whole` of the values apply to all domains together."""
    return XsRecord(QUOTA, struct.pack(order + "HH", len(pairs) - whole, whole) + quotas(pairs, order), order)


def domain(domid, pairs=(), features=0, order="<"):
    return XsRecord(DOMAIN, struct.pack(order + "HHI", domid, len(pairs), features) + quotas(pairs, order), order)


GUEST = ((b"n", 0, 1), (b"r", 0, 0))  # owned by domain 1, read by domain 0
TREE = ((b"/", b"", (OWNER,)), (b"/tool", b"", (OWNER,)), (b"/tool/xenstored", b"", (OWNER,)), (b"/local", b"", (OWNER,)),
        (b"/local/domain", b"", (OWNER,)), (b"/local/domain/0", b"", (OWNER,)),
        (b"/local/domain/0/name", b"Domain-0", (OWNER,)), (b"/local/domain/1", b"", (OWNER, (b"r", 0, 1))),
        (b"/local/domain/1/control", b"", GUEST), (b"/local/domain/1/control/shutdown", b"", GUEST),
        (b"/local/domain/1/data", bytes(range(256)), GUEST), (b"/vm", b"", (OWNER,)))
SPECIAL = ((b"@releaseDomain", b"", (OWNER,)), (b"@introduceDomain", b"", (OWNER,)))


def nodes(tree=TREE + SPECIAL, order="<"):
    return [node(*row, order=order) for row in tree]


def clients(order="<", unique=False):
    """Two rings and a socket, with what is on its way through them."""
    mark = {"unique": 0x1122334455667788} if unique else {}
    request = message(2, b"memory/target\0", 7, order=order)
    event = message(15, b"@releaseDomain\0domlist\0", order=order)
    return [ring(1, 0, order=order, **mark), watch(1, b"control/shutdown", order=order),
            ring(2, 1, port=33, requests=request + request[:20], rest=b"\0half a response", responses=event + event,
                 order=order, **mark),
            watch(2, b"memory/target", b"FFFFFFFF82BB1520", order=order), watch(2, b"device", b"\xfe\x01", order=order),
            socket(3, 14, responses=message(0, b"OK\0", order=order), order=order),
            watch(3, b"@releaseDomain", b"domlist", order=order), watch(3, b"/local/domain/1/console", b"", order=order)]


def state(version=1, flags=0, head=None, peers=None, tree=None, tail=(), order="<"):
    """As a live update writes it."""
    head = [global_data(order=order)] if head is None else head
    peers = clients(order) if peers is None else peers
    tree = nodes(order=order) if tree is None else tree
    return Stream("xenstore", [header(version, flags), *head, *peers, *tree, *tail, end(order)])


def newest():
    """What 4.22 writes: quotas, unique ids, domains."""
    return state(2, head=[global_data(), quota()], peers=clients(unique=True),
                 tail=[domain(0, features=0), domain(1, ((b"nodes", 2000), (b"soft-memory", 100)), 5)])


# --- the proposal: DOMAIN_XENSTORE_DATA, type 7 of a libxl stream -------------------------------------------------------

X_NODE, X_WATCH, X_TRANSACTION, X_TRANSACTION_NODE, X_RING, X_START = range(1, 7)
X_NAMES = [None, "X_NODE", "X_WATCH", "X_TRANSACTION", "X_TRANSACTION_NODE", "X_RING", "X_START"]


def data(kind, body, name=None):
    return Record(name or X_NAMES[kind], 7, struct.pack("<I", kind) + body)


def padded(octets):
    return struct.pack("<I", len(octets)) + octets + bytes(-len(octets) % 4)


def x_body(path, value, perms):
    return padded(path) + struct.pack("<I", len(perms)) + permissions(perms) + padded(value)


def x_node(path, value=b"", perms=(OWNER,)):
    return data(X_NODE, x_body(path, value, perms))


def x_watch(path, token=b"token"):
    return data(X_WATCH, padded(path) + padded(token))


def x_transaction(number):
    return data(X_TRANSACTION, struct.pack("<I", number))


def x_transaction_node(number, path, value=b"", perms=(OWNER,)):
    return data(X_TRANSACTION_NODE, struct.pack("<I", number) + x_body(path, value, perms))


def x_ring(octets):
    return data(X_RING, padded(octets))


def x_start(domid, pad=0):
    return data(X_START, struct.pack("<HH", domid, pad))


def proposal(*records, options=0):
    return Stream("xenstore-2020", [libxl.header(options=options), *records, libxl.end()])


def x_update():
    """Several domains, as for a live update."""
    return proposal(x_start(0), x_watch(b"/local/domain", b"w"), *[x_node(*row) for row in TREE],
                    x_start(1), x_watch(b"control/shutdown", b""), x_watch(b"@releaseDomain", b"\xff\x01"),
                    x_transaction(5), x_transaction_node(5, b"/local/domain/1/data", b"new", GUEST),
                    x_transaction_node(5, b"/local/domain/1/control", b"", ()), x_ring(b"half a response"))


def x_domain():
    """One domain, as for a migration: what its nodes hang from is elsewhere."""
    return proposal(x_node(b"/local/domain/1", b"", GUEST), x_node(b"/local/domain/1/data", b"x" * 5, GUEST),
                    x_watch(b"data"), x_transaction(1))
