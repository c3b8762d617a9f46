#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An xl whose host is a directory: domains are files, named by number, that hold uuid, name and state.

    fake_xl.py migrate-receive | restore [-p] FILE | vm-list | list ID | destroy ID | rename ID NAME

XL_STATE is the directory; XL_STATE.log gets each call, XL_STATE.data what a receiving xl was given. XL_TROUBLE is a list of words:
nameless (the domain gets no name), silent (it exits once the domain is there), crash (it is killed then), no-list, slow-list (seconds),
list-fails-later (from the second on), stubborn (destroy never works), clumsy (destroy works at the third call), resume (status 3),
careless (it keeps the domain without a go-ahead), meanwhile (others make domains while it is at work).
"""
import json
import os
import pathlib
import signal
import sys
import time

from receiver import BANNER, GO_AHEAD, READY, REPORT, Seen, read_stream

STATE = pathlib.Path(os.environ["XL_STATE"])
TROUBLE = os.environ.get("XL_TROUBLE", "").split()
OTHER = "aaaaaaaa-0a7e-4c0e-9d7a-2f64b1f2a002"


def write_domain(uuid, name, state):
    number = 1 + max((int(p.name) for p in STATE.iterdir()), default=0)
    (STATE / str(number)).write_text(json.dumps({"uuid": uuid, "name": name, "state": state}))
    return number


def read_domain(number):
    return json.loads((STATE / str(number)).read_text())


def domains():
    return {int(p.name): json.loads(p.read_text()) for p in sorted(STATE.iterdir(), key=lambda p: int(p.name))}


def calls(verb):
    return [line for line in open(f"{STATE}.log") if line.split()[0] == verb]


class Receiver(Seen):
    """Makes the domain as soon as it knows what it is, as xl does."""

    def __init__(self, suffix):
        super().__init__(f"{STATE}.seen")
        self.suffix, self.pieces, self.number = suffix, 0, None
        self.note(f"start {os.getpid()}")

    def exactly(self, n):
        octets = super().exactly(n)
        self.pieces += 1
        if self.pieces == 2:  # behind the header
            self.make(octets[4:])
        return octets

    def make(self, config):
        text = config.rstrip(b"\0\n")
        if text.startswith(b"{"):
            info = json.loads(text)["c_info"]
            name, uuid = info.get("name", ""), info.get("uuid", "00000000-0000-0000-0000-000000000000")
        else:
            words = dict(line.split(" = ", 1) for line in text.decode().splitlines() if " = " in line)
            name, uuid = words["name"].strip("'\""), words.get("uuid", "'bbbbbbbb-0a7e-4c0e-9d7a-2f64b1f2a003'").strip("'\"")
        if "meanwhile" in TROUBLE:
            write_domain(OTHER, "somebody--incoming", "paused")
            write_domain(OTHER, "(null)", "paused")
            write_domain(uuid, "stranger", "running")
        self.name = name
        self.number = write_domain(uuid, "(null)" if "nameless" in TROUBLE else name + self.suffix, "paused")
        if "meanwhile" in TROUBLE:
            write_domain(OTHER, "late", "running")
        self.note("made")
        if "silent" in TROUBLE:
            sys.exit(3)
        if "crash" in TROUBLE:
            os.kill(os.getpid(), signal.SIGSEGV)


def finish(seen, state):
    domain = read_domain(seen.number)
    domain.update(name=seen.name, state=state)
    (STATE / str(seen.number)).write_text(json.dumps(domain))


def receive():
    seen = Receiver("--incoming")
    seen.say(BANNER)
    read_stream(seen)
    seen.say(READY)
    got = b""
    while len(got) < len(GO_AHEAD) and (part := seen.some(len(GO_AHEAD) - len(got))):
        got += part
    if got == GO_AHEAD and "resume" not in TROUBLE:
        finish(seen, "running")
        seen.say(REPORT)
        seen.say(b"\0")
        return 0
    seen.say(REPORT)
    seen.say(b"\3")
    if "careless" not in TROUBLE:
        (STATE / str(seen.number)).unlink()
    seen.say(GO_AHEAD)
    return 1


def restore(paused):
    seen = Receiver("")
    read_stream(seen)
    if seen.some(1):
        return 5
    if "resume" in TROUBLE:
        return 3
    finish(seen, "paused" if paused else "running")
    return 0


def vm_list():
    lists = len(calls("vm-list"))
    if "no-list" in TROUBLE or ("list-fails-later" in TROUBLE and lists > 2):
        print("xencall: error: Could not obtain handle on privileged command interface", file=sys.stderr)
        return 1
    for word in TROUBLE:
        if word.startswith("slow-list="):
            time.sleep(float(word.split("=")[1]))
    print("UUID                                  ID    name")
    for number, domain in domains().items():
        print(f"{domain['uuid']}  {number}    {domain['name']:<30}")
    return 0


def list_one(number):
    domain = read_domain(number)
    state, seconds = ("--p---", "0.0") if domain["state"] == "paused" else ("-b----", "7.5")
    print("Name                                        ID   Mem VCPUs\tState\tTime(s)")
    print(f"{domain['name']:<40} {number:>5}    16     1     {state} {seconds:>8}")
    return 0


def destroy(number):
    if "stubborn" in TROUBLE or ("clumsy" in TROUBLE and len(calls("destroy")) < 3):
        return 1
    (STATE / number).unlink()
    return 0


def rename(number, name):
    domain = read_domain(number)
    domain["name"] = name
    (STATE / number).write_text(json.dumps(domain))
    return 0


def main():
    with open(f"{STATE}.log", "a") as log:
        log.write(" ".join(sys.argv[1:]) + "\n")
    verb, *rest = sys.argv[1:]
    if verb == "migrate-receive":
        return receive()
    if verb == "restore":
        return restore(rest[0] == "-p")
    return {"vm-list": vm_list, "list": list_one, "destroy": destroy, "rename": rename}[verb](*rest)


if __name__ == "__main__":
    sys.exit(main())
