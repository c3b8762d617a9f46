#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the generated streams.

    make_corpus.py OUTDIR            raw streams below OUTDIR/{accept,reject} and OUTDIR/MANIFEST
    make_corpus.py --corpus DIR      the committed form: compressed, one MANIFEST; DIR is corpus/ of the repository
    make_corpus.py --check DIR       fails if DIR/MANIFEST is not what the generator makes today

The committed form keeps the lines and files of other origins (images that a real Xen made) as they are.
"""
import argparse
import hashlib
import pathlib
import subprocess
import sys
import tempfile

if __package__ in (None, ""):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from gen import collect  # noqa: E402

ORIGIN = "tests/gen"
LICENCE = "MIT"
COLUMNS = ("path", "origin", "licence", "sha256", "verdict", "offset", "options", "pair")


def compress(files):
    """Replaces each file by FILE.zst, the same octets every time."""
    for i in range(0, len(files), 500):
        command = ["zstd", "-19", "-q", "-f", "--rm", "--no-check", "--single-thread", *files[i:i + 500]]
        subprocess.run(command, check=True)


def write_tree(top, packed):
    """Every stream once, by its name; returns the MANIFEST rows."""
    rows, written = [], []
    suffix = ".zst" if packed else ""
    for entry in collect.entries():
        path = pathlib.Path("golden") / (entry.path + suffix)
        target = top / "golden" / entry.path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not entry.alias:
            target.write_bytes(entry.octets)
            written.append(target)
        digest = hashlib.sha256(entry.octets).hexdigest()
        pair = "-" if entry.pair is None else f"golden/{entry.pair}{suffix}"
        offset = "-" if entry.offset is None else str(entry.offset)
        rows.append((str(path), ORIGIN, LICENCE, digest, entry.verdict, offset, entry.options or "-", pair))
    if packed:
        compress(written)
    return rows


def check(top):
    """True if the lines of the MANIFEST that are ours are those of today's streams."""
    with tempfile.TemporaryDirectory(prefix="xenvet-corpus-") as scratch:
        ours = {(f"{row[0]}.zst", *row[3:7]) for row in write_tree(pathlib.Path(scratch), False)}
    lines = [line.split("\t") for line in (top / "MANIFEST").read_text().splitlines()[1:]]
    theirs = {(row[0], *row[3:7]) for row in lines if row[1] == ORIGIN}
    for row in sorted(ours ^ theirs):
        print("not in the MANIFEST:" if row in ours else "not made any more:", *row)
    return ours == theirs


def kept_rows(manifest):
    """Rows that this generator does not own."""
    if not manifest.exists():
        return []
    lines = manifest.read_text().splitlines()[1:]
    return [row for row in (tuple(line.split("\t")) for line in lines) if row[1] != ORIGIN]


def remove_old(top, manifest):
    if not manifest.exists():
        return
    for line in manifest.read_text().splitlines()[1:]:
        row = line.split("\t")
        if row[1] == ORIGIN:
            (top / row[0]).unlink(missing_ok=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--corpus", action="store_true", help="write the committed, compressed form")
    options.add_argument("--check", action="store_true", help="compare only")
    options.add_argument("outdir", type=pathlib.Path)
    args = options.parse_args()
    if args.check:
        sys.exit(0 if check(args.outdir) else 1)
    manifest = args.outdir / "MANIFEST"
    kept = []
    if args.corpus:
        kept = kept_rows(manifest)
        remove_old(args.outdir, manifest)
    rows = kept + write_tree(args.outdir, args.corpus)
    manifest.write_text("".join("\t".join(row) + "\n" for row in [COLUMNS] + sorted(rows)))
    print(f"{len(rows)} lines, {len({row[0] for row in rows})} files")


if __name__ == "__main__":
    main()
