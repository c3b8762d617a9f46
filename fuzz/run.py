#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What ./dev fuzz, triage and corpus do, with harnesses that are built already.

    run.py fuzz BUILD TARGET [--engine libfuzzer|afl] [--time T] [--jobs N]
    run.py all BUILD [--engine ...] --time T
    run.py triage BUILD FILE
    run.py corpus BUILD minimize|merge|stats [TARGET] [DIR...]
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORPUS = ROOT / "corpus"
WORK = ROOT / "build" / "fuzzing"
IMAGES = ("restore", "gate", "stream")  # harnesses of whole images: eight octets of policy, then the image
MAX_LEN = 65536


def seconds(text):
    """90, 90s, 5m, 2h"""
    number, unit = re.fullmatch(r"(\d+)([smh]?)", text).groups()
    return int(number) * {"": 1, "s": 1, "m": 60, "h": 3600}[unit]


def targets(build):
    return sorted(path.name[:-len("_fuzz")] for path in (build / "bin").glob("*_fuzz"))


def harness(build, target):
    path = build / "bin" / f"{target}_fuzz"
    if not path.exists():
        sys.exit(f"no harness '{target}'; there are: {' '.join(targets(build))}")
    return path


def seeds(target):
    """What a target starts from: its own seeds and findings, and those of whole images for harnesses that read such."""
    names = [target] + (["restore"] if target in IMAGES and target != "restore" else [])
    dirs = [CORPUS / kind / name for name in names for kind in ("seeds", "regress")]
    return [d for d in dirs if d.is_dir()]


def dictionary(build):
    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / "image.dict"
    path.write_bytes(subprocess.run([build / "bin" / "make_dict"], check=True, capture_output=True).stdout)
    return path


class Summary:
    """One line a few seconds apart: executions, rate, coverage, corpus."""

    LINE = re.compile(r"#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)/\S+.*?exec/s: (\d+)")

    def __init__(self, target):
        self.target, self.shown, self.last = target, 0, None

    def take(self, line):
        found = self.LINE.search(line)
        if found:
            self.last = found.groups()
            if time.monotonic() - self.shown > 5:
                self.show()

    def show(self):
        if self.last:
            self.shown = time.monotonic()
            runs, cov, features, corpus, rate = self.last
            print(f"{self.target}: {int(runs):,} executions, {int(rate):,}/s, {cov} edges, {features} features, "
                  f"{corpus} inputs", flush=True)


def libfuzzer(build, target, duration, jobs):
    """True if nothing was found."""
    work = WORK / target
    found = work / "found"
    (work / "corpus").mkdir(parents=True, exist_ok=True)
    found.mkdir(exist_ok=True)
    before = set(found.iterdir())
    command = [harness(build, target), f"-max_total_time={duration}", f"-max_len={MAX_LEN}", "-timeout=20",
               "-rss_limit_mb=2048", f"-artifact_prefix={found}/", "-print_final_stats=1", "-len_control=0"]
    if jobs > 1:
        command.append(f"-fork={jobs}")
    if target in IMAGES:
        command.append(f"-dict={dictionary(build)}")
    summary, log = Summary(target), work / "log"
    with subprocess.Popen(["nice", "-n", "15", *command, work / "corpus", *seeds(target)], stderr=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, cwd=work) as process, log.open("wb") as out:
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


def afl_inputs(work, target):
    """AFL++ wants one directory that is not empty."""
    inputs = work / "afl-in"
    shutil.rmtree(inputs, ignore_errors=True)
    inputs.mkdir(parents=True)
    files = [path for d in seeds(target) for path in d.iterdir() if path.is_file() and path.stat().st_size <= MAX_LEN]
    for path in files:
        shutil.copy(path, inputs / path.name)
    if not files:
        (inputs / "nothing").write_bytes(bytes(64))
    return inputs


def afl(build, target, duration, jobs):
    work = WORK / target
    out = work / "afl-out"
    shutil.rmtree(out, ignore_errors=True)
    inputs = afl_inputs(work, target)
    env = dict(os.environ, AFL_NO_UI="1", AFL_SKIP_CPUFREQ="1", AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES="1",
               AFL_NO_AFFINITY="1", AFL_FORKSRV_INIT_TMOUT="20000")
    if target in IMAGES:
        env["AFL_CUSTOM_MUTATOR_LIBRARY"] = str(next(build.glob("**/libxenvet_mutator.so")))
    running = []
    for i in range(jobs):
        role = ["-M", "main", "-c", "0"] if i == 0 else ["-S", f"secondary{i}"]
        command = ["nice", "-n", "15", "afl-fuzz", "-i", inputs, "-o", out, "-V", str(duration), "-t", "5000+",
                   "-m", "none", *role, "--", harness(build, target)]
        with (work / f"afl{i}.log").open("wb") as log:
            running.append(subprocess.Popen(command, env=env, stdout=log, stderr=log))
    codes = [process.wait() for process in running]
    found = sorted(out.glob("*/crashes/id*"))
    for stats in sorted(out.glob("*/fuzzer_stats")):
        values = dict(re.findall(r"^(\w+)\s*: (.*)$", stats.read_text(), re.MULTILINE))
        print(f"{target}/{stats.parent.name}: {int(values['execs_done']):,} executions, {values['execs_per_sec']}/s, "
              f"{values['edges_found']} edges, {values['corpus_count']} inputs, {len(found)} crashes, "
              f"stability {values['stability']}")
    if any(codes):
        print(f"{target}: afl-fuzz ended with {codes}, see {(work / 'afl0.log').relative_to(ROOT)}")
    return not found and not any(codes)


def fuzz(build, target, args):
    run = afl if args.engine == "afl" else libfuzzer
    return run(build, target, seconds(args.time), args.jobs)


def command_all(build, args):
    good = bad = 0
    for target in targets(build):
        if fuzz(build, target, args):
            good += 1
        else:
            bad += 1
    print(f"{good} passed, {bad} failed")
    return bad == 0 and good > 0


def finds(build, target, path):
    return subprocess.run([harness(build, target), path], capture_output=True, text=True, errors="replace", check=False)


def suggested(report):
    """A name for corpus/regress, from what the report says."""
    said = re.search(r"(?:oracle[^:]*: |Sanitizer: |Assertion )(.*)", report)
    words = re.findall(r"[a-z]+", said.group(1).lower() if said else "crash")
    return "-".join(word for word in words if len(word) > 2)[:48] or "crash"


def command_triage(build, args):
    """Which harness trips over the file, a smaller file that does, the stack, a name."""
    path = args.file.resolve()
    for target in [path.parent.parent.name] + targets(build):
        if target not in targets(build):
            continue
        result = finds(build, target, path)
        if result.returncode:
            break
    else:
        print("no harness finds anything in it")
        return True
    small = pathlib.Path(tempfile.mkdtemp(prefix="xenvet-triage-")) / "small"
    subprocess.run([harness(build, target), "-minimize_crash=1", "-max_total_time=30", f"-exact_artifact_path={small}",
                    path], capture_output=True, check=False)
    if small.exists() and finds(build, target, small).returncode:
        result = finds(build, target, small)
        path = small
    print(f"harness: {target}\nfile:    {path} ({path.stat().st_size} octets)")
    frames = re.findall(r"^\s+#\d+ 0x[0-9a-f]+ in (?!__|fuzzer::|LLVMFuzzer|abort|raise)(\S+) (\S+)", result.stderr,
                        re.MULTILINE)
    for name, where in frames[:8]:
        print(f"stack:   {name} {where}")
    for line in re.findall(r"^.*(?:oracle|Assertion|ERROR|runtime error).*$", result.stderr, re.MULTILINE)[:4]:
        print(f"says:    {line.strip()}")
    xenvet = ROOT / "build" / "release" / "bin" / "xenvet"
    if target in IMAGES and xenvet.exists():
        image = path.with_suffix(".image")
        image.write_bytes(path.read_bytes()[8:])
        verdict = subprocess.run([xenvet, "check", image], capture_output=True, text=True, check=False)
        print(f"verdict: {(verdict.stdout + verdict.stderr).strip()}")
    print(f"keep it: cp {path} corpus/regress/{target}/{suggested(result.stderr)}")
    return False


def command_corpus(build, args):
    if args.action == "stats":
        for kind in ("seeds", "regress"):
            for d in sorted((CORPUS / kind).iterdir()) if (CORPUS / kind).is_dir() else []:
                sizes = [path.stat().st_size for path in d.iterdir()]
                print(f"{kind}/{d.name}: {len(sizes)} files, {sum(sizes):,} octets, the largest {max(sizes, default=0):,}")
        return True
    for target in [args.target] if args.target else targets(build):
        into = CORPUS / "seeds" / target
        with tempfile.TemporaryDirectory(prefix="xenvet-merge-") as scratch:
            more = [into] if into.is_dir() else []
            if args.action == "merge":
                more += args.dirs or [d for d in [WORK / target / "corpus"] if d.is_dir()]
            if not more:
                continue
            subprocess.run([harness(build, target), "-merge=1", f"-max_len={MAX_LEN}", scratch, *more], check=True,
                           stderr=subprocess.DEVNULL)
            shutil.rmtree(into, ignore_errors=True)
            into.mkdir(parents=True)
            for path in sorted(pathlib.Path(scratch).iterdir(), key=lambda p: p.stat().st_size)[:200]:
                shutil.copy(path, into / path.name[:16])
        print(f"seeds/{target}: {len(list(into.iterdir()))} files")
    return True


def main():
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
    one = commands.add_parser("triage")
    one.add_argument("build", type=pathlib.Path)
    one.add_argument("file", type=pathlib.Path)
    one = commands.add_parser("corpus")
    one.add_argument("build", type=pathlib.Path)
    one.add_argument("action", choices=("minimize", "merge", "stats"))
    one.add_argument("target", nargs="?")
    one.add_argument("dirs", nargs="*", type=pathlib.Path)
    args = options.parse_args()
    build = args.build.resolve()
    run = {"fuzz": lambda: fuzz(build, args.target, args), "all": lambda: command_all(build, args),
           "triage": lambda: command_triage(build, args), "corpus": lambda: command_corpus(build, args)}
    sys.exit(0 if run[args.command]() else 1)


if __name__ == "__main__":
    main()
