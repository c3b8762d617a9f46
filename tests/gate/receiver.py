#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The receiving side of a migration as xl plays it, which builds nothing and writes down what it sees.

    receiver.py LOG WHAT [NUMBER]

LOG gets a line for each thing that happens, LOG.data every octet that came. WHAT is
    migrate [STATUS]   banner, stream, ready, go-ahead, report, STATUS (and the permission to resume)
    remus [SECONDS]    banner, octets until the end of file, so long for the fail-over
    colo [CYCLES]      banner, and the back channel's records of so many cycles, then octets until the end of file;
                       the dirty lists get longer from cycle to cycle (DIRTY), and every second has the wide header
    sink               octets until the end of file, no word
    stall              banner, then nothing is read
    die NUMBER         banner, NUMBER octets, exit status 3
    family             as migrate, with children: one in its group, one in a session of its own, both holding its input
    noise              something else than the banner
    damaged            the ready message has a wrong octet
    mute               no banner
"""
import os
import signal
import struct
import subprocess
import sys
import time

BANNER = b"xl migration receiver ready, send binary domain data.\n"
READY = b"domain received, ready to unpause\0"
GO_AHEAD = b"domain is yours, you are cleared to unpause\0"
REPORT = b"my copy unpause results are as follows\0"


class Seen:
    def __init__(self, path):
        self.log = open(path, "a", buffering=1)
        self.data = open(path + ".data", "wb", buffering=0)

    def note(self, text):
        self.log.write(f"{time.monotonic():.6f} {text}\n")

    def say(self, octets):
        self.note(f"says {len(octets)}")
        os.write(1, octets)

    def some(self, most):
        octets = os.read(0, most)
        if octets:
            self.data.write(octets)
        else:
            self.note("eof")
        return octets

    def exactly(self, n):
        parts = []
        while n:
            part = self.some(n)
            if not part:
                self.note("short")
                sys.exit(5)
            parts.append(part)
            n -= len(part)
        return b"".join(parts)

    def to_the_end(self):
        while self.some(1 << 20):
            pass


def padded(n):
    return (n + 7) & ~7


def read_libxc(seen):
    seen.exactly(24 + 16)
    kind = None
    while kind != 0:
        kind, length = struct.unpack("<II", seen.exactly(8))
        seen.exactly(padded(length))


def read_stream(seen):
    """An xl image up to and with the END of libxl, and not an octet more."""
    header = seen.exactly(48)
    seen.exactly(struct.unpack_from("<I", header, 44)[0])
    seen.exactly(16)
    kind = None
    while kind != 0:
        kind, length = struct.unpack("<II", seen.exactly(8))
        if kind == 1:
            read_libxc(seen)
        else:
            seen.exactly(padded(length))
    seen.note("end")


def migrate(seen, status=0, ready=READY):
    seen.say(BANNER)
    read_stream(seen)
    seen.say(ready)
    good = seen.exactly(len(GO_AHEAD)) == GO_AHEAD
    seen.note("go-ahead" if good else "no go-ahead")
    status = status if good else 1
    seen.say(REPORT)
    seen.say(bytes([status]))
    if status:
        seen.say(GO_AHEAD)
    seen.note("done")
    return 1 if status else 0


# No pfn, a few, as many as the gate holds at a time, one more, many.
DIRTY = (0, 0, 3, 510, 511, 512, 513, 100000)


def checkpoint_state(number):
    return struct.pack("<IIII", 5, 4, number, 0)


def colo_cycle(cycle):
    """What COLO's receiver writes in one cycle."""
    octets = checkpoint_state(2) + checkpoint_state(3)
    if cycle == 0:
        return octets
    pfns = b"".join(struct.pack("<Q", pfn) for pfn in range(1, DIRTY[(cycle - 1) // 2] + 1))
    head = struct.pack("<II", 0xf, len(pfns)) + bytes(8 if cycle % 2 else 0)
    return checkpoint_state(1) + head + pfns + octets


def colo(seen, cycles):
    seen.say(BANNER)
    for cycle in range(cycles):
        seen.say(colo_cycle(cycle))
    seen.to_the_end()


def main():
    seen = Seen(sys.argv[1])
    what, number = sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(each, lambda n, frame: seen.note(f"signal {n}"))
    seen.note(f"start {os.getpid()}")
    if what == "family":
        for session in (False, True):
            child = subprocess.Popen(["sleep", "600"], stdin=0, start_new_session=session)
            seen.note(f"child {child.pid}")
        what = "migrate"
    if what == "migrate":
        sys.exit(migrate(seen, number))
    if what == "damaged":
        sys.exit(migrate(seen, 0, b"D" + READY[1:]))
    if what == "noise":
        seen.say(b"This account is currently not available to anyone.\nSorry\n")
    elif what == "colo":
        colo(seen, number)
        return
    elif what not in ("sink", "mute"):
        seen.say(BANNER)
    if what in ("stall", "mute"):
        time.sleep(600)
    if what == "die":
        seen.exactly(number)
        sys.exit(3)
    seen.to_the_end()
    if what == "remus":
        time.sleep(number)
    seen.note("done")


if __name__ == "__main__":
    main()
