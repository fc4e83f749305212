#!/usr/bin/env bash
# The workflow on two local cores gives the summary of `humam-gpu sweep`.
#
#     examples/cluster/test.sh [PROGRAM]
#
# PROGRAM is target/release/humam-gpu by default. SNAKEMAKE names a Snakemake that is installed; without
# it one is installed from PyPI into a folder that is gone afterwards.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:-$here/../../target/release/humam-gpu}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -z "${SNAKEMAKE:-}" ]; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet snakemake
    SNAKEMAKE=$work/venv/bin/snakemake
fi

cp -r "$here"/{Snakefile,config.yaml,profiles} "$work"
cd "$work"
# Two networks with two seeds each: jobs that run side by side need the same network.
sweep="builtin:tiny --engine cpu --vary weights.chi=0,1 --seeds 2"
workflow=("$SNAKEMAKE" --profile profiles/local --cores 2 --config "program=$program" "sweep=$sweep")

"${workflow[@]}" --quiet all
"$program" sweep $sweep --quiet --out alone
cmp results/summary.csv alone/tiny/sweeps/*/summary.csv
cmp out/tiny/sweeps/*/sweep.svg alone/tiny/sweeps/*/sweep.svg

# Nothing is left to do.
again=$("${workflow[@]}" --dry-run 2>&1)
[[ $again == *"Nothing to be done"* ]]

# Negative control: another sweep has another summary.
"$program" sweep $sweep --seed 7 --quiet --out other
if cmp -s results/summary.csv other/tiny/sweeps/*/summary.csv; then
    echo "two different sweeps have the same summary" >&2
    exit 1
fi
echo "the workflow and the program give the same summary"
