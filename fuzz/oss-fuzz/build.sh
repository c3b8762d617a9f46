#!/bin/bash -eu
# SPDX-License-Identifier: MIT
#
# Builds the harnesses as OSS-Fuzz and ClusterFuzzLite ask for it: CC, CFLAGS, LIB_FUZZING_ENGINE, OUT, WORK and SRC are set by them.
# The restore oracle needs Xen's static libraries (libxen-dev); it is left out where they are missing.
cd "${XENVET_SOURCE:-$SRC/xenvet}"
build=$WORK/xenvet

cmake -G Ninja -S . -B "$build" -DCMAKE_BUILD_TYPE=None -DCMAKE_C_COMPILER="$CC" -DCMAKE_C_FLAGS="$CFLAGS" \
    -DXENVET_HARDEN=OFF -DXENVET_FUZZ_ENGINE="$LIB_FUZZING_ENGINE"
ninja -C "$build" harnesses

"$build/bin/make_dict" > "$WORK/image.dict"
for harness in "$build"/bin/*_fuzz; do
    name=$(basename "$harness" _fuzz)
    cp "$harness" "$OUT/"
    printf '[libfuzzer]\nmax_len = 65536\ntimeout = 5\nrss_limit_mb = 512\nmalloc_limit_mb = 64\n' > "$OUT/${name}_fuzz.options"
    seeds=$name
    case $name in
    gate | restore | stream)
        seeds=restore
        cp "$WORK/image.dict" "$OUT/${name}_fuzz.dict"
        ;;
    esac
    files=()
    for kind in seeds regress; do
        for dir in "corpus/$kind/$name" "corpus/$kind/$seeds"; do
            if [ -d "$dir" ]; then files+=("$dir"); fi
        done
    done
    if [ ${#files[@]} -gt 0 ]; then zip -q -j -r "$OUT/${name}_fuzz_seed_corpus.zip" "${files[@]}"; fi
done
