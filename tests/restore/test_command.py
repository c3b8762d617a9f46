#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What an operator says on the command line of `xenvet restore`, and what the other back ends do. An xl that only takes notes
stands in for the real one."""
import json
import os
import pathlib
import shutil
import stat
import subprocess
import tempfile
import unittest

from host import NOTHING, Host, domid_of, images, tool

# Of the golden image, and another.
UUID, OTHER = "6f1b3c54-0a7e-4c0e-9d7a-2f64b1f2a001", "aaaaaaaa-0a7e-4c0e-9d7a-2f64b1f2a002"
FAKE_XL = r"""#!/bin/bash
# Domains are files in $STATE, which hold "UUID NAME"; a domain begun by restore has what is in $NEXT until it is renamed.
echo "$*" >>"$STATE.log"
case $1 in
    vm-list)
        echo "UUID                                  ID    name"
        for file in "$STATE"/*; do
            [ ! -e "$file" ] || { read -r uuid name <"$file" && printf '%s  %d    %-30s\n' "$uuid" "${file##*/}" "$name"; }
        done ;;
    restore)
        head -c 1000 "${@: -1}" >"$STATE.stream" # it knows the configuration then
        [ -z "${ALSO-}" ] || echo "$ALSO" >"$STATE/8"
        echo "$NEXT" >"$STATE/7"
        cat "${@: -1}" >>"$STATE.stream"
        exit "${FAIL-0}" ;;
    destroy) rm "$STATE/$2" ;;
    rename) read -r uuid name <"$STATE/$2" && echo "$uuid $3" >"$STATE/$2" ;;
esac
"""


class Command(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        names = ("pv64-v3.xl", "pvh-v3.xl", "pvh-v3.libxc", "pv32-v3.libxc", "hvm-v3.xl", "hvm-v3.libxc", "hvm-v3.libxl",
                 "pvh-v3-remus.xl", "pvh-v3.libvirt", "hvm-v3.libvirt", "pvh-v3.xenopsd", "hvm-v3.xenopsd")
        cls.scratch, files = images(*names)
        cls.image = dict(zip(names, files))

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def setUp(self):
        self.tmp = tempfile.TemporaryDirectory()
        self.host = Host(f"{self.tmp.name}/host", pages=8192)

    def tearDown(self):
        self.tmp.cleanup()

    def restore(self, status, *args, **more):
        done = self.host.restore(*[self.image.get(str(a), a) for a in args], **more)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def node(self, path):
        return self.host.state()["xenstore"][path]["value"]

    # ---- libxenguest ----

    def test_facts_come_from_the_configuration(self):
        domid = domid_of(self.restore(0, "pvh-v3.xl"))
        self.assertEqual(self.node(f"/local/domain/{domid}/name"), "golden")
        uuid = self.node(f"/local/domain/{domid}/vm")
        self.assertEqual(self.node(f"{uuid}/name"), "golden")
        self.assertEqual(self.node(f"/libxl/{domid}/type"), "pvh")
        self.assertEqual(self.host.state()["domains"][0]["max_vcpus"], 2)

    def test_the_operator_comes_first(self):
        done = self.restore(0, "--name", "other", "--uuid", "12345678-1234-4234-8234-123456789abc", "--memory", "64M",
                            "--vcpus", "3", "--paused", "pvh-v3.xl")
        domid = domid_of(done)
        self.assertEqual(self.node(f"/local/domain/{domid}/name"), "other")
        self.assertEqual(self.node(f"/local/domain/{domid}/vm"), "/vm/12345678-1234-4234-8234-123456789abc")
        self.assertEqual(self.node(f"/local/domain/{domid}/memory/static-max"), "65536")
        domain = self.host.state()["domains"][0]
        self.assertEqual((domain["max_vcpus"], domain["paused"], domain["introduced"]), (3, True, True))

    def test_quiet(self):
        done = self.restore(0, "-q", "pvh-v3.xl")
        self.assertEqual((done.stdout, done.stderr), ("", ""))

    def test_name_and_uuid_are_unique(self):
        self.restore(0, "pvh-v3.xl")
        before = self.host.traces()
        self.assertIn("this uuid exists", self.restore(4, "pvh-v3.xl").stderr)
        self.assertIn("this name exists", self.restore(4, "--uuid", "new", "pvh-v3.xl").stderr)
        self.assertEqual(self.host.traces(), before)
        self.restore(0, "--uuid", "new", "--name", "another", "pvh-v3.xl")
        self.assertEqual(len(self.host.traces()["domains"]), 2)

    def test_a_bare_stream_needs_facts(self):
        self.assertIn("--memory", self.restore(2, "pvh-v3.libxc").stderr)
        self.assertIn("--vcpus", self.restore(2, "--memory", "64M", "pvh-v3.libxc").stderr)
        self.assertEqual(self.host.traces(), NOTHING)
        done = self.restore(0, "--memory", "64M", "--vcpus", "2", "pvh-v3.libxc")
        self.assertTrue(self.node(f"/local/domain/{domid_of(done)}/name").startswith("restored-"))

    def test_facts_of_the_operators_configuration(self):
        config = pathlib.Path(self.tmp.name) / "mine.json"
        facts = {"c_info": {"type": "pvh", "name": "mine", "uuid": "12345678-1234-4234-8234-123456789abc"},
                 "b_info": {"max_vcpus": 2, "max_memkb": 65536}}
        config.write_text(json.dumps(facts) + "\0")
        for image in ("pvh-v3.libxc", "pvh-v3.libvirt", "pvh-v3.xenopsd"):
            domid = domid_of(self.restore(0, "--config", config, image))
            self.assertEqual(self.node(f"/local/domain/{domid}/name"), "mine")
            self.assertEqual(self.node(f"/local/domain/{domid}/memory/static-max"), "65536")
            self.assertEqual(self.node(f"/local/domain/{domid}/vm"), "/vm/12345678-1234-4234-8234-123456789abc")
            self.host = Host(f"{self.tmp.name}/host-{image}", pages=8192)
        self.restore(0, "--config", config, "--name", "other", "--vcpus", "1", "pvh-v3.libvirt")
        self.assertEqual(self.host.state()["domains"][0]["max_vcpus"], 1)
        self.assertIn("DOMAIN_REFUSED", self.restore(1, "--config", config, "--type", "pv", "pvh-v3.libvirt").stderr)
        for wrong in ("name = 'mine'", "{}", '{"c_info": {}, "b_info": {"max_vcpus": 0}}', '{"c_info": {"name": ""}, "b_info": {}}',
                      '{"c_info": {"type": "arm"}, "b_info": {}}', '{"c_info": {"uuid": 1}, "b_info": {}}',
                      '{"c_info": {}, "b_info": {"max_memkb": 99999999999999}}'):
            config.write_text(wrong)
            self.assertIn("--config: ", self.restore(2, "--config", config, "pvh-v3.libvirt").stderr)
        self.restore(3, "--config", "/nowhere", "pvh-v3.libvirt")

    def test_a_container_without_facts(self):
        for name in ("libvirt", "xenopsd"):
            self.assertIn("--memory", self.restore(2, f"pvh-v3.{name}").stderr)
            self.assertIn("BACKEND_HVM", self.restore(1, "--memory", "64M", "--vcpus", "1", f"hvm-v3.{name}").stderr)
        self.assertEqual(self.host.traces(), NOTHING)

    def test_the_wrong_type_is_refused(self):
        facts = ("--memory", "64M", "--vcpus", "2")
        for image, kind, verdict in (("pvh-v3.libxc", "pv", "DOMAIN_REFUSED"), ("pvh-v3.libxc", "hvm", "DOMAIN_REFUSED"),
                                     ("hvm-v3.libxc", "pvh", "BACKEND_HVM"), ("pv64-v3.xl", "pvh", "DOMAIN_REFUSED")):
            self.assertIn(verdict, self.restore(1, *facts, "--type", kind, image).stderr, (image, kind))
            self.assertEqual(self.host.traces(), NOTHING)

    def test_device_models_are_for_xl(self):
        for image in ("hvm-v3.xl", "hvm-v3.libxl"):
            done = self.restore(1, "--type", "hvm", "--memory", "64M", "--vcpus", "2", image)
            self.assertIn("BACKEND_HVM", done.stderr)
            self.assertIn("--backend xl", done.stderr)
            self.assertEqual(self.host.traces(), NOTHING)

    def test_32_bit_pv_only_if_tolerated(self):
        facts = ("--memory", "64M", "--vcpus", "2")
        done = self.restore(1, *facts, "pv32-v3.libxc")
        self.assertIn("BACKEND_PV32", done.stderr)
        self.assertIn("--tolerate pv32-through-libxenguest", done.stderr)
        self.assertEqual(self.host.traces(), NOTHING)
        done = self.restore(0, *facts, "--tolerate", "pv32-through-libxenguest", "pv32-v3.libxc")
        self.assertEqual(self.host.compare(self.image["pv32-v3.libxc"], domid_of(done)).returncode, 0)

    def test_checkpointed_streams_are_refused_whatever_is_allowed(self):
        done = self.restore(1, "--allow", "checkpointed,colo", "pvh-v3-remus.xl")
        self.assertIn("CHECKPOINT_REFUSED", done.stderr)
        self.assertNotIn("hint", done.stderr)
        self.assertEqual(self.host.traces(), NOTHING)

    def test_log_and_metrics(self):
        log, metrics = f"{self.tmp.name}/log", f"{self.tmp.name}/metrics"
        self.restore(0, "--log-json", log, "--metrics", metrics, "pvh-v3.xl")
        self.restore(4, "--log-json", log, "--metrics", metrics, "pvh-v3.xl")
        lines = [json.loads(line) for line in pathlib.Path(log).read_text().splitlines()]
        self.assertEqual([line["exit_status"] for line in lines], [0, 4])
        self.assertEqual({line["command"] for line in lines}, {"restore"})
        self.assertTrue(pathlib.Path(metrics).read_text())

    def test_options_that_do_not_fit(self):
        image = "pvh-v3.xl"
        for args in (("--backend", "xl", "--memory", "64M", image), ("--out", "x", image),
                     ("--backend", "file", image), ("--backend", "file", "--out", "x", "--paused", image), ("--backend", "kvm", image),
                     ("--type", "arm", image), ("--vcpus", "0", image), ("--memory", "12", image), ("--name", "", image),
                     ("--uuid", "old", image), ("--reap", image), (), (image, image)):
            self.restore(2, *args)

    def test_without_the_program(self):
        copy = pathlib.Path(self.tmp.name) / "bin"
        copy.mkdir()
        for name in ("xenvet", "xenvet-worker"):
            os.link(tool(name), copy / name) if os.stat(tool(name)).st_dev == os.stat(copy).st_dev else \
                subprocess.run(["cp", tool(name), copy], check=True)
        done = subprocess.run([copy / "xenvet", "restore", self.image["pvh-v3.xl"]], capture_output=True, text=True)
        if os.path.exists("/usr/libexec/xenvet/xenvet-restore") or os.path.exists("/usr/local/libexec/xenvet/xenvet-restore"):
            self.skipTest("an installed one is found")
        self.assertEqual(done.returncode, 4)
        self.assertIn("--backend xl or file", done.stderr)

    # ---- file ----

    def test_file(self):
        out = pathlib.Path(self.tmp.name) / "vetted"
        self.restore(0, "--backend", "file", "--out", out, "pvh-v3.xl")
        self.assertEqual(subprocess.run([tool("xenvet"), "check", "-q", out]).returncode, 0)
        broken = pathlib.Path(self.tmp.name) / "broken"
        broken.write_bytes(self.image["pvh-v3.xl"].read_bytes()[:-8])
        out.unlink()
        self.restore(1, "--backend", "file", "--out", out, broken)
        self.assertEqual(sorted(p.name for p in pathlib.Path(self.tmp.name).iterdir()), ["broken"])

    # ---- xl ----

    def xl(self, status, *args, before=(), **settings):
        folder = pathlib.Path(self.tmp.name) / "xl"
        (folder / "bin").mkdir(parents=True, exist_ok=True)
        program = folder / "bin" / "xl"
        program.write_text(FAKE_XL)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        self.xl_state = folder / "domains"
        shutil.rmtree(self.xl_state, ignore_errors=True)
        self.xl_state.mkdir()
        for domid, name in before:
            (self.xl_state / str(domid)).write_text(f"{name}\n")
        env = {"PATH": f"{folder}/bin:{os.environ['PATH']}", "STATE": str(self.xl_state), "NEXT": f"{UUID} golden", **settings}
        return self.restore(status, "--backend", "xl", *args, env=env)

    def domains(self):
        return {p.name: p.read_text().strip() for p in self.xl_state.iterdir()}

    def log(self):
        return pathlib.Path(f"{self.xl_state}.log").read_text().splitlines()

    def test_xl(self):
        done = self.xl(0, "pvh-v3.xl", before=((3, f"{OTHER} other"),))
        self.assertEqual(domid_of(done), 7)
        self.assertEqual(self.domains(), {"3": f"{OTHER} other", "7": f"{UUID} golden"})
        stream = pathlib.Path(f"{self.xl_state}.stream").read_bytes()
        whole = self.image["pvh-v3.xl"].read_bytes()
        self.assertEqual(stream[stream.index(b"LibxlFmt"):], whole[whole.index(b"LibxlFmt"):])

    def test_xl_paused_named_and_with_a_configuration(self):
        config = pathlib.Path(self.tmp.name) / "mine.cfg"
        config.write_text('name = "mine"\n')
        self.xl(0, "--paused", "--name", "other", "--config", config, "hvm-v3.xl", NEXT=f"{OTHER} mine")
        self.assertIn("restore -p /proc/self/fd/0", self.log())
        self.assertEqual(self.domains(), {"7": f"{OTHER} other"})
        self.assertIn(config.read_bytes(), pathlib.Path(f"{self.xl_state}.stream").read_bytes())
        config.write_text('memory = 16\n')
        self.assertIn("no name", self.xl(3, "--config", config, "hvm-v3.xl").stderr)

    def test_xl_gets_an_image_of_libvirt(self):
        config = pathlib.Path(self.tmp.name) / "mine.cfg"
        config.write_text('name = "mine"\n')
        self.xl(0, "--config", config, "hvm-v3.libvirt", NEXT="mine")
        stream, whole = pathlib.Path(f"{self.xl_state}.stream").read_bytes(), self.image["hvm-v3.libvirt"].read_bytes()
        self.assertTrue(stream.startswith(b"Xen saved domain, xl format"))
        self.assertEqual(stream[52:stream.index(b"LibxlFmt")], config.read_bytes())
        self.assertEqual(stream[stream.index(b"LibxlFmt"):], whole[whole.index(b"LibxlFmt"):])
        self.assertIn("together with --config FILE", self.xl(1, "hvm-v3.libvirt").stderr)
        self.assertIn("whose configuration --config replaces", self.xl(1, "--config", config, "hvm-v3.libxl").stderr)

    def test_xl_a_rejection_removes_what_was_begun(self):
        broken = pathlib.Path(self.tmp.name) / "broken"
        broken.write_bytes(self.image["pvh-v3.xl"].read_bytes()[:-8])
        for name in ("golden", "(null)"):
            for also in (f"{OTHER} golden", f"{UUID} somebody else's", f"{OTHER} (null)"):
                # one that was there, and somebody else's that came meanwhile
                done = self.xl(1, broken, before=((3, f"{UUID} golden2"),), NEXT=f"{UUID} {name}", ALSO=also)
                self.assertIn("rejected", done.stderr)
                left = self.domains()
                self.assertIn(left.pop("8", also), also)  # it may not have come that far
                self.assertEqual(left, {"3": f"{UUID} golden2"})

    def test_xl_the_name_is_taken(self):
        done = self.xl(4, "pvh-v3.xl", before=((3, f"{OTHER} golden"),))
        self.assertIn("a domain named golden exists", done.stderr)
        self.assertEqual(self.domains(), {"3": f"{OTHER} golden"})

    def test_xl_fails(self):
        done = self.xl(4, "pvh-v3.xl", FAIL="3")
        self.assertIn("xl back end: xl restore failed with status 3", done.stderr)
        self.assertEqual(self.domains(), {})

    def test_xl_is_missing(self):
        done = self.restore(4, "--backend", "xl", "pvh-v3.xl", env={"PATH": "/nowhere"})
        self.assertIn("xl vm-list does not work", done.stderr)

    def test_xl_takes_only_its_own_images(self):
        self.assertIn("FORMAT_REFUSED", self.xl(1, "pvh-v3.libxc").stderr)


if __name__ == "__main__":
    unittest.main()
