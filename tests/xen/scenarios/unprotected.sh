#!/bin/bash
# SPDX-License-Identifier: MIT
# the same hostile images without xenvet: plain xl crashes, believes or obeys them
# limit: 240
. /in/dom0/lib.sh
. /in/dom0/originals.sh

# These results are about xl, not about xenvet: they show that the images of
# scenario "hostile" are dangerous on this very Xen.
if ! originals /run/originals pv hvm; then
    not_ok "images to spoil"
    exit 0
fi

attempt() { # NAME KIND : status in $rc, output in unprotected.log
    rc=0
    /in/dom0/mutate "$1" "/run/originals/$2.save" /run/hostile.save
    timeout --kill-after=5 $((60 * SLOW)) xl restore /run/hostile.save >"$OUT/unprotected.log" 2>&1 || rc=$?
    rm -f /run/hostile.save
    evidence "xl restore of $1: status $rc"
    grep -aiE 'signal|assert|abort|segmentation|domid|invalid' "$OUT/unprotected.log" |
        cut -c 1-160 | head -n 4 | evidence_of
}

attempt pv-entry-beyond-guest pv
if grep -aqiE 'signal|assert|abort|core dump' "$OUT/unprotected.log"; then
    ok "unprotected: a wild page-table entry kills the restoring process"
else
    not_ok "unprotected: a wild page-table entry kills the restoring process"
fi
guest_destroy original-pv

attempt cut-after-memory pv
if [ $rc -eq 0 ] && guest_exists original-pv; then
    ok "unprotected: a truncated image is taken for a whole one"
else
    not_ok "unprotected: a truncated image is taken for a whole one"
fi
guest_destroy original-pv

cat >/run/hostile-model <<'EOF'
#!/bin/sh
id >/run/obeyed
exit 1
EOF
chmod +x /run/hostile-model
rm -f /run/obeyed
attempt config-runs-program hvm
if [ -s /run/obeyed ]; then
    evidence "the program that the image names ran as $(cat /run/obeyed)"
    ok "unprotected: the image's configuration runs a program"
else
    not_ok "unprotected: the image's configuration runs a program"
fi
rm -f /run/hostile-model /run/obeyed

attempt page-shift-undefined pv
if [ $rc -eq 0 ]; then
    ok "unprotected: a page size from an undefined shift is accepted"
else
    not_ok "unprotected: a page size from an undefined shift is accepted"
fi
guest_destroy original-pv
