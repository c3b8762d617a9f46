#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns conditional jumps of the parser around, one at a time, and expects a test to notice.

    mutate.py [--sample N] [--seed S] [--jobs N] [--list] [--all | FILE...]     FILE: parser/xsave.c or just xsave

The files are those that judge control state (CHECKS), unless others are named.

Each parser/*.c is compiled to assembly; each conditional jump gives two mutants: it is always taken, and it is never taken. A
mutant is dead when a unit test or the replay of the corpus fails or hangs. Survivors that are known and explained are
listed in survivors.tsv; any other is a failure, and so is a line there that is no survivor. With --sample, the same
mutants are drawn as long as the code they are in stays as it is. Ends in "N passed, N failed".
"""
import argparse
import concurrent.futures
import csv
import hashlib
import pathlib
import re
import resource
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "mutation"
ACCEPTED = pathlib.Path(__file__).with_name("survivors.tsv")

# One jump per condition of the source: no merging of conditions, no inlining, no jump tables, nothing that checks by itself.
CFLAGS = ["-std=c11", "-O1", "-g1", "-fPIC", "-w", "-fno-inline", "-fno-if-conversion", "-fno-if-conversion2", "-fno-ssa-phiopt",
          "-fno-jump-tables", "-fno-stack-protector", "-fcf-protection=none", "-fno-reorder-blocks-and-partition",
          f"-I{ROOT}/parser/include", f"-I{ROOT}/parser", f"-I{ROOT}/tests/unit"]
JUMP = re.compile(r"^\s+(j(?!mp)[a-z]+)\s+(\.L\w+)\s*$")
LOC = re.compile(r"^\s+\.loc\s+(\d+)\s+(\d+)")
FILE = re.compile(r'^\s+\.file\s+(\d+)\s+"(?:[^"]*"\s+")?([^"]+)"')
LABEL = re.compile(r"^([A-Za-z_][\w.]*):")
TIMEOUT = 20

# What the privileged side acts on: guest memory, page tables, registers, HVM state, policies; and which release takes what.
CHECKS = ("compat", "cpu_policy", "emulator_context", "emulator_xenstore", "guest_memory", "hvm_context", "hvm_cpu", "hvm_devices",
          "hvm_entries", "hvm_params", "p2m", "page_data", "page_table", "pv_complete", "pv_context", "pv_info", "pv_vcpu",
          "start_info", "tsc", "xsave")


class Mutant:
    """A jump of one file, and what to make of it."""

    def __init__(self, source, index, function, line, text, nth, taken):
        self.source, self.index, self.function = source, index, function
        self.line, self.text, self.nth, self.taken = line, text, nth, taken

    @property
    def key(self):
        """What stays the same when other lines of the file change."""
        return (self.source, self.function, self.text, str(self.nth), "always" if self.taken else "never")

    def __str__(self):
        return f"parser/{self.source}.c:{self.line}: {self.function}: jump {self.nth} {self.key[4]} taken: {self.text}"


def run(*command, **options):
    """A build step; what a compiler says is shown if it fails."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stderr}")


def limits():
    """For tests of mutants, which may loop or allocate for ever."""
    resource.setrlimit(resource.RLIMIT_CPU, (TIMEOUT, TIMEOUT))
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def passes(command, library):
    """True if the test ends well with the parser that lies in directory `library`."""
    try:
        done = subprocess.run([str(word) for word in command], env={"LD_LIBRARY_PATH": str(library), "PATH": "/usr/bin:/bin"},
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              timeout=6 * TIMEOUT, preexec_fn=limits, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def mutants_of(source, assembly):
    """Both mutants of each conditional jump of one file."""
    lines = (ROOT / "parser" / f"{source}.c").read_text().splitlines()
    own, number, function, found, counts = set(), 0, "?", [], {}
    for index, line in enumerate(assembly):
        if match := FILE.match(line):
            if match[2].endswith(f"{source}.c"):
                own.add(match[1])
        elif match := LOC.match(line):
            if match[1] in own:
                number = int(match[2])
        elif match := LABEL.match(line):
            function = match[1].split(".")[0]
        elif JUMP.match(line):
            text = lines[number - 1].strip() if 0 < number <= len(lines) else "?"
            counts[function, text] = nth = counts.get((function, text), 0) + 1
            found += [Mutant(source, index, function, number, text, nth, taken) for taken in (True, False)]
    return found


class Bench:
    """Objects, libraries and test programs under build/mutation."""

    def __init__(self, jobs):
        self.jobs = jobs
        shutil.rmtree(OUT, ignore_errors=True)
        (OUT / "whole").mkdir(parents=True)
        self.sources = sorted(path.stem for path in (ROOT / "parser").glob("*.c"))
        self.assembly = {}
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            list(pool.map(self.compile, self.sources))
        self.link(OUT / "whole", {})
        self.tests = {}
        programs = [path for path in sorted((ROOT / "tests" / "unit").glob("test_*.c")) if not self.of_restore(path)]
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            list(pool.map(self.program, programs))
        self.replay()

    @staticmethod
    def of_restore(path):
        """True if the test is one of restore/, which has no mutants."""
        return any((ROOT / "restore" / name).exists() for name in re.findall(r'#include "([\w.]+)"', path.read_text()))

    def compile(self, source):
        run("gcc", *CFLAGS, "-S", ROOT / "parser" / f"{source}.c", "-o", OUT / f"{source}.s")
        run("gcc", "-c", OUT / f"{source}.s", "-o", OUT / f"{source}.o")
        self.assembly[source] = (OUT / f"{source}.s").read_text().splitlines()

    def link(self, directory, instead):
        """The parser as a shared library in `directory`, with other objects for some sources."""
        run("gcc", "-shared", "-o", directory / "libxenvet.so", *(instead.get(source, OUT / f"{source}.o") for source in self.sources))

    def program(self, path):
        target = OUT / path.stem
        run("gcc", *CFLAGS, "-o", target, path, ROOT / "tests" / "unit" / "support.c", f"-L{OUT}/whole", "-lxenvet", "-lcmocka")
        self.tests[path.stem] = [target]

    def replay(self):
        """The whole corpus in one process, from the objects of the release build."""
        objects = sorted((ROOT / "build" / "release" / "tests" / "replay").rglob("*.o"))
        if not objects:
            sys.exit("build/release is not built: ./dev mutate does that")
        run("gcc", "-pie", "-o", OUT / "replay", *objects, f"-L{OUT}/whole", "-lxenvet")
        (OUT / "corpus").mkdir()
        run("/usr/bin/python3", ROOT / "tests" / "replay" / "run.py", "--unpack", OUT / "corpus")
        self.corpus = [OUT / "replay", OUT / "corpus" / "list"]

    def order(self, source):
        """What is run until something fails: the test of the same name, the corpus, all other tests."""
        named = sorted(self.tests, key=lambda name: (name != f"test_{source}", name))
        return [*(self.tests[name] for name in named[:1]), self.corpus, *(self.tests[name] for name in named[1:])]

    def dead(self, mutant):
        """True if a test notices the mutant."""
        directory = OUT / f"m-{mutant.source}-{mutant.index}-{mutant.taken:d}"
        directory.mkdir()
        lines = list(self.assembly[mutant.source])
        target = JUMP.match(lines[mutant.index])[2]
        lines[mutant.index] = f"\tjmp\t{target}" if mutant.taken else "\tnop"
        (directory / "mutant.s").write_text("\n".join(lines) + "\n")
        run("gcc", "-c", directory / "mutant.s", "-o", directory / "mutant.o")
        self.link(directory, {mutant.source: directory / "mutant.o"})
        noticed = any(not passes(test, directory) for test in self.order(mutant.source))
        shutil.rmtree(directory)
        return noticed


def accepted():
    """Known survivors: {key: reason}."""
    if not ACCEPTED.exists():
        return {}
    with ACCEPTED.open(newline="") as lines:
        rows = csv.reader((line for line in lines if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE)
        return {tuple(row[:5]): row[5] for row in rows if row}


def draw(mutants, count, seed):
    """The `count` mutants with the smallest hashes: a change elsewhere changes nothing here."""
    return sorted(mutants, key=lambda m: hashlib.sha256("\t".join((seed, *m.key)).encode()).digest())[:count]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sample", type=int, metavar="N", help="N mutants instead of all")
    parser.add_argument("--seed", default="1", help="which ones")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true", help="only count the mutants of each file")
    parser.add_argument("--survivors", metavar="FILE", help="write rows for survivors.tsv, without reasons")
    parser.add_argument("--all", action="store_true", help="every file of parser/")
    parser.add_argument("files", nargs="*", help="only these files of parser/")
    options = parser.parse_args()

    bench = Bench(options.jobs)
    wanted = {pathlib.Path(name).stem for name in options.files} or set(bench.sources if options.all else CHECKS)
    if unknown := wanted - set(bench.sources):
        sys.exit(f"no such file in parser/: {' '.join(sorted(unknown))}")
    mutants = [mutant for source in sorted(wanted) for mutant in mutants_of(source, bench.assembly[source])]
    if options.list:
        for source in sorted(wanted):
            print(f"{sum(m.source == source for m in mutants):6} parser/{source}.c")
        return 0
    for name, test in {**bench.tests, "corpus": bench.corpus}.items():
        if not passes(test, OUT / "whole"):
            sys.exit(f"{name} fails without a mutation: {' '.join(map(str, test))}")
    total = len(mutants)
    if options.sample is not None:
        mutants = draw(mutants, options.sample, options.seed)
    known, fresh, explained = accepted(), [], set()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for mutant, dead in zip(mutants, pool.map(bench.dead, mutants)):
            if dead:
                continue
            if mutant.key in known:
                explained.add(mutant.key)
            else:
                fresh.append(mutant)
                print(f"survivor: {mutant}", flush=True)
    if options.survivors:
        pathlib.Path(options.survivors).write_text("".join("\t".join((*m.key, "")) + "\n" for m in fresh))
    judged = wanted if options.sample is None else set()
    stale = [key for key in known if key[0] in judged and key not in explained]
    for key in stale:
        print(f"no survivor: {' '.join(key)}")
    print(f"{len(mutants)} of {total} mutants; {len(explained)} survivors are known and explained, {len(fresh)} are not")
    print(f"{len(mutants) - len(fresh)} passed, {len(fresh) + len(stale)} failed")
    return 1 if fresh or stale else 0


if __name__ == "__main__":
    sys.exit(main())
