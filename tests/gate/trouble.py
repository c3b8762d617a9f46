#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The gate when something goes wrong: time, signals, senders and receivers that leave, and the order of the end."""
import os
import re
import shutil
import signal
import subprocess
import sys
import time

from support import BANNER, GO_AHEAD, HERE, READY, XENVET, Pipes, fresh, main, migrate, nothing_left, octets, pv, libxl, xl, unpacked

IMAGE = octets(xl.wrap(libxl.wrap(pv.guest()), xl.config("pv")))
BAD = bytearray(IMAGE)
BAD[-16] ^= 0x40  # the type of the last record


def ended(run, status, code=None):
    got = run.end()
    assert got == status, (got, run.errors)
    assert nothing_left(run), run.seen()
    if code is not None:
        assert run.decision().get("verdict") == code, run.decision()


def unseen(run):
    assert not {"eof", "end", "done", "go-ahead"} & set(run.seen()), run.seen()


def test_a_small_migration():
    run = Pipes([], "migrate")
    assert migrate(run, IMAGE)
    ended(run, 0, "ACCEPTED")


def test_octet_by_octet():
    run = Pipes([], "migrate")
    assert run.expect(BANNER)
    at = 0
    while at < len(IMAGE):
        step = 1 if at < 3000 or at > len(IMAGE) - 3000 else 37
        assert run.send(IMAGE[at:at + step])
        at += step
    assert run.expect(READY) and run.send(GO_AHEAD[:20])
    time.sleep(0.05)
    assert run.send(GO_AHEAD[20:]) and run.expect(b"my copy unpause results are as follows\0\0")
    ended(run, 0)


def test_rejection_of_the_last_record():
    run = Pipes([], "family")
    assert run.expect(BANNER)
    run.send(BAD)
    ended(run, 1)
    unseen(run)
    assert len(run.pids()) == 3


def test_order_at_a_rejection():
    if shutil.which("strace") is None:
        print("  (no strace: skipped)")
        return
    trace = fresh("trace")
    run = Pipes([], "migrate", wrap=["strace", "-o", trace, "-e", "trace=kill,wait4,close,pipe2,exit_group"])
    assert run.expect(BANNER)
    run.send(BAD)
    assert run.end() == 1
    unseen(run)
    calls = trace.read_text().splitlines()
    pid = run.pids()[0]
    pipes = [int(n) for n in re.search(r"pipe2\(\[(\d+), (\d+)\]", "\n".join(calls)).groups()]
    killed = next(i for i, line in enumerate(calls) if f"kill(-{pid}, SIGKILL)" in line)
    reaped = next(i for i, line in enumerate(calls) if i > killed and re.match(rf"wait4\({pid}, .*= {pid}", line))
    closed = max(i for i, line in enumerate(calls) if line.startswith(f"close({pipes[1]})"))
    assert killed < reaped < closed < len(calls) - 1, (killed, reaped, closed)


def test_the_sender_speaks_too_early():
    run = Pipes([], "mute")
    assert run.send(b"x")
    ended(run, 1, "HANDSHAKE_SENDER_SPOKE")
    unseen(run)
    run = Pipes([], "migrate")
    assert run.expect(BANNER)
    run.send(IMAGE + GO_AHEAD)
    ended(run, 1, "HANDSHAKE_SENDER_SPOKE")


def test_a_damaged_go_ahead():
    run = Pipes([], "migrate")
    assert not migrate(run, IMAGE, GO_AHEAD[:43] + b"x")
    ended(run, 1, "HANDSHAKE_GO_AHEAD")
    assert not {"go-ahead", "no go-ahead", "eof"} & set(run.seen())


def test_the_sender_leaves_in_the_stream():
    for part in (0, 20, 60, 4000, len(IMAGE) - 8):
        run = Pipes([], "migrate")
        assert run.expect(BANNER) and run.send(IMAGE[:part])
        run.leave()
        ended(run, 1, "TRUNCATED")
        unseen(run)


def test_the_sender_leaves_before_the_banner():
    run = Pipes([], "mute")
    run.leave()
    ended(run, 1, "HANDSHAKE_SENDER_LEFT")


def test_the_sender_leaves_before_its_go_ahead():
    """The receiver sees the end of file, because it cleans up by itself then; it must not take that for a go-ahead."""
    for part in (b"", GO_AHEAD[:43]):
        run = Pipes([], "migrate")
        assert run.expect(BANNER) and run.send(IMAGE) and run.expect(READY) and run.send(part)
        run.leave()
        ended(run, 1, "HANDSHAKE_SENDER_LEFT")
        assert "eof" in run.seen() and "go-ahead" not in run.seen()


def test_the_sender_leaves_after_its_go_ahead():
    run = Pipes([], "migrate")
    assert run.expect(BANNER) and run.send(IMAGE) and run.expect(READY) and run.send(GO_AHEAD)
    run.leave()
    run.process.stdout.close()
    assert run.process.wait(20) == 0
    assert run.seen()[-1] == "done" and "go-ahead" in run.seen()


def test_signals():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        run = Pipes([], "family")
        assert run.expect(BANNER) and run.send(IMAGE[:5000])
        time.sleep(0.1)
        run.process.send_signal(number)
        ended(run, 3)
        unseen(run)
        assert run.decision()["signal"] == number


def test_a_signal_before_and_after_the_go_ahead():
    run = Pipes([], "migrate")
    assert run.expect(BANNER) and run.send(IMAGE) and run.expect(READY)
    run.process.send_signal(signal.SIGTERM)
    ended(run, 3)
    assert "eof" in run.seen() and "go-ahead" not in run.seen()
    run = Pipes([], "migrate")
    assert run.expect(BANNER) and run.send(IMAGE) and run.expect(READY)
    assert run.send(GO_AHEAD)
    deadline = time.monotonic() + 5
    while "go-ahead" not in run.seen() and time.monotonic() < deadline:
        time.sleep(0.001)
    run.process.send_signal(signal.SIGTERM)
    ended(run, 0)


def test_kill_of_the_monitor():
    """Nobody is left to wait for the receiver, but it dies before its input closes."""
    for part in (100, 5000, 50000):
        run = Pipes([], "migrate")
        assert run.expect(BANNER) and run.send(IMAGE[:part])
        deadline = time.monotonic() + 5
        while not run.data() and time.monotonic() < deadline and part > 4000:
            time.sleep(0.01)
        run.process.kill()
        assert run.process.wait(10) == -signal.SIGKILL
        assert nothing_left(run)
        unseen(run)


def test_kill_of_the_worker():
    run = Pipes([], "migrate")
    assert run.expect(BANNER) and run.send(IMAGE[:5000])
    children = subprocess.run(["ps", "-o", "pid=,comm=", "--ppid", str(run.process.pid)], capture_output=True, text=True,
                              check=True).stdout
    worker = next(int(line.split()[0]) for line in children.splitlines() if "xenvet" in line or "exe" in line or "3" == line.split()[1])
    os.kill(worker, signal.SIGKILL)
    ended(run, 3)
    unseen(run)


def test_the_receiver_leaves():
    image = unpacked("xen-migrate-pvh-2vcpu.fwd.zst")[:-44]
    for number in (0, 60, 100000):
        run = Pipes([], "die", number)
        assert run.expect(BANNER)
        run.send(image)
        ended(run, 4)
    run = Pipes([], "die", 0)  # and nothing more comes that could fail to be written
    assert run.expect(BANNER)
    ended(run, 4)


def test_the_receiver_talks_nonsense():
    for what in ("noise", "damaged"):
        run = Pipes([], what)
        run.expect(BANNER)
        run.send(IMAGE)
        ended(run, 4)
        assert "go-ahead" not in run.seen()


def test_a_command_that_is_not_there():
    done = subprocess.run([XENVET, "gate", "--", "/nonexistent/receiver"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 4 and "No such file" in done.stderr and done.stdout == "", done


def timed(run, status, least, most):
    started = time.monotonic()
    ended(run, status)
    took = time.monotonic() - started
    assert least <= took <= most, took


def test_an_idle_sender():
    run = Pipes(["--idle", "1"], "migrate")
    assert run.expect(BANNER) and run.send(IMAGE[:5000])
    timed(run, 3, 0.5, 3)
    unseen(run)


def test_an_idle_sender_before_its_go_ahead():
    run = Pipes(["--idle", "1"], "migrate")
    assert run.expect(BANNER) and run.send(IMAGE) and run.expect(READY)
    timed(run, 3, 0.5, 3)
    assert "go-ahead" not in run.seen()


def test_a_dripping_sender():
    run = Pipes(["--idle", "1"], "migrate")
    assert run.expect(BANNER)
    for i in range(60):
        if not run.send(IMAGE[i:i + 1]):
            break
        time.sleep(0.05)
    else:
        raise AssertionError("still open")
    ended(run, 3)
    unseen(run)


def test_the_whole_time():
    run = Pipes(["--timeout", "1"], "migrate")
    assert run.expect(BANNER) and run.send(IMAGE[:5000])
    timed(run, 3, 0.5, 3)
    unseen(run)


def test_a_receiver_that_stops_reading():
    run = Pipes(["--stall", "1"], "stall")
    assert run.expect(BANNER)
    run.send(unpacked("xen-migrate-pvh-2vcpu.fwd.zst")[:-44])
    timed(run, 4, 0, 3)


def test_a_receiver_without_a_banner():
    run = Pipes(["--stall", "1"], "mute")
    timed(run, 4, 0.5, 4)


def test_a_bare_stream():
    run = Pipes(["--no-handshake"], "sink")
    assert run.send(IMAGE)
    assert "eof" not in run.seen()
    run.leave()
    ended(run, 0)
    assert run.seen()[-2:] == ["eof", "done"]
    assert run.data()[-8:] == IMAGE[-8:]


def test_the_end_is_kept_until_nothing_follows():
    run = Pipes(["--no-handshake"], "sink")
    assert run.send(IMAGE)
    deadline = time.monotonic() + 20
    while not run.data().endswith(IMAGE[-64:-8]) and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.2)
    assert run.data().endswith(IMAGE[-64:-8]), "all but the last record is out"
    run.send(b"x")
    ended(run, 1, "TRAILING")
    unseen(run)
    assert not run.data().endswith(IMAGE[-16:])


def test_a_consumer_that_fails_on_an_accepted_stream():
    done = subprocess.run([XENVET, "gate", "--no-handshake", "--", "sh", "-c", "cat >/dev/null; exit 7"], input=IMAGE,
                          capture_output=True)
    assert done.returncode == 4 and b"status 7" in done.stderr, done
    done = subprocess.run([XENVET, "gate", "--no-handshake", "--", "sh", "-c", "cat >/dev/null; echo hello"], input=IMAGE,
                          capture_output=True)
    assert done.returncode == 0 and done.stdout == b"hello\n", done
    done = subprocess.run([XENVET, "gate", "--no-handshake", "--", "true"], input=IMAGE, capture_output=True)
    assert done.returncode == 4, done


def test_latency():
    """A message of the handshake is passed on at once."""
    times = []
    for _ in range(15):
        run = Pipes([], "migrate")
        assert run.expect(BANNER) and run.send(IMAGE) and run.expect(READY)
        said = [line for line in run.log.read_text().splitlines() if line.endswith(" says 34")][0]
        times.append(time.monotonic() - float(said.split()[0]))
        assert run.send(GO_AHEAD)
        run.end()
    assert sorted(times)[7] < 0.02, times
    print(f"  (median {sorted(times)[7] * 1000:.2f} ms from the receiver's write to the sender's log)")


main(globals().copy())
