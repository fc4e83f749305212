"""Results of the long runs in the ground state and in the high state."""

from __future__ import annotations

import numpy as np
import pandas as pd

import figures
import measures
from collected import MIN_SPIKES
from measures import Collected
from run_folder import Floats
from selected import STATES, Outcome, both_states, longest, of_seeds

#: Bounds of agreement: of a Kolmogorov-Smirnov distance, and of a correlation of matrices.
LARGEST_KS, LEAST_SIMILARITY = 0.1, 0.8
#: Until then BOLD signals come from rest, and areas correlate because they set in together (as in the program); time
#: between samples, ms.
BOLD_TRANSIENT_MS, BOLD_SAMPLE_MS = 20_000.0, 100.0


def agreement(runs: list[Collected]) -> Outcome | None:
    """What agrees and what does not: each comparison with its bound, and with how far our snippets are apart."""
    rows: list[dict[str, str]] = []
    levels, measured = measures.measured_quantiles()
    for state, run in both_states(runs).items():
        chi, name = STATES[state]
        snippets = all_snippets(runs, state)
        as_in_curve = all_snippets(runs, state, measures.CURVE_MIN_SPIKES)
        published = measures.published_quantiles(name)[1]
        for what in measures.STATISTICS:
            values = [part[what] for part in snippets]
            distances = np.array([measures.ks_to_quantiles(part, levels, published[what]) for part in values])
            row = {"state": state, "comparison": f"KS of {what} to the published state", "ours": spread(distances)}
            row |= {"between our snippets": spread(distances_between(values)), "bound": f"mean at most {LARGEST_KS}"}
            rows.append(row | {"agrees": yes(distances.mean() <= LARGEST_KS)})
        for what, column in measures.CURVE_COLUMNS.items():
            curve = measures.published_curve()[f"one_minus_ks_{column}"].to_dict()[chi]
            quantiles = 1.0 - measures.ks_to_quantiles(published[what], levels, measured[what])
            for source, theirs, parts in (("curve", curve, as_in_curve), ("quantiles", quantiles, snippets)):
                ours = 1.0 - np.array([measures.ks_to_quantiles(part[what], levels, measured[what]) for part in parts])
                row = {"state": state, "comparison": f"1 − KS of {what} to experiment, published {source}"}
                row |= {"ours": spread(ours), "between our snippets": "", "bound": f"{theirs:.3f} within the range"}
                rows.append(row | {"agrees": yes(ours.min() <= theirs <= ours.max())})
        if "input_weights_pa" in run:
            for kernel in ("sampled", "published"):
                matrix = measures.published_connectivity(name, run.areas)
                similarity = measures.similarity(run.connectivity(kernel), matrix)
                row = {"state": state, "comparison": f"functional connectivity, kernel {kernel}: r to published"}
                row |= {"ours": f"{similarity:.3f}", "between our snippets": ""}
                row["bound"] = f"at least {LEAST_SIMILARITY}; in reach {in_reach(run, kernel):.2f}"
                rows.append(row | {"agrees": yes(similarity >= LEAST_SIMILARITY)})
    return Outcome({"agreement": pd.DataFrame(rows)}) if rows else None


def all_snippets(runs: list[Collected], state: str, min_spikes: int = MIN_SPIKES) -> list[dict[str, Floats]]:
    """All snippets of the run that stands for a state, and the first one of each other seed."""
    run = both_states(runs)[state]
    others = [other for seed, other in of_seeds(runs, state).items() if seed != run.seed]
    return [*run.snippets(min_spikes), *(next(other.snippets(min_spikes)) for other in others)]


def distances_between(values: list[Floats]) -> Floats:
    """Kolmogorov-Smirnov distances of all pairs of snippets."""
    return np.array([measures.ks(a, b) for i, a in enumerate(values) for b in values[:i]])


def in_reach(run: Collected, kernel: str) -> float:
    """Correlation that the matrices of two independent runs of this length would have.

    Half of the run determines the matrix as well as its halves correlate; for twice the length the Spearman-Brown
    formula gives the correlation (Spearman 1910, Brown 1910).
    """
    between = measures.similarity(*halves(run, kernel))
    return 2.0 * between / (1.0 + between)


def halves(run: Collected, kernel: str) -> tuple[Floats, Floats]:
    """Functional connectivity of the first and of the second half."""
    middle = round((measures.CONNECTIVITY_FROM_MS + run.duration_ms) / 2)
    return run.connectivity(kernel, to_ms=middle), run.connectivity(kernel, from_ms=middle)


def yes(holds: bool | np.bool_) -> str:
    """A verdict in a word."""
    return "yes" if holds else "no"


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
        columns = table[[f"{state}_{what}" for what in quantities]]
        short[f"{state} state, χ = {run.chi:g}, {run.duration_ms / 1000:g} s"] = columns.mean().tolist()
        short[f"populations, {state}"] = [f"{n} of {len(table)}" for n in columns.notna().sum()]
    shown = pd.DataFrame(short, index=["rate, spikes/s", "CV ISI", "LvR", "correlation"])
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
        own, other = (name for name in sorted(published, key=lambda name: name != STATES[state][1]))
        for what in measures.STATISTICS:
            values = [snippet[what] for snippet in snippets]
            targets = {own: published[own][what], other: published[other][what], "experiment": measured[what]}
            distance = {
                name: np.array([measures.ks_to_quantiles(part, levels, target) for part in values])
                for name, target in targets.items()
            }
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
                    "KS between our snippets": spread(distances_between(values)),
                    "1 − KS to experiment": spread(1.0 - distance["experiment"]),
                    "published": 1.0 - measures.ks_to_quantiles(published[own][what], levels, measured[what]),
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
        for kernel in ("sampled", "published"):
            ours = run.connectivity(kernel)
            rows.append(
                {
                    "state": state,
                    "kernel": kernel,
                    "seconds": (run.duration_ms - measures.CONNECTIVITY_FROM_MS) / 1000.0,
                    "r to the same published state": measures.similarity(ours, own),
                    "r to the other one": measures.similarity(ours, other),
                    "r between our halves": measures.similarity(*halves(run, kernel)),
                    "r in reach": in_reach(run, kernel),
                    "mean": mean_below(ours),
                    "mean, published": mean_below(own),
                    **{f"r to fMRI {side}": measures.similarity(ours, found) for side, found in fmri.items()},
                    **{f"published, {side}": measures.similarity(own, found) for side, found in fmri.items()},
                }
            )
        drawn[state] = (run.connectivity("published"), own, run.areas)
        tables[f"functional_connectivity_{state}"] = pd.DataFrame(run.connectivity(), run.areas, run.areas).reset_index(
            names="area"
        )
    figure = figures.connectivity(drawn)
    return Outcome({"connectivity": pd.DataFrame(rows), **tables}, {"connectivity": figure})


def mean_below(matrix: Floats) -> float:
    """Mean of what stands below the diagonal and has a value; NaN if nothing has. Areas without spikes have none."""
    values = matrix[np.tril_indices(len(matrix), -1)]
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) else float("nan")


def bold(runs: list[Collected]) -> Outcome | None:
    """BOLD signals, and their correlations once the transient from rest is over."""
    found = {state: run for state, run in both_states(runs).items() if "bold" in run}
    if not found:
        return None
    rows = []
    for state, run in found.items():
        signal = run.array("bold").astype(float)
        first = round(BOLD_TRANSIENT_MS / BOLD_SAMPLE_MS)
        row = {"state": state, "run, s": run.duration_ms / 1000.0, "transient, s": BOLD_TRANSIENT_MS / 1000.0}
        row["correlations"] = "none: the run ends before the transient"
        rows.append(row)
        if run.duration_ms <= BOLD_TRANSIENT_MS:
            continue
        row["correlations"] = f"from {BOLD_TRANSIENT_MS / 1000.0:g} s"
        middle = (first + signal.shape[1]) // 2
        whole, *parts = (
            np.corrcoef(signal[:, part]) for part in (slice(first, None), slice(first, middle), slice(middle, None))
        )
        row["r between its halves"] = measures.similarity(*parts)
        row["r to functional connectivity"] = measures.similarity(whole, run.connectivity())
        for side in ("lh", "rh"):
            row[f"r to fMRI {side}"] = measures.similarity(whole, measures.measured_connectivity(side, run.areas))
    return Outcome({"bold": pd.DataFrame(rows)}, {"bold": figures.bold(found, BOLD_SAMPLE_MS)})


def theory(runs: list[Collected]) -> Outcome | None:
    """Rates of mean-field theory beside simulated ones, of populations and of single neurons without synapses."""
    found = both_states(runs)
    tables = {f"{state} state": run.table("rates.csv") for state, run in found.items() if "rates.csv" in run}
    single = longest(run for run in runs if run.name == "single_neurons" and "rates.csv" in run)
    if single is not None:
        tables["single neurons"] = single.table("rates.csv")
    if not tables:
        return None
    rows = []
    for name, table in tables.items():
        table = table.dropna(subset=["rate_hz", "theory_rate_hz"])
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
