#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Replays seeds and findings through each harness of a coverage build: an HTML report in BUILD/fuzz-coverage, and a gate.

    coverage.py BUILD [--floors]

tests/fuzz/coverage.tsv has, for each harness, a function that it must reach, and for each file of the parser the lines in percent
that all harnesses together must reach. --floors prints what is reached now.
"""
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TABLE = pathlib.Path(__file__).resolve().parent / "coverage.tsv"
CORPUS = ROOT / "corpus"
IMAGES = ("restore", "gate", "stream")


def profile(build, harness):
    name = harness.name[:-len("_fuzz")]
    raw, out = build / f"{name}.profraw", build / f"{name}.profdata"
    dirs = [CORPUS / kind / d for kind in ("seeds", "regress") for d in {name, "restore" if name in IMAGES else name}]
    subprocess.run([harness, *[d for d in dirs if d.is_dir()]], env=dict(os.environ, LLVM_PROFILE_FILE=str(raw)),
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
    passed = failed = 0
    for line in TABLE.read_text().splitlines()[1:]:
        what, want = line.split("\t")
        if what.endswith(".c"):
            good, have = percent.get(what, 0) >= float(want), f"{percent.get(what, 0):.1f} %"
        else:
            harness = build / "bin" / f"{what}_fuzz"
            good, have = harness in data and want in reached(harness, data[harness]), "not reached"
        passed, failed = passed + good, failed + (not good)
        if not good:
            print(f"FAIL {what}: {want} wanted, {have}")
    print(f"report: {build / 'fuzz-coverage' / 'index.html'}\n{passed} passed, {failed} failed")
    sys.exit(failed or not passed)


if __name__ == "__main__":
    main()
