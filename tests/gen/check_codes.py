#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails if a verdict has no stream that trips it, or a tripping stream lacks a partner that just passes.

    check_codes.py [--corpus DIR] [--header verdict.h]

Reads the table of verdicts and corpus/MANIFEST; also complains about verdicts of the MANIFEST that do not exist.
"""
import argparse
import csv
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

EXCEPTIONS = {
    "POLICY_INVALID": "of the policy, not of a stream: unit tests",
    "MISUSE": "of the caller, not of a stream: unit tests",
    "INPUT_CHANGED": "of the caller, not of a stream: command line tests",
    "BACKEND_PV32": "of the back end, not of a stream: tests of restore",
    "BACKEND_HVM": "of the back end, not of a stream: tests of restore",
}
EXCEPTIONS |= {name: "of a conversion, not of a stream: tests of convert" for name in (
    "CONVERT_LOSSY", "CONVERT_BIG_ENDIAN", "CONVERT_P2M", "CONVERT_PIPE", "CONVERT_NO_CONFIG", "CONVERT_DEVICE")}
# The handshake has two directions, and a seal is a second file: their tests have both.
PREFIX_EXCEPTED = ("HANDSHAKE_", "SEAL_")


def verdicts(header):
    """Names of the table, in its order."""
    return re.findall(r"^\s*X\(\d+, ([A-Z0-9_]+),", header.read_text(), re.MULTILINE)


def is_excepted(name):
    return name in EXCEPTIONS or name.startswith(PREFIX_EXCEPTED)


def problems(names, rows):
    accepted = {(row["path"], row["options"]) for row in rows if row["verdict"] == "ACCEPTED"}
    tripped = {}
    for row in rows:
        tripped.setdefault(row["verdict"], []).append(row)
    for name in names:
        if name != "ACCEPTED" and not is_excepted(name) and name not in tripped:
            yield f"{name}: no stream trips it"
    for name, reason in EXCEPTIONS.items():
        if name in tripped:
            yield f"{name}: excepted ({reason}), yet {tripped[name][0]['path']} trips it"
    for name in sorted(set(tripped) - set(names) - {"HANDSHAKE"}):
        yield f"{name}: in the MANIFEST, not in the table of verdicts"
    for row in rows:
        if row["verdict"] not in ("ACCEPTED", "HANDSHAKE") and (row["pair"], row["options"]) not in accepted:
            yield f"{row['path']}: its partner {row['pair']} is not accepted under the same options"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--corpus", type=pathlib.Path, default=ROOT / "corpus")
    options.add_argument("--header", type=pathlib.Path, default=ROOT / "parser/include/xenvet/verdict.h")
    args = options.parse_args()
    with (args.corpus / "MANIFEST").open(newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    names = verdicts(args.header)
    found = list(problems(names, rows))
    print("\n".join(found + [f"{len(names)} verdicts, {len(rows)} judgements, {len(found)} problems"]))
    sys.exit(1 if found or not names else 0)


if __name__ == "__main__":
    main()
