"""Run folder → one small file with all that the tables and figures of the publication need.

A collected file is a `.npz` archive, compressed with LZMA: arrays as `NAME.npy`, and small files of the run folder as
they are (`FILES`). Its arrays:

| array | shape | what |
|---|---|---|
| `population_counts` | [population, bin of 1 ms] | spikes; bin k holds the times [k, k + 1) ms |
| `input_weights_pa` | [area, population] | Σ |w| · K of the source population, averaged over the area's neurons, pA |
| `area_synapses` | [target area, source area] | synapses |
| `train_spikes`, `train_intervals` | [neuron], [spike] | spike trains of `TRAIN_AREA`, neuron by neuron: numbers of spikes,
and steps since the neuron's last spike, or since step 0 |
| `raster_step`, `raster_neuron` | [spike] | spikes of a few neurons of three areas in `RASTER_MS` |
| `sampled_statistics` | [population, 3] | only without `analysis/`: CV, LvR and number of neurons, of the first neurons |
| `bold` | [area, sample] | only with `analysis/`: BOLD signals every 100 ms |
| `difference_step`, `difference_counts` | [area], [area, bin of 1 ms] | only of a run with an extra spike, which is
collected together with the same run without it: first step with other spikes (0: none), and spikes that only one of
both runs has |
"""

from __future__ import annotations

import io
import os
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from run_folder import CollectError, Floats, Ints, Run, runs_below

#: The area whose single spike trains are compared with experiment.
TRAIN_AREA = "caudalanteriorcingulate"
#: Areas of the published rasters.
RASTER_AREAS = ("caudalanteriorcingulate", "fusiform", "pericalcarine")
#: Fraction of their neurons that is kept for rasters.
RASTER_FRACTION = 0.025
#: What is kept for rasters, ms.
RASTER_MS = (500.0, 750.0)
#: Files of the run folder that are kept as they are; those of `network/` lie beside the run folder.
FILES = (
    *("config.ron", "manifest.json", "populations.csv", "rates.csv", "network/cc_delay_mean_ms.csv"),
    *(f"analysis/{name}.csv" for name in ("populations", "functional_connectivity", "summary")),
)
#: Fewest spikes of a neuron that has a CV and an LvR.
MIN_SPIKES = 10
#: Neurons of a population behind `sampled_statistics`.
SAMPLED_NEURONS = 500
#: Refractory period, ms.
T_REF_MS = 2.0
#: Spikes that are looked at together.
CHUNK = 1 << 22
#: How long two runs are compared after their first difference, ms.
COMPARED_MS = 300.0
#: Errors of damaged run folders.
DAMAGED = (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, EOFError)


def collect_all(folders: Iterable[Path], to: Path, force: bool) -> int:
    """Collects all runs that are not there yet, and tells how many of them failed."""
    to.mkdir(parents=True, exist_ok=True)
    runs = list({run.folder.resolve(): run for run in runs_below(folders)}.values())
    failed = 0
    for run in runs:
        start = time.monotonic()
        try:
            path = to / run.file_name
            if path.exists() and not force:
                print(f"{path}: is there")
                continue
            write(path, content(run, runs))
            n_spikes = run.manifest["n_spikes"]
        except CollectError as error:
            print(f"{run.folder}: not collected: {error}", flush=True)
            failed += 1
            continue
        except DAMAGED as error:
            told = " ".join(f"{type(error).__name__}: {error}".split())
            print(f"{run.folder}: not collected ({told}): if it is damaged, `run --force` makes it again", flush=True)
            failed += 1
            continue
        size_mb = path.stat().st_size / 1e6
        print(f"{path}: {n_spikes:,} spikes, {size_mb:.2f} MB, {time.monotonic() - start:.1f} s", flush=True)
    return failed


def content(run: Run, runs: list[Run]) -> dict[str, Any]:
    """Everything that is kept of a run: arrays, and text by file name."""
    # A run without its counterpart fails before anything long is computed.
    plain = counterpart(run, runs)
    kept: dict[str, Any] = {
        "population_counts": smallest(population_counts(run)),
        **trains_of_area(run),
        **raster(run),
        **input_of_areas(run),
        **files(run),
    }
    if "analysis/populations.csv" not in kept:
        print(f"{run.folder}: no analysis/, so CV and LvR are of {SAMPLED_NEURONS} neurons a population")
        kept["sampled_statistics"] = sampled_statistics(run)
    bold = run.folder / "analysis" / "bold.npy"
    if bold.is_file():
        kept["bold"] = np.load(bold, mmap_mode="r")[:, ::100].astype(np.float32)
    if plain is not None:
        kept.update(differences(plain, run))
    return kept


def population_counts(run: Run) -> Ints:
    """Spikes of populations in bins of 1 ms."""
    neuron = run.spikes[0]
    n_populations = len(run.populations)
    population_of = np.repeat(np.arange(n_populations, dtype=np.uint16), run.populations.neurons)
    n_bins = -(-run.n_steps // run.steps_per_ms)
    # Spikes are stamped with the end of their step, so those of time 1.0 ms are in the second bin; step n is in no bin.
    ends = np.minimum(np.arange(n_bins + 1) * run.steps_per_ms, run.n_steps)
    edges = run.at_steps(ends)
    counts = np.zeros((n_bins, n_populations), dtype=np.uint32)
    for k in range(n_bins):
        spiking = np.asarray(neuron[edges[k] : edges[k + 1]])
        counts[k] = np.bincount(population_of[spiking], minlength=n_populations)
    return counts.T


def spikes_of(
    run: Run, wanted: npt.NDArray[np.bool_], from_step: int = 0, to_step: int | None = None
) -> tuple[Ints, Ints]:
    """Neuron and step of the spikes of the wanted neurons from one step to before another."""
    neuron, step = run.spikes
    to_step = run.n_steps + 1 if to_step is None else to_step
    first, last = (int(at) for at in run.at_steps(np.array([from_step, to_step])))
    neurons: list[Ints] = [np.empty(0, np.uint32)]
    steps: list[Ints] = [np.empty(0, np.uint32)]
    for start in range(first, last, CHUNK):
        part = slice(start, min(start + CHUNK, last))
        at = np.flatnonzero(wanted[neuron[part]])
        neurons.append(np.asarray(neuron[part])[at])
        steps.append(np.asarray(step[part])[at])
    return np.concatenate(neurons), np.concatenate(steps)


def trains_of_area(run: Run) -> dict[str, Ints]:
    """The spike trains of `TRAIN_AREA`, neuron by neuron."""
    if TRAIN_AREA not in run.areas:
        return {}
    first, end = run.neurons_of(TRAIN_AREA)
    wanted = np.zeros(run.n_neurons, dtype=bool)
    wanted[first:end] = True
    neuron, step = spikes_of(run, wanted)
    spikes = np.bincount(neuron - first, minlength=end - first)
    # Sorted by step, so a stable sort by neuron makes trains.
    step = step[np.argsort(neuron, kind="stable")].astype(np.int64)
    intervals = np.diff(step, prepend=0)
    begins = np.cumsum(spikes)[spikes > 0] - spikes[spikes > 0]
    intervals[begins] = step[begins]
    return {"train_spikes": smallest(spikes), "train_intervals": intervals.astype(np.uint32)}


def raster(run: Run) -> dict[str, Ints]:
    """Spikes of a few neurons, evenly spread over each population of the three areas."""
    wanted = np.zeros(run.n_neurons, dtype=bool)
    for area, first, neurons in run.ranges():
        if area in RASTER_AREAS:
            n = max(1, round(neurons * RASTER_FRACTION))
            wanted[first + np.arange(n) * neurons // n] = True
    neuron, step = spikes_of(run, wanted, *(round(ms / run.dt_ms) for ms in RASTER_MS))
    return {"raster_neuron": neuron, "raster_step": step}


def input_of_areas(run: Run) -> dict[str, npt.NDArray[Any]]:
    """What areas receive, from the tables of the network folder, which is the parent of the run folder."""
    network = run.folder.parent
    if not (network / "synapses.csv").is_file() or not (network / "weights_pa.csv").is_file():
        print(f"{run.folder}: no tables of the network beside it, so no functional connectivity from counts")
        return {}
    if TRAIN_AREA not in run.areas:
        return {}
    names = run.populations.area + " " + run.populations.layer + " " + run.populations.population
    synapses, weights = (
        pd.read_csv(network / name, index_col=0).loc[names, names].fillna(0.0).to_numpy(float)
        for name in ("synapses.csv", "weights_pa.csv")
    )
    of_area = np.eye(len(run.areas))[run.area_of].T
    neurons = of_area @ run.populations.neurons.to_numpy(float)
    return {
        "input_weights_pa": of_area @ (np.abs(weights) * synapses) / neurons[:, None],
        "area_synapses": (of_area @ synapses @ of_area.T).round().astype(np.int64),
    }


def files(run: Run) -> dict[str, bytes]:
    """Small files of the run, of its analysis, and of its network, as far as they are there."""
    network = run.folder.parent
    paths = {name: network / name[8:] if name.startswith("network/") else run.folder / name for name in FILES}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}


def train_statistics(
    spikes: Ints, intervals: Ints, t_ref_steps: float, min_spikes: int = MIN_SPIKES
) -> tuple[Floats, Floats]:
    """CV and LvR of trains with at least `min_spikes` spikes; NaN of the others.

    The standard deviation of the CV has n in its denominator. LvR is that of Shinomoto et al. 2009
    (doi:10.1371/journal.pcbi.1000433). The first interval of each train is the time of its first spike, and not used.
    """
    cv, lvr = np.full(len(spikes), np.nan), np.full(len(spikes), np.nan)
    enough = spikes >= min_spikes
    train = np.repeat(np.arange(len(spikes)), spikes)
    begins = np.cumsum(spikes) - spikes
    is_interval = np.ones(len(intervals), dtype=bool)
    is_interval[begins[spikes > 0]] = False
    is_interval &= enough[train]
    interval, train = intervals[is_interval].astype(float), train[is_interval]
    n = np.bincount(train, minlength=len(spikes))[enough]
    total = np.bincount(train, interval, len(spikes))[enough]
    squares = np.bincount(train, interval**2, len(spikes))[enough]
    cv[enough] = np.sqrt(np.maximum(n * squares - total**2, 0.0)) / total
    pairs = np.flatnonzero(train[1:] == train[:-1])
    a, b = interval[pairs], interval[pairs + 1]
    term = (1.0 - 4.0 * a * b / (a + b) ** 2) * (1.0 + 4.0 * t_ref_steps / (a + b))
    lvr[enough] = 3.0 / (n - 1) * np.bincount(train[pairs], term, len(spikes))[enough]
    return cv, lvr


def sampled_statistics(run: Run) -> Floats:
    """CV, LvR, and the number of neurons behind them, of the first neurons of each population."""
    wanted = np.zeros(run.n_neurons, dtype=bool)
    for _, first, neurons in run.ranges():
        wanted[first : first + min(neurons, SAMPLED_NEURONS)] = True
    neuron, step = spikes_of(run, wanted, run.from_step)
    order = np.argsort(neuron, kind="stable")
    neuron, step = neuron[order], step[order].astype(np.int64)
    spikes = np.bincount(neuron, minlength=run.n_neurons)
    cv, lvr = train_statistics(spikes, np.diff(step, prepend=0), T_REF_MS / run.dt_ms)
    rows = []
    for _, first, neurons in run.ranges():
        part = slice(first, first + neurons)
        known = np.flatnonzero(np.isfinite(cv[part]))
        means = (cv[part][known].mean(), lvr[part][known].mean()) if len(known) else (np.nan, np.nan)
        rows.append((*means, len(known)))
    return np.array(rows, dtype=np.float32)


def counterpart(run: Run, runs: list[Run]) -> Run | None:
    """The same run without the extra spike, if it has one."""
    if not run.stimuli.startswith("spike("):
        return None
    ours = conditions(run)
    for other in runs:
        try:
            if not other.stimuli and conditions(other) == ours:
                return other
        except DAMAGED:
            # It has its own line when its turn comes.
            continue
    raise CollectError("the same run without the extra spike is not there: make it, and collect both together")


def conditions(run: Run) -> tuple[Any, ...]:
    """What two runs have in common that differ by an extra spike: network, seed, length, and initial state."""
    start = run.key("initial_v_m_mean_mv"), run.key("initial_v_m_sd_mv")
    return *(run.manifest[key] for key in ("network_hash", "seed", "n_steps")), *start


def differences(plain: Run, other: Run) -> dict[str, Ints]:
    """Where and when two runs have other spikes: the first step of each area, and spikes that only one of them has."""
    first = first_difference(plain, other)
    n_bins = -(-plain.n_steps // plain.steps_per_ms)
    steps, counts = np.zeros(len(plain.areas), np.int64), np.zeros((len(plain.areas), n_bins), np.uint32)
    if first is None:
        return {"difference_step": steps, "difference_counts": counts}
    last = min(first + round(COMPARED_MS / plain.dt_ms), plain.n_steps + 1)
    only_one = np.setxor1d(keys_of(plain, first, last), keys_of(other, first, last), assume_unique=True)
    step, neuron = (only_one >> np.uint64(32)).astype(np.int64), (only_one & np.uint64(0xFFFFFFFF)).astype(np.int64)
    area = np.repeat(plain.area_of, plain.populations.neurons)[neuron]
    np.add.at(counts, (area, np.minimum(step // plain.steps_per_ms, n_bins - 1)), 1)
    for index in np.unique(area):
        steps[index] = step[area == index].min()
    return {"difference_step": steps, "difference_counts": smallest(counts)}


def keys_of(run: Run, first: int, end: int) -> npt.NDArray[np.uint64]:
    """Spikes from one step to before another as numbers, step in the upper half and neuron in the lower."""
    part = slice(*(int(at) for at in run.at_steps(np.array([first, end]))))
    neuron, step = (np.asarray(values[part]).astype(np.uint64) for values in run.spikes)
    keys: npt.NDArray[np.uint64] = step << np.uint64(32) | neuron
    return keys


def first_difference(plain: Run, other: Run) -> int | None:
    """The first step in which other neurons spike."""
    n = min(len(plain.spikes[0]), len(other.spikes[0]))
    for start in range(0, n, CHUNK):
        part = slice(start, min(start + CHUNK, n))
        differs = np.zeros(part.stop - part.start, dtype=bool)
        for a, b in zip(plain.spikes, other.spikes, strict=True):
            differs |= a[part] != b[part]
        if differs.any():
            at = start + int(differs.argmax())
            return min(int(plain.spikes[1][at]), int(other.spikes[1][at]))
    longer = max((plain, other), key=lambda run: len(run.spikes[0]))
    return int(longer.spikes[1][n]) if len(longer.spikes[0]) > n else None


def smallest(values: Ints) -> Ints:
    """The same numbers in the smallest unsigned type."""
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))


def write(path: Path, kept: dict[str, Any]) -> None:
    """Writes a collected file, complete or not at all."""
    partial = path.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_LZMA) as archive:
        for name, value in kept.items():
            if isinstance(value, bytes):
                archive.writestr(name, value)
                continue
            data = io.BytesIO()
            np.save(data, np.ascontiguousarray(value), allow_pickle=False)
            archive.writestr(f"{name}.npy", data.getvalue())
    os.replace(partial, path)
