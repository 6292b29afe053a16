#!/usr/bin/env bash
# What a machine with an NVIDIA GPU is asked: the suites with device=cuda, a look for stray memory accesses, and the table of times.
#   tests/gpu.sh [TENSH] [REPORT.md]
# TENSH is the binary (target/release/tensh). TENSH_REFERENCE_PYTHON may name a Python with PyTorch to compare with.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tensh=${1:-target/release/tensh}
report=${2:-/dev/stdout}
failed=0

say() { printf '\n== %s\n' "$*"; }
check() { "$@" || { failed=1; echo "FAILED: $*"; }; }

say "device"
nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader || exit 1
check "$tensh" -c 'import torch
print(torch.cuda.get_device_properties(0), torch.cuda.get_arch_list())'

say "start: first use, then with a warm cache"
time "$tensh" -c 'import torch; print((torch.arange(3., device="cuda") * 2).sum())'
time "$tensh" -c 'import torch; print((torch.arange(3., device="cuda") * 2).sum())'

say "examples of devices, and all goldens there"
check "$tensh" test --color never tests/cuda
"$tensh" test --device cuda --color never tests/golden | tee /tmp/tensh-gpu-goldens.txt | tail -n 1
grep '^tests/golden' /tmp/tensh-gpu-goldens.txt | cut -d: -f1 | sort | uniq -c || true

say "an index beyond its bound, and memory that is not there, end a statement and nothing else"
"$tensh" --keep-going -c 'import torch
a = torch.arange(4, device="cuda")
a[torch.tensor([9], device="cuda")]
torch.empty(1 << 44, device="cuda")
print("alive", a.sum())'

if command -v compute-sanitizer >/dev/null; then
    say "compute-sanitizer"
    for tool in memcheck racecheck synccheck; do
        check compute-sanitizer --tool "$tool" --error-exitcode 9 "$tensh" test --color never tests/cuda | tail -n 3
    done
fi

say "times"
{
    echo "# $(nvidia-smi --query-gpu=name --format=csv,noheader | head -n 1), $(date +%F)"
    echo
    echo "Driver $(nvidia-smi --query-gpu=driver_version --format=csv,noheader | head -n 1); \`benches/compare --device cuda\`."
    echo
    python3 benches/compare --device cuda --tensh "$tensh" --rounds 3
} | tee "$report"
exit $failed
