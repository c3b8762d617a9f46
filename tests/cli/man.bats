#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The man pages build, and mandoc has nothing to say about them but what scdoc's way of writing roff causes.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # for bash -c; bats sets output and stderr

load helpers

allowed='skipping paragraph macro: PP (empty|after S[HS])|input text line longer than 80 bytes'
allowed+='|lower case character in document title|^$'

@test "man pages" {
    command -v scdoc >/dev/null || skip "no scdoc"
    command -v mandoc >/dev/null || skip "no mandoc"
    for page in xenvet.1 xenvet-check.1 xenvet-convert.1 xenvet-gate.1 xenvet-inspect.1 xenvet-sandbox.1 xenvet-policy.5; do
        scdoc <"$root/docs/man/$page.scd" >"$BATS_TEST_TMPDIR/$page"
        run mandoc -Tlint "$BATS_TEST_TMPDIR/$page"
        rest=$(grep -vE "$allowed" <<<"$output" || true)
        [ -z "$rest" ] || { echo "$rest"; false; }
        mandoc -Tascii "$BATS_TEST_TMPDIR/$page" | grep -q 'N.*A.*M.*E'
    done
}

@test "xenvet(1) describes every command" {
    for command in check convert gate inspect policy sandbox verdicts; do
        grep -q "^\*$command\*" "$root/docs/man/xenvet.1.scd"
    done
}
