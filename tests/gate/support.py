# SPDX-License-Identifier: MIT
"""What the tests of the gate share: streams, a sender that speaks xl's protocol, and what must be left of a run: nothing."""
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CORPUS = ROOT / "corpus" / "golden"
sys.path.insert(0, str(ROOT / "tests"))
sys.dont_write_bytecode = True

from gen import hvm, libvirt, libxc, libxl, pv, xenopsd, xl  # noqa: E402

XENVET = os.environ["XENVET"]
BANNER = b"xl migration receiver ready, send binary domain data.\n"
READY = b"domain received, ready to unpause\0"
GO_AHEAD = xl.GO_AHEAD
REPORT = b"my copy unpause results are as follows\0"

scratch = pathlib.Path(tempfile.mkdtemp(prefix="xenvet-gate-"))
serial = 0
os.environ["XENVET_RUNTIME_DIR"] = str(scratch)


def fresh(name):
    global serial
    serial += 1
    return scratch / f"{serial}-{name}"


def unpacked(name):
    return subprocess.run(["zstd", "-dcq", CORPUS / "accept" / name], check=True, capture_output=True).stdout


def octets(stream):
    return bytes(stream.pack())


def config_end(image):
    return 48 + struct.unpack_from("<I", image, 44)[0]


def config_of(image):
    return image[52:config_end(image)]


class Pipes:
    """A run of the gate with the sender's side held by the test."""

    def __init__(self, options, what, *numbers, wrap=(), command=None):
        self.log = fresh("log")
        self.json = fresh("json")
        command = command or [sys.executable, HERE / "receiver.py", self.log, what, *numbers]
        command = [*wrap, XENVET, "gate", "--log-json", self.json, *options, "--", *command]
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, bufsize=0)
        self.back = b""
        self.errors = ""

    def send(self, data):
        """False if the gate has gone away."""
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self.process.stdin.fileno(), view):]
        except BrokenPipeError:
            return False
        return True

    def expect(self, text):
        """Reads so much from the gate; what came is in `back`."""
        want = len(self.back) + len(text)
        while len(self.back) < want:
            part = os.read(self.process.stdout.fileno(), want - len(self.back))
            if not part:
                return False
            self.back += part
        return self.back.endswith(text)

    def leave(self):
        self.process.stdin.close()

    def end(self, timeout=30):
        """The exit status; reads what is left."""
        self.back += self.process.stdout.read() or b""
        self.errors = self.process.stderr.read().decode()
        status = self.process.wait(timeout)
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()
        self.process.stdout.close()
        self.process.stderr.close()
        return status

    def seen(self):
        """What the receiver wrote down, without times."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line.split(" ", 1)[1] for line in lines]

    def data(self):
        path = pathlib.Path(str(self.log) + ".data")
        return path.read_bytes() if path.exists() else b""

    def decision(self):
        return json.loads(self.json.read_text())

    def pids(self):
        return [int(line.split()[1]) for line in self.seen() if line.startswith(("start ", "child "))]


def migrate(run, image, go_ahead=GO_AHEAD):
    """The sender of `xl migrate`; True if the receiver says that the guest runs."""
    return (run.expect(BANNER) and run.send(image) and run.expect(READY) and run.send(go_ahead) and run.expect(REPORT) and
            run.expect(b"\0"))


def alive(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def nothing_left(run):
    """No process of the receiver is alive a moment after the gate has gone."""
    for _ in range(50):
        if not any(alive(pid) for pid in run.pids()):
            return True
        time.sleep(0.01)
    return False


def main(cases):
    """Runs the functions named test_*, or those named on the command line."""
    passed = failed = 0
    wanted = sys.argv[1:]
    for name, case in cases.items():
        if not name.startswith("test_") or (wanted and name not in wanted):
            continue
        started = time.monotonic()
        try:
            case()
            passed += 1
            print(f"ok - {name} ({time.monotonic() - started:.1f} s)", flush=True)
        except Exception as problem:  # one line each, and the rest goes on
            failed += 1
            trace, place = problem.__traceback__, ""
            while trace:
                if trace.tb_frame.f_code.co_filename.startswith(str(HERE)):
                    place = f"{pathlib.Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
                trace = trace.tb_next
            print(f"not ok - {name}: {type(problem).__name__} {problem} at {place}", flush=True)
    subprocess.run(["rm", "-rf", scratch], check=False)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed != 0)
