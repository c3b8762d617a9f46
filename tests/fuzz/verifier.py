#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares fuzz/verifier.c, which states the rules of verify-stream-v2 once more, with the original, over the whole corpus and
mutants of it: the two refuse the same images.

    verifier.py IMAGE_VERDICT

Exit status 77 if the original is not installed (Debian: xen-utils-4.17).
"""
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import differential  # noqa: E402
import golden  # noqa: E402

CORPUS = pathlib.Path(__file__).resolve().parent.parent.parent / "corpus"
LAYERS = {b"\xff" * 8: ".libxc", b"LibxlFmt": ".libxl", b"Xen save": ".xl"}
MUTANTS, LONGEST = 1, 1 << 17
SLIPS = "Data not NUL terminated"  # with Python 3 the original compares an octet with a string


def mutants(octets, dice):
    """Fields of a word set to something near, so that framing survives often."""
    for _ in range(MUTANTS):
        copy = bytearray(octets)
        for _ in range(dice.randint(1, 2)):
            at = dice.randrange(min(len(copy), 4096) // 4) * 4
            copy[at:at + 4] = dice.choice((0, 1, 2, 8, 0x10, 0x80000001, 0xffffffff, dice.getrandbits(32))).to_bytes(4, "little")
        yield bytes(copy)


def layer_of(octets):
    for begins, suffix in LAYERS.items():
        if octets[:8] == begins and (suffix != ".xl" or octets[:32] == b"Xen saved domain, xl format\n \0 \r"):
            return suffix
    return None


def main():
    original = differential.load_verifier(None)
    if original is None:
        print("verify-stream-v2 is not installed (xen-utils-4.17)")
        sys.exit(differential.SKIPPED)
    rows = [row for row in golden.load(CORPUS / "MANIFEST", "")]
    dice = random.Random(1)
    with tempfile.TemporaryDirectory(prefix="xenvet-verifier-") as scratch:
        files = golden.unpack(CORPUS, rows, pathlib.Path(scratch))
        images = []
        for path in files.values():
            octets = path.read_bytes()
            if layer_of(octets) and len(octets) <= LONGEST:
                images += [octets, *mutants(octets, dice)]
        images = [octets for octets in images if layer_of(octets)]
        names = []
        for number, octets in enumerate(images):
            names.append(pathlib.Path(scratch, f"image{number}"))
            names[-1].write_bytes(octets)
        said = []
        for at in range(0, len(names), 500):
            text = subprocess.run([sys.argv[1], "--raw", *names[at:at + 500]], check=True, capture_output=True, text=True).stdout
            said += [line.split("\t")[3] for line in text.splitlines()]
    differ = slipped = refused = 0
    for octets, ours in zip(images, said):
        theirs = differential.refusal(original, octets, layer_of(octets))
        refused += ours != "-"
        if theirs and SLIPS in theirs:
            slipped += 1
        elif (theirs is None) != (ours == "-"):
            differ += 1
            print(f"FAIL verify-stream-v2: {theirs}; verifier.c: {ours}")
    print(f"{len(images)} images, {refused} refused, {slipped} where the original slips, {differ} differ")
    sys.exit(1 if differ or not refused else 0)


if __name__ == "__main__":
    main()
