#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What ./dev fuzz, fuzz-all, triage and corpus do, with harnesses that are built already.

    run.py fuzz BUILD TARGET [--engine libfuzzer|afl] [--fast] [--time T] [--jobs N]     N processes
    run.py all BUILD [--engine libfuzzer|afl] [--time T] [--jobs N]                           N targets at a time
    run.py triage BUILD FILE
    run.py corpus BUILD minimize|merge|stats [TARGET] [DIR...]
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import targets

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORPUS = ROOT / "corpus"
WORK = ROOT / "build" / "fuzzing"
NICE = ["nice", "-n", "15"]
SEEDS_MOST, SEED_LONGEST = 200, 65536  # files of a stage, octets of one


def seconds(text):
    """90, 90s, 5m, 2h"""
    number, unit = re.fullmatch(r"(\d+)([smh]?)", text).groups()
    return int(number) * {"": 1, "s": 1, "m": 60, "h": 3600}[unit]


def harness(build, target):
    path = build / "bin" / f"{target}_fuzz"
    if not path.exists():
        sys.exit(f"no harness '{target}'; there are: {' '.join(targets.built(build))}")
    return path


def dictionary(build, target, work):
    path = work / "dict"
    path.write_bytes(subprocess.run([build / "bin" / "make_dict", target], check=True, capture_output=True).stdout)
    return path


class Summary:
    """One line a few seconds apart: executions, rate, coverage, corpus; at the end what the harness counted itself."""

    LINE = re.compile(r"#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)/\S+.*?exec/s: (\d+)")

    def __init__(self, target):
        self.target, self.shown, self.last, self.own = target, time.monotonic(), None, ""

    def take(self, line):
        found = self.LINE.search(line)
        if found:
            self.last = found.groups()
            if time.monotonic() - self.shown > 5:
                self.show()
        elif re.match(r"\d+ restores, ", line):
            self.own = "; " + line.strip()

    def show(self):
        if self.last:
            self.shown = time.monotonic()
            runs, cov, features, corpus, rate = self.last
            print(f"{self.target}: {int(runs):,} executions, {int(rate):,}/s, {cov} edges, {features} features, "
                  f"{corpus} inputs{self.own}", flush=True)


def libfuzzer(build, target, duration, jobs, env):
    """True if nothing was found."""
    work = WORK / target
    found = work / "found"
    (work / "corpus").mkdir(parents=True, exist_ok=True)
    found.mkdir(exist_ok=True)
    before = set(found.iterdir())
    command = [harness(build, target), f"-max_total_time={duration}", f"-artifact_prefix={found}/", "-len_control=0",
               "-print_final_stats=1", f"-dict={dictionary(build, target, work)}",
               *(f"-{key}={value}" for key, value in targets.options(target).items())]
    if jobs > 1:
        command.append(f"-fork={jobs}")
    summary, log = Summary(target), work / "log"
    with subprocess.Popen([*NICE, *command, work / "corpus", *targets.corpus_dirs(target)], stderr=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, cwd=work, env=env) as process, \
            log.open("wb") as out:
        for line in process.stderr:
            out.write(line)
            summary.take(line.decode(errors="replace"))
    summary.show()
    new = sorted(set(found.iterdir()) - before)
    for path in new:
        print(f"{target}: FOUND {path}; look at it with ./dev triage {path.relative_to(ROOT)}")
    if process.returncode and not new:
        print(f"{target}: ended with {process.returncode}, see {log.relative_to(ROOT)}")
    return process.returncode == 0 and not new


def afl_inputs(work, target, longest):
    """AFL++ wants one directory that is not empty."""
    inputs = work / "afl-in"
    shutil.rmtree(inputs, ignore_errors=True)
    inputs.mkdir(parents=True)
    files = [path for d in targets.corpus_dirs(target) for path in d.iterdir() if path.stat().st_size <= longest]
    for path in files:
        shutil.copy(path, inputs / path.name)
    if not files:
        (inputs / "nothing").write_bytes(bytes(64))
    return inputs


def afl_mutator(build, target):
    """The mutator that knows records, for harnesses that read images; the one that asks the parser for those that link it."""
    if not targets.reads_images(target):
        return {}
    name = "xenvet_mutator_restore" if "fuzz/worthwhile.c" in targets.says(target, "Links") else "xenvet_mutator"
    return {"AFL_CUSTOM_MUTATOR_LIBRARY": str(build / "lib" / f"lib{name}.so")}


def afl_stats(target, out, crashes):
    for stats in sorted(out.glob("*/fuzzer_stats")):
        values = dict(re.findall(r"^(\w+)\s*: (.*)$", stats.read_text(), re.MULTILINE))
        print(f"{target}/{stats.parent.name}: {int(values['execs_done']):,} executions, {values['execs_per_sec']}/s, "
              f"{values['edges_found']} edges, {values['corpus_count']} inputs, {crashes} crashes, "
              f"stability {values['stability']}", flush=True)


def afl(build, target, duration, jobs, env):
    """One main with CMPLOG, the others secondaries. True if nothing was found."""
    work = WORK / target
    out = work / "afl-out"
    shutil.rmtree(out, ignore_errors=True)
    limits = targets.options(target)
    inputs = afl_inputs(work, target, limits["max_len"])
    env = dict(env, AFL_NO_UI="1", AFL_SKIP_CPUFREQ="1", AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES="1", AFL_NO_AFFINITY="1",
               AFL_FORKSRV_INIT_TMOUT="20000", AFL_IGNORE_SEED_PROBLEMS="1", **afl_mutator(build, target))
    words = dictionary(build, target, work)
    running = []
    for i in range(jobs):
        role = ["-M", "main", "-c", "0"] if i == 0 else ["-S", f"secondary{i}"]
        command = [*NICE, "afl-fuzz", "-i", inputs, "-o", out, "-V", str(duration), "-t", f"{limits['timeout'] * 1000}+",
                   "-G", str(limits["max_len"]), "-x", words, "-m", "none", *role, "--", harness(build, target)]
        with (work / f"afl{i}.log").open("wb") as log:
            running.append(subprocess.Popen(command, env=env, stdout=log, stderr=log))
    codes = [process.wait() for process in running]
    found = sorted(out.glob("*/crashes/id*"))
    afl_stats(target, out, len(found))
    for path in found:
        print(f"{target}: FOUND {path}; look at it with ./dev triage {path.relative_to(ROOT)}")
    if any(codes):
        print(f"{target}: afl-fuzz ended with {codes}, see {(work / 'afl0.log').relative_to(ROOT)}")
    return not found and not any(codes)


def fuzz(build, target, args, jobs):
    """What a killed harness leaves in its TMPDIR goes with it."""
    with tempfile.TemporaryDirectory(prefix="xenvet-fuzz-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as scratch:
        env = dict(os.environ, TMPDIR=scratch, XENVET_FUZZ_STATS="1")
        return (afl if args.engine == "afl" else libfuzzer)(build, target, seconds(args.time), jobs, env)


def command_all(build, args):
    names = targets.built(build)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        good = list(pool.map(lambda target: fuzz(build, target, args, 1), names))
    print("\n".join(f"FAIL {name}" for name, well in zip(names, good) if not well))
    print(f"{sum(good)} passed, {len(good) - sum(good)} failed")
    return all(good) and len(good) > 0


def finds(build, target, path):
    return subprocess.run([harness(build, target), path], capture_output=True, text=True, errors="replace", check=False)


def suggested(report):
    """A name for corpus/regress, from what the report says."""
    said = re.search(r"(?:oracle[^:]*: |Sanitizer: |Assertion |runtime error: )(.*)", report)
    words = re.findall(r"[a-z]+", re.split(r" on (?:unknown )?address|, |0x", said.group(1).lower())[0] if said else "crash")
    return "-".join(word for word in words if len(word) > 2)[:48] or "crash"


def guilty(build, path):
    """The harness that trips over the file, the one whose directory it lies in first; with its report."""
    near = [part for part in reversed(path.parts) if part in targets.built(build)]
    for target in dict.fromkeys([*near, *targets.built(build)]):
        result = finds(build, target, path)
        if result.returncode:
            return target, result.stderr
    return None, ""


def smaller(build, target, path, report):
    """A smaller file that the harness trips over, and its report."""
    small = pathlib.Path(tempfile.mkdtemp(prefix="xenvet-triage-")) / "small"
    subprocess.run([harness(build, target), "-minimize_crash=1", "-max_total_time=30", f"-exact_artifact_path={small}", path],
                   capture_output=True, check=False)
    if small.exists():
        result = finds(build, target, small)
        if result.returncode:
            return small, result.stderr
    return path, report


def command_triage(build, args):
    """Which harness trips over the file, a smaller file that does, the stack, a name."""
    path = args.file.resolve()
    target, report = guilty(build, path)
    if not target:
        print("no harness finds anything in it")
        return True
    path, report = smaller(build, target, path, report)
    print(f"harness: {target}\nfile:    {path} ({path.stat().st_size} octets)")
    frames = re.findall(r"^\s+#\d+ 0x[0-9a-f]+ in (?!__|fuzzer::|LLVMFuzzer|abort|raise)(\S+) (\S+)", report, re.MULTILINE)
    for name, where in frames[:8]:
        print(f"stack:   {name} {where}")
    for line in re.findall(r"^.*(?:oracle|verify-stream|Assertion|ERROR|runtime error).*$", report, re.MULTILINE)[:4]:
        print(f"says:    {line.strip()}")
    if targets.reads_images(target):
        verdict = subprocess.run([build / "bin" / "image_verdict", path], capture_output=True, text=True, check=False)
        print(f"verdict: {' '.join(verdict.stdout.split(chr(9))[1:]).strip()}")
    directory = "images" if targets.reads_images(target) else target
    print(f"keep it: cp {path} corpus/regress/{directory}/ISSUE-{suggested(report)}, with a line in corpus/regress/VERDICTS")
    return False


def stats():
    """What corpus/ holds."""
    for kind in ("seeds", "regress"):
        whole = 0
        for d in sorted(path for path in (CORPUS / kind).iterdir() if path.is_dir()):
            sizes = [path.stat().st_size for path in d.iterdir()]
            whole += sum(sizes)
            print(f"{kind}/{d.name}: {len(sizes)} files, {sum(sizes):,} octets, the largest {max(sizes, default=0):,}")
        print(f"{kind}: {whole:,} octets")
    return True


def merged(build, target, into, sources):
    """Puts the smallest set of files of `sources` that reaches as much into the directory, by content hash."""
    with tempfile.TemporaryDirectory(prefix="xenvet-merge-") as scratch:
        subprocess.run([harness(build, target), "-merge=1", f"-max_len={SEED_LONGEST}", scratch, *sources], check=True,
                       stderr=subprocess.DEVNULL)
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
        for path in sorted(pathlib.Path(scratch).iterdir(), key=lambda p: p.stat().st_size)[:SEEDS_MOST]:
            shutil.copy(path, into / path.name[:16])
    print(f"seeds/{into.name}: {len(list(into.iterdir()))} files")


def command_corpus(build, args):
    if args.action == "stats":
        return stats()
    for target in [args.target] if args.target else targets.built(build):
        into = CORPUS / "seeds" / target
        sources = [into] if into.is_dir() else []
        if args.action == "merge":
            sources += args.dirs or [d for d in [WORK / target / "corpus"] if d.is_dir()]
        if sources and any(any(d.iterdir()) for d in sources):
            merged(build, target, into, sources)
    return True


def arguments():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = options.add_subparsers(dest="command", required=True)
    for name in ("fuzz", "all"):
        one = commands.add_parser(name)
        one.add_argument("build", type=pathlib.Path)
        if name == "fuzz":
            one.add_argument("target")
        one.add_argument("--engine", choices=("libfuzzer", "afl"), default="libfuzzer")
        one.add_argument("--time", default="60s")
        one.add_argument("--jobs", type=int, default=1)
        one.add_argument("--fast", action="store_true", help="the build without sanitizers (libFuzzer)")
    one = commands.add_parser("triage")
    one.add_argument("build", type=pathlib.Path)
    one.add_argument("file", type=pathlib.Path)
    one = commands.add_parser("corpus")
    one.add_argument("build", type=pathlib.Path)
    one.add_argument("action", choices=("minimize", "merge", "stats"))
    one.add_argument("target", nargs="?")
    one.add_argument("dirs", nargs="*", type=pathlib.Path)
    return options.parse_args()


def main():
    args = arguments()
    build = args.build.resolve()
    run = {"fuzz": lambda: fuzz(build, args.target, args, args.jobs), "all": lambda: command_all(build, args),
           "triage": lambda: command_triage(build, args), "corpus": lambda: command_corpus(build, args)}
    sys.exit(0 if run[args.command]() else 1)


if __name__ == "__main__":
    main()
