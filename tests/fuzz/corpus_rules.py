#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the rules of corpus/seeds and corpus/regress (docs/fuzzing.md), and the verdict of each regression.

    corpus_rules.py BIN      BIN has image_verdict
"""
import hashlib
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SEEDS, REGRESS = ROOT / "corpus" / "seeds", ROOT / "corpus" / "regress"
MOST, LONGEST, ALL = 200, 65536, 5 << 20
HARNESSES = {path.name[:-len("_fuzz.c")] for path in (ROOT / "fuzz").glob("*_fuzz.c")} | {"images"}

passed = failed = 0


def check(what, good):
    global passed, failed  # pylint: disable=global-statement
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print(f"FAIL {what}")


def seeds():
    whole = 0
    for directory in sorted(SEEDS.iterdir()):
        files = [path for path in directory.iterdir()]
        sizes = [path.stat().st_size for path in files]
        whole += sum(sizes)
        check(f"seeds/{directory.name}: a harness of this name", directory.name in HARNESSES)
        check(f"seeds/{directory.name}: {len(files)} files, at most {MOST}", len(files) <= MOST)
        check(f"seeds/{directory.name}: {max(sizes, default=0)} octets in one, at most {LONGEST}", max(sizes, default=0) <= LONGEST)
        for path in files:
            hashes = {hashlib.new(kind, path.read_bytes()).hexdigest()[:16] for kind in ("sha1", "sha256")}
            check(f"seeds/{directory.name}/{path.name}: a name from its contents", path.name in hashes)
    check(f"seeds: {whole} octets, at most {ALL}", whole <= ALL)


def regressions(verdict_of):
    rows = [line.split("\t") for line in (REGRESS / "VERDICTS").read_text().splitlines() if not line.startswith("#")]
    listed = {row[0]: row[1] for row in rows}
    there = {str(path.relative_to(REGRESS)) for path in REGRESS.glob("*/*")}
    check(f"regress/VERDICTS: has all, and nothing else: {sorted(there ^ set(listed))}", there == set(listed))
    for name in sorted(there & set(listed)):
        directory, _, base = name.partition("/")
        check(f"regress/{name}: the harness", directory in HARNESSES)
        check(f"regress/{name}: ISSUE-WORDS", re.fullmatch(r"\d+(-[a-z0-9]+)+", base))
        if directory == "images":
            verdict = verdict_of(REGRESS / name)
            check(f"regress/{name}: {listed[name]} expected, {verdict} found", verdict == listed[name])


def main():
    program = pathlib.Path(sys.argv[1]) / "image_verdict"

    def verdict_of(path):
        return subprocess.run([program, path], check=True, capture_output=True, text=True).stdout.split("\t")[1]
    seeds()
    regressions(verdict_of)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
