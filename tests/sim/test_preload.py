#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""test_preload.py BINDIR LIBXENSIM: a separate, dynamically linked toolstack on a simulated host in a directory.

The toolstack runs under LD_PRELOAD; what it left is looked at afterwards by other processes.
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
BIN, LIB = sys.argv[1:3]


def tool(name):
    return os.path.join(BIN, name)


class Preload(unittest.TestCase):
    def setUp(self):
        self.tmp = tempfile.TemporaryDirectory()
        self.dir = os.path.join(self.tmp.name, "host")

    def tearDown(self):
        self.tmp.cleanup()

    def stream(self, kind, pages=24):
        path = os.path.join(self.tmp.name, kind)
        with open(path, "wb") as f:
            subprocess.run([tool("simstream"), kind, str(pages)], stdout=f, check=True)
        return path

    def environment(self, **more):
        # In a sanitizer build the simulator comes before the sanitizer's runtime, which does not mind.  memcpy() is not
        # watched: xc_vcpu_setcontext() reads beyond the 32-bit context on every restore (an upstream defect).
        return dict(os.environ, LD_PRELOAD=LIB, XENVET_SIM_DIR=self.dir,
                    ASAN_OPTIONS="verify_asan_link_order=0:replace_intrin=0", **more)

    def restore(self, kind, path, **env):
        with open(path, "rb") as f:
            return subprocess.run([tool("simtoolstack"), "h" if kind == "hvm" else "p", "2", "1024"], stdin=f,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                                  env=self.environment(**env))

    def state(self):
        out = subprocess.run([tool("simstate"), self.dir], check=True, stdout=subprocess.PIPE).stdout
        return json.loads(out)

    def compare(self, path, domid):
        return subprocess.run([sys.executable, os.path.join(HERE, "compare.py"), tool("simstate"), path, self.dir,
                               str(domid)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)

    def check(self, kind):
        path = self.stream(kind)
        done = self.restore(kind, path)
        self.assertEqual(done.returncode, 0, done.stderr)
        domid = int(done.stdout)
        state = self.state()
        domain = state["domains"][0]
        self.assertEqual(domain["domid"], domid)
        self.assertTrue(domain["introduced"] and domain["started"] and not domain["paused"])
        self.assertEqual(state["stats"]["unknown"], 0)
        node = state["xenstore"]["/local/domain/%d/store/ring-ref" % domid]
        self.assertEqual(int(node["value"]), domain["store_gfn"])
        self.assertEqual(node["perms"], "n%d" % domid)
        result = self.compare(path, domid)
        self.assertEqual(result.returncode, 0, result.stdout)
        return path, domid

    def test_pv64(self):
        self.check("pv64")

    def test_pv32(self):
        self.check("pv32")

    def test_hvm(self):
        self.check("hvm")

    def test_several_domains(self):
        path, first = self.check("hvm")
        self.assertEqual(self.restore("hvm", path).returncode, 0)
        self.assertEqual([d["domid"] for d in self.state()["domains"]], [first, first + 1])
        self.assertEqual(self.compare(path, first + 1).returncode, 0)

    def test_compare_sees_a_changed_octet(self):
        path, domid = self.check("pv64")
        for pfn in (0, 8, 20):  # data, a page table, data
            page = subprocess.run([tool("simstate"), self.dir, "--pages"], stdout=subprocess.PIPE, check=True).stdout
            mfn = next(p["mfn"] for p in json.loads(page)["domains"][0]["pages"] if p["pfn"] == pfn)
            with open(os.path.join(self.dir, "memory"), "r+b") as f:
                f.seek(mfn * 4096 + 1)
                old = f.read(1)
                f.seek(mfn * 4096 + 1)
                f.write(bytes([old[0] ^ 0x10]))
                f.flush()
                self.assertEqual(self.compare(path, domid).returncode, 1)
                f.seek(mfn * 4096 + 1)
                f.write(old)
        self.assertEqual(self.compare(path, domid).returncode, 0)

    def test_failure_leaves_nothing(self):
        path = self.stream("pv64")
        for n in (1, 5, 12, 20, 25):
            done = self.restore("pv64", path, XENVET_SIM_FAIL="%d:ENOMEM" % n)
            self.assertEqual(done.returncode, 1, done.stderr)
            state = self.state()
            self.assertEqual(state["domains"], [])
            self.assertEqual([p for p in state["xenstore"] if p.startswith("/local/domain/")], [])
            self.assertEqual(state["stats"]["guest_pages"], 0)

    def test_xenstore_failure_leaves_nothing(self):
        path = self.stream("hvm")
        for n in (2, 4, 9):
            self.assertEqual(self.restore("hvm", path, XENVET_SIM_XS_FAIL="%d:EIO" % n).returncode, 1)
            self.assertEqual(self.state()["domains"], [])

    def test_killed_toolstack(self):
        """A process that dies in the middle leaves its domain: what the monitor has to find and destroy."""
        path = self.stream("hvm", 64)
        with open(path, "rb") as f:
            half = f.read(os.path.getsize(path) // 2)
        run = subprocess.Popen([tool("simtoolstack"), "h", "2", "1024"], stdin=subprocess.PIPE,
                               env=self.environment())
        run.stdin.write(half)
        run.stdin.flush()
        while not os.path.exists(os.path.join(self.dir, "state")) or not self.state()["domains"]:
            pass
        run.kill()
        run.wait()
        run.stdin.close()
        state = self.state()
        self.assertEqual(len(state["domains"]), 1)
        self.assertTrue(state["domains"][0]["paused"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
