#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Speed and memory of `xenvet check`, beside what one would use instead, all in one run. Prints; never judges.

    run.py --xenvet PROGRAM [--image FILE]... [--hvm-mib N] [--pv-mib N] [--repeat N]

Times are medians of whole processes, files in the page cache. MiB means 2^20 octets of the stream.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import streams

MIB = 1 << 20
XEN = "/usr/lib/xen-4.17"
VERIFIER = f"{XEN}/bin/verify-stream-v2"
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{XEN}/lib/python"}  # verify-stream-v2 does not find its own modules


class Cost:
    """Median wall and processor seconds of several runs, and the last exit status."""

    def __init__(self, runs):
        self.wall = statistics.median(run[0] for run in runs)
        self.cpu = statistics.median(run[1] for run in runs)
        self.status = runs[-1][2]


def once(command, source=None):
    """Runs a command, fed by `cat SOURCE` if given. (wall, cpu of the command and its children, status)"""
    null = open(os.devnull, "r+b")
    start = time.perf_counter()
    feeder = subprocess.Popen(["cat", source], stdout=subprocess.PIPE, stderr=null) if source else None
    child = subprocess.Popen([str(word) for word in command], stdin=feeder.stdout if feeder else null, stdout=null, stderr=null,
                             env=ENVIRONMENT)
    if feeder:
        feeder.stdout.close()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if feeder:
        feeder.wait()
    wall = time.perf_counter() - start
    null.close()
    return wall, usage.ru_utime + usage.ru_stime, child.returncode


def measure(repeat, command, source=None):
    return Cost([once(command, source) for _ in range(repeat)])


def peak(command, source=None):
    """MiB of the largest resident set of a command and its children. Asked of time(1): a child of this process would
    inherit the peak of Python."""
    with tempfile.NamedTemporaryFile("r") as note:
        once(["/usr/bin/time", "-q", "-f", "%M", "-o", note.name, *command], source)
        return f"{int(note.read()) / 1024:.1f}"


def table(rows, head):
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, ["-" * width for width in widths], *rows]:
        print("  " + "  ".join(cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths))))
    print()


def ratio(one, other):
    return f"{one / other:.2f}" if other > 0 else "-"


def image_row(name, file, xenvet, repeat):
    """Everything about one valid image: from a file, from a pipe, memory."""
    size = os.path.getsize(file) / MIB
    cat = measure(repeat, ["cat", file])
    check = measure(repeat, [xenvet, "check", "-q", file])
    piped_cat = measure(repeat, ["cat"], file)
    piped = measure(repeat, [xenvet, "check", "-q", "-"], file)
    verify = measure(max(1, repeat // 3), [VERIFIER, "-i", file]) if os.path.exists(VERIFIER) else None
    if check.status or piped.status:
        print(f"{name}: xenvet does not accept it (status {check.status}, piped {piped.status})", file=sys.stderr)
    return [name, f"{size:.0f}", f"{check.wall * 1e3:.1f}", f"{verify.wall * 1e3:.0f}" if verify else "-",
            ratio(verify.wall, check.wall) if verify else "-", f"{cat.wall * 1e3:.0f}", ratio(cat.wall, check.wall),
            f"{piped.wall * 1e3:.0f}", f"{piped_cat.wall * 1e3:.0f}", ratio(piped.wall, piped_cat.wall),
            peak([xenvet, "check", "-q", file]), peak([xenvet, "check", "-q", "-"], file)]


def images(options, scratch):
    files = {}
    if options.hvm_mib:
        files[f"generated HVM v3, {options.hvm_mib} MiB"] = streams.write(scratch / "hvm", streams.hvm_image(options.hvm_mib * MIB))
    if options.pv_mib:
        files[f"generated PV v3, {options.pv_mib} MiB"] = streams.write(scratch / "pv", streams.pv_image(options.pv_mib * MIB))
    for image in options.image:
        target = image
        if image.endswith(".zst"):
            target = scratch / pathlib.Path(image).stem
            subprocess.run(["zstd", "-qdf", image, "-o", target], check=True)
        files[pathlib.Path(target).name] = target
    return files


def per_mib(xenvet, file, repeat, start, options=()):
    """Processor seconds per MiB that was read (less counts as one), from a pipe, without what starting costs; and the verdict."""
    cost = measure(repeat, [xenvet, "check", "-q", *options, "-"], file)
    report = json.loads(subprocess.run([xenvet, "check", "--json", *options, file], stdout=subprocess.PIPE, check=False).stdout)
    octets = report.get("offset") or os.path.getsize(file)
    return max(cost.cpu - start, 0) / max(octets / MIB, 1), report["verdict"]


def costs(options, scratch):
    """Rows: what one MiB of each kind of stream costs, against the costlier of the two valid kinds."""
    empty = streams.write(scratch / "empty", [b""])
    start = measure(4 * options.repeat, [options.xenvet, "check", "-q", "-"], empty).cpu
    small, config = 64 * MIB, 64 * 1024 - 64  # the largest configuration that the default policy lets in
    jobs = [(name, make(small), ()) for name, make in [*streams.VALID.items(), *streams.HOSTILE.items()]]
    wide = ["--tolerate", "unknown-config-field"]
    jobs += [(name, streams.configuration(config, text), wide) for name, text in streams.HOSTILE_CONFIG.items()]
    found = []
    for name, pieces, extra in jobs:
        file = streams.write(scratch / "stream", pieces)
        value, verdict = per_mib(options.xenvet, file, options.repeat, start, extra)
        found.append((name, value, verdict, peak([options.xenvet, "check", "-q", *extra, "-"], file)))
    base = max(value for name, value, *_ in found if name in streams.VALID)
    return [[name, f"{value * 1e6:.0f}", ratio(value, base), verdict, memory] for name, value, verdict, memory in found]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--xenvet", required=True)
    parser.add_argument("--image", action="append", default=[], help="a real image (may be packed with zstd), in addition")
    parser.add_argument("--hvm-mib", type=int, default=1024)
    parser.add_argument("--pv-mib", type=int, default=128)
    parser.add_argument("--repeat", type=int, default=9)
    options = parser.parse_args()
    options.xenvet = str(pathlib.Path(options.xenvet).resolve())

    scratch = pathlib.Path(tempfile.mkdtemp(prefix="xenvet-bench-"))
    try:
        print(f"Valid images; times in ms, medians of {options.repeat} runs; memory in MiB")
        table([image_row(name, file, options.xenvet, options.repeat) for name, file in images(options, scratch).items()],
              ["image", "MiB", "check", "verify-stream-v2", "verify/check", "cat", "cat/check", "pipe: check", "pipe: cat",
               "check/cat", "RSS file", "RSS pipe"])
        for leftover in scratch.iterdir():
            leftover.unlink()
        print("Processor time per MiB of a stream, piped, starting the process not counted; in us")
        table(costs(options, scratch), ["stream", "us/MiB", "to the costlier valid one", "verdict", "RSS"])
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
