"""Figures of the results, as the publication draws them where it does."""

from __future__ import annotations

import io
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

import measures
from collected import RASTER_AREAS, RASTER_MS
from measures import Collected
from planned import extra_spike, in_words
from records import BIN_MS, HIGH_HZ, STATE_AT_MS, STATE_WINDOW_MS, Record
from run_folder import Floats
from selected import STATES, SWITCH_MS

Connectivity = tuple[Floats, Floats, list[str]]

#: Colours: excitatory, inhibitory; ground state, high state; published, measured.
EXCITATORY, INHIBITORY = "#1f5f8b", "#c0392b"
GROUND, HIGH = "#4878a8", "#c8553d"
PUBLISHED, MEASURED = "#222222", "#7a9e3c"
COLOURS = {"ground": GROUND, "high": HIGH}
#: Lower rates are drawn as this one, 1/s.
LOWEST_DRAWN_HZ = 1e-3
#: The same of means over all neurons, 1/s.
LOWEST_DRAWN_MEAN_HZ = 0.01
#: Time before an extra spike that is drawn, ms.
DRAWN_BEFORE_MS = 5
LAYERS = ("II/III", "IV", "V", "VI")

plt.rcParams.update(
    {"font.size": 8, "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False, "axes.titlesize": 9}
)


def png(figure: Figure) -> bytes:
    """A figure as a small PNG file with a palette, without a date."""
    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=110)
    plt.close(figure)
    # matplotlib itself needs this library.
    image = Image.open(drawn).convert("RGB").quantize(colors=255, dither=Image.Dither.NONE)
    image.save(small, format="png", optimize=True)
    return small.getvalue()


def panels(rows: int, columns: int, width: float, height: float, **options: Any) -> tuple[Figure, npt.NDArray[Any]]:
    """A figure with panels, [row, column]."""
    return plt.subplots(rows, columns, figsize=(width, height), squeeze=False, layout="constrained", **options)


def rasters(states: dict[str, Collected]) -> Figure:
    """Spikes of 2.5 % of the neurons of three areas."""
    figure, axes = panels(len(states), len(RASTER_AREAS), 9.0, 2.8 * len(states))
    for row, (state, run) in zip(axes, states.items(), strict=True):
        neuron, step = run.array("raster_neuron").astype(np.int64), run.array("raster_step") * run.dt_ms
        inside = (step >= RASTER_MS[0]) & (step < RASTER_MS[1])
        for axis, area in zip(row, RASTER_AREAS, strict=True):
            ticks = []
            of_area = run.populations[run.populations.area == area]
            bottom = int(of_area.first_neuron.min())
            total = int(of_area.neurons.sum())
            columns = (of_area[name].tolist() for name in ("first_neuron", "neurons", "layer", "population"))
            for first, n, layer, population in zip(*columns, strict=True):
                of_population = inside & (neuron >= first) & (neuron < first + n)
                colour = EXCITATORY if population == "E" else INHIBITORY
                y = total - (neuron[of_population] - bottom)
                axis.plot(step[of_population], y, ".", color=colour, markersize=1.0, rasterized=True)
                if population == "E":
                    ticks.append((total - (first - bottom + n / 2), layer))
            axis.set(xlim=RASTER_MS, ylim=(0, total), title=f"{area}, {state} state")
            axis.set_yticks([at for at, _ in ticks], [layer for _, layer in ticks])
    for axis in axes[-1]:
        axis.set_xlabel("time, ms")
    figure.suptitle("Spikes of 2.5 % of the neurons: excitatory (blue) and inhibitory (red)", fontsize=9)
    return figure


def boxes(table: pd.DataFrame, states: list[str]) -> Figure:
    """Distributions over areas of the statistics of each kind of population."""
    quantities = {"rate_hz": "rate, spikes/s", "cv_isi": "CV ISI", "lvr": "LvR", "correlation": "correlation"}
    figure, axes = panels(len(states), 4, 10.0, 2.6 * len(states))
    kinds = [(layer, kind) for layer in LAYERS for kind in "EI"]
    for row, state in zip(axes, states, strict=True):
        for axis, (quantity, label) in zip(row, quantities.items(), strict=True):
            of_kind = [table[(table.layer == layer) & (table.population == kind)] for layer, kind in kinds]
            values = [rows[f"{state}_{quantity}"].dropna().to_numpy(float) for rows in of_kind]
            drawn = axis.boxplot(values, patch_artist=True, widths=0.7, flierprops={"markersize": 2})
            for patch, (_, kind) in zip(drawn["boxes"], kinds, strict=True):
                patch.set(facecolor=EXCITATORY if kind == "E" else INHIBITORY, alpha=0.6)
            for median in drawn["medians"]:
                median.set_color("black")
            axis.set_xticks(range(1, 9), [f"{layer} {kind}" for layer, kind in kinds], rotation=90)
            axis.set(title=f"{state} state", ylabel=label)
    return figure


def distributions(states: dict[str, list[dict[str, Floats]]]) -> Figure:
    """Distribution functions of each snippet, of the published simulation and of the experiment."""
    return distribution_functions(states, "ours, each snippet")


def seeds(states: dict[str, list[dict[str, Floats]]]) -> Figure:
    """Distribution functions of one snippet of each seed, of the published simulation and of the experiment."""
    return distribution_functions(states, "ours, each seed")


def distribution_functions(states: dict[str, list[dict[str, Floats]]], ours: str) -> Figure:
    """Distribution functions of ours, of the published simulation and of the experiment."""
    labels = {"rate": "rate, spikes/s", "cv": "CV ISI", "lvr": "LvR"}
    figure, axes = panels(len(states), 3, 9.0, 2.6 * len(states))
    levels, measured = measures.measured_quantiles()
    for row, (state, snippets) in zip(axes, states.items(), strict=True):
        published = measures.published_quantiles(STATES[state][1])[1]
        for axis, (what, label) in zip(row, labels.items(), strict=True):
            for i, snippet in enumerate(snippets):
                values = np.sort(snippet[what])
                at = np.arange(1, len(values) + 1) / max(len(values), 1)
                legend = ours if i == 0 else None
                axis.plot(values, at, color=COLOURS[state], lw=1, alpha=0.6, drawstyle="steps-post", label=legend)
            axis.plot(published[what], levels, color=PUBLISHED, lw=1.2, label="published simulation")
            axis.plot(measured[what], levels, color=MEASURED, lw=1.2, ls="--", label="experiment")
            longest = np.nanmax([np.quantile(published[what], 0.995), np.quantile(measured[what], 0.98)])
            axis.set(xlabel=label, ylabel="fraction of trains", title=f"{state} state", xlim=(0, longest), ylim=(0, 1))
    axes[0][0].legend(loc="lower right")
    return figure


def connectivity(states: dict[str, Connectivity]) -> Figure:
    """Matrices of functional connectivity with the published kernel, ours and published, and one against the other."""
    figure, axes = panels(len(states), 3, 9.5, 3.2 * len(states))
    for row, (state, (ours, published, areas)) in zip(axes, states.items(), strict=True):
        order = np.argsort(areas)
        off = ~np.eye(len(areas), dtype=bool)
        limit = float(np.nanquantile(np.abs(np.concatenate([ours[off], published[off]])), 0.98))
        for axis, found, name in zip(row, (ours, published), ("ours", "published"), strict=False):
            shown = np.where(off, found, np.nan)[np.ix_(order, order)]
            image = axis.imshow(shown, cmap="RdBu_r", vmin=-limit, vmax=limit)
            axis.set(title=f"{state} state, {name}", xticks=[])
            axis.set_yticks(range(len(areas)), sorted(areas), fontsize=4)
            axis.tick_params(length=0)
            figure.colorbar(image, ax=axis, shrink=0.8)
        below = np.tril_indices(len(areas), -1)
        r = measures.similarity(ours, published)
        row[2].plot(published[below], ours[below], ".", color=COLOURS[state], markersize=3)
        ends = np.array([np.nanmin(published[below]), np.nanmax(published[below])])
        row[2].plot(ends, ends, color="grey", lw=0.8)
        row[2].set(xlabel="published correlation", ylabel="our correlation", title=f"{state} state: r = {r:.2f}")
    return figure


def bold(states: dict[str, Collected], sample_ms: float) -> Figure:
    """BOLD signals of the three areas; until 20 s they show how the model comes from rest."""
    figure, axes = panels(1, len(states), 4.2 * len(states), 2.6)
    for axis, (state, run) in zip(axes[0], states.items(), strict=True):
        signal = run.array("bold")
        for area, colour in zip(RASTER_AREAS, (EXCITATORY, INHIBITORY, MEASURED), strict=True):
            values = signal[run.areas.index(area)]
            axis.plot(np.arange(len(values)) * sample_ms / 1000.0, 100.0 * values, color=colour, lw=1, label=area)
        axis.set(title=f"{state} state", xlabel="time, s", ylabel="change of the BOLD signal, %")
    axes[0][0].legend(loc="lower right")
    return figure


def curve(table: pd.DataFrame, published: pd.DataFrame) -> Figure:
    """Similarity to experiment and to fMRI over χ."""
    figure, axes = panels(1, 4, 11.0, 2.8)
    for axis, (what, column) in zip(axes[0], measures.CURVE_COLUMNS.items(), strict=False):
        axis.plot(published.index, published[f"one_minus_ks_{column}"], "-", color=PUBLISHED, label="published")
        axis.plot(table.chi, table[f"1 − KS {what}"], "o", color=HIGH, markersize=4, label="ours")
        axis.set(title=f"1 − KS to experiment, {what}", ylim=(0, 1), xlabel="χ")
    axis = axes[0][3]
    for side, style, marker in (("lh", "-", "o"), ("rh", "--", "s")):
        axis.plot(published.index, published[f"fc_similarity_{side}_corrcoef_true"], style, color=PUBLISHED)
        if f"r to fMRI {side}" in table:
            axis.plot(table.chi, table[f"r to fMRI {side}"], marker, color=HIGH, markersize=4)
    axis.set(title="r to fMRI: left ● –, right ■ - -", ylim=(-0.2, 0.7), xlabel="χ")
    axes[0][0].legend(loc="lower left")
    return figure


def rate_axis(axis: Axes) -> None:
    """Scale, threshold and label of mean rates."""
    axis.axhline(HIGH_HZ, color="grey", lw=0.7, ls=":")
    axis.set(yscale="log", xlabel="time, ms")


def states(runs: list[Record]) -> Figure:
    """Mean rates of the first 300 ms, one line a seed."""
    groups: dict[tuple[bool, float], list[Record]] = {}
    for run in sorted(runs, key=lambda run: run.chi):
        groups.setdefault((not run.is_published_start, run.chi), []).append(run)
    columns = min(len(groups), 6)
    rows = -(-len(groups) // columns)
    figure, axes = panels(rows, columns, 2.0 * columns + 0.6, 2.3 * rows + 0.3, sharey=True)
    for axis in axes.flat[len(groups) :]:
        axis.set_axis_off()
    for axis, ((is_other_start, chi), group) in zip(axes.flat, sorted(groups.items()), strict=False):
        high = 0
        for run in group:
            high += run.is_high_then
            axis.plot(*drawn_rates(run, STATE_AT_MS), color=HIGH if run.is_high_then else GROUND, lw=0.8)
        start = ", from −65 mV" if is_other_start else ""
        axis.set_title(f"χ = {chi:g}{start}: {high} of {len(group)}")
        rate_axis(axis)
    axes[0][0].set_ylabel("mean rate, spikes/s")
    return figure


def drawn_rates(run: Record, to_ms: int) -> tuple[Floats, Floats]:
    """Middles of bins, ms, and mean rates in them that a logarithmic axis can show."""
    rates = run.mean_rate_hz(BIN_MS)[: to_ms // BIN_MS]
    return (np.arange(len(rates)) + 0.5) * BIN_MS, np.maximum(rates, LOWEST_DRAWN_MEAN_HZ)


def durations(runs: list[Record]) -> Figure:
    """Mean rates of long runs, one line a seed."""
    chis = sorted({run.chi for run in runs})
    figure, axes = panels(1, 1, 8.0, 3.2)
    axis = axes[0][0]
    for i, chi in enumerate(chis):
        of_chi = [run for run in runs if run.chi == chi]
        colour = plt.get_cmap("viridis")(i / max(len(chis) - 1, 1))
        label = f"χ = {chi:g}" + (f", {len(of_chi)} seeds" if len(of_chi) > 1 else "")
        for run in of_chi:
            rates = run.mean_rate_hz()
            time = np.arange(len(rates)) * STATE_WINDOW_MS
            axis.plot(time, np.maximum(rates, LOWEST_DRAWN_MEAN_HZ), color=colour, lw=1, label=label)
            label = "_"
    rate_axis(axis)
    axis.set_ylabel("mean rate, spikes/s")
    axis.legend(ncols=1, fontsize=7, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def switch(runs: list[Record]) -> Figure:
    """Mean rates around pulses, a panel for each χ."""
    chis = sorted({run.chi for run in runs})
    figure, axes = panels(len(chis), 1, 8.0, 1.9 * len(chis), sharex=True)
    for axis, chi in zip(axes[:, 0], chis, strict=True):
        for run in sorted((run for run in runs if run.chi == chi), key=lambda run: run.stimuli):
            label = f"seed {run.seed}: {in_words(run.stimuli) or 'no pulse'}"
            axis.plot(*drawn_rates(run, SWITCH_MS), lw=1, label=label)
        rate_axis(axis)
        axis.set(title=f"χ = {chi:g}", ylabel="spikes/s")
        axis.legend(fontsize=6, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def perturbation(runs: list[Collected], table: pd.DataFrame) -> Figure:
    """Latency of each area against the shortest path of mean delays, and the number of other spikes over time."""
    figure, axes = panels(1, 2, 8.0, 3.2)
    left, right = axes[0]
    for run in sorted(runs, key=lambda run: run.chi):
        onset_ms, _ = extra_spike(run.stimuli)
        colour = HIGH if run.is_high_at(round(onset_ms)) else GROUND
        name = f"χ = {run.chi:g}"
        left.plot(
            table.shortest_path_ms, table[f"latency_ms_chi_{run.chi:g}"], "o", color=colour, markersize=4, label=name
        )
        counts = run.array("difference_counts").sum(0)
        time = np.arange(len(counts)) - onset_ms
        shown = time >= -DRAWN_BEFORE_MS
        right.plot(time[shown], counts[shown], color=colour, lw=1, label=name)
    ends = [0.0, float(table.shortest_path_ms.replace(np.inf, np.nan).max())]
    left.plot(ends, ends, color="grey", lw=0.8)
    left.set(xlabel="shortest path of mean delays, ms", ylabel="first other spike, ms after the extra one")
    right.set(xlabel="time after the extra spike, ms", ylabel="spikes a ms in one run only", yscale="symlog")
    left.legend()
    return figure


def theory(tables: dict[str, pd.DataFrame]) -> Figure:
    """Simulated against predicted rates."""
    figure, axes = panels(1, len(tables), 3.2 * len(tables), 3.0)
    for axis, (name, table) in zip(axes[0], tables.items(), strict=True):
        for kind, colour in (("E", EXCITATORY), ("I", INHIBITORY)):
            rows = table[table.population == kind]
            shown = np.maximum(rows[["theory_rate_hz", "rate_hz"]].to_numpy(float), LOWEST_DRAWN_HZ)
            axis.plot(shown[:, 0], shown[:, 1], ".", color=colour, markersize=5, label=kind)
        ends = [LOWEST_DRAWN_HZ, 1.3 * float(table[["theory_rate_hz", "rate_hz"]].max().max())]
        axis.plot(ends, ends, color="grey", lw=0.8)
        axis.set(xscale="log", yscale="log", xlim=ends, ylim=ends, title=name)
        axis.set(xlabel="predicted rate, spikes/s", ylabel="simulated rate, spikes/s")
        axis.legend()
    return figure
