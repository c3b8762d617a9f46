#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The worker's sandbox: every forbidden act, each layer alone, what /proc says, a worker that lies, and the calls of the real one."""
import errno
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "gate"))
from support import BANNER, Pipes, fresh, libxl, main, nothing_left, octets, pv, xl  # noqa: E402
import support  # noqa: E402

XENVET, PROBE = os.environ["XENVET"], os.environ["XENVET_PROBE"]
LAYERS = ["user-namespace", "mount-namespace", "net-namespace", "pid-namespace", "ipc-namespace", "identity", "capabilities",
          "no-new-privs", "descriptors", "rlimits", "landlock", "undumpable", "seccomp"]
FORBIDDEN = """open open_root create socket fork ptrace kill kill_parent mmap mmap_exec mprotect brk write_0 write_3 read_1 read_2 writev
    sendmsg dup prctl execve memfd io_uring bpf unshare setuid mount hostname chroot ioctl userfaultfd perf vm_write keyctl tgkill
    sigaction setrlimit seccomp pipe_size_1 flags int80 x32 connect descriptors dumpable new_privs""".split()
KILLED = "the worker ended without a verdict"
IMAGE = octets(xl.wrap(libxl.wrap(pv.guest()), xl.config("pv")))


def probe(act, layers=None, command="check"):
    """What becomes of an act: None if the worker was killed, else its errno."""
    options = [f"--without-layer={name}" for name in LAYERS if layers is not None and name not in layers]
    done = subprocess.run([PROBE, command, "--json", *options, "-"], input=act.encode(), capture_output=True, timeout=20)
    assert done.returncode == 3, done
    message = json.loads(done.stdout)["message"]
    if KILLED in message:
        return None
    for number, name in errno.errorcode.items():
        if os.strerror(number) == message:
            return number
    return 0 if message == os.strerror(0) else -1


def test_all_layers():
    for act in FORBIDDEN:
        assert probe(act) is None, act


def test_seccomp_alone():
    for act in FORBIDDEN:
        assert probe(act, ["seccomp", "no-new-privs"]) is None, act


def test_without_any():
    """The acts are acts: a bare worker gets away with them."""
    for act in ("open", "socket", "mmap", "mmap_exec", "kill_parent", "memfd", "dup", "prctl"):
        assert probe(act, []) == 0, act


def test_each_other_layer_alone():
    user = "user-namespace"
    rows = [(["mount-namespace", user], "open", errno.ENOENT), (["mount-namespace", user], "create", errno.EROFS),
            (["landlock", "no-new-privs"], "open", errno.EACCES), (["landlock", "no-new-privs"], "open_root", errno.EACCES),
            (["landlock", "no-new-privs"], "create", errno.EACCES),
            (["rlimits"], "open", errno.EMFILE), (["rlimits"], "socket", errno.EMFILE), (["rlimits"], "memfd", errno.EMFILE),
            (["rlimits"], "mmap", errno.ENOMEM), (["rlimits"], "mmap_exec", errno.ENOMEM), (["rlimits"], "dup", errno.EMFILE),
            (["rlimits", "identity", user, "capabilities"], "fork", errno.EAGAIN),
            (["net-namespace", user], "connect", errno.ENETUNREACH),
            (["pid-namespace", user], "pid", errno.ESRCH), (["pid-namespace", user], "kill", errno.ESRCH),
            (["capabilities", user], "mount", errno.EPERM), (["capabilities", user], "hostname", errno.EPERM),
            (["no-new-privs"], "new_privs", errno.EPERM), (["undumpable"], "dumpable", errno.EPERM),
            (["descriptors"], "descriptors", errno.EBADF)]
    if os.geteuid() == 0:
        rows += [(["capabilities"], "mount", errno.EPERM), (["identity"], "setuid", errno.EPERM)]
    for layers, act, want in rows:
        got = probe(act, layers)
        assert got == want, (layers, act, got)


def waiting_worker(*options):
    """The real worker, sandboxed, with an input that never comes; (monitor, worker's pid)."""
    monitor = subprocess.Popen([XENVET, "check", *options, "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        children = pathlib.Path(f"/proc/{monitor.pid}/task/{monitor.pid}/children").read_text().split()
        if children:
            status = pathlib.Path(f"/proc/{children[0]}/status").read_text()
            if "Seccomp:\t2" in status or "seccomp" in " ".join(options):
                return monitor, int(children[0])
        time.sleep(0.01)
    raise AssertionError("no worker")


def test_what_the_kernel_says_of_it():
    secret = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(secret, True)  # a descriptor that xenvet inherits goes no further
    monitor, pid = waiting_worker()
    try:
        proc = pathlib.Path(f"/proc/{pid}")
        status = dict(line.split(":\t", 1) for line in (proc / "status").read_text().splitlines() if ":\t" in line)
        assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2", status
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            assert int(status[name], 16) == 0, name
        if os.geteuid() == 0:
            assert status["Uid"].split() == status["Gid"].split() == ["65534"] * 4 and status["Groups"].strip() == "", status
            assert sorted(os.listdir(proc / "fd")) == ["0", "1", "2"]
            assert os.listdir(proc / "root") == []
            for name in ("user", "mnt", "net", "pid", "ipc"):
                assert os.readlink(proc / "ns" / name) != os.readlink(f"/proc/self/ns/{name}"), name
            limits = (proc / "limits").read_text()
            for name in ("Max address space", "Max file size", "Max processes", "Max core file size"):
                assert re.search(rf"{name}\s+0\s+0", limits), limits
    finally:
        monitor.kill()
        monitor.wait()
        monitor.stdin.close()
        os.close(secret)
    deadline = time.monotonic() + 5
    while support.alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not support.alive(pid), "the worker outlived its monitor"


def test_a_worker_that_lies_to_check():
    for act in ("forge-outcome", "forge-go_ahead", "forge-complete_twice", "forge-ready_again", "forge-config", "forge-garbage",
                "forge-empty", "forge-output", "forge-death"):
        done = subprocess.run([PROBE, "check", "-"], input=act.encode(), capture_output=True, timeout=20)
        assert done.returncode == 3 and KILLED.encode() in done.stderr, (act, done)


def test_a_worker_that_lies_to_the_copy():
    where = fresh("directory")
    where.mkdir()
    for act in ("forge-outcome", "forge-go_ahead", "forge-complete_twice", "forge-config", "forge-garbage", "forge-empty",
                "forge-facts", "forge-output", "forge-death"):
        done = subprocess.run([PROBE, "gate", "--in", "-", "--out", where / "copy"], input=act.encode(), capture_output=True, timeout=20)
        assert done.returncode == 3 and os.listdir(where) == [], (act, done)
    started = time.monotonic()
    done = subprocess.run([PROBE, "gate", "--timeout", "1", "--in", "-", "--out", where / "copy"], input=b"forge-silence", timeout=20,
                          capture_output=True)
    assert done.returncode == 3 and os.listdir(where) == [] and time.monotonic() - started < 9


def test_a_worker_that_lies_to_the_gate():
    """It writes into the receiver's pipe at most; it cannot give the go-ahead, nor end the receiver's input."""
    real, support.XENVET = support.XENVET, PROBE
    try:
        for act in ("forge-outcome", "forge-go_ahead", "forge-complete_twice", "forge-config", "forge-rest", "forge-garbage", "forge-empty",
                    "forge-facts", "forge-output", "forge-death"):
            run = Pipes([], "migrate")
            run.expect(BANNER)
            run.send(act.encode())
            status = run.end()
            assert status == 3, (act, status, run.errors)
            assert nothing_left(run) and not {"eof", "end", "go-ahead", "done"} & set(run.seen()), (act, run.seen())
            assert not run.decision()["committed"]
            assert run.data() in (b"", b"garbage")
    finally:
        support.XENVET = real


ALLOWED = set("""read pread64 splice write recvfrom fstat newfstatat fcntl lseek fadvise64 poll ppoll clock_gettime restart_syscall
    rt_sigreturn exit_group exit""".split())


def calls_of_the_worker(command, **more):
    """The names of the calls after its filter was loaded, per process that loaded one."""
    trace = fresh("trace")
    done = subprocess.run(["strace", "-f", "-qq", "-o", trace, *map(str, command)], capture_output=True, timeout=60, **more)
    calls, confined = [], set()
    for line in trace.read_text().splitlines():
        pid, rest = line.split(None, 1)
        if pid in confined and (name := re.match(r"(\w+)\(", rest)):
            calls.append(name.group(1))
        if re.match(r"seccomp\(SECCOMP_SET_MODE_FILTER, .*\{len=", rest):
            confined.add(pid)
    assert len(confined) == 1, confined
    return done, calls


def test_calls_of_the_real_worker():
    if shutil.which("strace") is None:
        print("  (no strace: skipped)")
        return
    path, bad = fresh("image"), fresh("bad")
    path.write_bytes(IMAGE)
    bad.write_bytes(IMAGE[:-3])
    receiver = [sys.executable, support.HERE / "receiver.py", fresh("log"), "sink"]
    rows = [(["check", path], 0, None), (["check", bad], 1, None), (["check", "-"], 0, IMAGE), (["inspect", path], 0, None),
            (["gate", "--in", path, "--out", fresh("copy")], 0, None), (["gate", "--in", "-", "--out", "-"], 0, IMAGE),
            (["gate", "--in", bad, "--out", "-"], 1, None), (["gate", "--no-handshake", "--", *receiver], 0, IMAGE)]
    for command, status, data in rows:
        done, calls = calls_of_the_worker([XENVET, *command], input=data) if data else calls_of_the_worker([XENVET, *command])
        assert done.returncode == status, (command, done)
        assert calls and set(calls) <= ALLOWED, (command, set(calls) - ALLOWED)


def test_report_of_the_host():
    done = subprocess.run([XENVET, "sandbox", "--json"], capture_output=True, check=True)
    report = json.loads(done.stdout)
    assert report["schema"] == "xenvet.sandbox/1" and [one["name"] for one in report["layers"]] == LAYERS
    assert report["complete"] and all(one["provided"] for one in report["layers"])
    text = subprocess.run([XENVET, "sandbox"], capture_output=True, check=True, text=True).stdout.splitlines()
    assert len(text) == len(LAYERS) + 1 and all(line.startswith("yes ") for line in text[:-1])


main(globals().copy())
