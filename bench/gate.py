#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Speed, memory and latency of `xenvet gate`, beside cat, all in one run. Prints; never judges.

    gate.py --xenvet PROGRAM [--mib N] [--repeat N]
"""
import argparse
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import streams
from run import MIB, measure, peak, ratio, table

BANNER = b"xl migration receiver ready, send binary domain data.\n"
CONSUMER = """
import sys, time
time.sleep(0.05)
sys.stdout.buffer.write(sys.argv[1].encode())
written = time.monotonic_ns()
sys.stdout.buffer.flush()
open(sys.argv[2], "w").write(str(written))
sys.stdin.buffer.read()
"""


def latency(xenvet, scratch):
    """Nanoseconds from the consumer's banner to its arrival at the sender's side."""
    note = scratch / "written"
    gate = subprocess.Popen([xenvet, "gate", "--", sys.executable, "-c", CONSUMER, BANNER.decode(), str(note)],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    gate.stdout.read(len(BANNER))
    arrived = time.monotonic_ns()
    time.sleep(0.05)
    gate.kill()
    gate.wait()
    return arrived - int(note.read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--xenvet", required=True)
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--repeat", type=int, default=7)
    options = parser.parse_args()
    xenvet = str(pathlib.Path(options.xenvet).resolve())
    command = [xenvet, "gate", "--in", "-", "--out", "-"]

    scratch = pathlib.Path(tempfile.mkdtemp(prefix="xenvet-bench-"))
    try:
        image = streams.write(scratch / "image", streams.hvm_image(options.mib * MIB))
        cat, gate = measure(options.repeat, ["cat"], image), measure(options.repeat, command, image)
        print(f"A generated HVM image through a pipe into /dev/null; medians of {options.repeat} runs")
        table([[f"{options.mib} MiB", f"{cat.wall * 1e3:.0f}", f"{gate.wall * 1e3:.0f}", ratio(cat.wall, gate.wall), peak(command, image)]],
              ["image", "cat | cat, ms", "cat | xenvet gate, ms", "cat/gate", "RSS, MiB"])
        delays = [latency(xenvet, scratch) for _ in range(3 * options.repeat)]
        print(f"Added latency of a handshake message: {statistics.median(delays) / 1e6:.2f} ms median of {len(delays)}")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
