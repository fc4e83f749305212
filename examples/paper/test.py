"""Holds collected files to the statistics that the program has written of the same runs; publishes them in parts."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np

from measures import ROOT, SNIPPETS_FROM_MS, Collected, ks_to_quantiles, measured_quantiles
from records import STATE_AT_MS, joined, read, table
from results import RUNS, write_results

#: f64 sums in another order, and numbers as text.
TOLERANCE = 1e-9


def main() -> None:
    """Compares every file of a folder."""
    runs = [Collected(path) for path in sorted(Path(sys.argv[1]).glob("*.npz"))]
    assert runs, "there are files"
    for run in runs:
        rates_are_equal(run)
        connectivity_is_equal(run)
        similarities_are_equal(run)
    assert any(run.duration_ms > SNIPPETS_FROM_MS for run in runs), "some have snippets"
    extra = [run for run in runs if run.stimuli]
    assert extra and all("difference_step" in run for run in extra), "runs with an extra spike are compared"
    publishing_adds(runs)


def rates_are_equal(run: Collected) -> None:
    """Rates follow from the counts of populations."""
    counts = run.array("population_counts")[:, round(run.from_ms) :].sum(1)
    ours = counts / run.populations.neurons / (run.duration_ms - run.from_ms) * 1000.0
    assert np.abs(ours - run.table("analysis/populations.csv").rate_hz).max() < TOLERANCE, run.path


def connectivity_is_equal(run: Collected) -> None:
    """Functional connectivity follows from counts and input weights."""
    theirs = run.table("analysis/functional_connectivity.csv", index_col=0).to_numpy(float)
    assert np.nanmax(np.abs(run.connectivity(from_ms=round(run.from_ms)) - theirs)) < TOLERANCE, run.path


def similarities_are_equal(run: Collected) -> None:
    """1 − KS to the experiment follows from the kept trains."""
    snippets = list(run.snippets())
    if not snippets:
        return
    levels, measured = measured_quantiles()
    theirs = run.table("analysis/summary.csv").set_index("quantity").value
    for what in measured:
        values = np.concatenate([snippet[what] for snippet in snippets])
        ours = 1.0 - ks_to_quantiles(values, levels, measured[what])
        expected = theirs[f"{what}_similarity"]
        assert np.isnan(ours) == np.isnan(expected) and not abs(ours - expected) > TOLERANCE, (run.path, what)


def publishing_adds(runs: list[Collected]) -> None:
    """What was published stays if only some of the runs are collected later, and later ones count beside it."""
    files = [run.path for run in runs]
    one = next(run.path for run in runs if run.duration_ms == STATE_AT_MS)
    others = [path for path in files if path != one]
    with tempfile.TemporaryDirectory() as folder:
        document, to = Path(folder) / "REPRODUCTION.md", Path(folder) / "results"

        def published(what: list[Path]) -> dict[str, bytes]:
            # As if they were: only runs at full scale are published.
            with mock.patch.object(Collected, "is_full_scale", True):
                write_results(what, to, document, publish=True)
            return {path.name: path.read_bytes() for path in [document, *to.iterdir()]}

        shutil.copy(ROOT / "REPRODUCTION.md", document)
        whole = published(files)
        assert [record.what for record in read(to / RUNS)] == [run.what for run in joined([], runs)]
        assert published([one]) == whole, "nothing is lost"
        (to / RUNS).unlink()
        assert published([one])["REPRODUCTION.md"] != whole["REPRODUCTION.md"], "without the table of runs it is"
        assert published(others) == whole, "one after the other is all at once"
        # Runs whose spikes were not kept: what needs no more than their lines is the same, the rest stays.
        for line in (lines := read(to / RUNS)):
            line.spikes = line.spikes[:0]
        (to / RUNS).write_bytes(table(lines).to_csv(index=False).encode())
        again = published([one])
        assert again["REPRODUCTION.md"].count(b"Runs that came later are not drawn yet.") == 1
        assert {name for name in whole if again[name] != whole[name]} == {"REPRODUCTION.md", RUNS}, "figures stay"


if __name__ == "__main__":
    main()
