#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The n-th system call of every kind fails, in each of the processes: the copy is whole and right, or the status says so and nothing is left.

    failures.py            all kinds, the first calls of each
    failures.py KIND...    only these, all calls
"""
import os
import re
import shutil
import subprocess
import sys

from support import XENVET, alive, fresh, libxl, pv, scratch, octets, xl

IMAGE = octets(xl.wrap(libxl.wrap(pv.guest()), xl.config("pv")))
ERRORS = {"poll": "EINTR", "read": "EIO", "write": "ENOSPC", "splice": "ENOSPC", "openat": "EMFILE", "clone": "EAGAIN",
          "wait4": "EINTR", "mmap": "ENOMEM", "brk": "ENOMEM", "fsync": "EIO", "rename": "EXDEV", "linkat": "EACCES"}
# Left out: execve, because a program that does not start decides nothing; close, because strace says that it failed instead of doing it,
# which Linux never does; brk, which fails in the loader only, and a traced fault of a namespace's first process comes back for ever.
ENTRY = ("execve", "close", "brk")
MOST = 12


def traced(source, where, *inject):
    trace = fresh("trace")
    done = subprocess.run(["strace", "-f", "-qq", "-o", trace, *inject, XENVET, "gate", "-q", "--in", source, "--out", where / "copy"],
                          capture_output=True, timeout=10)
    return done, trace.read_text()


def calls_of(trace):
    counts = {}
    for line in trace.splitlines():
        pid, rest = line.split(None, 1)
        if name := re.match(r"([a-z]\w+)\(", rest):
            counts.setdefault(name.group(1), {}).setdefault(pid, 0)
            counts[name.group(1)][pid] += 1
    return {name: max(each.values()) for name, each in counts.items()}


def judge(done, trace, where, want, good):
    left = os.listdir(where)
    whole = left == ["copy"] and (where / "copy").read_bytes() == want
    if done.returncode == 0 and not (good and whole):
        return "status 0 without a whole copy"
    if left and not (good and whole):
        return f"left {left}"
    if done.returncode < 0 and "fcntl(0, F_GETFD)" in trace:  # else it never came to main()
        return f"ended by signal {-done.returncode}: {done.stderr.decode()[-200:]}"
    pids = {int(line.split(None, 1)[0]) for line in trace.splitlines()}
    if any(alive(pid) and XENVET in open(f"/proc/{pid}/cmdline").read() for pid in pids):
        return "a process is left"
    return None


def main():
    if shutil.which("strace") is None:
        print("no strace: skipped\n0 passed, 0 failed")
        return 0
    good, bad = fresh("good"), fresh("bad")
    good.write_bytes(IMAGE)
    bad.write_bytes(IMAGE[:-3])
    first = fresh("directory")
    first.mkdir()
    done, trace = traced(good, first)
    assert done.returncode == 0, done
    want = (first / "copy").read_bytes()
    passed = failed = 0
    kinds = calls_of(trace)
    for name in sys.argv[1:] or sorted(kinds):
        if name in ENTRY or name.startswith("exit"):
            continue
        most = kinds.get(name, 1) if sys.argv[1:] else min(kinds[name], MOST)
        for n in range(1, most + 1):
            for source in (good, bad) if n <= 3 else (good,):
                where = fresh("directory")
                where.mkdir()
                what = f"inject={name}:error={ERRORS.get(name, 'EPERM')}:when={n}"
                try:
                    problem = judge(*traced(source, where, "-e", what), where, want, source == good)
                except subprocess.TimeoutExpired:
                    problem = "hangs"
                passed += problem is None
                failed += problem is not None
                if problem:
                    print(f"not ok - {what} ({'good' if source == good else 'bad'} image): {problem}", flush=True)
    subprocess.run(["rm", "-rf", scratch], check=False)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
