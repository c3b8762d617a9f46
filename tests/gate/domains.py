#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What an xl behind the gate had made goes when the gate ends it, and nothing else does: with an xl whose host is a directory."""
import json
import os
import signal
import subprocess
import sys
import time

from support import BANNER, GO_AHEAD, HERE, READY, REPORT, XENVET, Pipes, fresh, main, migrate, nothing_left, octets, libxl, pv, scratch, xl

NAME = f"golden{os.getpid()}"  # of a run of these tests alone: claims are the machine's
IMAGE = octets(xl.wrap(libxl.wrap(pv.guest()), xl.edited(xl.config("pv"), "c_info/name", NAME)))
BAD = bytearray(IMAGE)
BAD[-16] ^= 0x40
UUID, OTHER = xl.UUID, "aaaaaaaa-0a7e-4c0e-9d7a-2f64b1f2a002"
# The sender's own, when it migrates to the host it is on; somebody's; one without a name yet.
THERE = [(UUID, NAME), (OTHER, "other--incoming"), (OTHER, "(null)"), (OTHER, f"{NAME}--incoming-2")]


class Host(Pipes):
    """A run of `xenvet gate` on a host of its own."""

    def __init__(self, options=(), trouble="", there=THERE, command=None, state=None):
        self.state = state or fresh("host")
        if state is None:
            self.state.mkdir()
            for number, (uuid, name) in enumerate(there, 1):
                (self.state / str(number)).write_text(json.dumps({"uuid": uuid, "name": name, "state": "running"}))
        self.before = self.domains()
        self.xl = fresh("bin") / "xl"
        self.xl.parent.mkdir()
        self.xl.write_text(f"#!/bin/sh\nexec {sys.executable} -B {HERE}/fake_xl.py \"$@\"\n")
        self.xl.chmod(0o755)
        os.environ.update(XL_STATE=str(self.state), XL_TROUBLE=trouble)
        command = [part.replace("XL", str(self.xl)) for part in command or ["XL", "migrate-receive"]]
        super().__init__([part.replace("XL", str(self.xl)) for part in options], None, command=command)
        self.log = self.state.with_name(self.state.name + ".seen")

    def domains(self):
        return {(one["uuid"], one["name"]) for one in (json.loads(path.read_text()) for path in self.state.iterdir())}

    def new(self):
        return self.domains() - self.before

    def calls(self, verb):
        log = self.state.with_name(self.state.name + ".log")
        return [line for line in log.read_text().splitlines() if line.split()[0] == verb]

    def made(self):
        deadline = time.monotonic() + 30
        while "made" not in self.seen() and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.new()

    def ended(self, status, left=()):
        got = self.end()
        assert got == status, (got, self.errors)
        assert nothing_left(self), self.seen()
        assert self.new() == set(left) and self.before <= self.domains(), (self.domains(), self.errors)


def refused(host):
    """A sender whose last record is wrong; the domain is there by then."""
    assert host.expect(BANNER) and host.send(BAD[:5000]) and host.made()
    host.send(BAD[5000:])


def test_a_rejection():
    host = Host()
    refused(host)
    host.ended(1)
    assert "made" in host.seen() and len(host.calls("destroy")) == 1 and not host.decision()["left"]
    assert not {"eof", "end"} & set(host.seen())


def test_only_that_one():
    meanwhile = {(OTHER, "somebody--incoming"), (OTHER, "(null)"), (UUID, "stranger"), (OTHER, "late")}
    host = Host(trouble="meanwhile")
    refused(host)
    host.ended(1, meanwhile - host.before)
    assert len(host.calls("destroy")) == 1 and "left" not in host.errors


def test_one_without_a_name():
    """xl was killed before it gave the domain its name: the uuid tells, once nobody can be about to name it."""
    for trouble in ("nameless", "nameless meanwhile"):
        host = Host(trouble=trouble)
        refused(host)
        status = host.end()
        assert status == 1 and (UUID, "(null)") not in host.domains(), (host.domains(), host.errors)
        assert (OTHER, "(null)") in host.domains() and len(host.calls("destroy")) == 1


def test_a_success_is_left_alone():
    host = Host()
    assert migrate(host, IMAGE)
    assert host.end() == 0 and host.calls("destroy") == []
    assert host.new() == set() and len(host.domains()) == len(THERE) and not host.decision()["left"]
    assert sorted(json.loads(p.read_text())["name"] for p in host.state.iterdir()).count(NAME) == 2


def test_every_other_end():
    def sender_leaves(host):
        host.leave()

    def signals(host):
        host.process.send_signal(signal.SIGTERM)

    def receiver_dies(host):
        os.kill(host.pids()[0], signal.SIGKILL)

    def worker_dies(host):
        children = subprocess.run(["pgrep", "-P", str(host.process.pid), "xenvet-worker"], capture_output=True, text=True, check=True)
        os.kill(int(children.stdout.split()[0]), signal.SIGKILL)

    for act, options, status in ((sender_leaves, (), 1), (signals, (), 3), (receiver_dies, (), 4), (worker_dies, (), 3),
                                 (None, ("--idle", "1"), 3), (None, ("--timeout", "1"), 3)):
        host = Host(options)
        assert host.expect(BANNER) and host.send(IMAGE[:5000])
        assert host.made() == {(UUID, f"{NAME}--incoming")}
        if act:
            act(host)
        host.ended(status)


def test_xl_fails_by_itself():
    for trouble in ("silent", "crash"):
        host = Host(trouble=trouble)
        assert host.expect(BANNER)
        host.send(IMAGE)
        host.ended(4)


def test_before_the_go_ahead():
    """The receiver is let to clean up by itself; what a careless one leaves goes all the same."""
    for trouble, destroyed in (("", 0), ("careless", 1)):
        host = Host(trouble=trouble)
        assert host.expect(BANNER) and host.send(IMAGE) and host.expect(READY)
        host.leave()
        host.ended(1)
        assert len(host.calls("destroy")) == destroyed


def test_after_the_go_ahead_the_domain_is_not_touched():
    host = Host(trouble="resume careless")
    assert host.expect(BANNER) and host.send(IMAGE) and host.expect(READY) and host.send(GO_AHEAD)
    host.ended(4, {(UUID, f"{NAME}--incoming")})
    assert host.decision()["committed"] and host.calls("destroy") == []


def test_the_name_is_taken():
    host = Host(there=[(OTHER, f"{NAME}--incoming")])
    assert host.expect(BANNER)
    host.send(IMAGE)
    host.ended(4)
    assert f"a domain named {NAME}--incoming exists" in host.errors, host.errors
    assert host.data() == b"" and host.calls("destroy") == []


def test_two_at_once():
    """The same guest twice: the second run can neither make nor destroy anything of the first."""
    first = Host()
    assert first.expect(BANNER) and first.send(IMAGE[:5000]) and first.made()
    second = Host(state=first.state)
    assert second.expect(BANNER)
    second.send(BAD)
    assert second.end() == 4 and f"another xenvet is receiving the domain {NAME}" in second.errors, second.errors
    assert first.send(IMAGE[5000:]) and first.expect(READY) and first.send(GO_AHEAD)
    assert first.end() == 0 and first.calls("destroy") == []
    first.log.unlink()
    third = Host(state=first.state)  # the claim went with its process
    refused(third)
    third.ended(1)


def test_an_xl_that_does_not_work():
    host = Host(trouble="no-list")
    host.send(IMAGE)
    assert host.end() == 4 and host.back == b"" and "xl vm-list does not work" in host.errors, host.errors
    assert host.calls("migrate-receive") == []
    host = Host(trouble="list-fails-later")
    refused(host)
    host.ended(1, {(UUID, f"{NAME}--incoming")})
    assert f"a domain may be left, perhaps {NAME}--incoming" in host.errors and host.decision()["left"]
    assert "<3>" in host.errors


def test_a_destroy_that_does_not_work():
    host = Host(trouble="clumsy")
    refused(host)
    host.ended(1)
    host = Host(trouble="stubborn")
    refused(host)
    host.ended(1, {(UUID, f"{NAME}--incoming")})
    assert host.decision()["left"] and f"{NAME}--incoming" in host.errors


def test_which_xl_is_asked():
    wrapper = ["sh", "-c", "exec XL migrate-receive"]
    host = Host(["--xl", "XL"], command=wrapper)
    refused(host)
    host.ended(1)
    assert len(host.calls("destroy")) == 1
    for options, command in ((["--xl", "none"], None), ([], wrapper)):
        host = Host(options, command=command)
        refused(host)
        host.ended(1, {(UUID, f"{NAME}--incoming")})
        assert not host.calls("vm-list")


def test_the_operators_configuration():
    mine = "11111111-0a7e-4c0e-9d7a-2f64b1f2a009"
    texts = [json.dumps({"c_info": {"type": "pv", "name": "mine", "uuid": mine}, "b_info": {"max_vcpus": 1}}),
             f"# name = 'no'\nname = \"before\"\ntype = 'pv'\nname = 'mine'\nuuid = '{mine}'\n", "type = 'pv'\nname = 'mine'\n"]
    for text in texts:
        path = fresh("config")
        path.write_text(text)
        host = Host(["--config", str(path)], there=[*THERE, (OTHER, "mine")])
        refused(host)
        host.ended(1)
        assert len(host.calls("destroy")) == 1
    path.write_text("type = 'pv'\nkernel = '/boot/guest'\n")
    host = Host(["--config", str(path)])
    assert host.end() == 2 and "no name" in host.errors and "--xl none" in host.errors, host.errors


def test_without_a_handshake():
    command = ["XL", "restore", "-p", "/dev/stdin"]
    host = Host(["--no-handshake"], there=THERE[1:], command=command)
    assert host.send(BAD[:5000]) and host.made()
    host.send(BAD[5000:])
    host.ended(1)
    assert len(host.calls("destroy")) == 1
    host = Host(["--no-handshake"], there=THERE[1:], command=command, trouble="resume")
    host.send(IMAGE)
    host.leave()
    host.ended(4)
    host = Host(["--no-handshake"], there=THERE[1:], command=command)
    host.send(IMAGE)
    host.leave()
    host.ended(0, {(UUID, NAME)})
    assert host.calls("destroy") == []
    host = Host(["--no-handshake"], there=THERE[1:], command=command)
    host.send(octets(libxl.wrap(pv.guest())))
    host.ended(1)


def test_no_hang_in_a_slow_xl():
    host = Host(trouble="slow-list=0.5")
    refused(host)
    host.ended(1)


def notes():
    return sorted((scratch / "incoming").glob("*"))


def reap():
    done = subprocess.run([XENVET, "restore", "--reap"], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout


def killed(image=IMAGE[:5000], **more):
    """A run of which xenvet alone was killed; its xl dies with it."""
    for note in notes():
        note.unlink()
    host = Host(**more)
    assert host.expect(BANNER) and host.send(image) and host.made()
    assert len(notes()) == 1 and notes()[0].stat().st_mode & 0o777 == 0o600
    host.process.kill()
    assert host.end() == -signal.SIGKILL and nothing_left(host)
    assert (UUID, f"{NAME}--incoming") in host.new() and len(notes()) == 1
    return host


def test_xenvet_is_killed():
    host = killed()
    assert f"{NAME}--incoming: removed" in reap()
    assert host.new() == set() and host.before <= host.domains() and len(host.calls("destroy")) == 1 and notes() == []
    assert reap() == ""


def test_xenvet_is_killed_beside_others():
    host = killed(trouble="meanwhile")
    assert f"{NAME}--incoming: removed" in reap()
    assert len(host.calls("destroy")) == 1 and (OTHER, "somebody--incoming") in host.domains()


def test_what_runs_is_no_leftover():
    host = killed()
    for path in host.state.iterdir():
        domain = json.loads(path.read_text())
        path.write_text(json.dumps({**domain, "state": "running"}))
    assert f"{NAME}--incoming: removed, or found finished" in reap()
    assert host.new() == {(UUID, f"{NAME}--incoming")} and host.calls("destroy") == [] and notes() == []


def test_who_is_at_work_is_left_alone():
    for note in notes():
        note.unlink()
    host = Host()
    assert host.expect(BANNER) and host.send(IMAGE[:5000]) and host.made()
    assert "is at work on it" in reap() and host.new() == {(UUID, f"{NAME}--incoming")}
    assert host.send(IMAGE[5000:]) and host.expect(READY) and len(notes()) == 1
    assert host.send(GO_AHEAD) and host.expect(REPORT) and notes() == []
    assert host.end() == 0 and host.calls("destroy") == []


def test_a_leftover_that_stays():
    os.environ["XL_TROUBLE"] = ""
    host = killed()
    os.environ["XL_TROUBLE"] = "stubborn"
    assert "could not be removed" in reap() and len(notes()) == 1
    os.environ["XL_TROUBLE"] = ""
    assert "removed" in reap() and notes() == [] and host.new() == set()


def test_no_note_of_ours():
    host = killed()
    real, = notes()
    (scratch / "incoming" / "1").write_text("rubbish\n")
    (scratch / "incoming" / "2").symlink_to(real)
    said = reap()
    assert said.count("not a note of xenvet") == 2 and host.new() == set(), said
    assert len(notes()) == 2
    (scratch / "incoming").chmod(0o777)
    host = Host()
    refused(host)
    host.ended(1)
    assert "no note of the domain" in host.errors and reap() == ""
    (scratch / "incoming").chmod(0o700)


main(globals().copy())
