#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The libxl oracle bites: libxl_reader restores valid streams of each guest type, and shows what libxl does with two that xenvet
refuses: another version (libxl dereferences NULL), a key that leaves its directory (xenstored refuses it, libxl goes on).

    libxl_reader.py BUILD

Exit status 77 if there is no namespace of mounts for libxl's fixed directories.
"""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from gen import libxl  # noqa: E402
from make_seeds import tiny_hvm, tiny_pv  # noqa: E402

RESTORED, BY_LIBXL, CANNOT_SAY, SKIPPED = 0, 4, 5, 77


def read(build, octets, kind):
    """Exit status of libxl_reader, negative for a signal."""
    with tempfile.TemporaryDirectory(prefix="xenvet-libxl-") as host, tempfile.TemporaryFile() as stream:
        stream.write(octets)
        stream.seek(0)
        env = dict(os.environ, LD_PRELOAD=str(build / "lib" / "libxensim_plain.so"), XENVET_SIM_DIR=host, XENVET_SIM_PAGES="65536",
                   XENVET_SIM_RELAX="synthetic")
        return subprocess.run([build / "bin" / "libxl_reader", kind, "16", "16384"], stdin=stream, env=env, capture_output=True,
                              check=False).returncode


def cases():
    """(what, octets, kind, statuses that are right)"""
    hvm = libxl.wrap_hvm(tiny_hvm()).pack()
    yield "a PV guest", libxl.wrap(tiny_pv()).pack(), "pv", {RESTORED}
    yield "a PVH guest", libxl.wrap(tiny_hvm(devices=False)).pack(), "pvh", {RESTORED}
    yield "an HVM guest", hvm, "hvm", {RESTORED}
    yield "version 1", hvm[:11] + b"\x01" + hvm[12:], "hvm", {-signal.SIGSEGV, BY_LIBXL}
    yield "a key with ..", hvm.replace(b"physmap/", b"../../x/"), "hvm", {BY_LIBXL}


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    failed = passed = 0
    for what, octets, kind, right in cases():
        status = read(build, octets, kind)
        if status == CANNOT_SAY:
            print("no namespace of mounts here")
            sys.exit(SKIPPED)
        passed, failed = passed + (status in right), failed + (status not in right)
        print(f"{'ok  ' if status in right else 'FAIL'} {what}: {status}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
