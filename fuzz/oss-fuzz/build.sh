#!/bin/bash -eu
# SPDX-License-Identifier: MIT
#
# Builds the harnesses as OSS-Fuzz and ClusterFuzzLite ask for it: CC, CFLAGS, LIB_FUZZING_ENGINE, OUT, WORK and SRC are set by them;
# SANITIZER and FUZZING_ENGINE may be. Beside each harness go its seeds, its dictionary and its options.
# The restore oracle needs Xen's static libraries (libxen-dev), which no sanitizer instruments; it is left out where they are missing
# and for MemorySanitizer, and so is the policy file's, with jansson.
cd "${XENVET_SOURCE:-$SRC/xenvet}"
build=$WORK/xenvet
sanitize=
if [ "${SANITIZER:-}" = memory ]; then sanitize=memory; fi

cmake -G Ninja -S . -B "$build" -DCMAKE_BUILD_TYPE=None -DCMAKE_C_COMPILER="$CC" -DCMAKE_C_FLAGS="$CFLAGS" \
    -DXENVET_HARDEN=OFF -DXENVET_SANITIZE="$sanitize" -DXENVET_FUZZ_ENGINE="$LIB_FUZZING_ENGINE"
ninja -C "$build" harnesses

for harness in "$build"/bin/*_fuzz; do
    name=$(basename "$harness" _fuzz)
    if grep -q '^ \* Needs: libxl$' "fuzz/${name}_fuzz.c"; then continue; fi # and libxl-save-helper, where it runs
    cp "$harness" "$OUT/"
    "$build/bin/make_dict" "$name" > "$OUT/${name}_fuzz.dict"
    # what a harness says for itself comes after what is said for all, and counts
    cp fuzz/default.options "$OUT/${name}_fuzz.options"
    if [ -f "fuzz/$name.options" ]; then
        while IFS='= ' read -r key value; do
            if [ -n "$value" ]; then sed -i "s/^$key = .*/$key = $value/" "$OUT/${name}_fuzz.options"; fi
        done < "fuzz/$name.options"
    fi
    files=()
    for directory in "$name" $(sed -n 's/^ \* Inputs: //p' "fuzz/${name}_fuzz.c"); do
        for kind in seeds regress; do
            if [ -d "corpus/$kind/$directory" ]; then files+=("corpus/$kind/$directory"); fi
        done
    done
    if [ ${#files[@]} -gt 0 ]; then zip -q -j -r "$OUT/${name}_fuzz_seed_corpus.zip" "${files[@]}"; fi
done
