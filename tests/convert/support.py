# SPDX-License-Identifier: MIT
"""What the tests of `xenvet convert` share."""
import os
import pathlib
import subprocess
import sys
import tempfile
import traceback

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS))
sys.path.insert(0, str(TESTS / "restore"))
sys.dont_write_bytecode = True

XENVET = os.path.join(os.environ.get("XENVET_BIN", ""), "xenvet")


def octets(stream):
    return stream if isinstance(stream, bytes) else stream.pack()


class Place:
    """A directory of its own: whatever is left in it is seen."""

    def __init__(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="xenvet-convert-")
        self.input = pathlib.Path(self.scratch.name) / "input"
        self.where = pathlib.Path(self.scratch.name) / "output"
        self.where.mkdir()
        self.output = self.where / "image"

    def convert(self, stream, *options, out=None, **more):
        self.input.write_bytes(octets(stream))
        return subprocess.run([XENVET, "convert", *options, self.input, out or self.output], capture_output=True, timeout=60,
                              **{"stdin": subprocess.DEVNULL, **more})

    def left(self):
        return os.listdir(self.where)


def converted(stream, *options):
    """The image that comes out."""
    place = Place()
    done = place.convert(stream, *options)
    assert done.returncode == 0, done.stderr
    assert place.left() == ["image"] and place.output.stat().st_mode & 0o777 == 0o600
    return place.output.read_bytes()


def refused(stream, verdict, *options, **more):
    """Nothing comes out, and the verdict is said."""
    place = Place()
    done = place.convert(stream, *options, **more)
    assert done.returncode == 1 and verdict.encode() + b" at" in done.stderr, (done.returncode, done.stderr)
    assert place.left() == [], place.left()


def checked(image, *options):
    done = subprocess.run([XENVET, "check", *options, "-"], input=image, capture_output=True, timeout=60)
    return done.returncode == 0, done.stdout


def main(names):
    """Runs the functions whose names begin with test_."""
    passed = failed = 0
    for name, function in list(names.items()):
        if not name.startswith("test_"):
            continue
        try:
            function()
            passed += 1
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"FAIL {name}\n{traceback.format_exc()}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)
