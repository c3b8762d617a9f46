#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kill -9 of each process of a restore at each stage: nothing is left, or `xenvet restore --reap` finds it; a restore that was let
through gives a whole domain or none; a domain that is finished, or that a live monitor is at work on, is not reaped.
"""
import fcntl
import os
import pathlib
import random
import re
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

from host import NOTHING, Host, domid_of, facts_for, images

KINDS = ("xenvet", "xenvet-worker", "xenvet-restore")
PATIENCE = 30


def argv0(pid):
    try:
        words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return None
    return os.path.basename(words[0].decode()) if words[0] else None


def children(pid):
    try:
        return [int(n) for n in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def state_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def unread(pipe):
    """Octets that nobody has taken yet."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]


def alive(pid):
    return state_of(pid) not in "ZX"


def wait_for(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {PATIENCE} s: {what}")
        time.sleep(0.005)


class Run:
    """A restore that reads from a pipe of ours."""

    def __init__(self, host, image, *options):
        self.host = host
        self.data = image.read_bytes()
        self.monitor = host.start("restore", *facts_for(image, None, 2), *options, "-", stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.pids = {"xenvet": self.monitor.pid}

    def feed(self, octets):
        """Gives the first octets, and waits until everybody waits for more."""
        wait_for(lambda: len(self.look()) >= 2, "the worker")
        try:
            self.monitor.stdin.write(self.data[:octets])
            self.monitor.stdin.flush()
        except BrokenPipeError:
            pass
        if octets >= 2048:  # the headers of every image are within that
            wait_for(lambda: len(self.look()) == 3, "xenvet-restore")
            wait_for(self.settled, "a domain that waits for more")
        time.sleep(0.1)

    def settled(self):
        """The octets are taken, and the domain is there; seen without looking into the simulated host, which would disturb it."""
        if self.monitor.poll() is not None:
            raise AssertionError(f"it ended with {self.monitor.returncode}: {self.monitor.stderr.read().decode()}")
        store = pathlib.Path(self.host.dir, "xenstore")
        marked = store.exists() and re.search(rb"/tool/xenvet/[0-9a-f-]{36}", store.read_bytes())
        return unread(self.monitor.stdin) == 0 and marked and b"feature-suspend" in store.read_bytes()

    def look(self):
        for pid in children(self.monitor.pid):
            name = argv0(pid)
            if name in KINDS[1:]:  # a child that is not there yet is still named xenvet
                self.pids[name] = pid
        return self.pids

    def kill(self, kind):
        if kind not in self.look():
            return False
        try:
            os.kill(self.pids[kind], signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def finish(self):
        """Waits for all of them; the monitor's exit status and output."""
        try:
            out, err = self.monitor.communicate(timeout=PATIENCE)
        except BrokenPipeError:
            out, err = self.monitor.communicate(timeout=PATIENCE)
        wait_for(lambda: not any(alive(pid) for pid in self.pids.values()), "the end of all processes")
        return subprocess.CompletedProcess([], self.monitor.returncode, out.decode(), err.decode())


class Kill(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch, (cls.pv, cls.pvh) = images("pv64-v3.xl", "pvh-v3.libxc")

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def setUp(self):
        self.tmp = tempfile.TemporaryDirectory()
        self.count = 0

    def tearDown(self):
        self.tmp.cleanup()

    def host(self):
        self.count += 1
        return Host(f"{self.tmp.name}/{self.count}", pages=8192)

    def left_or_reaped(self, host, done, what):
        self.assertNotEqual(done.returncode, 0, what)
        if host.traces() != NOTHING:
            reaped = host.restore("--reap")
            self.assertEqual(reaped.returncode, 0, f"{what}: {reaped.stderr}")
        self.assertEqual(host.traces(), NOTHING, what)

    def stages(self, image):
        size = image.stat().st_size
        return [0, 40, 2048, size // 2, size - 8, size]

    def each_stage(self, image):
        for kind in KINDS:
            for octets in self.stages(image):
                with self.subTest(kind=kind, octets=octets):
                    host = self.host()
                    run = Run(host, image)
                    run.feed(octets)
                    killed = run.kill(kind)
                    self.assertTrue(killed or (kind == "xenvet-restore" and octets < 2048), "it is not there")
                    done = run.finish()
                    if killed:
                        self.left_or_reaped(host, done, f"{kind} at {octets}: {done.stderr}")

    def test_each_stage_pv(self):
        self.each_stage(self.pv)

    def test_each_stage_pvh(self):
        self.each_stage(self.pvh)

    def test_the_error_names_the_side(self):
        for kind, status, words in (("xenvet-worker", 3, "worker"), ("xenvet-restore", 4, "libxenguest back end")):
            host = self.host()
            run = Run(host, self.pvh)
            run.feed(len(run.data) // 2)
            self.assertTrue(run.kill(kind))
            wait_for(lambda r=run: r.monitor.poll() is not None, "the end of the monitor, while the sender is still there")
            done = run.finish()
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(words, done.stderr)
            self.assertEqual(host.traces(), NOTHING)

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            host = self.host()
            run = Run(host, self.pvh)
            run.feed(len(run.data) - 8)
            run.monitor.send_signal(number)
            done = run.finish()
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertEqual(host.traces(), NOTHING)

    def test_any_moment(self):
        """All of it is there at once, and the blow falls anywhere."""
        chance = random.Random(1)
        for i in range(36):
            kind = KINDS[i % 3]
            with self.subTest(i=i, kind=kind):
                host = self.host()
                run = Run(host, self.pvh)
                run.monitor.stdin.write(run.data)
                run.monitor.stdin.close()
                run.monitor.stdin = None
                time.sleep(chance.uniform(0, 0.12))
                run.kill(kind)
                done = run.finish()
                wait_for(lambda h=host: self.quiet(h), "the end of a removal")
                if done.returncode == 0:
                    self.assertEqual(host.compare(self.pvh, domid_of(done)).returncode, 0)
                    self.assertFalse(host.state()["domains"][0]["paused"])
                    self.assertEqual(host.restore("--reap").returncode, 0)
                    self.assertEqual(len(host.traces()["domains"]), 1)
                    continue
                self.assertEqual(host.restore("--reap").returncode, 0)
                self.whole_or_nothing(host, kind, done)

    @staticmethod
    def quiet(host):
        """No state changes any more."""
        before = host.traces()
        time.sleep(0.05)
        return host.traces() == before

    def whole_or_nothing(self, host, kind, done):
        state = host.traces()
        if kind == "xenvet" and state != NOTHING:  # the monitor died after it had let the domain go
            self.assertEqual(len(state["domains"]), 1, done.stderr)
            self.assertFalse(next(iter(state["domains"].values()))["paused"])
            self.assertEqual(host.compare(self.pvh, next(iter(state["domains"]))).returncode, 0)
            self.assertFalse([node for node in state["nodes"] if node.startswith("/tool")])
        else:
            self.assertEqual(state, NOTHING, done.stderr)

    def test_reap_leaves_others_alone(self):
        host = self.host()
        finished = host.restore(self.pv)
        self.assertEqual(finished.returncode, 0, finished.stderr)
        paused = host.restore("--paused", "--name", "paused", "--uuid", "new", self.pv)
        self.assertEqual(paused.returncode, 0, paused.stderr)
        run = Run(host, self.pvh, "--name", "busy")
        run.feed(len(run.data) // 2)
        before = host.traces()
        self.assertEqual(len(before["domains"]), 3)
        reaped = host.restore("--reap")
        self.assertEqual(reaped.returncode, 0, reaped.stderr)
        self.assertIn("is at work on it", reaped.stdout)
        self.assertEqual(host.traces(), before)
        run.monitor.stdin.write(run.data[len(run.data) // 2:])
        done = run.finish()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(host.traces()["domains"]), 3)

    def test_reap_of_nothing(self):
        host = self.host()
        done = host.restore("--reap")
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_reap_finds_what_two_killed_processes_left(self):
        host = self.host()
        run = Run(host, self.pvh)
        run.feed(len(run.data) // 2)
        run.monitor.send_signal(signal.SIGSTOP)
        wait_for(lambda: state_of(run.monitor.pid) == "T", "the monitor to stop")
        self.assertTrue(run.kill("xenvet-restore"))
        self.assertTrue(run.kill("xenvet"))
        run.finish()
        self.assertEqual(len(host.traces()["domains"]), 1)
        reaped = host.restore("--reap")
        self.assertEqual(reaped.returncode, 0, reaped.stderr)
        self.assertIn("domain 1", reaped.stdout)
        self.assertEqual(host.traces(), NOTHING)


if __name__ == "__main__":
    unittest.main()
