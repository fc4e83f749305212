"""On what the runs were made, as their manifests tell."""

from __future__ import annotations

import pandas as pd

from planned import NAMES, planned
from records import Record
from selected import Outcome

#: What the engines are called.
ENGINES = {"gpu": "GPU", "cpu": "CPU", "reference": "reference"}


def made(runs: list[Record]) -> Outcome | None:
    """Engine, device and program of the runs of each configuration, and how long they took."""
    rows = [
        {
            "runs of": name_of(run),
            "engine": ENGINES.get(run.engine, "unknown"),
            "on": run.device or "unknown",
            "version": run.version or "unknown",
            "runs": 1,
            "model time, s": run.duration_ms / 1000.0,
            "simulation, s": run.simulation_s,
        }
        for run in runs
    ]
    if not rows:
        return None
    keys = ["runs of", "engine", "on", "version"]
    sums = pd.DataFrame(rows).groupby(keys, sort=False).sum(min_count=1).reset_index()
    sums["s for 1 s of model time"] = sums["simulation, s"] / sums["model time, s"]
    order = [*NAMES, "others"]
    return Outcome({"made": sums.sort_values("runs of", key=lambda names: names.map(order.index), kind="stable")})


def name_of(run: Record) -> str:
    """The first configuration that makes exactly this run, or one that it is the longer run of."""
    for exact in (True, False):
        for name in NAMES:
            if any(point.is_made_by(run, exact) for point in planned(name)):
                return name
    return "others"
