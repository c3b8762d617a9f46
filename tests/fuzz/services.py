#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lints the files that hosted fuzzing services read, none of which run here: workflows, project.yaml, Dockerfiles.

yamllint (if it is installed) says whether they are YAML in good order, python3-yaml whether they hold what the services ask for.
"""
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROJECTS = (ROOT / ".clusterfuzzlite", ROOT / "fuzz" / "oss-fuzz")
MODES = {"code-change", "batch", "prune", "coverage"}
SANITIZERS = {"address", "undefined", "memory", "coverage"}
SKIPPED = 77
RULES = "{extends: default, rules: {line-length: {max: 140}, document-start: disable, truthy: {check-keys: false}}}"

failures = []


def check(what, good):
    if not good:
        failures.append(what)
        print(f"FAIL {what}")


def steps_of(job):
    return [step for step in job.get("steps", []) if "run_fuzzers" in step.get("uses", "")]


def workflow(path, text, tree):
    """The modes that its jobs run."""
    check(f"{path.name}: says that it is not exercised", "Not exercised here" in text)
    check(f"{path.name}: name, permissions, jobs", {"name", "permissions", "jobs"} <= set(tree) and tree["permissions"] == "read-all")
    check(f"{path.name}: what starts it", tree.get(True) or tree.get("on"))  # YAML 1.1 takes "on" for true
    modes = set()
    for name, job in tree["jobs"].items():
        built = [step for step in job["steps"] if "build_fuzzers" in step.get("uses", "")]
        check(f"{path.name}, {name}: builds before it runs", len(built) == 1 and len(steps_of(job)) == 1)
        matrix = job.get("strategy", {}).get("matrix", {}).get("sanitizer", [])
        check(f"{path.name}, {name}: sanitizers", set(matrix) <= SANITIZERS)
        for need in [job["needs"]] if "needs" in job else []:
            check(f"{path.name}, {name}: needs a job that exists", need in tree["jobs"])
        for step in steps_of(job):
            check(f"{path.name}, {name}: seconds", int(step["with"]["fuzz-seconds"]) > 0)
            modes.add(step["with"]["mode"])
    return modes


def project(directory, load):
    tree = load((directory / "project.yaml").read_text())
    check(f"{directory.name}: language", tree["language"] == "c")
    check(f"{directory.name}: sanitizers", set(tree.get("sanitizers", [])) <= SANITIZERS)
    docker = (directory / "Dockerfile").read_text()
    check(f"{directory.name}: Dockerfile", re.search(r"^FROM ", docker, re.M) and "build.sh $SRC/build.sh" in docker)
    check(f"{directory.name}: says that it is not exercised", "Not exercised here" in docker)
    check(f"{directory.name}: build.sh", (directory / "build.sh").stat().st_mode & 0o111)


def main():
    try:
        import yaml  # pylint: disable=import-outside-toplevel
    except ImportError:
        print("python3-yaml is not installed")
        sys.exit(SKIPPED)
    files = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    fuzzing = [path for path in files if "run_fuzzers" in path.read_text()]
    modes = set()
    for path in fuzzing:
        modes |= workflow(path, path.read_text(), yaml.safe_load(path.read_text()))
    check(f"modes {sorted(MODES)} are all there", modes == MODES)
    for directory in PROJECTS:
        project(directory, yaml.safe_load)
    every = [*files, *(directory / "project.yaml" for directory in PROJECTS)]
    if shutil.which("yamllint"):
        linted = subprocess.run(["yamllint", "-s", "-d", RULES, *every], capture_output=True, text=True, check=False)
        check(f"yamllint:\n{linted.stdout}", linted.returncode == 0)
    print(f"{len(every)} files, {len(failures)} problems" + ("" if shutil.which("yamllint") else " (without yamllint)"))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
