# SPDX-License-Identifier: MIT
"""What the tests of `xenvet restore` share: a simulated host in a directory, and runs of xenvet on it."""
import csv
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parent.parent
CORPUS = TESTS.parent / "corpus"
sys.path.insert(0, str(TESTS))
import golden  # noqa: E402  (unpacks the corpus)

BIN, SIM = os.environ.get("XENVET_BIN", ""), os.environ.get("XENVET_SIM", "")
# Directories that every real xenstore has anyway.
ALWAYS = {"/", "/libxl", "/local", "/local/domain", "/tool", "/vm"}


def tool(name):
    return os.path.join(BIN, name)


class Host:
    """A simulated host; several programs may use it at once."""

    def __init__(self, where, pages=65536):
        self.dir = str(where)
        self.settings = {"LD_PRELOAD": SIM, "XENVET_SIM_DIR": self.dir, "XENVET_SIM_RELAX": "synthetic",
                         "XENVET_SIM_PAGES": str(pages)}

    def environment(self, **more):
        return {**os.environ, "XENVET_RUNTIME_DIR": f"{self.dir}-run", **self.settings, **more}

    def start(self, *args, env=None, **more):
        return subprocess.Popen([tool("xenvet"), *map(str, args)], env=self.environment(**(env or {})), **more)

    def run(self, *args, env=None, **more):
        return subprocess.run([tool("xenvet"), *map(str, args)], env=self.environment(**(env or {})), text=True,
                              capture_output=True, timeout=60, **{"stdin": subprocess.DEVNULL, **more})

    def restore(self, *args, **more):
        return self.run("restore", *args, **more)

    def state(self):
        if not os.path.exists(os.path.join(self.dir, "state")):
            return {"domains": [], "xenstore": {}, "stats": {"guest_pages": 0, "unknown": 0}}
        out = subprocess.run([tool("simstate"), self.dir], check=True, stdout=subprocess.PIPE).stdout
        return json.loads(out)

    def traces(self):
        """All that an operator could find: domains, pages, xenstore nodes."""
        state = self.state()
        return {"domains": {d["domid"]: d for d in state["domains"]}, "pages": state["stats"]["guest_pages"],
                "nodes": {k: v["value"] for k, v in state["xenstore"].items() if k not in ALWAYS}}

    def compare(self, stream, domid):
        return subprocess.run([sys.executable, TESTS / "sim" / "compare.py", tool("simstate"), stream, self.dir,
                               str(domid)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)


NOTHING = {"domains": {}, "pages": 0, "nodes": {}}


def domid_of(done):
    """The number that a successful restore prints."""
    words = done.stdout.split()
    return int(words[1]) if words[:1] == ["domain"] else None


def rows(verdict):
    with (CORPUS / "MANIFEST").open(newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["verdict"] != "HANDSHAKE" and (row["verdict"] == "ACCEPTED") == (verdict == "ACCEPTED"):
                row["arguments"] = [] if row["options"] == "-" else shlex.split(row["options"])
                yield row


def unpack(wanted, scratch):
    return golden.unpack(CORPUS, wanted, pathlib.Path(scratch))


def images(*names):
    """A scratch directory and the unpacked images of these names, accepted ones."""
    scratch = tempfile.TemporaryDirectory(prefix="xenvet-restore-")
    files = unpack([{"path": f"golden/accept/{name}.zst"} for name in names], scratch.name)
    return scratch, [files[f"golden/accept/{name}.zst"] for name in names]


def facts_for(image, guest, vcpus):
    """The options that an image without a configuration needs."""
    if image.suffix not in (".libxc", ".libxl", ".xc", ".libvirt", ".xenopsd", ".draft-b", ".legacy"):
        return []
    kind = ["--type", "hvm"] if guest == "hvm" else []
    return ["--memory", "256M", "--vcpus", str(max(16, vcpus or 0)), *kind]
