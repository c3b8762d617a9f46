#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hands each small accepted stream of the golden corpus to xenvet-sweep, which truncates it everywhere, flips its
control bits and feeds it in pieces, in one process.

    sweep.py XENVET-SWEEP [--corpus DIR] [--max-bytes N] [--filter SUBSTR] [-- ARGS...]

Runs `XENVET-SWEEP ARGS... OPTIONS FILE` for each distinct stream,
OPTIONS being those of its MANIFEST line: exit status 0 is
a pass, what it prints is shown otherwise. One line per failure, then "N passed, N failed".
"""
import argparse
import concurrent.futures
import pathlib
import shlex
import subprocess
import sys
import tempfile

import golden

TIMEOUT = 600


def choose(rows):
    """Every accepted stream once: without options if it can be, else with the first that it needs."""
    chosen = {}
    for row in sorted((row for row in rows if row["verdict"] == "ACCEPTED"), key=lambda row: row["options"] != "-"):
        chosen.setdefault(row["path"], row)
    return list(chosen.values())


def sweep(helper, extra, file, row):
    """What went wrong, or None."""
    options = [] if row["options"] == "-" else shlex.split(row["options"])
    try:
        done = subprocess.run([helper, *extra, *options, file], capture_output=True, text=True, timeout=TIMEOUT,
                              stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return f"still running after {TIMEOUT} seconds"
    if done.returncode == 0:
        return None
    return f"exit status {done.returncode}\n{(done.stdout + done.stderr).strip()[-2000:]}"


def main():
    argv, extra = sys.argv[1:], []
    if "--" in argv:
        extra = argv[argv.index("--") + 1:]
        argv = argv[:argv.index("--")]
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("helper")
    options.add_argument("--corpus", type=pathlib.Path,
                         default=pathlib.Path(__file__).resolve().parent.parent / "corpus")
    options.add_argument("--max-bytes", type=int, default=256 << 10, help="leave out larger streams")
    options.add_argument("--filter", default="", metavar="SUBSTR")
    args = options.parse_args(argv)
    rows = choose(golden.load(args.corpus / "MANIFEST", args.filter))
    failed = 0
    with tempfile.TemporaryDirectory(prefix="xenvet-sweep-") as scratch:
        files = golden.unpack(args.corpus, rows, pathlib.Path(scratch))
        rows = [row for row in rows if files[row["path"]].stat().st_size <= args.max_bytes]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            results = pool.map(lambda row: sweep(args.helper, extra, files[row["path"]], row), rows)
            for row, wrong in zip(rows, results):
                if wrong:
                    failed += 1
                    print(f"FAIL {row['path']}: {wrong}")
    print(f"{len(rows) - failed} passed, {failed} failed")
    sys.exit(1 if failed or not rows else 0)


if __name__ == "__main__":
    main()
