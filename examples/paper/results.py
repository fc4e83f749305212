"""Collected runs → tables and figures of each result of the publication, published beside ours.

Each result is a function of all runs (`two_states.py`, `seeds.py`, `over_chi.py`, `made.py`). It gives tables, of
which the first is shown in REPRODUCTION.md, and figures; or nothing, if the runs that it needs are not there. Above its
table a sentence says which runs are missing (`planned.py`), and which command makes them.

To publish is to add: runs that were published before count too, as far as their lines in `runs.csv` tell what a result
needs (`records.py`). A result stays as it was published if one of its runs would be lost otherwise.
"""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import figures
import over_chi
import records
import two_states
from made import made
from measures import Collected
from planned import missing, planned
from records import Record
from run_folder import CollectError
from seeds import seeds
from selected import Outcome

#: Markers in REPRODUCTION.md between which the tables stand.
MARKED = re.compile(r"(<!-- result: (\w+) -->\n).*?(\n<!-- end -->)", re.DOTALL)


#: The table of all runs.
RUNS = "runs.csv"


class Needs(Enum):
    """What a result needs of its runs."""

    #: Lines in the table of runs.
    LINE = "line"
    #: Lines with spikes over time.
    SPIKES = "spikes"
    #: Collected files.
    COLLECTED = "collected"


@dataclass(frozen=True)
class Result:
    """A result: what it needs of which runs, and all its tables and figures."""

    of: Callable[[list[Any]], Outcome | None]
    needs: Needs
    #: What `examples/paper/run` makes for it.
    runs: str
    files: tuple[str, ...]
    #: What of a collected file it is not whole without.
    parts: tuple[str, ...] = ()


#: Results in the order of REPRODUCTION.md.
RESULTS = {
    "made": Result(made, Needs.LINE, "", ("made.csv",)),
    "agreement": Result(
        two_states.agreement, Needs.COLLECTED, "ground high seeds", ("agreement.csv",), ("input_weights_pa",)
    ),
    "populations": Result(
        two_states.populations,
        Needs.COLLECTED,
        "ground high",
        ("populations_summary.csv", "populations.csv", "rasters.png", "boxes.png"),
        ("analysis/populations.csv",),
    ),
    "distributions": Result(
        two_states.distributions,
        Needs.COLLECTED,
        "ground high",
        ("distributions.csv", "snippets.csv", "distributions.png"),
    ),
    "seeds": Result(seeds, Needs.COLLECTED, "ground high seeds", ("seeds.csv", "statistics_of_seeds.csv", "seeds.png")),
    "connectivity": Result(
        two_states.connectivity,
        Needs.COLLECTED,
        "ground high",
        (
            "connectivity.csv",
            "functional_connectivity_ground.csv",
            "functional_connectivity_high.csv",
            "connectivity.png",
        ),
        ("input_weights_pa",),
    ),
    "bold": Result(two_states.bold, Needs.COLLECTED, "ground high", ("bold.csv", "bold.png"), ("bold",)),
    "curve": Result(over_chi.curve, Needs.LINE, "ground high curve", ("curve.csv", "curve.png")),
    "states": Result(over_chi.states, Needs.LINE, "states start", ("states.csv", "states_of_seeds.csv", "states.png")),
    "durations": Result(
        over_chi.durations, Needs.SPIKES, "ground high seeds curve", ("durations.csv", "durations.png")
    ),
    "switch": Result(over_chi.switch, Needs.SPIKES, "switch", ("switch.csv", "switch.png")),
    "perturbation": Result(
        over_chi.perturbation,
        Needs.COLLECTED,
        "perturbation",
        ("perturbation.csv", "latencies.csv", "perturbation.png"),
    ),
    "theory": Result(
        two_states.theory,
        Needs.COLLECTED,
        "ground high single_neurons",
        ("theory.csv", "theory_rates.csv", "theory.png"),
    ),
}


def write_results(files: list[Path], to: Path, document: Path, publish: bool) -> None:
    """Writes tables and figures of all results that the runs have, and puts the tables into a document.

    To publish is to fill places in a document that is there, which is about the full network, and to add to the runs
    that were published. Otherwise the document has tables and figures only, and all is written anew.
    """
    collected = [Collected(path) for path in files]
    if not collected:
        raise CollectError("no collected files: `paper.py collect RUN_DIR... --to FOLDER` makes them")
    scaled = next((run for run in collected if run.is_human and not run.is_full_scale), None)
    if scaled is not None and publish:
        raise CollectError(
            f"{scaled.path} is of a down-scaled network, and {document} is about the full one: leave it out, or write "
            "elsewhere with `--to FOLDER`"
        )
    text = document.read_text(encoding="utf-8") if publish else ""
    shown = {found.group(2): found.group(0) for found in MARKED.finditer(text)}
    if publish and set(shown) != set(RESULTS):
        raise CollectError(f"{document} has places for other results: {', '.join(sorted(set(shown) ^ set(RESULTS)))}")
    to.mkdir(parents=True, exist_ok=True)
    all_runs = together(records.read(to / RUNS), collected) if publish else list[Record](collected)
    runs: dict[Needs, Sequence[Record]] = {
        Needs.LINE: all_runs,
        Needs.SPIKES: [run for run in all_runs if len(run.spikes)],
        Needs.COLLECTED: collected,
    }
    replace(to / RUNS, csv(records.table(all_runs)))
    for name, result in RESULTS.items():
        if publish and loses(result, runs[result.needs], all_runs):
            print(f"{name}: stays as it was published, since not all that it needs of its runs is here")
        else:
            part = write_result(name, runs[result.needs], to, document.parent)
            shown[name] = f"<!-- result: {name} -->\n{part}\n<!-- end -->" if publish else f"## {name}\n\n{part}"
    if publish:
        text = MARKED.sub(lambda found: shown[found.group(2)], text)
    else:
        text = "\n\n".join(shown.values()) + "\n"
    replace(document, text.encode())


def together(published: list[Record], collected: list[Collected]) -> list[Record]:
    """The runs that were published, and those that are collected now."""
    found: dict[tuple[object, ...], Collected] = {}
    for run in collected:
        other = found.setdefault(run.what, run)
        if other.manifest["simulation_hash"] != run.manifest["simulation_hash"]:
            raise CollectError(
                f"{other.path} and {run.path} differ in keys that the publication does not vary: leave one of them out"
            )
    return records.joined(published, collected)


def loses(result: Result, given: Sequence[Record], all_runs: Sequence[Record]) -> bool:
    """Whether a run of a result was published before, and what the result needs of it is not given now."""
    wanted = [point for name in result.runs.split() for point in planned(name)]
    usable = [run for run in given if not isinstance(run, Collected) or all(part in run for part in result.parts)]
    of_all, of_usable = (
        [any(point.is_made_by(run) for run in runs) for point in wanted] for runs in (all_runs, usable)
    )
    return of_all != of_usable


def write_result(name: str, runs: Sequence[Record], to: Path, beside: Path) -> str:
    """Writes the files of a result, and gives what a document in the folder `beside` shows of it."""
    result = RESULTS[name]
    outcome = result.of(list(runs))
    written: dict[str, bytes] = {}
    stay: set[str] = set()
    if outcome is not None:
        for table_name, table in outcome.tables.items():
            written[f"{table_name}.csv"] = csv(table)
        for figure_name, figure in outcome.figures.items():
            if figure is None:
                stay.add(f"{figure_name}.png")
            else:
                written[f"{figure_name}.png"] = figures.png(figure)
    for file, data in written.items():
        replace(to / file, data)
    for file in set(result.files) - set(written) - stay:
        # Of an earlier call with other runs.
        (to / file).unlink(missing_ok=True)
    absent = missing(result.runs.split(), runs)
    told = f"{absent} `examples/paper/run {result.runs}` makes what is missing."
    parts = [textwrap.fill(told, 120, break_on_hyphens=False)] if absent else []
    if outcome is None:
        print(f"{name}: left out; `examples/paper/run {result.runs}` makes what it needs")
        return "\n\n".join(parts or [f"No run can be used: `examples/paper/run {result.runs}` tells more."])
    parts.append(markdown(next(iter(outcome.tables.values()))))
    for figure_name, figure in outcome.figures.items():
        caption = str(getattr(figures, figure_name).__doc__).strip().splitlines()[0]
        if figure is None:
            if not (to / f"{figure_name}.png").exists():
                continue
            caption += " Runs that came later are not drawn yet."
        parts.append(f"![{caption}]({os.path.relpath(to, beside)}/{figure_name}.png)")
    print(f"{name}: {', '.join(written)}" + (f"; {absent}" if absent else ""))
    return "\n\n".join(parts)


def csv(table: pd.DataFrame) -> bytes:
    """A table as text, numbers with six digits."""
    return table.to_csv(index=False, float_format="%.6g").encode()


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
