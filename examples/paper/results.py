"""Collected runs → tables and figures of each result of the publication, published beside ours.

Each result is a function of all collected runs (`two_states.py`, `over_chi.py`). It gives tables, of which the first is
shown in REPRODUCTION.md, and figures; or nothing, if the runs that it needs are not there. Then a sentence says which
command makes them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import figures
import over_chi
import two_states
from measures import Collected
from run_folder import CollectError
from selected import Outcome, is_human

#: Markers in REPRODUCTION.md between which the tables stand.
MARKED = re.compile(r"(<!-- result: (\w+) -->\n).*?(\n<!-- end -->)", re.DOTALL)


@dataclass(frozen=True)
class Result:
    """A result, and which `examples/paper/run` makes the runs that it needs."""

    of: Callable[[list[Collected]], Outcome | None]
    runs: str


#: Results in the order of REPRODUCTION.md.
RESULTS = {
    "agreement": Result(two_states.agreement, "ground high"),
    "populations": Result(two_states.populations, "ground high"),
    "distributions": Result(two_states.distributions, "ground high"),
    "connectivity": Result(two_states.connectivity, "ground high"),
    "bold": Result(two_states.bold, "ground high"),
    "curve": Result(over_chi.curve, "ground high curve"),
    "states": Result(over_chi.states, "states start"),
    "durations": Result(over_chi.durations, "ground high curve"),
    "switch": Result(over_chi.switch, "switch"),
    "perturbation": Result(over_chi.perturbation, "perturbation"),
    "theory": Result(two_states.theory, "ground high single_neurons"),
}


def write_results(files: list[Path], to: Path, document: Path | None) -> None:
    """Writes tables and figures of all results that the collected files have, and puts the tables into a document."""
    runs = [Collected(path) for path in files]
    if not runs:
        raise CollectError("no collected files: `paper.py collect RUN_DIR... --to FOLDER` makes them")
    scaled = next((run for run in runs if is_human(run) and not run.is_full_scale), None)
    if scaled is not None and document is not None and document.is_file():
        raise CollectError(
            f"{scaled.path} is of a down-scaled network, and {document} is about the full one: leave it out, or choose "
            "another `--to` and `--into`"
        )
    to.mkdir(parents=True, exist_ok=True)
    shown = {}
    for name, result in RESULTS.items():
        outcome = result.of(runs)
        if outcome is None:
            shown[name] = f"Not run yet: `examples/paper/run {result.runs}`."
            print(f"{name}: left out; `examples/paper/run {result.runs}` makes what it needs")
            continue
        for table_name, table in outcome.tables.items():
            replace(to / f"{table_name}.csv", table.to_csv(index=False, float_format="%.6g").encode())
        for figure_name, figure in outcome.figures.items():
            replace(to / f"{figure_name}.png", figures.png(figure))
        shown[name] = markdown(next(iter(outcome.tables.values())))
        for figure_name in outcome.figures:
            caption = str(getattr(figures, figure_name).__doc__).strip().splitlines()[0]
            folder = os.path.relpath(to, document.parent if document else to)
            shown[name] += f"\n\n![{caption}]({folder}/{figure_name}.png)"
        print(f"{name}: {', '.join([*outcome.tables, *outcome.figures])}")
    if document is not None and document.is_file():
        text = document.read_text()
        unknown = {found.group(2) for found in MARKED.finditer(text)} - set(shown)
        if unknown:
            raise CollectError(f"{document} has places for unknown results: {', '.join(sorted(unknown))}")
        filled = MARKED.sub(lambda found: found.group(1) + shown[found.group(2)] + found.group(3), text)
        replace(document, filled.encode())


def markdown(table: pd.DataFrame) -> str:
    """A table in Markdown."""
    lines = ["| " + " | ".join(str(name) for name in table.columns) + " |", "|---" * table.shape[1] + "|"]
    lines += ["| " + " | ".join(cell(value) for value in row) + " |" for row in table.itertuples(index=False)]
    return "\n".join(lines)


def cell(value: object) -> str:
    """A value with three digits; empty if there is none."""
    if not isinstance(value, float):
        return str(value)
    if np.isnan(value):
        return ""
    digits = ".3f" if 0.001 <= abs(value) < 10.0 else ".3g"
    return f"{value:{digits}}"


def replace(path: Path, data: bytes) -> None:
    """Writes a file, complete or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(data)
    os.replace(partial, path)
