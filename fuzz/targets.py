# SPDX-License-Identifier: MIT
"""What a harness says about itself in the comment at its beginning (harness.cmake lists the words), and its options."""
import configparser
import pathlib
import re

FUZZ = pathlib.Path(__file__).resolve().parent
CORPUS = FUZZ.parent / "corpus"


def says(target, word):
    """The words after `word: ` in fuzz/TARGET_fuzz.c."""
    found = re.search(rf"^ \* {word}: (.*)$", (FUZZ / f"{target}_fuzz.c").read_text(), re.MULTILINE)
    return found.group(1).split() if found else []


def built(build):
    return sorted(path.name[:-len("_fuzz")] for path in (build / "bin").glob("*_fuzz"))


def reads_images(target):
    return "images" in says(target, "Inputs")


def corpus_dirs(target, kinds=("seeds", "regress")):
    """What a target starts from: its own seeds and findings, and those it shares."""
    dirs = [CORPUS / kind / name for name in [target, *says(target, "Inputs")] for kind in kinds]
    return [d for d in dirs if d.is_dir()]


def options(target):
    """max_len, timeout, rss_limit_mb, malloc_limit_mb: fuzz/default.options, then fuzz/TARGET.options."""
    parser = configparser.ConfigParser()
    parser.read([FUZZ / "default.options", FUZZ / f"{target}.options"])
    return {key: int(value) for key, value in parser["libfuzzer"].items()}
