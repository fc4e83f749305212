#!/usr/bin/env bash
# Fuzzes for so many seconds each target that is named, or every one: fuzz/campaign.sh SECONDS [TARGET…].
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:?seconds for each target}
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(configuration options tables run_folder checkpoint nest npy)
# The standard library is taken as it comes with the toolchain: its sources are not needed.
run() { cargo +nightly fuzz run --codegen-units 16 "$@"; }

for target in "${targets[@]}"; do
    corpus=fuzz/corpus/$target
    mkdir -p "$corpus"
    HUMAM_FUZZ_SEEDS=$PWD/$corpus run "$target"
    run "$target" "$corpus" -- -max_total_time="$seconds" -rss_limit_mb=4096 -timeout=60 -print_final_stats=1
    echo "$target: $seconds s without a finding"
done
