#!/usr/bin/env bash
# Runs the results on a down-scaled network, twice, and holds what is collected to the statistics of the program:
#
#     examples/paper/test.sh PROGRAM          PYTHON as for `run`
set -euo pipefail

program=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export PROGRAM=$program PYTHON=${PYTHON:-python3}

make() {
    "$here/run" ground high states perturbation --engine cpu --out "$out" -- \
        --set scaling.method=preserve --set scaling.n_scaling=0.01 --set scaling.k_scaling=0.01 > "$out/told" 2>&1 \
        || { cat "$out/told"; exit 1; }
}
make
grep -q '^run: *made' "$out/told" && grep -q ' spikes, ' "$out/told"
"$PYTHON" "$here/test.py" "$out/collected"
# What is there is found.
make
! grep -q '^run: *made' "$out/told"
! grep -q ' spikes, ' "$out/told"
test -s "$out/results/distributions.png" && test -s "$out/results/states.csv"
echo "examples/paper: what is collected has the statistics of the program"
