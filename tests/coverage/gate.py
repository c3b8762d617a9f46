#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lines and branches of parser/ that the tests reach, against the floors in floors.json.

    gate.py BUILD [--ratchet] [--show FILE]

BUILD is a build of preset cov; its tests of the parser are run, the replay of the corpus among them. --ratchet raises floors to what is reached,
rounded down; floors never go down by themselves. --show prints the lines and branches of one file that nothing reaches.
"""
import argparse
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FLOORS = HERE / "floors.json"


def tool(name):
    """llvm-cov and llvm-profdata, of the version that belongs to clang where several are installed."""
    return shutil.which(f"{name}-14") or shutil.which(name) or sys.exit(f"{name} is not installed")


def exercise(build, profiles):
    """Runs everything that works in one process; True if it passed: a gate over failing tests would be worth nothing."""
    env = {**os.environ, "LLVM_PROFILE_FILE": str(profiles / "%8m.profraw")}
    done = subprocess.run(["ctest", "--test-dir", build, "-j", "2", "--output-on-failure", "-L", "unit|sweep|fuzz-regress"],
                          env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{done.stdout}{done.stderr}\nthe tests fail in {build}")
    return done.returncode == 0


def objects(build):
    """All functions of the parser are in the shared library; counters of the static copies carry the same names."""
    return [str(build / "lib" / "libxenvet.so")]


def export(build, profile):
    done = subprocess.run([tool("llvm-cov"), "export", "-summary-only", f"-instr-profile={profile}", *objects(build)],
                          capture_output=True, text=True, check=True)
    files = json.loads(done.stdout)["data"][0]["files"]
    return {pathlib.Path(entry["filename"]).name: entry["summary"] for entry in files
            if pathlib.Path(entry["filename"]).parent.name == "parser"}


def percent(summary, what):
    counts = summary[what]
    return 100.0 * counts["covered"] / counts["count"] if counts["count"] else 100.0


def total(files):
    """All files as one."""
    return {what: {key: sum(summary[what][key] for summary in files.values()) for key in ("count", "covered")}
            for what in ("lines", "branches")}


def judge(name, summary, floor):
    """Prints one line; True if both floors hold."""
    reached = {what: percent(summary, what) for what in ("lines", "branches")}
    below = [what for what in reached if reached[what] < floor.get(what, 100)]
    note = "" if not below else "  below the floor: " + ", ".join(f"{what} {floor.get(what, 100)}" for what in below)
    print(f"{name:24} lines {reached['lines']:6.2f} %   branches {reached['branches']:6.2f} %{note}")
    return not below


def ratchet(files, floors):
    sources = {name: summary for name, summary in files.items() if name.endswith(".c")}
    for name, summary in {**sources, "total": total(files)}.items():
        old = floors.get(name, {"lines": 0, "branches": 0})
        floors[name] = {what: max(old[what], math.floor(percent(summary, what))) for what in ("lines", "branches")}
    ordered = {name: floors[name] for name in sorted(floors, key=lambda n: (n == "total", n)) if name in sources or name == "total"}
    FLOORS.write_text("{\n" + ",\n".join(f'  {json.dumps(name)}: {json.dumps(floor)}' for name, floor in ordered.items()) + "\n}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--ratchet", action="store_true")
    parser.add_argument("--show", metavar="FILE")
    options = parser.parse_args()
    build = options.build.resolve()

    profiles = build / "profiles"
    shutil.rmtree(profiles, ignore_errors=True)
    profiles.mkdir(parents=True)
    passed = exercise(build, profiles)
    raw = sorted(str(path) for path in profiles.glob("*.profraw"))
    if not raw:
        sys.exit("no test left a profile")
    merged = profiles / "merged.profdata"
    subprocess.run([tool("llvm-profdata"), "merge", "-sparse", *raw, "-o", merged], check=True)
    if options.show:
        return subprocess.run([tool("llvm-cov"), "show", "-show-branches=count", f"-path-equivalence=/xenvet,{ROOT}",
                               f"-instr-profile={merged}", *objects(build),
                               ROOT / "parser" / pathlib.Path(options.show).name], check=False).returncode
    files = export(build, merged)
    floors = json.loads(FLOORS.read_text()) if FLOORS.exists() else {}
    if options.ratchet:
        ratchet(files, floors)
        floors = json.loads(FLOORS.read_text())
    default = {"lines": 95, "branches": 85}  # a file without an entry of its own
    good = [judge(name, files[name], floors.get(name, default)) for name in sorted(files) if name.endswith(".c")]
    good += [] if passed else [False]
    good.append(judge("total", total(files), floors.get("total", {"lines": 95, "branches": 90})))
    print(f"{good.count(True)} passed, {good.count(False)} failed")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
