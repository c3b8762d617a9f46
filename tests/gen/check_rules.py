#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails if a rule that the verdict table or a comment of the parser names is nowhere written down.

"xl 1.3" has to be a heading of docs/formats/xl.md, "hazards xl" one of docs/threat-model.md, "policy guests" a field of
struct xv_policy, "docs/parser.md" a file. Ends in "N passed, N failed", one rule each.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FORMATS = ROOT / "docs" / "formats"
VERDICTS = ROOT / "parser" / "include" / "xenvet" / "verdict.h"
POLICY = ROOT / "parser" / "include" / "xenvet" / "policy.h"

# A verdict ends in its rules, separated by commas; some of the table lie over two lines.
TABLED = re.compile(r'X\(\d+, (\w+),\s*\w+,[\s\\]*(?:"(?:[^"\\]|\\.)*"[\s\\]*)+,[\s\\]*"([^"]*)"\)')


def headings(path):
    return set(re.findall(r"^#+ (\d+(?:\.\d+)*)\.? ", path.read_text(), re.MULTILINE))


class Rules:
    """What is written down, and where."""

    def __init__(self):
        self.notes = {path.stem: headings(path) for path in FORMATS.glob("*.md")}
        self.hazards = set(re.findall(r"^### hazards (\w+)$", (ROOT / "docs" / "threat-model.md").read_text(), re.MULTILINE))
        self.fields = set(re.findall(r"\b(\w+)[,;]", POLICY.read_text()))

    def has(self, kind, name):
        if kind == "file":
            return (ROOT / name).is_file()
        if kind == "hazards":
            return name in self.hazards
        if kind == "policy":
            return name in self.fields
        return name in self.notes.get(kind, ())


def of_table():
    """(place, kind, name) of each rule of the verdict table; the name is that of a section, a hazard or a field."""
    for verdict, text in TABLED.findall(VERDICTS.read_text()):
        kind = ""
        for part in text.split(", "):
            words = part.split()
            kind = words[0] if len(words) == 2 else kind
            if part.startswith("docs/"):
                yield verdict, "file", part
            elif part not in ("-", "policy", "back ends"):
                yield verdict, kind, words[-1]


def of_comments():
    """The same of the sections that comments name in brackets."""
    for path in sorted([*(ROOT / "parser").glob("*.[ch]"), *(ROOT / "parser" / "include").rglob("*.h")]):
        for comment in re.findall(r"/\*.*?\*/", path.read_text(), re.DOTALL):
            for kind, name in re.findall(r"\b(xl|libxl|libxc|blobs|compat|legacy|libvirt|xenopsd|seal|draft-b|xenstore(?:-2020)?)"
                                         r"\s+(?:\*\s+)?(\d+(?:\.\d+)*)\b", comment):
                yield path.name, kind, name


def unread():
    """Verdicts of the table that TABLED does not find."""
    table = VERDICTS.read_text()
    return set(re.findall(r"X\(\d+, (\w+),", table)) - {verdict for verdict, _ in TABLED.findall(table)}


def main():
    rules, named = Rules(), [*of_table(), *of_comments()]
    wrong = [f"{place}: {kind} {name}: not written down" for place, kind, name in named if not rules.has(kind, name)]
    unreadable = [f"{verdict}: its rule cannot be read" for verdict in sorted(unread())]
    for problem in wrong + unreadable:
        print(problem)
    print(f"{len(named) - len(wrong)} passed, {len(wrong) + len(unreadable)} failed")
    return 1 if wrong or unreadable else 0


if __name__ == "__main__":
    sys.exit(main())
