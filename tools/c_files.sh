#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The C files that are laid out by clang-format, one per line: all that belong to the project.
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files --cached --others --exclude-standard -- '*.c' '*.h'
