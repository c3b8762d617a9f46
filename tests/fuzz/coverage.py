#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Replays seeds and findings through each harness of a coverage build: an HTML report in BUILD/fuzz-coverage, and a gate.

    coverage.py BUILD [--floors]

Each harness names the functions that its own inputs must reach ("Target:" in its file). tests/fuzz/coverage.tsv has, for each file of
the parser, the lines in percent that all harnesses together must reach; "*" stands for files that it does not name. --floors prints
what is reached now.
"""
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TABLE = pathlib.Path(__file__).resolve().parent / "coverage.tsv"
sys.path.insert(0, str(ROOT / "fuzz"))

import targets  # noqa: E402


def profile(build, harness):
    name = harness.name[:-len("_fuzz")]
    raw, out = build / f"{name}.profraw", build / f"{name}.profdata"
    subprocess.run([harness, *targets.corpus_dirs(name)], env=dict(os.environ, LLVM_PROFILE_FILE=str(raw)),
                   check=True, capture_output=True)
    subprocess.run(["llvm-profdata-14", "merge", "-o", out, raw], check=True)
    return out


def reached(harness, data):
    """Functions of the parser that one harness executes."""
    text = subprocess.run(["llvm-cov-14", "export", f"-instr-profile={data}", harness], check=True, capture_output=True).stdout
    return {f["name"].split(":")[-1] for f in json.loads(text)["data"][0]["functions"] if f["count"]}


def lines_of(harnesses, data):
    objects = [part for harness in harnesses[1:] for part in ("-object", str(harness))]
    text = subprocess.run(["llvm-cov-14", "export", "-summary-only", f"-instr-profile={data}", harnesses[0], *objects],
                          check=True, capture_output=True).stdout
    files = json.loads(text)["data"][0]["files"]
    return {pathlib.Path(f["filename"]).name: f["summary"]["lines"]["percent"] for f in files
            if "/parser/" in f["filename"] and f["filename"].endswith(".c")}


def html(build, harnesses, data):
    objects = [part for harness in harnesses[1:] for part in ("-object", str(harness))]
    subprocess.run(["llvm-cov-14", "show", "-format=html", f"-output-dir={build / 'fuzz-coverage'}",
                    f"-instr-profile={data}", harnesses[0], *objects], check=True, capture_output=True)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    harnesses = sorted((build / "bin").glob("*_fuzz"))
    data = {harness: profile(build, harness) for harness in harnesses}
    whole = build / "harnesses.profdata"
    subprocess.run(["llvm-profdata-14", "merge", "-o", whole, *data.values()], check=True)
    percent = lines_of(harnesses, whole)
    if "--floors" in sys.argv:
        for name in sorted(percent):
            print(f"{name}\t{int(percent[name])}")
        return
    html(build, harnesses, whole)
    floors = dict(line.split("\t")[:2] for line in TABLE.read_text().splitlines()[1:])
    passed = failed = 0
    for name in sorted(set(percent) | set(floors)):
        floor = float(floors.get(name, floors["*"]))
        good = name == "*" or percent.get(name, 0) >= floor
        passed, failed = passed + good, failed + (not good)
        if not good:
            print(f"FAIL {name}: floor {floor}, {percent.get(name, 0):.1f} % reached")
    for harness, profdata in data.items():
        target = harness.name[:-len("_fuzz")]
        wanted, got = targets.says(target, "Target"), reached(harness, profdata)
        good = bool(wanted) and set(wanted) <= got
        passed, failed = passed + good, failed + (not good)
        if not good:
            print(f"FAIL {target}: reaches no {', '.join(sorted(set(wanted) - got)) or 'function, because it names none'}")
    print(f"report: {build / 'fuzz-coverage' / 'index.html'}\n{passed} passed, {failed} failed")
    sys.exit(failed or not passed)


if __name__ == "__main__":
    main()
