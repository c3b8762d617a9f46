#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The n-th system call of each process fails, or moves less than it was asked to, for n = 1, 2, ...: the run ends as it should, or its
status says that it did not, and nothing is left: no process, no file, no domain. A receiver never sees the end of a stream that was cut.

    failures.py                  a sample, a few minutes
    failures.py --full           every call, every error
    --scenario NAME  --part I/N  one scenario, one of N equal parts of the runs
"""
import argparse
import concurrent.futures
import errno
import itertools
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading

import support
from support import BANNER, GO_AHEAD, READY, REPORT, XENVET, config_end, fresh, libxl, octets, pv, scratch, xl

sys.path.insert(0, str(support.ROOT / "tests" / "restore"))
INJECT, SIM = os.environ["XENVET_INJECT"], os.environ.get("XENVET_SIM", "")
NAME = "golden-0000000000"  # xenvet lets nobody receive two domains of one name at once
IMAGE = octets(xl.wrap(libxl.wrap(pv.guest()), xl.edited(xl.config("pv"), "c_info/name", NAME)))
BAD = bytearray(IMAGE)
BAD[-16] ^= 0x40
ERRORS = ["EINTR", "EIO", "ENOMEM", "EPIPE", "ENOSPC", "EAGAIN", "short"]
PATIENCE = 60
SAMPLE = 90  # runs of a scenario and role in a sample

FAKE_XL = f"""#!/bin/sh
# Domains are files in $XL_STATE; what is missing of the stream goes to $XL_STATE.eof.
case $1 in
vm-list)
    echo "UUID                                  ID    name"
    for file in "$XL_STATE"/*; do
        [ ! -e "$file" ] || {{ read -r name <"$file" && echo "{xl.UUID}  ${{file##*/}}    $name"; }}
    done ;;
destroy) rm "$XL_STATE/$2" ;;
migrate-receive)
    printf '{BANNER.decode().strip()}\\n'
    n=$(head -c "$XL_CONFIG" | wc -c)
    [ "$n" -eq "$XL_CONFIG" ] || {{ echo config >"$XL_STATE.eof"; exit 5; }}
    echo "$XL_NAME--incoming" >"$XL_STATE.new" && mv "$XL_STATE.new" "$XL_STATE/7"
    n=$(head -c "$XL_REST" | wc -c)
    [ "$n" -eq "$XL_REST" ] || {{ echo stream >"$XL_STATE.eof"; exit 5; }}
    printf '{READY.decode().strip(chr(0))}\\0'
    if [ "$(head -c 44 | tr -d '\\0')" = '{GO_AHEAD.decode().strip(chr(0))}' ]; then
        echo "$XL_NAME" >"$XL_STATE.new" && mv "$XL_STATE.new" "$XL_STATE/7"
        printf '{REPORT.decode().strip(chr(0))}\\0\\0'
    else
        rm "$XL_STATE/7"
        exit 1
    fi ;;
esac
"""


class Run:
    """One run under the injector."""

    def __init__(self, command, role, n, error, env=None, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE):
        self.report = fresh("report")
        number = error if error == "short" else str(getattr(errno, error))
        self.process = subprocess.Popen([INJECT, self.report, role, str(n), number, *map(str, command)], env=env, stdin=stdin,
                                        stdout=stdout, stderr=subprocess.PIPE, bufsize=0, start_new_session=True)
        self.watchdog = threading.Timer(PATIENCE, self.process.kill)
        self.watchdog.start()

    def end(self):
        """What is wrong with how it ended, or None; `status` as of subprocess."""
        self.out = self.process.stdout.read() if self.process.stdout else b""
        self.errors = self.process.stderr.read().decode(errors="replace")
        injector = self.process.wait()
        self.watchdog.cancel()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe and not pipe.closed:
                pipe.close()
        if injector == -signal.SIGKILL:
            return f"hangs after call {self.report.read_text()}"
        if injector != 0:
            return f"the injector ended with {injector}: {self.errors}"
        self.call, self.calls, self.begun, status, left = map(int, self.report.read_text().split())
        self.report.unlink()
        self.status = os.waitstatus_to_exitcode(status)
        if left:
            return f"{left} processes are left"
        if self.begun and self.call >= 0 and (self.status < 0 or self.status > 4):
            return f"ended with {self.status}: {self.errors[-300:]}"
        return None


class Copy:
    """gate --in --out"""
    roles = ["monitor", "child", "xenvet-worker"]

    def __init__(self, good):
        self.good, self.source = good, fresh("image")
        self.source.write_bytes(IMAGE if good else BAD)
        self.want = None

    def run(self, role, n, error):
        where = fresh("directory")
        where.mkdir()
        run = Run([XENVET, "gate", "-q", "--in", self.source, "--out", where / "copy"], role, n, error)
        problem = run.end()
        left = {path.name: path.read_bytes() for path in where.iterdir()}
        if self.want is None and self.good:
            self.want = left["copy"]
        if problem is None and run.status == 0 and left != {"copy": self.want}:
            problem = "status 0 without a whole copy"
        # what fails after the rename, like syncing the directory, does not undo it
        elif problem is None and run.status != 0 and left and not (self.good and left == {"copy": self.want}):
            problem = f"left {sorted(left)}"
        elif problem is None and run.status == 1 and self.good:
            problem = f"a good image is rejected: {run.errors}"
        subprocess.run(["rm", "-rf", where], check=True)
        return run, problem


class Command:
    """gate -- xl migrate-receive, on a host of files"""
    roles = ["monitor", "child", "xenvet-worker"]

    def __init__(self, good):
        self.good, self.serial = good, itertools.count()
        self.xl = fresh("bin") / "xl"
        self.xl.parent.mkdir()
        self.xl.write_text(FAKE_XL)
        self.xl.chmod(0o755)
        done = subprocess.run([XENVET, "gate", "-q", "--in", "-", "--out", "-"], input=IMAGE, capture_output=True, check=True)
        self.config = config_end(done.stdout)
        self.rest = len(done.stdout) - self.config

    def talk(self, run, name):
        """The sender; how far it came."""
        got, stage = b"", "banner"
        send, receive = run.process.stdin.fileno(), run.process.stdout.fileno()
        try:
            image = bytes(IMAGE if self.good else BAD).replace(NAME.encode(), name.encode())
            for stage, want, then in (("banner", BANNER, image), ("ready", READY, GO_AHEAD), ("report", REPORT + b"\0", b"")):
                while len(got) < len(want):
                    part = os.read(receive, len(want) - len(got))
                    if not part:
                        return stage
                    got += part
                if got != want:
                    return f"{stage}: {got}"
                got = b""
                while then:
                    then = then[os.write(send, then):]
        except BrokenPipeError:
            return stage
        return "success"

    def run(self, role, n, error):
        state = fresh("host")
        state.mkdir()
        name = f"golden-{os.getpid() % 100000:05d}{next(self.serial) % 100000:05d}"
        env = dict(os.environ, XENVET_RUNTIME_DIR=f"{state}.run", XL_STATE=str(state), XL_NAME=name,
                   XL_CONFIG=str(self.config), XL_REST=str(self.rest))
        run = Run([XENVET, "gate", "-q", "--", self.xl, "migrate-receive"], role, n, error, env, stdin=subprocess.PIPE)
        came = self.talk(run, name)
        run.process.stdin.close()
        problem = run.end()
        notes = list(pathlib.Path(f"{state}.run", "incoming").glob("*"))
        if notes and problem is None:  # one that could not be removed says nothing about a finished domain
            reaped = subprocess.run([XENVET, "restore", "--reap"], env=env, capture_output=True, text=True)
            problem = f"a note that --reap does not understand: {reaped}" if any(note.exists() for note in notes) else None
        domains = [path.read_text().strip() for path in state.iterdir()]
        eof = pathlib.Path(f"{state}.eof")
        # a report that cannot be passed on after the go-ahead changes nothing: the guest runs here
        if problem is None and run.status == 0 and (domains != [name] or came not in ("success", "report") or not self.good):
            problem = f"status 0, but {domains}, the sender came to: {came}"
        elif problem is None and run.status == 1 and self.good and came != "report" and "SENDER_LEFT" not in run.errors:
            problem = f"a good image is rejected: {run.errors}"
        elif problem is None and run.status != 0 and domains and (domains != [name] or came not in ("report", "success")):
            problem = f"left {domains}, the sender came to {came}: {run.errors}"
        elif problem is None and eof.exists():
            problem = f"the receiver saw the end of the {eof.read_text().strip()}"
        subprocess.run(["rm", "-rf", state, eof, f"{state}.new", f"{state}.run"], check=True)
        return run, problem


class Restore:
    """restore on the simulated hypervisor"""
    roles = ["monitor", "child", "xenvet-worker", "xenvet-restore"]

    def __init__(self, good):
        import host
        self.host, self.good = host, good
        host.BIN, host.SIM = os.path.dirname(XENVET), SIM
        self.images, (image,) = host.images("pvh-v3.xl")
        self.image = image
        if not good:
            self.image = fresh("image")
            data = bytearray(image.read_bytes())
            data[-16] ^= 0x40
            self.image.write_bytes(data)

    def run(self, role, n, error):
        where = fresh("host")
        host = self.host.Host(where, pages=8192)
        run = Run([XENVET, "restore", self.image], role, n, error, host.environment())
        problem = run.end()
        if problem is None and run.status == 0:
            host.restore("--reap")  # a mark that stayed says nothing about a finished domain
            number = re.search(r"domain (\d+)", run.out.decode() + run.errors)  # on standard error if the other failed
            compared = host.compare(self.image, int(number.group(1)))
            marks = [node for node in host.traces()["nodes"] if node.startswith("/tool/xenvet")]
            if not self.good or compared.returncode != 0 or marks or host.state()["domains"][0]["paused"]:
                problem = f"status 0, but not a whole domain: {compared.stdout[-200:]} {marks}"
        elif problem is None and host.traces() != self.host.NOTHING:
            problem = f"status {run.status}, and left {str(host.traces())[:300]}: {run.errors[-300:]}"
        elif problem is None and run.status == 1 and self.good:
            problem = f"a good image is rejected: {run.errors}"
        subprocess.run(["rm", "-rf", where], check=True)
        return run, problem


SCENARIOS = {"copy": (Copy, True), "copy-bad": (Copy, False), "command": (Command, True), "command-bad": (Command, False),
             "restore": (Restore, True), "restore-bad": (Restore, False)}


def plan(scenario, full):
    """Runs (role, n, error); the number of calls is what a run without a failure makes."""
    for role in scenario.roles:
        run, problem = scenario.run(role, 1 << 30, "EIO")
        assert problem is None and (run.status == 0) == scenario.good, (role, problem, run.status, run.errors)
        cases = [(role, n, error) for n in range(1, run.calls + 1) for error in ERRORS]
        print(f"  {role}: {run.calls} calls", flush=True)
        # a sample: all n, one error each in turn, thinned out
        step = 1 if full else max(1, len(cases) // SAMPLE | 1)
        yield from itertools.islice(cases, 0, None, step)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--scenario", choices=SCENARIOS)
    parser.add_argument("--part", default="1/1")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    part, parts = map(int, arguments.part.split("/"))
    passed = failed = reached = 0
    for name, (kind, good) in SCENARIOS.items():
        if arguments.scenario not in (None, name):
            continue
        if kind is Restore and not SIM:
            print(f"{name}: no simulated hypervisor here: skipped")
            continue
        print(f"{name}: {kind.__doc__}, a {'good' if good else 'bad'} image", flush=True)
        scenario = kind(good)
        runs = list(plan(scenario, arguments.full))[part - 1::parts]
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            for case, (run, problem) in zip(runs, pool.map(lambda case: scenario.run(*case), runs)):
                passed += problem is None
                failed += problem is not None
                reached += problem is None and run.call >= 0
                if problem:
                    met = f", call {run.call}" if hasattr(run, "call") else ""
                    print(f"not ok - {name}: {case[0]}, number {case[1]}, {case[2]}{met}: {problem}", flush=True)
        print(f"  {len(runs)} runs", flush=True)
    subprocess.run(["rm", "-rf", scratch], check=False)
    print(f"in {reached} runs a call was met")
    print(f"{passed} passed, {failed} failed")
    return failed != 0 or reached < passed * 0.9


sys.exit(main())
