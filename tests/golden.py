#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Judges every stream of corpus/MANIFEST with `xenvet check` and compares verdict, offset and exit status.

    golden.py XENVET [--corpus DIR] [--filter SUBSTR]

One line per failure, then "N passed, N failed". Exit status 1 if anything failed.
"""
import argparse
import concurrent.futures
import csv
import hashlib
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

HANDSHAKE = "HANDSHAKE"  # the receiver's side of a migration: no image, not judged here


def load(manifest, substring):
    with manifest.open(newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [row for row in rows if substring in row["path"] and row["verdict"] != HANDSHAKE]


def unpack(corpus, rows, scratch):
    """Decompresses each file once, folder by folder; returns {path in the MANIFEST: file}."""
    files, groups = {}, {}
    for path in sorted({row["path"] for row in rows}):
        files[path] = corpus / path
        if path.endswith(".zst"):
            groups.setdefault(str(pathlib.Path(path).parent), []).append(path)
            files[path] = scratch / path.removesuffix(".zst")
    for folder, paths in groups.items():
        (scratch / folder).mkdir(parents=True)
        listing = "".join(f"{corpus / path}\n" for path in paths)
        names = scratch / "names"
        names.write_text(listing)
        subprocess.run(["zstd", "-d", "-q", "--filelist", names, "--output-dir-flat", scratch / folder], check=True)
    return files


def complaint(row, done):
    """What is wrong with one run, or None."""
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return f"exit status {done.returncode}, no JSON: {done.stderr.strip()[:200]}"
    verdict = answer.get("verdict")
    if verdict != row["verdict"]:
        return f"expected {row['verdict']}, got {verdict} at {answer.get('offset')}"
    if done.returncode != (0 if verdict == "ACCEPTED" else 1):
        return f"{verdict} with exit status {done.returncode}"
    if row["offset"] != "-" and answer.get("offset") != int(row["offset"]):
        return f"{verdict} at {answer.get('offset')}, expected at {row['offset']}"
    return None


def judge(xenvet, file, row):
    if hashlib.sha256(file.read_bytes()).hexdigest() != row["sha256"]:
        return "sha256 differs from the MANIFEST"
    options = [] if row["options"] == "-" else shlex.split(row["options"])
    done = subprocess.run([xenvet, "check", "--json", *options, file], capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL)
    return complaint(row, done)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("xenvet")
    options.add_argument("--corpus", type=pathlib.Path,
                         default=pathlib.Path(__file__).resolve().parent.parent / "corpus")
    options.add_argument("--filter", default="", metavar="SUBSTR")
    args = options.parse_args()
    rows = load(args.corpus / "MANIFEST", args.filter)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="xenvet-golden-") as scratch:
        files = unpack(args.corpus, rows, pathlib.Path(scratch))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            results = pool.map(lambda row: judge(args.xenvet, files[row["path"]], row), rows)
            for row, wrong in zip(rows, results):
                if wrong:
                    failed += 1
                    note = "" if row["options"] == "-" else f" ({row['options']})"
                    print(f"FAIL {row['path']}{note}: {wrong}")
    print(f"{len(rows) - failed} passed, {failed} failed")
    sys.exit(1 if failed or not rows else 0)


if __name__ == "__main__":
    main()
