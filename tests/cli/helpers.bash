# SPDX-License-Identifier: MIT
# For all tests here. XENVET is the program; XENVET_MEDDLED is meddled.c, built.
bats_require_minimum_version 1.5.0

: "${XENVET:?set XENVET to the program under test}"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034 # the tests use it
root=$(cd "$here/../.." && pwd)

# The images, made once for each file of tests.
make_streams() {
    PYTHONDONTWRITEBYTECODE=1 /usr/bin/env python3 "$here/make_streams.py" "$BATS_FILE_TMPDIR"
}

in_images() {
    cd "$BATS_FILE_TMPDIR" || return 1
}

# Runs the program with a limit, so that a hang is a failure.
xenvet() {
    timeout -k 1 20 "$XENVET" "$@"
}

json() {
    /usr/bin/env python3 "$here/check_json.py" "$@"
}
