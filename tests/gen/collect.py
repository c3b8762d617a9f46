# SPDX-License-Identifier: MIT
"""All cases as a list of files: each distinct stream once, each (stream, options) judged once."""
import dataclasses
import hashlib
import importlib

from . import registry

MODULES = ("cases_accept", "cases_reject_general", "cases_reject_xl", "cases_reject_config", "cases_reject_libxl",
           "cases_reject_libxc", "cases_reject_compat", "cases_reject_memory", "cases_reject_vcpu", "cases_reject_hvm",
           "cases_reject_params", "cases_reject_cpupolicy", "cases_reject_libvirt",
           "cases_reject_xenopsd", "cases_draft_b", "cases_legacy", "cases_xenstore")


@dataclasses.dataclass
class Entry:
    """One line of the MANIFEST. `alias`: the file was written by an earlier line."""

    path: str
    octets: bytes
    verdict: str
    options: str = ""
    offset: int | None = None
    pair: str | None = None
    alias: bool = False


class Collector:
    """Gives every distinct accepted stream one name, and drops repeated judgements."""

    def __init__(self):
        self.entries = []
        self.names = {}   # digest -> path
        self.judged = {}  # (path, options) -> verdict

    def accepted(self, name, stream, options):
        octets = stream.pack()
        digest = hashlib.sha256(octets).digest()
        alias = digest in self.names
        path = self.names.setdefault(digest, f"accept/{name}.{stream.fmt}")
        if (path, options) not in self.judged:
            self.judge(Entry(path, octets, "ACCEPTED", options, alias=alias))
        return path

    def rejected(self, name, code, bad, good, options, offset):
        partner = self.accepted(name, good, options)
        self.judge(Entry(f"reject/{name}.{bad.fmt}", bad.pack(), code, options, offset, partner))

    def judge(self, entry):
        if self.judged.setdefault((entry.path, entry.options), entry.verdict) != entry.verdict:
            raise ValueError(f"{entry.path}: two verdicts")
        if not entry.alias and any(e.path == entry.path for e in self.entries):
            raise ValueError(f"{entry.path}: two streams of one name")
        self.entries.append(entry)


def entries():
    """Builds everything; deterministic."""
    registry.ACCEPT.clear()
    registry.REJECT.clear()
    for module in MODULES:
        importlib.import_module(f"gen.{module}").build()
    collector = Collector()
    for row in registry.ACCEPT:
        collector.accepted(*row)
    for row in registry.REJECT:
        collector.rejected(*row)
    return collector.entries
