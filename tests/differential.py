#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares xenvet with the verifier that Xen's own tools bring (verify-stream-v2): what that one refuses for a real
reason, xenvet refuses too.

    differential.py XENVET [--corpus DIR] [--verifier DIR]

Each stream of corpus/MANIFEST is judged by both; xenvet gets the options of its MANIFEST line. Refusals of the verifier
that are defects of the verifier are listed below, each with its reason; a defect that no stream shows any more is a
failure, so the list stays true. Exit status 77 if the verifier is not installed (Debian: xen-utils-4.17).
"""
import argparse
import collections
import glob
import io
import pathlib
import shlex
import subprocess
import sys
import tempfile

import golden

SKIPPED = 77
XL_HEADER = 48
UNKNOWN = (".draft-b", ".legacy", ".xenstore", ".xenstore-2020", ".state")  # formats that the verifier does not know


class Defect:
    """A refusal of the verifier that says nothing about the stream."""

    def __init__(self, name, reason, message, applies=lambda row: True):
        self.name, self.reason, self.message, self.applies = name, reason, message, applies


def is_checkpointed(row):
    return "checkpointed" in row["options"]


DEFECTS = (
    Defect("xenstore-data-python-3", "compares an octet with a string: only an empty EMULATOR_XENSTORE_DATA passes",
           "Data not NUL terminated"),
    Defect("optional-record", "refuses unknown optional records, which the specification lets a reader skip",
           "Unrecognised record type", lambda row: "optional-record" in row["options"]),
    Defect("remus-libxl-records", "expects libxc records to go on after CHECKPOINT, where libxl's come",
           "", lambda row: is_checkpointed(row) and ".libxc" not in row["path"]),
    Defect("remus-end", "takes the end of a checkpointed stream, where the link broke, for truncation",
           "Stream truncated", is_checkpointed),
)


def load_verifier(folder):
    """The package that verify-stream-v2 is a thin wrapper of, or None."""
    for place in [folder] if folder else sorted(glob.glob("/usr/lib/xen-*/lib/python")):
        if pathlib.Path(place, "xen/migration/verify.py").exists():
            sys.path.insert(0, str(place))
            sys.dont_write_bytecode = True
            from xen.migration import libxc, libxl, verify  # pylint: disable=import-outside-toplevel,import-error
            return libxc.VerifyLibxc, libxl.VerifyLibxl, verify
    return None


def skip_xl_header(octets):
    """As verify-stream-v2 does: magic, lengths, nothing else."""
    if not octets.startswith(b"Xen saved domain, xl format\n \0 \r") or len(octets) < XL_HEADER:
        raise OSError("No xl header")
    length = int.from_bytes(octets[44:48], "little")
    if len(octets) < XL_HEADER + length:
        raise OSError("Stream truncated")
    return octets[XL_HEADER + length:], octets[36] & 2


def skip_libvirt_header(octets):
    """What libvirt does before it hands its file to libxl."""
    if not octets.startswith(b"libvirt-xml\n \0 \r") or len(octets) < 64:
        raise OSError("No libvirt header")
    length = int.from_bytes(octets[20:24], "little")
    if len(octets) < 64 + length:
        raise OSError("Stream truncated")
    return octets[64 + length:]


def skip_xenopsd_records(octets):
    """What xenopsd does before it hands its file to xenguest; what follows the libxc stream is not the verifier's."""
    at, kind, length = 15, None, 0
    if not octets.startswith(b"XenSavedDomv2-\n"):
        raise OSError("No xenopsd signature")
    while kind != 0xf0:
        if len(octets) < at + 16:
            raise OSError("Stream truncated")
        kind, length = int.from_bytes(octets[at:at + 8], "little"), int.from_bytes(octets[at + 8:at + 16], "little")
        at += 16 + (length if kind != 0xf0 else 0)
    return octets[at:]


def refusal(verifier, octets, suffix):
    """Why the verifier refuses a stream, or None."""
    libxc, libxl, verify = verifier
    layer = libxl
    try:
        if suffix == ".libxc" or suffix == ".xc":
            layer = libxc
        elif suffix == ".libvirt":
            octets = skip_libvirt_header(octets)
        elif suffix == ".xenopsd":
            octets, layer = skip_xenopsd_records(octets), libxc
        elif suffix != ".libxl":
            octets, version2 = skip_xl_header(octets)
            layer = libxl if version2 else libxc
        stream = io.BytesIO(octets)

        def read(size):
            got = stream.read(size)
            if len(got) != size:
                raise OSError("Stream truncated")
            return got
        layer(lambda _message: None, read).verify()
    except (OSError, verify.StreamError, verify.RecordError) as error:
        return str(error) or type(error).__name__
    except Exception as error:  # the wrapper calls these script errors
        return f"script error: {error!r}"
    return None


def suffix_of(path):
    return pathlib.Path(path.removesuffix(".zst")).suffix


def accepts(xenvet, file, row):
    options = [] if row["options"] == "-" else shlex.split(row["options"])
    done = subprocess.run([xenvet, "check", "-q", *options, file], capture_output=True, stdin=subprocess.DEVNULL,
                          timeout=60)
    return done.returncode == 0


def explain(row, why):
    for defect in DEFECTS:
        if defect.message in why and defect.applies(row):
            return defect
    return None


def compare(args, verifier, rows, files):
    """Prints contradictions; returns their number and how often each defect showed."""
    wrong, shown = 0, collections.Counter()
    for row in rows:
        why = refusal(verifier, files[row["path"]].read_bytes(), suffix_of(row["path"]))
        if why is None:
            shown["accepted by both" if row["verdict"] == "ACCEPTED" else "stricter here"] += 1
        elif not accepts(args.xenvet, files[row["path"]], row):
            shown["refused by both"] += 1
        else:
            defect = explain(row, why)
            shown[defect.name if defect else "contradiction"] += 1
            if not defect:
                wrong += 1
                print(f"FAIL {row['path']}: xenvet accepts, the verifier says: {why}")
    return wrong, shown


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("xenvet")
    options.add_argument("--corpus", type=pathlib.Path,
                         default=pathlib.Path(__file__).resolve().parent.parent / "corpus")
    options.add_argument("--verifier", metavar="DIR", help="where the Python package xen.migration is")
    args = options.parse_args()
    verifier = load_verifier(args.verifier)
    if verifier is None:
        print("verify-stream-v2 is not installed (xen-utils-4.17)")
        sys.exit(SKIPPED)
    rows = [row for row in golden.load(args.corpus / "MANIFEST", "") if suffix_of(row["path"]) not in UNKNOWN and "legacy-" not in row["path"]]
    with tempfile.TemporaryDirectory(prefix="xenvet-differential-") as scratch:
        files = golden.unpack(args.corpus, rows, pathlib.Path(scratch))
        wrong, shown = compare(args, verifier, rows, files)
    for defect in DEFECTS:
        print(f"known defect {defect.name}: {shown[defect.name]} streams; the verifier {defect.reason}")
        if not shown[defect.name]:
            wrong += 1
            print(f"FAIL {defect.name}: no stream shows it any more")
    print(", ".join(f"{shown[key]} {key}" for key in ("accepted by both", "refused by both", "stricter here")))
    print(f"{len(rows)} streams, {wrong} failed")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
