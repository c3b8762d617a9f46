#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Captured migrations through the gate, both directions; the same with one bit changed; Remus and COLO."""
import random
import struct
import threading

from receiver import DIRTY, colo_cycle
from support import (BANNER, CORPUS, GO_AHEAD, READY, REPORT, Pipes, config_end, config_of, hvm, libxl, main, migrate,
                     nothing_left, octets, unpacked, xl)

MIGRATION = unpacked("xen-migrate-pvh-2vcpu.fwd.zst")
IMAGE = MIGRATION[:-len(GO_AHEAD)]
BACK = (CORPUS / "handshake" / "xen-migrate-pvh-2vcpu.back").read_bytes()
REMUS = unpacked("xen-remus-pvh-2vcpu.fwd.zst")
REMUS_BACK = (CORPUS / "handshake" / "xen-remus-pvh-2vcpu.back").read_bytes()


def rest(image):
    return image[config_end(image):]


def test_migration_octet_for_octet():
    assert MIGRATION.endswith(GO_AHEAD)
    run = Pipes([], "migrate")
    assert migrate(run, IMAGE)
    assert run.end() == 0, run.errors
    assert run.back == BACK == BANNER + READY + REPORT + b"\0"
    data = run.data()
    assert data.endswith(GO_AHEAD) and rest(data) == rest(MIGRATION)
    assert data[:44] == MIGRATION[:44] and config_of(data) != config_of(MIGRATION)
    assert run.seen()[-1] == "done" and "eof" not in run.seen()
    assert run.decision()["verdict"] == "ACCEPTED" and run.decision()["committed"]


def test_migration_with_the_configuration_kept():
    run = Pipes(["--keep-config"], "migrate")
    assert migrate(run, IMAGE)
    assert run.end() == 0 and run.data() == MIGRATION


def test_the_receiver_fails():
    run = Pipes([], "migrate", 3)
    assert run.expect(BANNER) and run.send(IMAGE) and run.expect(READY) and run.send(GO_AHEAD) and run.expect(REPORT)
    assert run.expect(b"\3" + GO_AHEAD)
    assert run.end() == 4 and run.decision()["committed"]


def refused(run, image):
    """One bit is wrong: the receiver never sees the end of its input, nor anything but accepted octets."""
    run.expect(BANNER)
    run.send(image)
    status = run.end()
    seen = run.seen()
    assert status == 1, (status, run.errors)
    assert run.back == BANNER
    assert "eof" not in seen and "end" not in seen and "done" not in seen, seen
    assert nothing_left(run)
    assert run.decision()["status"] == "rejected"


def control_bits():
    """Places in the captured migration where every bit matters."""
    start = config_end(IMAGE)
    at, places = start + 16 + 8, [1, 33, 37, 44, start, start + 9, start + 15, start + 17]
    places += [at + 8, at + 12, at + 20, at + 24, at + 26]
    at += 24 + 16
    while True:  # headers of records, and what follows them in some
        kind, length = struct.unpack_from("<II", IMAGE, at)
        places += [at + 1, at + 3]
        if kind == 1:
            places += [at + 13, at + 8 + 13]
        if kind == 0:
            return places
        at += 8 + ((length + 7) & ~7)


def test_one_bit_flipped():
    choice = random.Random(4)
    places = control_bits()
    for place in places[:13] + choice.sample(places[13:], 7) + [len(IMAGE) - 8]:
        image = bytearray(IMAGE)
        image[place] ^= 1 << choice.randrange(8) if place > 60 else 1
        if place == len(IMAGE) - 8:
            image[place] = IMAGE[place] ^ 0x40
        run = Pipes([], "migrate")
        try:
            refused(run, bytes(image))
        except AssertionError as problem:
            raise AssertionError(f"octet {place}: {problem}") from problem


def test_remus():
    run = Pipes(["--protocol", "remus", "--allow", "checkpointed"], "remus")
    assert run.expect(BANNER) and run.send(REMUS)
    run.leave()
    assert run.end() == 0, run.errors
    assert run.back == REMUS_BACK == BANNER
    assert rest(REMUS).startswith(rest(run.data())) and run.seen()[-2:] == ["eof", "done"]
    assert len(rest(REMUS)) - len(rest(run.data())) < 4 << 20  # what was cut inside an item stays behind


def test_a_slow_fail_over_is_not_cut():
    """The sender is dead: what the receiving side makes of the last checkpoint is the only copy of the guest."""
    run = Pipes(["--protocol", "remus", "--allow", "checkpointed", "--stall", "1"], "remus", 3)
    assert run.expect(BANNER) and run.send(REMUS)
    run.leave()
    assert run.end() == 0, run.errors
    assert run.seen()[-2:] == ["eof", "done"] and run.decision()["committed"]


def test_remus_is_refused_unless_allowed():
    for options in ([], ["--protocol", "remus"], ["--allow", "checkpointed"]):
        run = Pipes(options, "remus")
        run.expect(BANNER)
        run.send(REMUS)
        run.leave()
        assert run.end() == 1 and "eof" not in run.seen() and nothing_left(run), options


def test_remus_cut_before_the_first_checkpoint():
    run = Pipes(["--protocol", "remus", "--allow", "checkpointed"], "remus")
    assert run.expect(BANNER) and run.send(REMUS[:5000000])
    run.leave()
    assert run.end() == 1 and "eof" not in run.seen() and nothing_left(run)


def test_remus_ends_when_its_sender_falls_silent():
    run = Pipes(["--protocol", "remus", "--allow", "checkpointed", "--idle", "1"], "remus")
    assert run.expect(BANNER) and run.send(REMUS)
    assert run.end() == 0 and run.seen()[-2:] == ["eof", "done"]


def colo_stream():
    stream = libxl.checkpointed(hvm.guest(), [], [libxl.emulator()], colo=True)
    return octets(xl.wrap(stream, xl.config("hvm", memkb=16384)))


def test_colo():
    cycles = 2 * len(DIRTY) + 1
    run = Pipes(["--protocol", "colo", "--allow", "checkpointed,colo"], "colo", cycles)
    assert run.expect(BANNER)
    answers = b"".join(map(colo_cycle, range(cycles)))
    reader = threading.Thread(target=run.expect, args=(answers,))
    reader.start()
    image = colo_stream()
    assert run.send(image)
    reader.join(20)
    assert not reader.is_alive()
    run.leave()
    assert run.end() == 0, run.errors
    assert run.back == BANNER + answers
    assert rest(run.data()) == rest(image)
    for allow in (["--allow", "checkpointed"], []):
        run = Pipes(["--protocol", "colo", *allow], "colo", 1)
        run.expect(BANNER)
        run.send(image)
        run.leave()
        assert run.end() == 1 and "eof" not in run.seen() and nothing_left(run)


main(globals().copy())
