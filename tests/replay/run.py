#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Judges the whole corpus in one process.

    run.py REPLAY           unpacks the corpus, runs REPLAY over it
    run.py --unpack DIR     unpacks into DIR and writes DIR/list, for many runs of REPLAY DIR/list
"""
import pathlib
import shlex
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))
import golden  # noqa: E402


def unpack(scratch):
    """All files below `scratch`, and the list of what to expect of them."""
    corpus = TESTS.parent / "corpus"
    rows = golden.load(corpus / "MANIFEST", "")
    files = golden.unpack(corpus, rows, scratch)
    with open(scratch / "list", "w", encoding="utf-8") as out:
        for row in rows:
            words = [] if row["options"] == "-" else shlex.split(row["options"])
            out.write("\t".join([str(files[row["path"]]), row["verdict"], row["offset"], *words]) + "\n")
    return scratch / "list"


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--unpack":
        unpack(pathlib.Path(sys.argv[2]).resolve())
        return 0
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="xenvet-replay-") as scratch:
        return subprocess.run([sys.argv[1], unpack(pathlib.Path(scratch))], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
