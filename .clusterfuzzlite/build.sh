#!/bin/bash -eu
# SPDX-License-Identifier: MIT
exec "$SRC/xenvet/fuzz/oss-fuzz/build.sh"
