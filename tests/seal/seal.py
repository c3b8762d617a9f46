#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`xenvet seal`, and --seal of check, gate and restore: what was sealed passes, anything else is refused at its first changed record,
before the receiving side has seen an octet of it."""
import os
import pathlib
import resource
import struct
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.dont_write_bytecode = True

from gen import hvm, libvirt, libxc, libxl, pv, seal, xenopsd, xl  # noqa: E402

XENVET = os.environ["XENVET"]
IMAGES = {"xl": xl.wrap(libxl.wrap(pv.guest()), xl.config("pv")), "libxl": libxl.wrap_hvm(hvm.guest()), "libxc": pv.guest(),
          "libvirt": libvirt.wrap(libxl.wrap(hvm.pvh())), "xenopsd": xenopsd.wrap_hvm(hvm.guest())}
# A guest whose page contents nobody looks at, in several records.
PAGES = {**hvm.guest_pages(), **{pfn: (libxc.NOTAB, bytes([pfn & 255]) * 4096) for pfn in range(0x100, 0x180)}}
PLAIN = hvm.guest(memory=PAGES, batch=32)


def run(*words, **more):
    return subprocess.run([XENVET, *map(str, words)], capture_output=True, timeout=120, stdin=more.pop("stdin", subprocess.DEVNULL), **more)


class Seal(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="xenvet-seal-")
        self.dir = pathlib.Path(self.scratch.name)

    def tearDown(self):
        self.scratch.cleanup()

    def file(self, octets, name="file"):
        path = self.dir / name
        path.write_bytes(bytes(octets))
        return path

    def key(self, name):
        private, public = self.dir / f"{name}.key", self.dir / f"{name}.pub"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", private], check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True, capture_output=True)
        return private, public

    def sealed(self, image, *options):
        done = run("seal", *options, self.file(image, "sealed"))
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def verdict(self, image, text, *options):
        done = run("check", "--seal", self.file(text, "seal"), *options, self.file(image, "image"))
        words = done.stdout.decode().split(": ")
        return (done.returncode, "ACCEPTED" if words[1].startswith("accepted") else words[2].split()[0],
                int(words[2].split("0x")[1].split()[0], 16) if done.returncode else None)

    def test_every_container(self):
        """The seal is the one that the description of the format gives; its items cover the image."""
        for name, stream in IMAGES.items():
            image = stream.pack()
            made = self.sealed(image)
            ends = seal.ends_of(made)
            self.assertEqual(ends[-1], len(image))
            self.assertEqual(sorted(set(ends)), ends)
            twin = seal.make(image, ends, container=seal.FORMATS[name], policy=made[80:112], tool=made[144:176].rstrip(b"\0"))
            self.assertEqual(made, twin, name)
            self.assertEqual(self.verdict(image, made), (0, "ACCEPTED", None))

    def test_sealing_judges(self):
        bad = pv.set_pte(pv.guest(), pv.L1, 3, pv.pte(pv.LAST + 1)).pack()
        done = run("seal", self.file(bad))
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"PTE_RANGE", done.stderr)
        self.assertEqual(run("seal", self.dir / "none").returncode, 3)
        remus = libxl.checkpointed(hvm.pvh(), [], []).pack()
        self.assertEqual(run("seal", "--allow", "checkpointed", self.file(remus)).returncode, 1)

    def test_any_changed_octet(self):
        """Accepted octets, page contents among them: the record that holds the change is named by its offset."""
        image = PLAIN.pack()
        made = self.sealed(image)
        ends = seal.ends_of(made)
        found = 0
        for at in list(range(0, len(image), 4001)) + [end - 1 for end in ends]:
            changed = bytearray(image)
            changed[at] ^= 0x10
            plain = run("check", "-q", self.file(changed, "image")).returncode
            status, verdict, offset = self.verdict(changed, made)
            self.assertEqual(status, 1, at)
            start = max([0] + [end for end in ends if end <= at])
            if plain == 0:
                self.assertEqual((verdict, offset), ("SEAL_RECORD", start), at)
                found += 1
            else:
                self.assertNotEqual(verdict, "ACCEPTED")
        self.assertGreater(found, 100)

    def test_other_extents(self):
        image, made = PLAIN.pack(), self.sealed(PLAIN.pack())
        self.assertEqual(self.verdict(image[:-8], made)[:2], (1, "TRUNCATED"))
        self.assertEqual(self.verdict(image + b"x", made)[:2], (1, "TRAILING"))
        last = PLAIN.at("TSC_INFO")
        more = PLAIN.copy().before("TSC_INFO", libxc.Pages([(1, libxc.XALLOC, None)]))
        for other, where in ((PLAIN.copy().drop("TSC_INFO"), last), (more, last),
                             (hvm.guest(memory=PAGES, batch=31), PLAIN.at("PAGE_DATA"))):
            status, verdict, offset = self.verdict(other.pack(), made)
            self.assertEqual((status, verdict), (1, "SEAL_EXTENT"))
            self.assertEqual(offset, where)

    def test_a_tampered_seal(self):
        image = IMAGES["libxc"].pack()
        made = self.sealed(image)
        ends = seal.ends_of(made)
        entries = made[seal.HEADER:]
        of = lambda **fields: seal.header(entries, len(image), **fields) + entries
        self.assertEqual(self.verdict(image, of())[:2], (0, "ACCEPTED"))
        for fields, verdict in (
                ({"magic": b"XenvSeam"}, "SEAL_MAGIC"), ({"version": 2}, "SEAL_UNKNOWN_VERSION"), ({"flags": 2}, "SEAL_FIELD"),
                ({"header_size": 255}, "SEAL_FIELD"), ({"entry_size": 41}, "SEAL_FIELD"), ({"code": 1}, "SEAL_FIELD"),
                ({"container": 0}, "SEAL_FIELD"), ({"container": 3}, "SEAL_FIELD"), ({"count": 0}, "SEAL_FIELD"),
                ({"count": 1 << 33}, "SEAL_FIELD"), ({"count": len(ends) + 1}, "SEAL_LENGTH"), ({"count": len(ends) - 1}, "SEAL_LENGTH"),
                ({"tool": b"\x1b[0m"}, "SEAL_FIELD"), ({"tool": b"a\0b"}, "SEAL_FIELD"), ({"reserved": bytes(15) + b"\1"}, "SEAL_FIELD"),
                ({"signature": bytes(63) + b"\1"}, "SEAL_FIELD"), ({"table": bytes(32)}, "SEAL_TABLE")):
            self.assertEqual(self.verdict(image, of(**fields))[:2], (1, verdict), fields)
        for cut in (0, 1, 255, 256, len(made) - 1):
            self.assertEqual(self.verdict(image, made[:cut])[:2], (1, "SEAL_LENGTH"), cut)
        self.assertEqual(self.verdict(image, made + b"x")[:2], (1, "SEAL_LENGTH"))
        self.assertEqual(self.verdict(image, seal.header(entries, 1) + entries)[:2], (1, "SEAL_FIELD"))
        for at in range(0, len(entries), 37):
            changed = bytearray(made)
            changed[seal.HEADER + at] ^= 1
            self.assertEqual(self.verdict(image, changed)[:2], (1, "SEAL_TABLE"))
        swapped = [ends[1], ends[0], *ends[2:]]
        table = b"".join(struct.pack("<Q", end) + bytes(32) for end in swapped)
        self.assertIn(self.verdict(image, seal.header(table, len(image)) + table)[1], ("SEAL_EXTENT", "SEAL_ORDER"))
        short = seal.table_of(image, ends[:-1])
        self.assertEqual(self.verdict(image, seal.header(short, len(image)) + short)[:2], (1, "SEAL_EXTENT"))
        beyond = seal.header(entries, len(image) - 1) + entries
        self.assertEqual(self.verdict(image, beyond)[:2], (1, "SEAL_ORDER"))
        more = seal.header(entries, len(image) + 1) + entries
        self.assertEqual(self.verdict(image, more)[:2], (1, "SEAL_ORDER"))

    def test_signatures(self):
        image = IMAGES["xl"].pack()
        (private, public), (_, stranger) = self.key("a"), self.key("b")
        signed, plain = self.sealed(image, "--sign", private), self.sealed(image)
        self.assertEqual(self.verdict(image, signed, "--pubkey", public)[:2], (0, "ACCEPTED"))
        self.assertEqual(self.verdict(image, signed)[:2], (0, "ACCEPTED"))
        self.assertEqual(self.verdict(image, signed, "--pubkey", stranger)[:2], (1, "SEAL_SIGNATURE"))
        self.assertEqual(self.verdict(image, plain, "--pubkey", public)[:2], (1, "SEAL_SIGNATURE"))
        for at in (48, 80, 144, 192, 255):
            changed = bytearray(signed)
            changed[at] ^= 1
            self.assertEqual(self.verdict(image, changed, "--pubkey", public)[:2], (1, "SEAL_SIGNATURE"), at)
        # the signature is what openssl makes of the same octets
        head, name = self.file(signed[:seal.SIGNED], "head"), self.dir / "signature"
        subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", private, "-in", head, "-out", name], check=True)
        self.assertEqual(name.read_bytes(), signed[seal.SIGNED:seal.HEADER])
        rsa = self.dir / "rsa.key"
        subprocess.run(["openssl", "genpkey", "-algorithm", "rsa", "-out", rsa], check=True, capture_output=True)
        for key in (rsa, public, self.dir / "none", self.file(b"no key", "text")):
            done = run("seal", "--sign", key, self.file(image))
            self.assertEqual((done.returncode, done.stdout), (3, b""), key)
            done = run("check", "--seal", self.file(signed, "seal"), "--pubkey", key if key != public else private, self.file(image))
            self.assertEqual((done.returncode, done.stdout), (3, b""), key)

    def test_usage(self):
        image = self.file(IMAGES["xl"].pack())
        self.assertEqual(run("check", "--pubkey", "x", image).returncode, 2)
        self.assertEqual(run("check", "--seal", self.dir / "none", image).returncode, 3)
        self.assertEqual(run("inspect", "--seal", "x", image).returncode, 2)
        self.assertEqual(run("seal").returncode, 2)
        self.assertIn(b"--sign", run("seal", "--help").stdout)

    def test_the_receiver_sees_no_octet_of_a_changed_record(self):
        image, made = PLAIN.pack(), self.file(self.sealed(PLAIN.pack()), "seal")
        at = PLAIN.body_at("PAGE_DATA", 8 + 32 * 8 + 40000, 3)
        changed = bytearray(image)
        changed[at] ^= 1
        limit = max(end for end in seal.ends_of(made.read_bytes()) if end <= at)
        for octets, status in ((image, 0), (changed, 1)):
            sink = self.dir / "sink"
            with self.file(octets, "in").open("rb") as source:
                done = run("gate", "--seal", made, "--no-handshake", "--", "sh", "-c", f"cat > {sink}", stdin=source)
            self.assertEqual(done.returncode, status, done.stderr)
            seen = sink.read_bytes()
            self.assertEqual(seen, image if status == 0 else image[:len(seen)])
            self.assertLessEqual(len(seen), len(image) if status == 0 else limit)
            done = run("gate", "--seal", made, "--in", self.file(octets, "in"), "--out", self.dir / "copy")
            self.assertEqual((done.returncode, (self.dir / "copy").exists()), (status, status == 0))
            (self.dir / "copy").unlink(missing_ok=True)
            done = run("restore", "--backend", "file", "--out", self.dir / "copy", "--seal", made, self.file(octets, "in"))
            self.assertEqual((done.returncode, (self.dir / "copy").exists()), (status, status == 0), done.stderr)
            (self.dir / "copy").unlink(missing_ok=True)
        self.assertIn(b"SEAL_RECORD", run("gate", "--seal", made, "--in", self.file(changed, "in"), "--out", "-").stderr)
        pipe = subprocess.run([XENVET, "check", "--seal", made, "-"], input=bytes(changed), capture_output=True)
        self.assertIn(b"SEAL_RECORD", pipe.stdout)

    def test_memory_is_bounded(self):
        """An image of 64 MiB: what a process has resident does not grow with it."""
        pages = {pfn: (libxc.NOTAB, bytes([pfn & 255]) * 4096) for pfn in range(0x100, 0x100 + 16384)}
        image = hvm.guest(memory={**hvm.guest_pages(), **pages}, batch=1024).pack()
        made = self.file(self.sealed(image), "seal")
        # by a small process: what a child has before its exec counts as well
        script = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); " \
                 "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        done = subprocess.run([sys.executable, "-c", script, XENVET, "check", "--seal", made, self.file(image, "image")],
                              check=True, capture_output=True, timeout=120)
        self.assertLess(int(done.stdout), 32 << 10)


if __name__ == "__main__":
    unittest.main()
