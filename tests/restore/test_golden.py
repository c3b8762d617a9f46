#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Restores every accepted stream of the corpus, end to end, and compares the domain with the stream, page by page; gives every
refused stream to the same command, and looks whether the host is as it was.

    test_golden.py accept|reject

What this back end refuses by itself is refused with its verdict. One line per failure, then "N passed, N failed".
"""
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile
import threading

from host import NOTHING, Host, domid_of, facts_for, rows, tool, unpack

JOBS = 2
# What compare.py reads too; the other containers' way to a domain has tests of its own (command, convert, containers).
COMPARED = (".xl", ".libxl", ".libxc")
# The simulated host is of Xen 4.17 and has 128 vCPUs at most: it refuses what these bring, as a real one would.
HOST_REFUSES = {
    "config-range-vcpus-8193.xl": "8192 vCPUs",
    "hvm-lapic-tail.libxc": "a LAPIC entry of 4.18",
    "hvm-v3-4.18.libxc": "a LAPIC entry of 4.18",
    "msrp-value.libxc": "a CPU policy that is not this host's",
}
# Each MSR that some host has; this one has not all of them.
HOST_MAY_REFUSE = ("hvm-msr-",)
local = threading.local()


def host_of(scratch):
    if not hasattr(local, "host"):
        local.host = Host(tempfile.mkdtemp(dir=scratch) + "/host")
    return local.host


def stream_facts(image, arguments):
    done = subprocess.run([tool("xenvet"), "check", "--json", *arguments, image], capture_output=True, text=True,
                          timeout=60, stdin=subprocess.DEVNULL)
    return json.loads(done.stdout)["stream"]


def refused_here(facts):
    """The verdict of this back end on a stream that is fine in itself."""
    if facts["format"] in ("draft-b", "legacy"):  # which libxenguest does not read
        return {"draft-b": "FORMAT_DRAFT_B", "legacy": "FORMAT_LEGACY"}[facts["format"]]
    if facts["libxc_version"] == 0:
        return "XL_FLAG_STREAMV2"
    if facts["checkpoints"]:
        return "CHECKPOINT_REFUSED"
    if facts["guest"] == "pv32":
        return "BACKEND_PV32"
    if facts["guest"] == "hvm" and facts["format"] != "libxc":
        return "BACKEND_HVM"
    return None


def left_something(host):
    traces = host.traces()
    return None if traces == NOTHING else f"left {json.dumps(traces)[:300]}"


def accept(scratch, image, row):
    facts = stream_facts(image, row["arguments"])
    # a host of its own: the domain stays
    host = Host(tempfile.mkdtemp(dir=scratch) + "/host")
    done = host.restore(*row["arguments"], *facts_for(image, facts["guest"], facts["vcpus"]), image)
    verdict = refused_here(facts)
    if verdict or image.name in HOST_REFUSES:
        if done.returncode != (1 if verdict else 4) or (verdict or "") not in done.stderr:
            return f"exit status {done.returncode}, expected {verdict or 4}: {done.stderr[-300:]}"
        return left_something(host)
    if done.returncode == 4 and image.name.startswith(HOST_MAY_REFUSE):
        return left_something(host)
    if done.returncode != 0:
        return f"exit status {done.returncode}: {done.stderr[-300:]}"
    state = host.state()
    domain = state["domains"][0]
    if len(state["domains"]) != 1 or not domain["introduced"] or domain["paused"] or state["stats"]["unknown"]:
        return f"not one running domain that xenstore knows, or unknown hypercalls: {json.dumps(state)[:300]}"
    if any(node.startswith("/tool/xenvet") for node in state["xenstore"]):
        return "the mark is left"
    result = host.compare(image, domid_of(done))
    return None if result.returncode == 0 else result.stdout[-300:]


def reject(scratch, image, row):
    host = host_of(scratch)
    kind = ["--type", "hvm"] if image.name.startswith("hvm") and image.suffix == ".libxc" else []
    done = host.restore(*row["arguments"], *facts_for(image, None, 16), *kind, image)
    if done.returncode not in (1, 4):  # 4: its libxenguest or host refused it before the worker came to the place
        return f"exit status {done.returncode}: {done.stderr[-300:]}"
    return left_something(host)


def main():
    judge = {"accept": accept, "reject": reject}[sys.argv[1]]
    wanted = [row for row in rows("ACCEPTED" if judge is accept else "REJECTED")
              if row["path"].removesuffix(".zst").endswith(COMPARED) and "xenstore" not in row["options"]]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="xenvet-restore-") as scratch:
        files = unpack(wanted, scratch)
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            results = pool.map(lambda row: (row, judge(scratch, pathlib.Path(files[row["path"]]), row)), wanted)
            for row, complaint in results:
                if complaint:
                    failed += 1
                    print(f"FAIL {row['path']} {row['options']}: {complaint}")
    print(f"{len(wanted) - failed} passed, {failed} failed")
    return 1 if failed or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
