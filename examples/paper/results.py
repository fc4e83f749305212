"""Collected runs → tables and figures of each result of the publication, published beside ours.

Each result is a function of all collected runs. It gives tables, of which the first is shown in REPRODUCTION.md, and figures;
or nothing, if the runs that it needs are not there. Then a sentence says which command makes them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import figures
import measures
from collected import CollectError, Floats
from measures import Collected

#: Markers in REPRODUCTION.md between which the tables stand.
MARKED = re.compile(r"(<!-- result: (\w+) -->\n).*?(\n<!-- end -->)", re.DOTALL)
#: χ of the two states, and what the publication calls them.
STATES = {"ground": (1.0, "groundstate"), "high": (2.5, "bestfit")}
#: When the state of a short run is told, ms: in the window that ends then.
STATE_AT_MS = 300
#: First window of a settled network.
SETTLED = measures.SETTLED_MS // measures.STATE_WINDOW_MS
#: Bounds of agreement: of a Kolmogorov-Smirnov distance, and of a correlation of matrices.
LARGEST_KS, LEAST_SIMILARITY = 0.1, 0.8
#: BOLD signals count from here on, though their transient from rest takes 20 s; time between samples, ms.
BOLD_FROM_MS, BOLD_SAMPLE_MS = 5000.0, 100.0
#: Model time of runs with pulses, ms.
SWITCH_MS = 900
#: Shortest run of a point of the curve, ms.
CURVE_MS = 4500


@dataclass
class Outcome:
    """What one result consists of: tables by name, of which the first is shown, and figures by name."""

    tables: dict[str, pd.DataFrame]
    figures: dict[str, Figure] = field(default_factory=dict)


def longest(runs: Iterable[Collected]) -> Collected | None:
    """The run with the most model time."""
    return max(runs, key=lambda run: run.duration_ms, default=None)


def of_model(runs: list[Collected]) -> list[Collected]:
    """Runs of the human model with the published start and without stimuli."""
    return [run for run in runs if "train_spikes" in run and run.is_published_start]


def of_state(runs: list[Collected], state: str) -> Collected | None:
    """The longest run that stands for a state: in it at the end of its first 4.5 s."""
    chi = STATES[state][0]
    able = [run for run in of_model(runs) if run.chi == chi and run.duration_ms >= CURVE_MS]
    return longest(
        run for run in able if run.is_high()[: CURVE_MS // measures.STATE_WINDOW_MS][-1] == (state == "high")
    )


def both_states(runs: list[Collected]) -> dict[str, Collected]:
    """The runs of the two states that are there."""
    found = {state: of_state(runs, state) for state in STATES}
    return {state: run for state, run in found.items() if run is not None}


def populations(runs: list[Collected]) -> Outcome | None:
    """Rate, CV ISI, LvR and correlation of every population in both states; means over populations in short."""
    states = both_states(runs)
    if not states:
        return None
    quantities = ["rate_hz", "cv_isi", "lvr", "correlation"]
    keys = ["area", "layer", "population"]
    merged, short = pd.DataFrame(), {}
    for state, run in states.items():
        table = population_statistics(run).rename(columns={what: f"{state}_{what}" for what in quantities})
        merged = (
            table if merged.empty else merged.merge(table.drop(columns="neurons"), on=keys, how="outer", sort=False)
        )
        short[state] = table[[f"{state}_{what}" for what in quantities]].mean().to_numpy()
    shown = pd.DataFrame(short, index=["rate, spikes/s", "CV ISI", "LvR", "correlation"])
    shown.columns = [f"{state} state, χ = {run.chi:g}, {run.duration_ms / 1000:g} s" for state, run in states.items()]
    shown = shown.reset_index(names="mean over populations")
    drawn = {"rasters": figures.rasters(states), "boxes": figures.boxes(merged, list(states))}
    return Outcome({"populations_summary": shown, "populations": merged}, drawn)


def population_statistics(run: Collected) -> pd.DataFrame:
    """Statistics of the populations from the analysis, or what follows from the spikes that were kept."""
    if "analysis/populations.csv" in run:
        return run.table("analysis/populations.csv")
    table = run.populations.drop(columns="first_neuron")
    counts = run.array("population_counts")[:, round(run.from_ms) :].sum(1)
    table["rate_hz"] = counts / table.neurons / (run.duration_ms - run.from_ms) * 1000.0
    table[["cv_isi", "lvr"]] = run.array("sampled_statistics")[:, :2]
    table["correlation"] = np.nan
    return table


def distributions(runs: list[Collected]) -> Outcome | None:
    """Distances of rate, CV and LvR of single trains to both published states and to the experiment."""
    states = both_states(runs)
    rows, shown = [], []
    levels, measured = measures.measured_quantiles()
    published = {name: measures.published_quantiles(name)[1] for _, name in STATES.values()}
    for state, run in states.items():
        snippets = list(run.snippets())
        curve_point = measures.published_curve().loc[STATES[state][0]]
        own, other = (name for name in sorted(published, key=lambda name: name != STATES[state][1]))
        for what in measures.STATISTICS:
            values = [snippet[what] for snippet in snippets]
            targets = {own: published[own][what], other: published[other][what], "experiment": measured[what]}
            distance = {
                name: np.array([measures.ks_to_quantiles(part, levels, target) for part in values])
                for name, target in targets.items()
            }
            between = [measures.ks(a, b) for i, a in enumerate(values) for b in values[:i]]
            for i, part in enumerate(values):
                at = {f"ks_to_{name}": distance[name][i] for name in ("groundstate", "bestfit", "experiment")}
                rows.append({"state": state, "statistic": what, "snippet": i, "trains": len(part), **at})
            pooled = np.concatenate(values)
            shown.append(
                {
                    "state": state,
                    "statistic": what,
                    "trains": len(pooled),
                    "mean": pooled.mean() if len(pooled) else np.nan,
                    "mean, published": np.mean(published[own][what]),
                    "KS to the same published state": spread(distance[own]),
                    "KS to the other one": spread(distance[other]),
                    "KS between our snippets": np.mean(between) if between else np.nan,
                    "1 − KS to experiment": spread(1.0 - distance["experiment"]),
                    "published": curve_point[f"one_minus_ks_{measures.CURVE_COLUMNS[what]}"],
                    "from published quantiles": 1.0
                    - measures.ks_to_quantiles(published[own][what], levels, measured[what]),
                }
            )
    if not shown:
        return None
    figure = figures.distributions({state: list(run.snippets()) for state, run in states.items()})
    return Outcome({"distributions": pd.DataFrame(shown), "snippets": pd.DataFrame(rows)}, {"distributions": figure})


def spread(values: Floats) -> str:
    """Mean, and range if there are several; empty if there are none."""
    values = values[np.isfinite(values)]
    if not len(values):
        return ""
    if len(values) < 2:
        return f"{np.mean(values):.3f}"
    return f"{np.mean(values):.3f} ({np.min(values):.3f} to {np.max(values):.3f})"


def connectivity(runs: list[Collected]) -> Outcome | None:
    """Functional connectivity beside the published matrices of both states, and beside fMRI."""
    states = {state: run for state, run in both_states(runs).items() if "input_weights_pa" in run}
    if not states:
        return None
    rows, drawn, tables = [], {}, {}
    for state, run in states.items():
        published = {name: measures.published_connectivity(name, run.areas) for _, name in STATES.values()}
        fmri = {side: measures.measured_connectivity(side, run.areas) for side in ("lh", "rh")}
        own = published[STATES[state][1]]
        other = next(found for name, found in published.items() if name != STATES[state][1])
        middle = round((measures.CONNECTIVITY_FROM_MS + run.duration_ms) / 2)
        for kernel in ("sampled", "published"):
            ours = run.connectivity(kernel)
            halves = run.connectivity(kernel, to_ms=middle), run.connectivity(kernel, from_ms=middle)
            rows.append(
                {
                    "state": state,
                    "kernel": kernel,
                    "seconds": (run.duration_ms - measures.CONNECTIVITY_FROM_MS) / 1000.0,
                    "r to the same published state": measures.similarity(ours, own),
                    "r to the other one": measures.similarity(ours, other),
                    "r between our halves": measures.similarity(*halves),
                    "mean": ours[np.tril_indices(len(ours), -1)].mean(),
                    "mean, published": own[np.tril_indices(len(own), -1)].mean(),
                    **{f"r to fMRI {side}": measures.similarity(ours, found) for side, found in fmri.items()},
                    **{f"published, {side}": measures.similarity(own, found) for side, found in fmri.items()},
                }
            )
        drawn[state] = (run.connectivity(), own, run.areas)
        tables[f"functional_connectivity_{state}"] = pd.DataFrame(run.connectivity(), run.areas, run.areas).reset_index(
            names="area"
        )
    figure = figures.connectivity(drawn)
    return Outcome({"connectivity": pd.DataFrame(rows), **tables}, {"connectivity": figure})


def agreement(runs: list[Collected]) -> Outcome | None:
    """What agrees and what does not: each comparison with its bound."""
    rows = []
    levels, measured = measures.measured_quantiles()
    for state, run in both_states(runs).items():
        chi, name = STATES[state]
        snippets = list(run.snippets())
        published = measures.published_quantiles(name)[1]
        for what in measures.STATISTICS:
            distances = np.array([measures.ks_to_quantiles(part[what], levels, published[what]) for part in snippets])
            found = {"state": state, "comparison": f"KS of {what} to the published state", "ours": spread(distances)}
            rows.append(found | {"bound": f"at most {LARGEST_KS}", "agrees": yes(distances.mean() <= LARGEST_KS)})
        for what, column in measures.CURVE_COLUMNS.items():
            ours = np.array([1.0 - measures.ks_to_quantiles(part[what], levels, measured[what]) for part in snippets])
            theirs = measures.published_curve()[f"one_minus_ks_{column}"].to_dict()[chi]
            found = {"state": state, "comparison": f"1 − KS of {what} to experiment", "ours": spread(ours)}
            inside = ours.min() <= theirs <= ours.max()
            rows.append(found | {"bound": f"published {theirs:.3f} within the snippets", "agrees": yes(inside)})
        if "input_weights_pa" in run:
            for kernel in ("sampled", "published"):
                matrix = measures.published_connectivity(name, run.areas)
                similarity = measures.similarity(run.connectivity(kernel), matrix)
                found = {"state": state, "comparison": f"functional connectivity, kernel {kernel}: r to published"}
                found |= {"ours": f"{similarity:.3f}", "bound": f"at least {LEAST_SIMILARITY}"}
                rows.append(found | {"agrees": yes(similarity >= LEAST_SIMILARITY)})
    return Outcome({"agreement": pd.DataFrame(rows)}) if rows else None


def yes(holds: bool | np.bool_) -> str:
    """A verdict in a word."""
    return "yes" if holds else "no"


def bold(runs: list[Collected]) -> Outcome | None:
    """Correlations of BOLD signals, as far as the length of the runs allows."""
    found = {state: run for state, run in both_states(runs).items() if "bold" in run}
    if not found:
        return None
    rows = []
    for state, run in found.items():
        signal = run.array("bold").astype(float)
        first = round(BOLD_FROM_MS / BOLD_SAMPLE_MS)
        middle = (first + signal.shape[1]) // 2
        whole, *halves = (
            np.corrcoef(signal[:, part]) for part in (slice(first, None), slice(first, middle), slice(middle, None))
        )
        row = {"state": state, "from, s": BOLD_FROM_MS / 1000.0, "to, s": run.duration_ms / 1000.0}
        row["r between its halves"] = measures.similarity(*halves)
        row["r to functional connectivity"] = measures.similarity(whole, run.connectivity())
        for side in ("lh", "rh"):
            row[f"r to fMRI {side}"] = measures.similarity(whole, measures.measured_connectivity(side, run.areas))
        rows.append(row)
    return Outcome({"bold": pd.DataFrame(rows)}, {"bold": figures.bold(found, BOLD_SAMPLE_MS)})


def curve(runs: list[Collected]) -> Outcome | None:
    """Similarity to experiment and to fMRI as χ rises, on the first published snippet."""
    points = [run for run in of_model(runs) if run.duration_ms >= CURVE_MS]
    if not points:
        return None
    levels, measured = measures.measured_quantiles()
    published = measures.published_curve()
    rows = []
    for run in sorted(unique(points), key=lambda run: (run.chi, run.seed)):
        snippet = next(iter(run.snippets()))
        ours = {what: 1.0 - measures.ks_to_quantiles(snippet[what], levels, measured[what]) for what in snippet}
        theirs = published.loc[run.chi] if run.chi in published.index else pd.Series(dtype=float)
        windows = slice(round(measures.CONNECTIVITY_FROM_MS / 50), CURVE_MS // 50)
        row = {"chi": run.chi, "seed": run.seed, "mean rate, spikes/s": run.mean_rate_hz()[windows].mean()}
        row["time in the high state"] = run.is_high()[windows].mean()
        for what, column in measures.CURVE_COLUMNS.items():
            row |= {f"1 − KS {what}": ours[what], f"published {what}": theirs.get(f"one_minus_ks_{column}", np.nan)}
        for side in ("lh", "rh"):
            if "input_weights_pa" in run:
                found = measures.similarity(
                    run.connectivity(to_ms=CURVE_MS), measures.measured_connectivity(side, run.areas)
                )
                row[f"r to fMRI {side}"] = found
            row[f"published {side}"] = theirs.get(f"fc_similarity_{side}_corrcoef_true", np.nan)
        rows.append(row)
    table = pd.DataFrame(rows)
    return Outcome({"curve": table}, {"curve": figures.curve(table, published)})


def unique(runs: list[Collected]) -> list[Collected]:
    """One run, the longest, of each χ, seed and start."""
    found: dict[tuple[float, int, float], Collected] = {}
    for run in sorted(runs, key=lambda run: run.duration_ms):
        found[(run.chi, run.seed, run.start_mv)] = run
    return list(found.values())


def states(runs: list[Collected]) -> Outcome | None:
    """Which state each seed is in after 300 ms, with the published start and with a quiet one."""
    able = unique([run for run in runs if is_human(run) and not run.stimuli and run.duration_ms >= STATE_AT_MS])
    if not able:
        return None
    last = STATE_AT_MS // measures.STATE_WINDOW_MS - 1
    rows = [
        {
            "start": "published" if run.start_mv == measures.PUBLISHED_START_MV else f"{run.start_mv:g} mV",
            "chi": run.chi,
            "seed": run.seed,
            "rate_hz": run.mean_rate_hz()[last],
            "is_high": bool(run.is_high()[last]),
            "entered_ms": entered_ms(run),
        }
        for run in sorted(able, key=lambda run: (run.start_mv, run.chi, run.seed))
    ]
    seeds = pd.DataFrame(rows)
    shown = []
    for (start, chi), group in seeds.groupby(["start", "chi"], sort=False):
        n_high, n = int(group.is_high.sum()), len(group)
        low, high = measures.wilson_interval(n_high, n)
        entered = group.entered_ms.dropna()
        shown.append(
            {
                "start": start,
                "chi": chi,
                "seeds": n,
                "in the high state": n_high,
                "fraction": n_high / n,
                "95 %": f"{low:.2f} to {high:.2f}",
                "seeds in it": ", ".join(str(seed) for seed in group[group.is_high].seed) or "none",
                "entered at, ms": f"{entered.min():g} to {entered.max():g}" if len(entered) else "",
            }
        )
    return Outcome({"states": pd.DataFrame(shown), "states_of_seeds": seeds}, {"states": figures.states(able)})


def is_human(run: Collected) -> bool:
    """Whether it is the human model."""
    return "train_spikes" in run


def entered_ms(run: Collected) -> float:
    """Start of the first window that is in the high state; NaN if there is none until 300 ms."""
    windows = range(SETTLED, STATE_AT_MS // measures.STATE_WINDOW_MS)
    high = run.is_high()
    found = [window for window in windows if high[window]]
    return float(found[0] * measures.STATE_WINDOW_MS) if found else float("nan")


def durations(runs: list[Collected]) -> Outcome | None:
    """How long each state lasts."""
    points = unique([run for run in of_model(runs) if run.duration_ms >= CURVE_MS])
    if not points:
        return None
    rows = []
    for run in sorted(points, key=lambda run: (run.chi, run.seed)):
        found = measures.episodes(run.is_high()[SETTLED:])
        row = {"chi": run.chi, "seed": run.seed, "seconds": run.duration_ms / 1000.0}
        for name, state in (("ground", False), ("high", True)):
            lengths = [n * measures.STATE_WINDOW_MS / 1000.0 for is_high, n in found if is_high == state]
            row |= {f"{name} state, s": sum(lengths), f"{name}, episodes": len(lengths)}
            row[f"{name}, longest, s"] = max(lengths, default=0.0)
        rates = run.mean_rate_hz()
        row |= {"lowest rate, spikes/s": rates[SETTLED:].min(), "highest": rates[SETTLED:].max()}
        rows.append(row)
    return Outcome({"durations": pd.DataFrame(rows)}, {"durations": figures.durations(points)})


def switch(runs: list[Collected]) -> Outcome | None:
    """State before, between and after pulses of current, and without them."""
    able = [run for run in runs if is_human(run) and run.stimuli.startswith("dc(")]
    if not able:
        return None
    window, name = measures.STATE_WINDOW_MS, {True: "high", False: "ground"}
    pairs = {(run.chi, run.seed) for run in able}
    able += unique([run for run in of_model(runs) if (run.chi, run.seed) in pairs and run.duration_ms >= SWITCH_MS])
    rows = []
    for run in sorted(able, key=lambda run: (run.chi, run.seed, run.stimuli)):
        rates, high = run.mean_rate_hz(), run.is_high()
        row = {"chi": run.chi, "seed": run.seed, "pulses": pulses(run) or "none"}
        for label, end_ms in (("before", 300), ("between", 600), ("at the end", SWITCH_MS)):
            last = end_ms // window - 1
            row[f"{label}, spikes/s"] = f"{name[bool(high[last])]} ({rates[last]:.2f})"
        rows.append(row)
    return Outcome({"switch": pd.DataFrame(rows)}, {"switch": figures.switch(able, pulses)})


def pulses(run: Collected) -> str:
    """The currents of its stimuli in words."""
    found = re.findall(r"amplitude_pa: (-?[\d.]+), from_ms: ([\d.]+), to_ms: ([\d.]+)", run.stimuli)
    return "; ".join(f"{float(pa):+g} pA from {float(start):g} to {float(end):g} ms" for pa, start, end in found)


def perturbation(runs: list[Collected]) -> Outcome | None:
    """When one extra spike is noticed in each area, in both states."""
    able = [run for run in runs if "difference_step" in run and is_human(run)]
    if not able:
        return None
    table, shown = pd.DataFrame(), []
    for run in sorted(able, key=lambda run: run.chi):
        onset_ms = float(re.search(r"time_ms: ([\d.]+)", run.stimuli).group(1))  # type: ignore[union-attr]
        source = re.search(r'populations: "(\w+)', run.stimuli).group(1)  # type: ignore[union-attr]
        step = run.array("difference_step").astype(float)
        latency_ms = np.where(step > 0, step * run.dt_ms - onset_ms, np.nan)
        path_ms = measures.shortest_paths_ms(run, source)
        if table.empty:
            table = pd.DataFrame({"area": run.areas, "shortest_path_ms": path_ms})
        table[f"latency_ms_chi_{run.chi:g}"] = latency_ms
        reached = np.isfinite(latency_ms) & np.isfinite(path_ms)
        shown.append(
            {
                "chi": run.chi,
                "rate before, spikes/s": run.mean_rate_hz()[round(onset_ms) // 50 - 2 : round(onset_ms) // 50].mean(),
                "areas reached": int(np.isfinite(latency_ms).sum()),
                "first other area, ms": np.nanmin(np.where(path_ms > 0, latency_ms, np.nan))
                if reached.sum() > 1
                else np.nan,
                "median, ms": np.nanmedian(latency_ms) if reached.any() else np.nan,
                "last, ms": np.nanmax(latency_ms) if reached.any() else np.nan,
                "r to shortest path": measures.correlation(latency_ms[reached], path_ms[reached]),
            }
        )
    figure = figures.perturbation(able, table)
    return Outcome({"perturbation": pd.DataFrame(shown), "latencies": table}, {"perturbation": figure})


def theory(runs: list[Collected]) -> Outcome | None:
    """Rates of mean-field theory beside simulated ones, of populations and of single neurons without synapses."""
    found = both_states(runs)
    tables = {f"{state} state": run.table("rates.csv") for state, run in found.items() if "rates.csv" in run}
    single = [run for run in runs if run.name == "single_neurons"]
    if single:
        tables["single neurons"] = single[0].table("rates.csv")
    if not tables:
        return None
    rows = []
    for name, table in tables.items():
        ours, predicted = table.rate_hz.to_numpy(float), table.theory_rate_hz.to_numpy(float)
        rows.append(
            {
                "network": name,
                "populations": len(table),
                "mean simulated, spikes/s": ours.mean(),
                "mean predicted, spikes/s": predicted.mean(),
                "r": measures.correlation(ours, predicted),
                "root mean square difference": float(np.sqrt(np.mean((ours - predicted) ** 2))),
            }
        )
    all_rates = pd.concat({name: table for name, table in tables.items()}, names=["network"]).reset_index("network")
    return Outcome({"theory": pd.DataFrame(rows), "theory_rates": all_rates}, {"theory": figures.theory(tables)})


@dataclass(frozen=True)
class Result:
    """A result, and which `examples/paper/run` makes the runs that it needs."""

    of: Callable[[list[Collected]], Outcome | None]
    runs: str


#: Results in the order of REPRODUCTION.md.
RESULTS = {
    "agreement": Result(agreement, "ground high"),
    "populations": Result(populations, "ground high"),
    "distributions": Result(distributions, "ground high"),
    "connectivity": Result(connectivity, "ground high"),
    "bold": Result(bold, "ground high"),
    "curve": Result(curve, "ground high curve"),
    "states": Result(states, "states start"),
    "durations": Result(durations, "ground high curve"),
    "switch": Result(switch, "switch"),
    "perturbation": Result(perturbation, "perturbation"),
    "theory": Result(theory, "ground high single_neurons"),
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
