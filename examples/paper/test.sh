#!/usr/bin/env bash
# Runs the results on a down-scaled network, twice, and holds what is collected to the statistics of the program:
#
#     examples/paper/test.sh PROGRAM          PYTHON as for `run`
set -euo pipefail

(($# == 1)) || { echo "error: name the program: examples/paper/test.sh target/release/humam-gpu" >&2; exit 2; }
program=$1
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
grep -q '^run: *made' "$out/told" && grep -q ' spikes, .* MB' "$out/told"
"$PYTHON" "$here/test.py" "$out/collected"
# What is there is found.
make
if grep -e '^run: *made' -e ' spikes, .* MB' "$out/told"; then exit 1; fi
test -s "$out/results/distributions.png" && test -s "$out/results/states.csv"
grep -q '^| ground |' "$out/results.md"
# A run that is damaged is told in a line, and stops none of the others.
damaged=$(find "$out/paper" -name manifest.json | sort | sed -n 1p)
echo '{' > "$damaged"
rm "$out/collected"/*
if make_again=$("$PYTHON" "$here/paper.py" collect "$out/paper" --to "$out/collected" 2>&1); then exit 1; fi
if grep Traceback <<< "$make_again"; then exit 1; fi
grep -q 'not collected' <<< "$make_again"
ls "$out/collected"/*.npz > "$out/files"
# So is a collected file that is cut off.
first=$(sed -n 1p "$out/files")
head -c 1000 "$first" > "$out/cut.npz"
if told=$("$PYTHON" "$here/paper.py" tables "$out/cut.npz" --to "$out/none" 2>&1); then exit 1; fi
grep -q '^error: ' <<< "$told"
echo "examples/paper: what is collected has the statistics of the program"
