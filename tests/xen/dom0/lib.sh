# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What scenarios share. Results are TAP-like: "ok - ..." and "not ok - ...";
# lines that begin with "# " are the evidence for the result that follows.
#
# To start a program takes a tenth of a second here, so what is done often is done by the shell itself.

console_dir=/var/log/xen/console
: "${OUT:=$PWD}"
# Every limit below is for an idle host and grows by this factor (driver).
: "${SLOW:=1}"

# ---- results ----

ok() { echo "ok - $*"; }
not_ok() { echo "not ok - $*"; }
skip() { echo "ok - $1 # SKIP $2"; }
evidence() { printf '# %s\n' "$*"; }
evidence_of() { sed 's/^/#     /'; }

# check DESCRIPTION COMMAND... : result by exit status, output kept as evidence
# when it fails.
check() {
    local description=$1 output
    shift
    if output=$("$@" 2>&1); then
        ok "$description"
    else
        echo "$output" | tail -n 15 | evidence_of
        not_ok "$description"
        return 1
    fi
}

# have_xenvet COMMAND : is xenvet in dom0, and does it know this command?
have_xenvet() {
    command -v xenvet >/dev/null || return 1
    xenvet "$1" --help >/dev/null 2>&1
}

# timed LIMIT COMMAND... : output to stderr.log of the scenario; seconds in $took
took=0
timed() {
    local limit=$1 begin end rc=0
    shift
    begin=$EPOCHREALTIME
    { echo "+ $*"; timeout --kill-after=5 $((limit * SLOW)) "$@"; } >>"$OUT/commands.log" 2>&1 || rc=$?
    end=$EPOCHREALTIME
    took=$(((${end/./} - ${begin/./}) / 100000))
    took=$((took / 10)).$((took % 10))
    if [ $rc -ne 0 ]; then
        evidence "failed with $rc after $took s: $*"
        tail -n 8 "$OUT/commands.log" | evidence_of
    fi
    return $rc
}

# ---- guests ----

# guest_config NAME KIND VCPUS : writes NAME.cfg. KIND: pv pvh hvm linux-pv linux-pvh linux-hvm
guest_config() {
    local name=$1 kind=$2 vcpus=$3 type=${2#linux-} memory kernel
    case $kind in
        pv) memory=4 kernel=/guests/tiny-pv ;;
        pvh) memory=4 kernel=/guests/tiny-hvm ;;
        hvm) memory=16 kernel=/guests/tiny-hvm ;;
        linux-hvm) memory=24 kernel='' ;; # from its disk, if it has one
        linux-*) memory=128 kernel=/guests/vmlinuz ;;
    esac
    {
        echo "name = \"$name\""
        echo "type = \"$type\""
        echo "memory = $memory"
        echo "vcpus = $vcpus"
        [ -z "$kernel" ] || echo "kernel = \"$kernel\""
        echo 'on_crash = "preserve"'
        case $kind in
            *hvm)
                # The device model without screen or sound: less to emulate.
                printf '%s\n' 'vnc = 0' 'sdl = 0' 'nographic = 1' 'vga = "none"' 'videoram = 0'
                ;;
            linux-*)
                echo 'ramdisk = "/guests/initrd"'
                echo 'extra = "console=hvc0 loglevel=3 nokaslr mitigations=off panic=5"'
                ;;
        esac
    } >"$OUT/$name.cfg"
}

guest_id() { xl domid "$1" 2>/dev/null; }
guest_exists() { xl domid "$1" >/dev/null 2>&1; }

# What the domain of this name wrote on its console, all lives of it.
console_of() {
    [ ! -e "$console_dir/guest-$1.log" ] || tr -d '\r' <"$console_dir/guest-$1.log"
}
ticks_of() { console_of "$1" | grep -a '^TICK '; }
tick_count() {
    local count
    count=$(grep -ac '^TICK ' "$console_dir/guest-$1.log" 2>/dev/null) || true
    echo "${count:-0}"
}
number_in() { sed -n 's/.* n=\([0-9]*\).*/\1/p' <<<"$1"; }
identity_in() { sed -n 's/.* id=\([0-9a-f]*\).*/\1/p' <<<"$1"; }

# more_ticks NAME HOW_MANY LIMIT : waits for so many further ticks
more_ticks() {
    local name=$1 target begin=$SECONDS
    target=$(($(tick_count "$name") + $2))
    while [ "$(tick_count "$name")" -lt "$target" ]; do
        if [ $((SECONDS - begin)) -ge $(($3 * SLOW)) ]; then
            evidence "$name: no $2 ticks within $(($3 * SLOW)) s; end of its console:"
            console_of "$name" | tail -n 5 | evidence_of
            return 1
        fi
        sleep 0.2
    done
}

# guest_start NAME KIND VCPUS : creates it and waits until it counts. -e: without
# the xl that watches it, which ends when the guest is suspended.
guest_start() {
    local patience=40
    case $2 in
        hvm) patience=90 ;;
        linux-*) patience=150 ;;
    esac
    guest_config "$@"
    timed 200 xl create -e "$OUT/$1.cfg" || return 1
    evidence "$1 ($2, $3 vCPU): created in $took s"
    more_ticks "$1" 3 $patience
}

guest_destroy() {
    guest_exists "$1" && timed 60 xl destroy "$1"
    return 0
}

# All of them, whatever they are called: both ends of a migration may bear one name.
destroy_guests() {
    local id
    for id in $(xl list | awk 'NR > 1 && $2 != 0 { print $2 }'); do timed 60 xl destroy "$id"; done
}

# ---- did it go on counting? ----

# stop_mark NAME : remembers where the console stands; call while it is stopped
stop_mark() {
    console_of "$1" >"$OUT/$1.before"
    # A saved guest's last words can still be on their way to the log.
    sleep 0.5
    console_of "$1" >"$OUT/$1.before"
    wc -l <"$OUT/$1.before" >"$OUT/$1.skip"
}

# another_life NAME : a second restore of the same image: what the first one
# said does not count
another_life() { console_of "$1" | wc -l >"$OUT/$1.skip"; }

# went_on NAME [NEW_NAME] [SLACK] : the guest under NEW_NAME continues the count
# that NAME had at stop_mark: same identity, next number, memory and registers
# kept. SLACK lets that many ticks be lost or repeated (guests that are stopped
# without being asked lose what was on its way to the console).
went_on() {
    local name=$1 new=${2:-$1} slack=${3:-0} last first n m begin=$SECONDS skip=0
    last=$(grep -a '^TICK ' "$OUT/$name.before" | tail -n 1)
    [ "$new" = "$name" ] && skip=$(cat "$OUT/$name.skip")
    while :; do
        console_of "$new" | tail -n +$((skip + 1)) >"$OUT/$new.after"
        [ "$(grep -ac '^TICK .*fpu=' "$OUT/$new.after")" -ge 3 ] && break
        if [ $((SECONDS - begin)) -ge $((60 * SLOW)) ]; then
            evidence "before: $last"
            evidence "after:  nothing within $((60 * SLOW)) s; end of the console:"
            console_of "$new" | tail -n 5 | evidence_of
            return 1
        fi
        sleep 0.2
    done
    first=$(grep -a '^TICK ' "$OUT/$new.after" | head -n 1)
    evidence "before: $last"
    grep -a -e '^SUSPEND' "$OUT/$name.before" | tail -n 1 | sed 's/^/# before: /'
    grep -a -e '^RESUME' "$OUT/$new.after" | head -n 1 | sed 's/^/# after:  /'
    grep -a '^TICK ' "$OUT/$new.after" | head -n 3 | sed 's/^/# after:  /'
    n=$(number_in "$last")
    m=$(number_in "$first")
    if [ "$(identity_in "$last")" != "$(identity_in "$first")" ]; then
        evidence "not the same guest"
        return 1
    fi
    if [ "$m" -lt $((n + 1 - slack)) ] || [ "$m" -gt $((n + 1 + slack)) ]; then
        evidence "$m does not follow $n"
        return 1
    fi
    if grep -aq BAD "$OUT/$new.after"; then
        evidence "memory or registers were lost: $(grep -a BAD "$OUT/$new.after" | head -n 1)"
        return 1
    fi
}

# How exact the count must be for a kind of guest.
slack_of() {
    case $1 in
        hvm | linux-*) echo 2 ;;
        *) echo 0 ;;
    esac
}

# save NAME FILE [OPTION...] : xl save, then marks where the console stands
save() {
    local name=$1 file=$2
    shift 2
    timed 200 xl save "$@" "$name" "$file" || return 1
    evidence "$name: saved in $took s, $(stat -c %s "$file") octets"
    stop_mark "$name"
}

# ---- what a refused stream must leave as it was ----

# Processes by command line, without kernel threads, which come and go. Each line
# once: a shell function run in a subshell shows as a second scenario.
processes() {
    local parent pid words
    # Not a pipeline: its own members would be in the list.
    ps -eo ppid=,pid=,args= >"$OUT/ps"
    while read -r parent pid words; do
        [ "$parent" = 2 ] || [ "$pid" = 2 ] || [[ $words == ps\ * ]] || echo "$words"
    done <"$OUT/ps" | sort -u
}

open_files() {
    local name files
    for name in xenstored xenconsoled; do
        files=("/proc/$(<"/run/$name.pid")/fd"/*)
        printf '%s %s\n' "$name" "${#files[@]}"
    done
}

memory_available() {
    local name value unit
    while read -r name value unit; do
        if [ "$name" = MemAvailable: ]; then echo "$((value / 1024))"; fi
    done </proc/meminfo
}

# Migration to the same host makes two domains with one UUID, and libxl removes
# /vm/UUID with the first of them that it destroys, failed arrivals included. A
# scenario that looks at this names the UUID with share_uuid GUEST.
shared_uuid=''
share_uuid() { shared_uuid=$(xenstore-read "/local/domain/$(guest_id "$1")/vm" | sed 's|^/vm/||'); }

# state_of_dom0 DIR : one file per thing that must not change; DIR is below $OUT,
# which is not looked at
state_of_dom0() {
    local name id memory vcpus rest
    [ -d "$1" ] || mkdir -p "$1"
    xl list >"$OUT/list"
    # Without the time column, which always moves.
    while read -r name id memory vcpus rest; do echo "$name $id $memory $vcpus"; done <"$OUT/list" >"$1/domains"
    xenstore-ls -f -p / 2>/dev/null | grep -v "^/vm/${shared_uuid:-none}" >"$1/xenstore"
    processes >"$1/processes"
    open_files >"$1/open-files"
    {
        # libxl keeps a list of destroyed domains there; xenvet makes two folders once, and only what is in them counts.
        find /tmp /run /var/lib/xen /dev/shm -xdev -not -name domid-history \
            -not -path /run/xenvet -not -path /run/xenvet/incoming 2>/dev/null
        echo /dev/pts/*
    } | sort >"$1/files"
    xl info free_memory >"$1/xen-memory"
    memory_available >"$1/dom0-memory"
}

# settled_state DIR : the state once it has been the same for two seconds, as what an earlier part destroyed goes a
# little later; after thirty seconds whatever it is then
settled_state() {
    local begin=$SECONDS thing same
    state_of_dom0 "$1"
    while [ $((SECONDS - begin)) -lt $((30 * SLOW)) ]; do
        sleep 2
        cp -r "$1" "$1.earlier"
        state_of_dom0 "$1"
        same=yes
        for thing in domains xenstore processes open-files files; do
            equal "$1.earlier/$thing" "$1/$thing" || same=''
        done
        near "$1.earlier/xen-memory" "$1/xen-memory" 0 || same=''
        rm -rf "$1.earlier"
        [ -z "$same" ] || return 0
    done
}

# equal FILE_A FILE_B : do two texts say the same?
equal() { [ "$(<"$1")" = "$(<"$2")" ]; }

# near FILE_A FILE_B MIB : do two figures differ by no more than that?
near() {
    local a b
    a=$(<"$1")
    b=$(<"$2")
    [ $((a - b)) -le "$3" ] && [ $((b - a)) -le "$3" ]
}

# same_state BEFORE NOW_DIR : takes the state again until it equals BEFORE or ten
# seconds are over (the toolstack tears down asynchronously); says what differs.
same_state() {
    local before=$1 now=$2 begin=$SECONDS thing bad
    while :; do
        bad=''
        state_of_dom0 "$now"
        for thing in domains xenstore processes open-files files; do
            equal "$before/$thing" "$now/$thing" || bad+=" $thing"
        done
        near "$before/xen-memory" "$now/xen-memory" 2 || bad+=" xen-memory"
        # Page cache and slab move by themselves; a leak worth the name is larger.
        near "$before/dom0-memory" "$now/dom0-memory" 32 || bad+=" dom0-memory"
        [ -z "$bad" ] && return 0
        [ $((SECONDS - begin)) -ge $((10 * SLOW)) ] && break
        sleep 0.5
    done
    for thing in $bad; do
        evidence "changed: $thing"
        diff "$before/$thing" "$now/$thing" | head -n 6 | evidence_of
    done
    return 1
}

# ---- migration on one host ----

# migrate NAME [OPTION...] : xl migrate through dom0/link; the console of the arrived guest
# is NAME--incoming's. LINK_* variables steer the link.
migrate() {
    local name=$1
    shift
    LINK_LOG=$OUT/$name.receiver.log timed 200 xl migrate -s /in/dom0/link "$@" "$name" localhost
}

# downtime_of NAME : what the guest itself measured between its last line before
# the suspension and its first after, on the host's clock
downtime_of() { console_of "$1" | sed -n 's/^RESUME .* away=\([0-9a-z]*\)$/\1/p' | tail -n 1; }

# remus_start NAME INTERVAL_MS : checkpoints NAME to this host in the background
# until the sender dies
remus_start() {
    LINK_LOG=$OUT/$1.receiver.log LINK_STATUS=$OUT/$1.receiver.status \
        timeout $((200 * SLOW)) xl remus -Fnd -i "$2" -s /in/dom0/link "$1" localhost \
        >"$OUT/$1.sender.log" 2>&1 &
}

# remus_sender : process id of the xl that sends checkpoints
remus_sender() {
    ps -eo pid=,args= | awk '($2 == "xl" || $2 ~ /\/xl$/) && $3 == "remus" { print $1; exit }'
}

# remus_checkpoints NAME HOW_MANY LIMIT : waits until the guest was stopped and
# let go so often
remus_checkpoints() {
    local begin=$SECONDS
    while [ "$(console_of "$1" | grep -ac '^RESUME')" -lt "$2" ]; do
        if [ $((SECONDS - begin)) -ge $(($3 * SLOW)) ]; then
            evidence "$1: fewer than $2 checkpoints in $(($3 * SLOW)) s"
            tail -n 5 "$OUT/$1.sender.log" | evidence_of
            return 1
        fi
        sleep 0.2
    done
}

# ---- xenvet ----

# needs_xenvet COMMAND... : ends the scenario with a skip when one is not there
needs_xenvet() {
    local command
    for command in "$@"; do
        if ! have_xenvet "$command"; then
            skip "$SCENARIO" "no xenvet $command in dom0 (tests/xen/run --payload DIR)"
            exit 0
        fi
    done
}

# xenvet_says STATUS LIMIT ARGUMENT... : does xenvet end with this status?
xenvet_says() {
    local want=$1 limit=$2 rc=0
    shift 2
    { echo "+ xenvet $*"; timeout --kill-after=5 $((limit * SLOW)) xenvet "$@"; } >"$OUT/xenvet.log" 2>&1 || rc=$?
    cat "$OUT/xenvet.log" >>"$OUT/commands.log"
    [ "$rc" -eq "$want" ] && return 0
    evidence "status $rc, wanted $want: xenvet $*"
    tail -n 8 "$OUT/xenvet.log" | evidence_of
    return 1
}

# What xenvet said first, as evidence.
xenvet_said() {
    local line
    while read -r line; do
        [[ $line == "+ "* ]] || break
    done <"$OUT/xenvet.log"
    evidence "${line:0:160}"
}
