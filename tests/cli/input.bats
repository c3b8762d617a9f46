#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Inputs of every kind: each gets one sentence, the right exit status, and bounded time.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # for bash -c; bats sets output and stderr

load helpers

setup_file() {
    make_streams
}

setup() {
    in_images
}

# rejected CODE FILE: as a file, from a pipe and as standard input
rejected() {
    run --separate-stderr -1 xenvet check "$2"
    [[ ${lines[0]} == "$2: rejected: $1 at offset "* ]]
    [ -z "$stderr" ]
}

# failed TEXT ARG...: exit status 3, one sentence on standard error
failed() {
    local text=$1
    shift
    run --separate-stderr -3 xenvet "$@"
    [ -z "$output" ]
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == xenvet:*"$text"* ]]
}

@test "a JPEG, an empty file, zeros without end" {
    rejected FORMAT_LEGACY photo.jpg || rejected FORMAT_UNKNOWN photo.jpg
    rejected TRUNCATED empty
    [[ $output == *empty* ]]
    truncate -s 10G zeros
    SECONDS=0
    run -1 xenvet check zeros
    run -1 xenvet check /dev/zero
    run -1 bash -c 'yes "" | timeout 20 "$XENVET" check -'
    [ "$SECONDS" -lt 10 ]
}

@test "a directory, a missing file, a socket, a file without permission, an input that fails" {
    failed "is a directory" check .
    failed "is a directory" inspect /
    failed "No such file" check missing
    failed "Not a directory" check pvh.xl/x
    /usr/bin/env python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
    failed "No such device or address" check socket
    failed "Input/output error" check /proc/self/mem
    run --separate-stderr -3 bash -c 'timeout 20 "$XENVET" check - <.'
    [[ $stderr == *"is a directory"* ]]
}

@test "a file without permission" {
    [ "$(id -u)" -ne 0 ] || skip "root may read everything"
    cp pvh.xl secret
    chmod 0 secret
    failed "Permission denied" check secret
}

@test "a file, a pipe, a pipe of single octets, standard input and a FIFO give the same verdict" {
    mkfifo fifo
    for image in pvh.xl pv64.libxc hvm.libxl big.libxc pte.libxc trailing.libxc truncated.xl truncated.libxc; do
        want=$(xenvet check "$image" | sed 's/^[^:]*: //') || true
        [ "$want" = "$(xenvet check - <"$image" | sed 's/^[^:]*: //')" ]
        # shellcheck disable=SC2002 # a pipe is wanted
        [ "$want" = "$(cat "$image" | xenvet check - | sed 's/^[^:]*: //')" ]
        cat "$image" >fifo 2>/dev/null &
        [ "$want" = "$(xenvet check fifo | sed 's/^[^:]*: //')" ]
        wait
        head -c 300000 "$image" >short
        want=$(xenvet check short | sed 's/^[^:]*: //') || true
        [ "$want" = "$(dd if=short bs=1 status=none 2>/dev/null | xenvet check - | sed 's/^[^:]*: //')" ]
    done
}

@test "a socket" {
    run -0 /usr/bin/env python3 - "$XENVET" <<'PY'
import socket, subprocess, sys, threading
ours, theirs = socket.socketpair()
data = open("big.libxc", "rb").read()
def feed():
    try:
        ours.sendall(data)
    except BrokenPipeError:
        pass
    ours.close()
child = subprocess.Popen([sys.argv[1], "check", "-"], stdin=theirs)
theirs.close()
threading.Thread(target=feed, daemon=True).start()
sys.exit(child.wait(20))
PY
    [[ $output == "standard input: accepted"* ]]
}

@test "standard input that was read in part already" {
    { printf 1234567; cat pvh.xl; } >shifted
    run -0 bash -c '{ head -c 7 >/dev/null; "$XENVET" check -; } <shifted'
    printf x >>shifted
    run -1 bash -c '{ dd bs=7 count=1 of=/dev/null status=none; "$XENVET" check -; } <shifted'
    [[ $output == *"rejected: TRAILING"* ]]
}

@test "a FIFO that nobody writes to, and one whose writer stays silent" {
    mkfifo silent
    SECONDS=0
    failed "within the time allowed" check --timeout 1 silent
    sleep 30 >silent 3>&- &
    writer=$!
    failed "within the time allowed" check --timeout 1 silent
    failed "no input for as long as allowed" check --idle 1 silent
    { head -c 100 pvh.xl; exec sleep 30; } >silent 3>&- &
    second=$!
    failed "no input for as long as allowed" check --idle 1 silent
    kill "$writer" "$second"
    [ "$SECONDS" -lt 15 ]
}

@test "a drip of octets that never ends is ended by --timeout" {
    SECONDS=0
    run -3 /usr/bin/env python3 - "$XENVET" <<'PY'
import subprocess, sys, time
child = subprocess.Popen([sys.argv[1], "check", "--timeout", "1", "-"], stdin=subprocess.PIPE)
data = open("pvh.xl", "rb").read()
for octet in data[:200]:
    if child.poll() is not None:
        break
    try:
        child.stdin.write(bytes([octet]))
        child.stdin.flush()
    except BrokenPipeError:
        break
    time.sleep(0.05)
sys.exit(child.wait(10))
PY
    [[ $output == *"within the time allowed"* ]]
    [ "$SECONDS" -lt 10 ]
}

@test "an interrupt ends it by that signal" {
    mkfifo quiet
    sleep 30 >quiet 3>&- &
    writer=$!
    run -0 /usr/bin/env python3 - "$XENVET" <<'PY'
import signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_DFL)
child = subprocess.Popen([sys.argv[1], "check", "quiet"])
time.sleep(0.5)
child.send_signal(signal.SIGINT)
sys.exit(child.wait(10) != -signal.SIGINT)
PY
    kill "$writer"
}

@test "a file that shrinks, grows or changes while it is read" {
    [ -n "${XENVET_MEDDLED:-}" ] || skip "XENVET_MEDDLED is not set"
    for action in shrink touch grow; do
        cp big.libxc meddled
        run -0 timeout 20 "$XENVET_MEDDLED" "$action" meddled
        # what was appended may be read before the change is noticed
        [[ $output == "INPUT_CHANGED after "* || $action:$output == "grow:TRAILING after "* ]] ||
            { echo "$action: $output"; false; }
    done
    cp big.libxc meddled
    run -0 timeout 20 "$XENVET_MEDDLED" nothing meddled
    [[ $output == "ACCEPTED after "* ]]
}
