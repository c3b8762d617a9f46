#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The state that a real xenstored left, as the later version and as the proposal of 2020 would have it: accepted, with as many nodes,
watches and domains. Shares no code with the parser, and takes the state apart by its lengths alone.

    xenstore_states.py XENVET
"""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import golden
from containers import records_of

CORPUS = pathlib.Path(__file__).resolve().parent.parent / "corpus"
CONNECTION, WATCH, NODE, WATCH_EXTENDED, HEADER = 2, 3, 5, 8, 16


def record(kind, body, padding_counts=True):
    """xenstored counts the padding, libxl does not."""
    whole = body + bytes(-len(body) % 8)
    return struct.pack("<II", kind, len(whole if padding_counts else body)) + whole


def watch_of(body):
    """Connection, path and token."""
    connection, path, token = struct.unpack_from("<IHH", body)
    return connection, body[8:8 + path - 1], body[8 + path:8 + path + token - 1]


def version_2(state):
    """Each watch with a depth, as the specification has it."""
    out = b"xenstore" + struct.pack(">II", 2, 0)
    for kind, body in records_of(state, HEADER):
        if kind == WATCH:
            connection, path, token = watch_of(body)
            body = struct.pack("<IHHHH", connection, len(path) + 1, len(token) + 1, 1, 0) + path + b"\0" + token + b"\0"
            kind = WATCH_EXTENDED
        out += record(kind, body)
    return out


def text(octets):
    return struct.pack("<I", len(octets)) + octets + bytes(-len(octets) % 4)


def proposal(state):
    """Nodes but the special ones, which it has no place for, then the watches of each domain. Sockets are dom0's."""
    out = b"LibxlFmt" + struct.pack(">II", 2, 0)
    add = lambda kind, body: record(7, struct.pack("<I", kind) + body, False)
    domains, watches, nodes = {}, {}, b""
    for kind, body in records_of(state, HEADER):
        if kind == CONNECTION:
            connection, sort, _, domain = struct.unpack_from("<IHHH", body)
            domains[connection] = 0 if sort else domain
        elif kind == WATCH:
            connection, path, token = watch_of(body)
            watches.setdefault(domains[connection], {})[path, token] = None
        elif kind == NODE:
            _, _, path, value, _, perms = struct.unpack_from("<IIHHHH", body)
            after = 16 + 4 * perms
            nodes += b"" if body[after:after + 1] == b"@" else \
                add(1, text(body[after:after + path - 1]) + struct.pack("<I", perms) + body[16:after] +
                    text(body[after + path:after + path + value]))
    out += add(6, struct.pack("<HH", 0, 0)) + nodes
    for domain in sorted({0, *domains.values()}):
        out += add(6, struct.pack("<HH", domain, 0)) if domain else b""
        out += b"".join(add(2, text(path) + text(token)) for path, token in watches.get(domain, {}))
    return out + record(0, b"")


def counts(xenvet, path):
    """Exit status, nodes, watches."""
    done = subprocess.run([xenvet, "check", "--json", path], capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
    report = json.loads(done.stdout)
    return done.returncode, report["stream"]["xenstore"], report["verdict"]


def main():
    xenvet, passed, failed = sys.argv[1], 0, 0
    rows = golden.load(CORPUS / "MANIFEST", "xen-xenstored-live-update")
    with tempfile.TemporaryDirectory(prefix="xenvet-states-") as scratch:
        files = golden.unpack(CORPUS, rows, pathlib.Path(scratch) / "corpus")
        for row in rows:
            state = files[row["path"]].read_bytes()
            kinds = [kind for kind, _ in records_of(state, HEADER)]
            special = sum(kind == NODE and body[16 + 4 * body[14]:][:1] == b"@" for kind, body in records_of(state, HEADER))
            for name, make in (("version 2", version_2), ("xenstore-2020", proposal)):
                path = pathlib.Path(scratch) / "state"
                path.write_bytes(make(state))
                status, found, verdict = counts(xenvet, path)
                good = status == 0 and found and found["nodes"] == kinds.count(NODE) - (special if name != "version 2" else 0) and \
                    0 < found["watches"] <= kinds.count(WATCH)
                passed, failed = passed + bool(good), failed + (not good)
                if not good:
                    print(f"FAIL {row['path']} as {name}: {status} {verdict} {found}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
