"""Which of the collected runs a result is about, and what a result consists of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import pandas as pd
from matplotlib.figure import Figure

import measures
from measures import Collected
from planned import planned
from records import CURVE_MS, STATE_WINDOW_MS, Record

Run = TypeVar("Run", bound=Record)

#: χ of the two states, and what the publication calls them.
STATES = {"ground": (1.0, "groundstate"), "high": (2.5, "bestfit")}
#: First window of a settled network.
SETTLED = measures.SETTLED_MS // STATE_WINDOW_MS
#: Model time of runs with pulses, ms.
SWITCH_MS = 900


@dataclass
class Outcome:
    """What one result consists of: tables by name, of which the first is shown, and figures by name.

    In place of a figure that would lose runs whose spikes were not kept there is None: what was published stays.
    """

    tables: dict[str, pd.DataFrame]
    figures: Mapping[str, Figure | None] = field(default_factory=dict)


def longest(runs: Iterable[Run]) -> Run | None:
    """The run with the most model time."""
    return max(runs, key=lambda run: run.duration_ms, default=None)


def of_model(runs: Iterable[Run]) -> list[Run]:
    """Runs of the human model with the published start and without stimuli."""
    return [run for run in runs if run.is_human and run.is_published_start]


def of_state(runs: list[Collected], state: str) -> Collected | None:
    """The longest run that stands for a state: with the χ and the seed of its configuration, and in it after 4.5 s."""
    return of_seeds(runs, state).get(planned(state)[0].seed)


def both_states(runs: list[Collected]) -> dict[str, Collected]:
    """The runs of the two states that are there."""
    found = {state: of_state(runs, state) for state in STATES}
    return {state: run for state, run in found.items() if run is not None}


def of_seeds(runs: list[Collected], state: str) -> dict[int, Collected]:
    """Runs with the χ of a state that are in it after 4.5 s, by seed."""
    chi = STATES[state][0]
    able = [run for run in of_model(runs) if run.chi == chi and run.duration_ms >= CURVE_MS]
    found = {run.seed: run for run in unique(able) if run.is_high_at(CURVE_MS) == (state == "high")}
    return dict(sorted(found.items()))


def unique(runs: Iterable[Run]) -> list[Run]:
    """One run of each χ, seed and start: the longest of those whose spikes were kept, if there are some."""
    found: dict[tuple[float, int, float], Run] = {}
    for run in sorted(runs, key=lambda run: (len(run.spikes) > 0, run.duration_ms)):
        found[(run.chi, run.seed, run.start_mv)] = run
    return list(found.values())
