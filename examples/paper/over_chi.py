"""Results of many runs: the curve over χ, states entered, how long they last, and what switches or perturbs them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import figures
import measures
from measures import Collected
from planned import extra_spike, in_words
from records import CURVE_MS, PUBLISHED_START_MV, STATE_WINDOW_MS, Record
from run_folder import Ints
from selected import SETTLED, SWITCH_MS, Outcome, of_model, unique

#: When states are told around pulses, ms: in the window that ends then.
SWITCH_AT_MS = {"before": 300, "between": 600, "at the end": SWITCH_MS}
#: Rates before an extra spike are those of so many windows.
WINDOWS_BEFORE = 2
#: Spikes that both runs have in common are those of this time at the end, ms.
COMMON_MS = 50


#: Columns of the curve: what is told of a run, and what was published of it.
CURVE_TABLE = {
    "rate_hz": ("mean rate, spikes/s", None),
    "time_high": ("time in the high state", None),
    "similarity_rate": ("1 − KS rate", ("published rate", "one_minus_ks_rates")),
    "similarity_cv": ("1 − KS cv", ("published cv", "one_minus_ks_cv")),
    "similarity_lvr": ("1 − KS lvr", ("published lvr", "one_minus_ks_lvr")),
    "fmri_lh": ("r to fMRI lh", ("published lh", "fc_similarity_lh_corrcoef_true")),
    "fmri_rh": ("r to fMRI rh", ("published rh", "fc_similarity_rh_corrcoef_true")),
}


def curve(runs: list[Record]) -> Outcome | None:
    """Similarity to experiment and to fMRI as χ rises, on the first published snippet."""
    points = unique(run for run in of_model(runs) if run.curve)
    if not points:
        return None
    published = measures.published_curve()
    rows = []
    for run in sorted(points, key=lambda run: (run.chi, run.seed)):
        theirs = published.loc[run.chi] if run.chi in published.index else pd.Series(dtype=float)
        row: dict[str, Any] = {"chi": run.chi, "seed": run.seed}
        for what, (column, beside) in CURVE_TABLE.items():
            row[column] = run.curve.get(what, np.nan)
            if beside is not None:
                row[beside[0]] = theirs.get(beside[1], np.nan)
        rows.append(row)
    table = pd.DataFrame(rows)
    return Outcome({"curve": table}, {"curve": figures.curve(table, published)})


def states(runs: list[Record]) -> Outcome | None:
    """Which state each seed is in after 300 ms, from the published potentials and from those of start.ron."""
    able = unique(run for run in runs if run.is_human and not run.stimuli and not np.isnan(run.rate_then_hz))
    if not able:
        return None
    rows = [
        {
            "start": "published" if run.start_mv == PUBLISHED_START_MV else f"{run.start_mv:g} mV",
            "chi": run.chi,
            "seed": run.seed,
            "rate_hz": run.rate_then_hz,
            "is_high": run.is_high_then,
        }
        for run in sorted(able, key=lambda run: (run.start_mv, run.chi, run.seed))
    ]
    seeds = pd.DataFrame(rows)
    shown = []
    for (start, chi), group in seeds.groupby(["start", "chi"], sort=False):
        n_high, n = int(group.is_high.sum()), len(group)
        low, high = measures.wilson_interval(n_high, n)
        shown.append(
            {
                "start": start,
                "chi": chi,
                "seeds": n,
                "in the high state": n_high,
                "fraction": n_high / n,
                "95 %": f"{low:.2f} to {high:.2f}",
                "seeds in it": ", ".join(str(seed) for seed in group[group.is_high].seed) or "none",
            }
        )
    figure = figures.states(able) if all(len(run.spikes) for run in able) else None
    return Outcome({"states": pd.DataFrame(shown), "states_of_seeds": seeds}, {"states": figure})


def durations(runs: list[Record]) -> Outcome | None:
    """How long each state lasts."""
    points = unique([run for run in of_model(runs) if run.duration_ms >= CURVE_MS])
    if not points:
        return None
    rows = []
    for run in sorted(points, key=lambda run: (run.chi, run.seed)):
        found = measures.episodes(run.is_high()[SETTLED:])
        row = {"chi": run.chi, "seed": run.seed, "seconds": run.duration_ms / 1000.0}
        for name, state in (("ground", False), ("high", True)):
            lengths = [n * STATE_WINDOW_MS / 1000.0 for is_high, n in found if is_high == state]
            row |= {f"{name} state, s": sum(lengths), f"{name}, episodes": len(lengths)}
            row[f"{name}, longest, s"] = max(lengths, default=0.0)
        rates = run.mean_rate_hz()
        row |= {"lowest rate, spikes/s": rates[SETTLED:].min(), "highest": rates[SETTLED:].max()}
        rows.append(row)
    return Outcome({"durations": pd.DataFrame(rows)}, {"durations": figures.durations(points)})


def switch(runs: list[Record]) -> Outcome | None:
    """State before, between and after pulses of current, and without them."""
    able = [run for run in runs if run.is_human and run.stimuli.startswith("dc(")]
    if not able:
        return None
    window, name = STATE_WINDOW_MS, {True: "high", False: "ground"}
    pairs = {(run.chi, run.seed) for run in able}
    able += unique([run for run in of_model(runs) if (run.chi, run.seed) in pairs and run.duration_ms >= SWITCH_MS])
    rows = []
    for run in sorted(able, key=lambda run: (run.chi, run.seed, run.stimuli)):
        rates = run.mean_rate_hz()
        row = {"chi": run.chi, "seed": run.seed, "pulses": in_words(run.stimuli) or "none"}
        for label, end_ms in SWITCH_AT_MS.items():
            last = end_ms // window - 1
            row[f"{label}, spikes/s"] = f"{name[run.is_high_at(end_ms)]} ({rates[last]:.2f})"
        rows.append(row)
    return Outcome({"switch": pd.DataFrame(rows)}, {"switch": figures.switch(able)})


def perturbation(runs: list[Collected]) -> Outcome | None:
    """When one extra spike is noticed in each area, and how many spikes are the same in the end, in both states."""
    able = [run for run in runs if "difference_step" in run and run.is_human]
    if not able:
        return None
    table, shown = pd.DataFrame(), []
    for run in sorted(able, key=lambda run: run.chi):
        onset_ms, source = extra_spike(run.stimuli)
        step = run.array("difference_step").astype(float)
        latency_ms = np.where(step > 0, step * run.dt_ms - onset_ms, np.nan)
        path_ms = measures.shortest_paths_ms(run, source)
        if table.empty:
            table = pd.DataFrame({"area": run.areas, "shortest_path_ms": path_ms})
        table[f"latency_ms_chi_{run.chi:g}"] = latency_ms
        reached = np.isfinite(latency_ms) & np.isfinite(path_ms)
        onset_window = round(onset_ms) // STATE_WINDOW_MS
        before = run.mean_rate_hz()[onset_window - WINDOWS_BEFORE : onset_window]
        shown.append(
            {
                "chi": run.chi,
                "seed": run.seed,
                "rate before, spikes/s": before.mean(),
                "areas reached": int(np.isfinite(latency_ms).sum()),
                "first other area, ms": np.nanmin(np.where(path_ms > 0, latency_ms, np.nan))
                if reached.sum() > 1
                else np.nan,
                "median, ms": np.nanmedian(latency_ms) if reached.any() else np.nan,
                "last, ms": np.nanmax(latency_ms) if reached.any() else np.nan,
                "r to shortest path": measures.correlation(latency_ms[reached], path_ms[reached]),
                "spikes in common at the end": in_common(run, runs),
            }
        )
    figure = figures.perturbation(able, table)
    return Outcome({"perturbation": pd.DataFrame(shown), "latencies": table}, {"perturbation": figure})


def in_common(run: Collected, runs: list[Collected]) -> float:
    """Fraction of the spikes of the last 50 ms that both runs have, the same neuron in the same step; NaN if unknown.

    The run without the extra spike is told by its χ and its seed; a longer one does.
    """
    plain = [other for other in of_model(runs) if (other.chi, other.seed) == (run.chi, run.seed)]
    last = slice(round(run.duration_ms) - COMMON_MS, round(run.duration_ms))
    long_enough = [other for other in plain if other.duration_ms >= run.duration_ms]
    if not long_enough:
        return float("nan")

    def spikes(counts: Ints) -> int:
        return int(counts[:, last].sum(dtype=np.int64))

    both = sum(spikes(found.array("population_counts")) for found in (run, long_enough[0]))
    return 1.0 - spikes(run.array("difference_counts")) / both if both else float("nan")
