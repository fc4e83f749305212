"""Collected runs → tables and figures of each result of the publication, published beside ours.

Each result is a function of all collected runs (`two_states.py`, `over_chi.py`, `made.py`). It gives tables, of which
the first is shown in REPRODUCTION.md, and figures; or nothing, if the runs that it needs are not there. Above its
table a sentence says which runs are missing (`planned.py`), and which command makes them.
"""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import figures
import over_chi
import two_states
from made import made
from measures import Collected
from planned import missing
from run_folder import CollectError
from selected import Outcome, is_human

#: Markers in REPRODUCTION.md between which the tables stand.
MARKED = re.compile(r"(<!-- result: (\w+) -->\n).*?(\n<!-- end -->)", re.DOTALL)


@dataclass(frozen=True)
class Result:
    """A result, which `examples/paper/run` makes the runs that it needs, and all its tables and figures."""

    of: Callable[[list[Collected]], Outcome | None]
    runs: str
    files: tuple[str, ...]


#: Results in the order of REPRODUCTION.md.
RESULTS = {
    "made": Result(made, "", ("made.csv",)),
    "agreement": Result(two_states.agreement, "ground high", ("agreement.csv",)),
    "populations": Result(
        two_states.populations,
        "ground high",
        ("populations_summary.csv", "populations.csv", "rasters.png", "boxes.png"),
    ),
    "distributions": Result(
        two_states.distributions, "ground high", ("distributions.csv", "snippets.csv", "distributions.png")
    ),
    "connectivity": Result(
        two_states.connectivity,
        "ground high",
        (
            "connectivity.csv",
            "functional_connectivity_ground.csv",
            "functional_connectivity_high.csv",
            "connectivity.png",
        ),
    ),
    "bold": Result(two_states.bold, "ground high", ("bold.csv", "bold.png")),
    "curve": Result(over_chi.curve, "ground high curve", ("curve.csv", "curve.png")),
    "states": Result(over_chi.states, "states start", ("states.csv", "states_of_seeds.csv", "states.png")),
    "durations": Result(over_chi.durations, "ground high curve", ("durations.csv", "durations.png")),
    "switch": Result(over_chi.switch, "switch", ("switch.csv", "switch.png")),
    "perturbation": Result(
        over_chi.perturbation, "perturbation", ("perturbation.csv", "latencies.csv", "perturbation.png")
    ),
    "theory": Result(two_states.theory, "ground high single_neurons", ("theory.csv", "theory_rates.csv", "theory.png")),
}


def write_results(files: list[Path], to: Path, document: Path, publish: bool) -> None:
    """Writes tables and figures of all results that the collected files have, and puts the tables into a document.

    To publish is to fill places in a document that is there, which is about the full network. Otherwise the document
    has tables and figures only, and is written anew.
    """
    runs = [Collected(path) for path in files]
    if not runs:
        raise CollectError("no collected files: `paper.py collect RUN_DIR... --to FOLDER` makes them")
    scaled = next((run for run in runs if is_human(run) and not run.is_full_scale), None)
    if scaled is not None and publish:
        raise CollectError(
            f"{scaled.path} is of a down-scaled network, and {document} is about the full one: leave it out, or write "
            "elsewhere with `--to FOLDER`"
        )
    to.mkdir(parents=True, exist_ok=True)
    shown = {name: write_result(name, runs, to, document.parent) for name in RESULTS}
    if publish:
        text = document.read_text(encoding="utf-8")
        places = {found.group(2) for found in MARKED.finditer(text)}
        if places != set(shown):
            raise CollectError(f"{document} has places for other results: {', '.join(sorted(places ^ set(shown)))}")
        text = MARKED.sub(lambda found: found.group(1) + shown[found.group(2)] + found.group(3), text)
    else:
        text = "\n\n".join(f"## {name}\n\n{part}" for name, part in shown.items()) + "\n"
    replace(document, text.encode())


def write_result(name: str, runs: list[Collected], to: Path, beside: Path) -> str:
    """Writes the files of a result, and gives what a document in the folder `beside` shows of it."""
    result = RESULTS[name]
    outcome = result.of(runs)
    written = {}
    if outcome is not None:
        for table_name, table in outcome.tables.items():
            written[f"{table_name}.csv"] = table.to_csv(index=False, float_format="%.6g").encode()
        for figure_name, figure in outcome.figures.items():
            written[f"{figure_name}.png"] = figures.png(figure)
    for file, data in written.items():
        replace(to / file, data)
    for file in set(result.files) - set(written):
        # Of an earlier call with other runs.
        (to / file).unlink(missing_ok=True)
    absent = missing(result.runs.split(), runs)
    told = f"{absent} `examples/paper/run {result.runs}` makes what is missing."
    parts = [textwrap.fill(told, 120, break_on_hyphens=False)] if absent else []
    if outcome is None:
        print(f"{name}: left out; `examples/paper/run {result.runs}` makes what it needs")
        return "\n\n".join(parts or [f"No run can be used: `examples/paper/run {result.runs}` tells more."])
    parts.append(markdown(next(iter(outcome.tables.values()))))
    for figure_name in outcome.figures:
        caption = str(getattr(figures, figure_name).__doc__).strip().splitlines()[0]
        parts.append(f"![{caption}]({os.path.relpath(to, beside)}/{figure_name}.png)")
    print(f"{name}: {', '.join(written)}" + (f"; {absent}" if absent else ""))
    return "\n\n".join(parts)


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
    if abs(value) >= 1000.0:
        return f"{value:.0f}"
    digits = ".3f" if 0.001 <= abs(value) < 10.0 else ".3g"
    return f"{value:{digits}}"


def replace(path: Path, data: bytes) -> None:
    """Writes a file, complete or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(data)
    os.replace(partial, path)
