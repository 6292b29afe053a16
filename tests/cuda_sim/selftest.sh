#!/usr/bin/env bash
# Builds the simulated device and checks it:  tests/cuda_sim/selftest.sh [OUTDIR [PATH OF A REAL libnvrtc]]
# With a real NVRTC the kernels of the check are compiled by it as well, which shows that they are CUDA C.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:-${TMPDIR:-/tmp}/cuda_sim-$(id -u)}
"$here/build.sh" "$out"
out=$(cd "$out" && pwd)
if [ ! -e "$out/selftest" ] || [ -n "$(find "$here" -name 'selftest*' -newer "$out/selftest")" ]; then
    g++ -std=c++17 -O1 -Wall -Wextra "-DSELFTEST_KERNELS=\"$here/selftest.cu\"" "$here/selftest.cpp" -o "$out/selftest" -ldl -pthread
fi
LD_LIBRARY_PATH=$out "$out/selftest"
if [ $# -ge 2 ]; then
    # NVRTC opens a second library, which lies next to it.
    LD_LIBRARY_PATH=$(dirname "$2") "$out/selftest" --nvrtc "$2"
fi
