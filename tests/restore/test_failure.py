#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The n-th hypercall, or the n-th xenstore request, of each process fails, for n = 1, 2, ... until nothing fails any more: the
restore then fails whole, or succeeds whole.

    test_failure.py
"""
import concurrent.futures
import sys
import tempfile

from host import NOTHING, Host, domid_of, facts_for, images

IMAGES = ("pv64-v3.libxc", "pvh-v3.xl", "pvh-v2.libxc")
MOST = 400
JOBS = 2


def attempt(scratch, image, variable, error, n):
    """(what is wrong or None, whether the failure was reached)"""
    host = Host(tempfile.mkdtemp(dir=scratch) + "/host", pages=8192)
    done = host.restore(*facts_for(image, None, 2), image, env={variable: f"{n}:{error}"})
    where = f"{image.name} {variable}={n}:{error}: exit status {done.returncode}"
    traces = host.traces()
    if done.returncode == 0:
        # The last steps may fail without harm: the mark that they leave is one for --reap, which lets the domain be.
        host.restore("--reap")
        result = host.compare(image, domid_of(done))
        marks = [node for node in host.traces()["nodes"] if node.startswith("/tool/xenvet")]
        wrong = result.returncode != 0 or marks or host.state()["domains"][0]["paused"]
        return (f"{where}, and not a whole domain: {result.stdout[-200:]} {marks}" if wrong else None), False
    if done.returncode != 4 or "back end" not in done.stderr:
        return f"{where}: {done.stderr[-200:]}", True
    return (None if traces == NOTHING else f"{where}, and left {str(traces)[:300]}"), True


def sweep(scratch, image, variable, error):
    failures, runs, last = [], 0, 0
    for n in range(1, MOST):
        wrong, reached = attempt(scratch, image, variable, error, n)
        runs += 1
        failures += [wrong] if wrong else []
        last = n if reached else last
        if n > last + 8:  # past the last call that matters
            return failures, runs, last
    return failures + [f"{image.name} {variable}: still failing at {MOST}"], runs, last


def main():
    scratch, files = images(*IMAGES)
    cases = [(image, "XENVET_SIM_FAIL", error) for image in files for error in ("ENOMEM", "EINVAL")]
    cases += [(files[1], "XENVET_SIM_XS_FAIL", "EIO"), (files[1], "XENVET_SIM_XS_FAIL", "EAGAIN")]
    passed = failed = 0
    with scratch, concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for case, (failures, runs, last) in zip(cases, pool.map(lambda c: sweep(scratch.name, *c), cases)):
            print("\n".join(f"FAIL {failure}" for failure in failures), end="\n" if failures else "")
            print(f"{case[0].name} {case[1]} {case[2]}: {runs} runs, the last call that decides is number {last}")
            failed += len(failures)
            passed += runs - len(failures)
            if last < 10:
                failed += 1
                print("FAIL: that is too few; nothing was injected")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
