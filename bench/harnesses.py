#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Executions a second of each harness on one core, in process, without sanitizers or a fuzzer: its seeds, again and again.

    harnesses.py BUILD [--seconds S]

Harnesses of one stage have small inputs and one run of the parser or a few; those of whole images run it many times, or restore.
What issue 5 asks for stands beside: 50,000 for the first kind, 5,000 for the restore oracle. Prints; never judges.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "fuzz"))

import targets  # noqa: E402

SMALL = 1024  # octets of a small input


def inputs(target):
    """Its own seeds that are small, or all; whole images if it reads such."""
    files = [path for d in targets.corpus_dirs(target, ("seeds",)) for path in d.iterdir()]
    small = [path for path in files if path.stat().st_size <= SMALL]
    return small or files


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("build", type=pathlib.Path)
    options.add_argument("--seconds", type=float, default=1.0, help="of each harness")
    args = options.parse_args()
    print(f"{'harness':<14}{'inputs':>8}{'octets':>9}{'executions/s':>15}{'asked for':>12}")
    for target in targets.built(args.build):
        files = inputs(target)
        if not files:
            continue
        env = dict(os.environ, XENVET_REPLAY_SECONDS=str(args.seconds / len(files)))
        done = subprocess.run([args.build / "bin" / f"{target}_fuzz", *files], check=True, capture_output=True, text=True, env=env)
        runs, spent = re.search(r"(\d+) executions, ([\d.]+) s", done.stdout).groups()
        mean = sum(path.stat().st_size for path in files) // len(files)
        whole = targets.reads_images(target) or mean > 16 * SMALL  # draft B and legacy streams have no small guests
        asked = "5,000" if target == "restore" else "" if whole else "50,000"
        print(f"{target:<14}{len(files):>8}{mean:>9}{int(int(runs) / float(spent)):>15,}{asked:>12}")


if __name__ == "__main__":
    main()
