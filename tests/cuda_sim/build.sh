#!/usr/bin/env bash
# Builds the simulated CUDA device into a folder:  tests/cuda_sim/build.sh OUTDIR
# Says nothing when all is well, and does nothing when the libraries are newer than the sources.
# Without a C++ compiler it ends with status 77, as tests do that are to be skipped.
set -euo pipefail

if [ $# -ne 1 ]; then
    echo "usage: $0 OUTDIR" >&2
    exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
if ! command -v g++ >/dev/null; then
    echo skipped >&2
    exit 77
fi

# Two builds into one folder take turns.
exec 9>"$out/.lock"
if command -v flock >/dev/null; then flock 9; fi

flags=(-std=c++17 -O2 -g1 -Wall -Wextra -fPIC -shared -pthread -fno-semantic-interposition)

# fresh TARGET SOURCE...: whether the target is there and newer than all the sources
fresh() {
    local target=$1 source
    shift
    [ -e "$target" ] || return 1
    for source in "$@" "$here/build.sh"; do
        [ "$source" -nt "$target" ] && return 1
    done
    return 0
}

# library NAME VERSIONED SOURCES... -- OPTIONS...: written beside its place and then moved there, since a running
# program may have the old one loaded
library() {
    local name=$1 versioned=$2 sources=() watched
    shift 2
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        sources+=("$here/$1")
        shift
    done
    [ $# -gt 0 ] && shift
    watched=("${sources[@]}" "$here"/*.h)
    fresh "$out/$name" "${watched[@]}" && [ -e "$out/$versioned" ] && return 0
    g++ "${flags[@]}" "-Wl,-soname,$versioned" "${sources[@]}" "$@" -o "$out/.new.$name"
    mv "$out/.new.$name" "$out/$name"
    ln -sf "$name" "$out/$versioned"
}

prelude=$out/prelude.h
if ! fresh "$prelude" "$here/abi.h" "$here/device.h" "$here/device_math.h"; then
    cat "$here/abi.h" "$here/device.h" "$here/device_math.h" >"$prelude"
fi

# Initial-exec: kernels reach the driver's few thread-local variables by the cheap way, so all of them must be.
library libcuda.so libcuda.so.1 context.cpp memory.cpp driver.cpp module.cpp fiber.cpp checks.cpp math.cpp races.cpp -- -ftls-model=initial-exec -ldl
library libnvrtc.so libnvrtc.so.13 nvrtc.cpp rewrite.cpp -- "-DSIM_PRELUDE=\"$prelude\"" -ldl
library libcublas.so libcublas.so.13 cublas.cpp cublas_batches.cpp -- "-L$out" -l:libcuda.so
library libcufft.so libcufft.so.12 cufft.cpp -- "-L$out" -l:libcuda.so
library libcusolver.so libcusolver.so.12 cusolver.cpp -- "-L$out" -l:libcuda.so
