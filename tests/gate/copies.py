#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`xenvet gate --in --out`: the copy is whole and canonical, or there is none. The configuration that goes out, and the operator's own."""
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import threading
import time

from support import XENVET, Pipes, config_end, config_of, fresh, hvm, libvirt, libxl, main, migrate, octets, pv, scratch, unpacked, xenopsd, xl

REAL = ["xen-pvh-2vcpu.xl", "xen-pv-1vcpu.xl", "xen-hvm-1vcpu.xl"]
IMAGE = octets(xl.wrap(libxl.wrap(pv.guest()), xl.config("pv")))
BAD = bytearray(IMAGE)
BAD[-16] ^= 0x40


def gate(*arguments, **more):
    return subprocess.run([XENVET, "gate", *map(str, arguments)], capture_output=True, timeout=60, **more)


def placed(data, name="image"):
    path = fresh(name)
    path.write_bytes(bytes(data))
    return path


def places():
    """A directory of its own, so that anything left in it is seen."""
    path = fresh("directory")
    path.mkdir()
    return path


def real_images():
    for name in sorted(os.listdir(pathlib.Path(__file__).parents[2] / "corpus" / "golden" / "accept")):
        if name.removesuffix(".zst") in REAL:
            yield name, unpacked(name)


def copied(image, *options):
    where = places()
    done = gate("--in", placed(image), "--out", where / "copy", *options)
    assert done.returncode == 0, done.stderr
    assert os.listdir(where) == ["copy"] and (where / "copy").stat().st_mode & 0o777 == 0o600
    return (where / "copy").read_bytes()


def test_real_images():
    """What xl gets is valid JSON of kept fields, without a space; what follows is as it came; a copy of the copy is the same."""
    count = 0
    for name, image in real_images():
        data = copied(image)
        config = config_of(data)
        assert config[-1] == 0 and 0 not in config[:-1]
        kept, came = json.loads(config[:-1]), json.loads(config_of(image).rstrip(b"\0\n"))
        assert "kernel" not in kept["b_info"] and "kernel" in came["b_info"], name
        del came["b_info"]["kernel"]
        for field in ("cmdline", "ramdisk"):
            came["b_info"].pop(field, None)
        assert kept == came, name
        assert json.dumps(kept, separators=(",", ":"), ensure_ascii=False).encode() == config[:-1]
        assert data[:44] == image[:44] and data[config_end(data):] == image[config_end(image):]
        assert struct.unpack_from("<II", data, 44) == (len(config) + 4, len(config))
        assert copied(data) == data
        assert copied(image, "--keep-config") == image
        count += 1
    assert count >= 2, "real images"


def test_a_captured_migration():
    """The go-ahead behind it is none of the image: the copy is accepted as it is."""
    image = unpacked("xen-migrate-pvh-2vcpu.fwd.zst")
    copy = copied(image, "--keep-config", "--tolerate", "trailing-go-ahead")
    assert copy == image[:-44] and copied(copy, "--keep-config") == copy


def test_classes_of_fields():
    config = xl.config("pv", kernel="/boot/guest", cmdline="root=/dev/xvda", ramdisk="/boot/initrd")
    config["disks"] = [{"pdev_path": "/dev/vg/guest", "vdev": "xvda", "backend": "phy", "format": "raw", "readwrite": 1}]
    image = octets(xl.wrap(libxl.wrap(pv.guest()), config))
    done = gate("--in", placed(image), "--out", fresh("copy"))
    assert done.returncode == 1 and b"CONFIG_HOST_PATH" in done.stderr, done.stderr
    kept = json.loads(config_of(copied(image, "--allow", "disks"))[:-1])
    assert kept["disks"] == config["disks"] and not {"kernel", "cmdline", "ramdisk"} & set(kept["b_info"])
    for field, value in (("bootloader", "pygrub"), ("device_model", "/tmp/x")):
        image = octets(xl.wrap(libxl.wrap(pv.guest()), xl.config("pv", **{field: value})))
        assert gate("--in", placed(image), "--out", "-").returncode == 1
    where = fresh("log")
    image = octets(xl.wrap(libxl.wrap(pv.guest()), xl.config("pv", cmdline="x")))
    gate("--in", placed(image), "--out", "/dev/null", "--log-json", where)
    assert "b_info.cmdline" in json.loads(where.read_text())["config_fields"]


def test_the_operators_configuration():
    own = {"c_info": {"type": "pv", "name": "mine"}, "b_info": {"max_vcpus": 1}}
    text = json.dumps(own).encode()
    data = copied(IMAGE, "--config", placed(text))
    assert config_of(data) == text + b"\0" and data[36:40] == b"\3\0\0\0" and data[config_end(data):] == IMAGE[config_end(IMAGE):]
    text = b"name = 'mine'\ntype = 'pv'\n"
    data = copied(IMAGE, "--config", placed(text))
    assert config_of(data) == text and data[36:40] == b"\2\0\0\0" and data[config_end(data):] == IMAGE[config_end(IMAGE):]
    run = Pipes(["--config", placed(text)], "migrate")
    assert migrate(run, IMAGE) and run.end() == 0
    assert config_of(run.data()) == text and run.data()[config_end(run.data()):-44] == IMAGE[config_end(IMAGE):]
    # nothing goes out before the sender's own was accepted
    bad = bytearray(IMAGE)
    bad[60] = 1
    run = Pipes(["--config", placed(text)], "migrate")
    migrate(run, bad)
    assert run.end() == 1 and run.data() == b""
    for wrong in (fresh("missing"), placed(b""), placed(b"x" * (17 << 20))):
        assert gate("--config", wrong, "--in", placed(IMAGE), "--out", "-").returncode == 3
    assert gate("--config", placed(text), "--in", placed(octets(pv.guest())), "--out", "-").returncode == 1


def test_images_of_libvirt():
    """What was accepted goes out as it came, XML and all; with the operator's configuration it becomes an image of xl."""
    inner = octets(libxl.wrap(pv.guest()))
    image = octets(libvirt.wrap(libxl.wrap(pv.guest()), libvirt.domain("pv", more="<metadata> <a b = 'c' ></a ></metadata>")))
    assert copied(image) == image
    text = b"name = 'mine'\ntype = 'pv'\n"
    data = copied(image, "--config", placed(text))
    assert config_of(data) == text and data[config_end(data):] == inner
    for bad in (image.replace(b"<a b", b"<a <"), image.replace(b"qemu-system-i386", b"qemu-system-evil"), image[:-8]):
        where = places()
        done = gate("--in", placed(bad), "--out", where / "copy", "--config", placed(text))
        assert done.returncode == 1 and os.listdir(where) == [], done


def test_images_of_xenopsd():
    """Records go out as they came; what the device held after the image does not."""
    image = octets(xenopsd.wrap_hvm(hvm.guest(), xenopsd.Record("X", xenopsd.VARSTORED, b"state")))
    assert copied(image) == image
    assert copied(image + b"before" * 1000, "--tolerate", "trailing-device-data") == image
    for bad in (image[:-1], image + b"x", image.replace(b"QEVM", b"QEVN"), image.replace(b"word_size 64", b"word_size 16")):
        where = places()
        done = gate("--in", placed(bad), "--out", where / "copy")
        assert done.returncode == 1 and os.listdir(where) == [], done


def test_a_rejected_stream_leaves_no_file():
    for data in (BAD, IMAGE[:-4], IMAGE + b"x", b"", b"\xff" * 100, IMAGE[:50000]):
        where = places()
        done = gate("--in", placed(data), "--out", where / "copy")
        assert done.returncode == 1 and os.listdir(where) == [], done
        (where / "copy").write_text("as before")
        assert gate("--in", "-", "--out", where / "copy", input=bytes(data)).returncode == 1
        assert os.listdir(where) == ["copy"] and (where / "copy").read_text() == "as before"


def test_an_accepted_one_takes_the_place():
    where = places()
    (where / "copy").write_text("before")
    (where / "link").symlink_to("copy")
    assert gate("--in", placed(IMAGE), "--out", where / "link").returncode == 0
    assert (where / "copy").read_text() == "before" and (where / "link").read_bytes()[-8:] == IMAGE[-8:]
    assert gate("--in", placed(IMAGE), "--out", where / "copy").returncode == 0
    assert sorted(os.listdir(where)) == ["copy", "link"]
    os.chdir(where)
    assert gate("--in", placed(IMAGE), "--out", "here").returncode == 0
    assert "here" in os.listdir(where)


def test_outputs_of_every_kind():
    want = copied(IMAGE)
    source = placed(IMAGE)
    assert gate("--in", source, "--out", "-").stdout == want
    assert gate("--in", "-", "--out", "-", input=IMAGE).stdout == want
    for mode in ("wb", "ab"):
        path = fresh("out")
        with path.open(mode) as out:
            assert subprocess.run([XENVET, "gate", "--in", source, "--out", "-"], stdout=out, stderr=subprocess.PIPE).returncode == 0
        assert path.read_bytes() == want
    fifo = fresh("fifo")
    os.mkfifo(fifo)
    got = []
    reader = threading.Thread(target=lambda: got.append(fifo.read_bytes()))
    reader.start()
    assert gate("--in", source, "--out", fifo).returncode == 0
    reader.join(10)
    assert got == [want] and fifo.is_fifo()
    ours, theirs = socket.socketpair()
    child = subprocess.Popen([XENVET, "gate", "--in", source, "--out", "-"], stdout=theirs, stderr=subprocess.PIPE)
    theirs.close()
    parts = []
    while part := ours.recv(1 << 16):
        parts.append(part)
    assert child.wait(10) == 0 and b"".join(parts) == want
    child.stderr.close()
    assert gate("--in", source, "--out", "/dev/null").returncode == 0
    assert os.path.exists("/dev/null") and not os.path.isfile("/dev/null")


def test_outputs_that_fail():
    source = placed(IMAGE)
    assert gate("--in", source, "--out", "/dev/full").returncode == 3
    with open("/dev/full", "wb") as full:
        assert subprocess.run([XENVET, "gate", "--in", source, "--out", "-"], stdout=full, stderr=subprocess.PIPE).returncode == 3
    reading, writing = os.pipe()
    os.close(reading)
    assert subprocess.run([XENVET, "gate", "--in", source, "--out", "-"], stdout=writing, stderr=subprocess.PIPE).returncode == 3
    os.close(writing)
    for place in (scratch / "none" / "copy", scratch, "/proc/copy"):
        assert gate("--in", source, "--out", place).returncode == 3, place
    assert gate("--in", scratch, "--out", "-").returncode == 3
    assert gate("--in", scratch / "none", "--out", "-").returncode == 3


def test_a_full_file_system():
    where = places()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "none", where], capture_output=True).returncode != 0:
        print("  (no mount: skipped)")
        return
    try:
        done = gate("--in", placed(IMAGE), "--out", where / "copy")
        assert done.returncode == 3 and b"No space left" in done.stderr and os.listdir(where) == [], done
    finally:
        subprocess.run(["umount", where], check=True)


def test_limits_and_signals():
    where = places()
    for options, act in ((["--idle", "1"], None), (["--timeout", "1"], None), ([], "signal"), ([], "kill")):
        child = subprocess.Popen([XENVET, "gate", *options, "--in", "-", "--out", where / "copy"], stdin=subprocess.PIPE,
                                 stderr=subprocess.PIPE)
        child.stdin.write(IMAGE[:50000])
        child.stdin.flush()
        time.sleep(0.2)
        if act:
            child.send_signal(15 if act == "signal" else 9)
        assert child.wait(10) == (-9 if act == "kill" else 3), options
        assert os.listdir(where) == []
        child.stdin.close()
        child.stderr.close()
    reading, writing = os.pipe()
    big = unpacked("xen-migrate-pvh-2vcpu.fwd.zst")[:-44]
    done = subprocess.run([XENVET, "gate", "--stall", "1", "--in", placed(big), "--out", "-"], stdout=writing, stderr=subprocess.PIPE,
                          timeout=20)
    assert done.returncode == 3
    os.close(reading)
    os.close(writing)


def test_usage():
    for wrong in ([], ["--in", "x"], ["--out", "x"], ["--in", "x", "--out", "y", "--", "true"], ["--protocol", "x", "--", "true"],
                  ["--keep-config", "--config", "x", "--", "true"], ["--stall", "-1", "--", "true"], ["--in", "-", "--out", "-", "--no-handshake"],
                  ["--format", "libxc", "--", "true"], ["--frobnicate", "--", "true"]):
        done = gate(*wrong, stdin=subprocess.DEVNULL)
        assert done.returncode == 2 and done.stdout == b"" and done.stderr.startswith(b"xenvet gate: "), (wrong, done)
    done = gate("--help")
    assert done.returncode == 0 and b"--no-handshake" in done.stdout


def test_journal_lines():
    good, bad = gate("--in", placed(IMAGE), "--out", "-"), gate("--in", placed(BAD), "--out", "-")
    assert all(line.startswith(b"<6>") for line in good.stderr.splitlines()) and b": accepted: " in good.stderr
    assert all(line.startswith(b"<4>") for line in bad.stderr.splitlines()) and b": rejected: " in bad.stderr
    assert gate("--in", scratch, "--out", "-").stderr.startswith(b"<3>")
    assert gate("-q", "--in", placed(IMAGE), "--out", "-").stderr == b""


def test_log_of_decisions():
    log = fresh("log")
    for data in (IMAGE, BAD):
        gate("--in", placed(data), "--out", "-", "--log-json", log)
    gate("--in", scratch, "--out", "-", "--log-json", log)
    one, two, three = (json.loads(line) for line in log.read_text().splitlines())
    assert one["schema"] == "xenvet.gate/1" and one["status"] == "accepted" and one["exit_status"] == 0
    assert two["status"] == "rejected" and two["code"] > 0 and two["offset"] == len(IMAGE) - 16
    assert three["status"] == "error" and three["exit_status"] == 3
    done = gate("--in", placed(BAD), "--out", "-", "--log-json", "-")
    assert json.loads(done.stderr.splitlines()[-1])["status"] == "rejected"


def metrics_of(path):
    """The text format of Prometheus, strictly: HELP and TYPE before the samples of a family, a value, no doubles."""
    families, samples, current = {}, {}, None
    text = path.read_text()
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# "):
            _, what, name, rest = line.split(" ", 3)
            assert what in ("HELP", "TYPE") and (name not in families if what == "HELP" else rest == "counter")
            families.setdefault(name, []).append(what)
            current = name
        else:
            key, value = line.rsplit(" ", 1)
            assert key.startswith(current + "{") and key.endswith("\"}") and key not in samples and families[current] == ["HELP", "TYPE"]
            samples[key] = float(value)
    return samples


def test_metrics():
    path = fresh("xenvet.prom")
    good, bad = placed(IMAGE), placed(BAD)
    runs = [subprocess.Popen([XENVET, "gate", "-q", "--in", source, "--out", "/dev/null", "--metrics", path], stderr=subprocess.DEVNULL)
            for source in [good, bad] * 6]
    for run in runs:
        run.wait(30)
    samples = metrics_of(path)
    code = next(key for key in samples if key.startswith("xenvet_rejected_total"))
    assert samples['xenvet_runs_total{command="gate",result="accepted"}'] == 6
    assert samples['xenvet_runs_total{command="gate",result="rejected"}'] == samples[code] == 6
    assert samples['xenvet_octets_total{command="gate"}'] >= 6 * len(IMAGE)
    path.write_text("nonsense\nxenvet_\nxenvet_runs_total{command=\"gate\",result=\"accepted\"} 5\nxenvet_x 1e\n")
    gate("--in", good, "--out", "-", "--metrics", path)
    assert metrics_of(path)['xenvet_runs_total{command="gate",result="accepted"}'] == 6
    assert sorted(f.name for f in path.parent.glob(path.name + "*")) == [path.name, path.name + ".lock"]
    assert b"--metrics" in gate("--in", good, "--out", "-", "--metrics", scratch / "none" / "x").stderr


main(globals().copy())
