"""Measures of collected runs: distributions, functional connectivity, states, paths of delays; and what was published.

Everything is computed from a collected file (`collected.py`), so that all runs are measured alike, however long.
"""

from __future__ import annotations

import heapq
import io
import json
import lzma
import math
import pickle
import zipfile
import zlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from collected import MIN_SPIKES, T_REF_MS, train_statistics
from records import BIN_MS, CURVE_MS, STATE_AT_MS, STATE_WINDOW_MS, Record, rounded
from run_folder import CollectError, Floats, Ints, key, stimuli

ROOT = Path(__file__).resolve().parents[2]
#: The published numbers.
PUBLISHED = ROOT / "tests" / "reference" / "pronold_2024"
#: Published functional connectivity.
PUBLISHED_CONNECTIVITY = Path(__file__).resolve().parent / "published"
#: Rate, CV and LvR of single spike trains, and their columns in the tables of quantiles.
STATISTICS = {"rate": "rate_hz", "cv": "cv_isi", "lvr": "lvr"}
#: The same in the published curve over χ.
CURVE_COLUMNS = {"rate": "rates", "cv": "cv", "lvr": "lvr"}
#: Fewest spikes of a train that has a CV and an LvR there: more than 10.
CURVE_MIN_SPIKES = 11

#: Snippets of spike trains: their start and length, ms.
SNIPPETS_FROM_MS, SNIPPET_MS = 2500.0, 2000.0
#: Lowest rate of a train that counts, 1/s: one spike in a snippet.
LOWEST_RATE_HZ = 0.5
#: Functional connectivity leaves out what comes before, ms.
CONNECTIVITY_FROM_MS = 500
#: Time constant of the synaptic currents, ms.
TAU_SYN_MS = 2.0
#: States are told from this time on, when the spikes of the first step and what follows at once are over, ms.
SETTLED_MS = 50

#: Errors of files that are damaged, cut off, or something else.
UNREADABLE = (
    *(OSError, EOFError, ValueError, KeyError, TypeError, IndexError, AttributeError, RuntimeError),
    *(zipfile.BadZipFile, lzma.LZMAError, zlib.error, pickle.UnpicklingError),
)


class Collected(Record):
    """A collected run: all that was kept of it, and its line in the table of runs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._read()
        except UNREADABLE as error:
            told = " ".join(f"{type(error).__name__}: {error}".split())
            raise CollectError(f"{path} is no collected file ({told}): `paper.py collect` makes it") from error
        if self.is_human and self.is_published_start and self.duration_ms >= CURVE_MS:
            self.curve = self._curve()

    def _read(self) -> None:
        """Reads all of it, so that damage is found here."""
        self.path.stat()
        if not zipfile.is_zipfile(self.path):
            raise ValueError("it is no zip archive, or cut off")
        with np.load(self.path, allow_pickle=False) as archive:
            self._kept: dict[str, Any] = {name: archive[name] for name in archive.files}
        self.config = str(self._kept["config.ron"], "utf-8")
        self.manifest: dict[str, Any] = json.loads(self._kept["manifest.json"])
        self.dt_ms = float(self.manifest["dt_ms"])
        self.from_ms = float(key(self.config, "statistics_from_ms"))
        n_bins = -(-int(self.manifest["n_steps"]) // round(1.0 / self.dt_ms))
        counts = self.array("population_counts")
        if counts.shape != (len(self.populations), n_bins):
            raise ValueError("population_counts has not the shape of populations and duration")
        took_s = self.manifest.get("simulate_s")
        # Networks of one's own have the key χ, too, but no use for it.
        is_human = "train_spikes" in self
        super().__init__(
            name=key(self.config, "name"),
            chi=float(key(self.config, "chi") or "nan") if is_human else math.nan,
            seed=int(self.manifest["seed"]),
            start_mv=float(key(self.config, "initial_v_m_mean_mv") or "nan"),
            stimuli=stimuli(self.config),
            duration_ms=round(int(self.manifest["n_steps"]) * self.dt_ms, 6),
            engine=str(self.manifest.get("engine") or ""),
            device=str(self.manifest.get("adapter") or ""),
            version=str(self.manifest.get("version") or ""),
            simulation_s=math.nan if took_s is None else rounded(float(took_s)),
            n_neurons=int(self.populations.neurons.sum()),
            rate_then_hz=math.nan,
            spikes=binned(counts.sum(0, dtype=np.int64)[None], BIN_MS)[0],
        )
        if self.duration_ms >= STATE_AT_MS:
            self.rate_then_hz = rounded(self.mean_rate_hz()[STATE_AT_MS // STATE_WINDOW_MS - 1])

    def __contains__(self, name: str) -> bool:
        return name in self._kept

    def array(self, name: str) -> npt.NDArray[Any]:
        """One of its arrays."""
        found: npt.NDArray[Any] = self._kept[name]
        return found

    def table(self, name: str, **options: Any) -> pd.DataFrame:
        """One of its tables."""
        table: pd.DataFrame = pd.read_csv(io.BytesIO(self._kept[name]), **options)
        return table

    @property
    def is_full_scale(self) -> bool:
        """Whether its network is not scaled down."""
        return all(float(key(self.config, name) or "nan") == 1.0 for name in ("n_scaling", "k_scaling"))

    @cached_property
    def populations(self) -> pd.DataFrame:
        """Area, layer, population, first neuron, number of neurons."""
        return self.table("populations.csv")

    @cached_property
    def areas(self) -> list[str]:
        """Areas in the order of their neurons."""
        return list(dict.fromkeys(self.populations.area))

    @cached_property
    def _trains(self) -> tuple[Ints, Ints, int]:
        """Neuron and step of the spikes of the measured area, train by train, and the number of neurons."""
        spikes, intervals = (self.array(f"train_{what}").astype(np.int64) for what in ("spikes", "intervals"))
        total = np.concatenate([[0], np.cumsum(intervals)])
        begins = np.cumsum(spikes) - spikes
        steps = total[1:] - np.repeat(total[begins], spikes)
        return np.repeat(np.arange(len(spikes)), spikes), steps, len(spikes)

    def snippets(self, min_spikes: int = MIN_SPIKES) -> Iterator[dict[str, Floats]]:
        """Rate, CV and LvR of the trains of each snippet, which is open at both ends; CV and LvR of trains with at
        least `min_spikes` spikes."""
        if "train_spikes" not in self:
            return
        train, step, n = self._trains
        from_ms = SNIPPETS_FROM_MS
        while from_ms + SNIPPET_MS <= self.duration_ms:
            first, last = from_ms / self.dt_ms, (from_ms + SNIPPET_MS) / self.dt_ms
            inside = (step > first) & (step < last)
            spikes = np.bincount(train[inside], minlength=n)
            intervals = np.diff(step[inside], prepend=0)
            cv, lvr = train_statistics(spikes, intervals, T_REF_MS / self.dt_ms, min_spikes)
            rate = spikes / (SNIPPET_MS / 1000.0)
            yield {"rate": rate[rate >= LOWEST_RATE_HZ], "cv": cv[np.isfinite(cv)], "lvr": lvr[np.isfinite(lvr)]}
            from_ms += SNIPPET_MS

    def connectivity(
        self, kernel: str = "sampled", from_ms: int = CONNECTIVITY_FROM_MS, to_ms: int | None = None
    ) -> Floats:
        """Correlations of the areas' synaptic input currents, [area, area].

        The kernel is exp(−t / τ) over 10 τ: `sampled` once a bin of 1 ms, or `published`, with samples of 0.1 ms
        laid on these bins, one bin late.
        """
        rates = self.array("population_counts") / self.populations.neurons.to_numpy(float)[:, None] * 1000.0
        step_ms = {"sampled": 1.0, "published": 0.1}[kernel]
        samples = np.exp(-np.arange(round(10.0 * TAU_SYN_MS / step_ms)) * step_ms / TAU_SYN_MS)
        inputs = self.array("input_weights_pa") @ rates
        currents = np.array([np.convolve(row, samples / samples.sum())[: len(row)] for row in inputs])
        if kernel == "published":
            currents = np.roll(currents, 1, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            correlations: Floats = np.corrcoef(currents[:, from_ms:to_ms])
        return correlations

    def _curve(self) -> dict[str, float]:
        """Its point of the curve over χ (`CURVE`)."""
        levels, measured = measured_quantiles()
        snippet = next(self.snippets(CURVE_MIN_SPIKES))
        windows = slice(*(ms // STATE_WINDOW_MS for ms in (CONNECTIVITY_FROM_MS, CURVE_MS)))
        point = {"rate_hz": self.mean_rate_hz()[windows].mean(), "time_high": self.is_high()[windows].mean()}
        for what, values in snippet.items():
            point[f"similarity_{what}"] = 1.0 - ks_to_quantiles(values, levels, measured[what])
        if "input_weights_pa" in self:
            ours = self.connectivity("published", to_ms=CURVE_MS)
            for side in ("lh", "rh"):
                point[f"fmri_{side}"] = similarity(ours, measured_connectivity(side, self.areas))
        return {what: rounded(value) for what, value in point.items()}


def binned(counts: Ints, bin_ms: int) -> Ints:
    """Sums over bins, the last of which is left out if it is not whole."""
    n_bins = counts.shape[1] // bin_ms
    summed: Ints = counts[:, : n_bins * bin_ms].reshape(len(counts), n_bins, bin_ms).sum(2)
    return summed


def ks_to_quantiles(values: Floats, levels: Floats, quantiles: Floats) -> float:
    """Kolmogorov-Smirnov distance of values to a table of quantiles, both right-continuous; NaN without values."""
    if not len(values):
        return float("nan")
    values = np.sort(values)
    at = np.concatenate([values, quantiles])
    known = np.searchsorted(quantiles, at, side="right")
    of_table = np.where(known > 0, levels[np.maximum(known - 1, 0)], 0.0)
    of_values = np.searchsorted(values, at, side="right") / len(values)
    return float(np.abs(of_values - of_table).max())


def ks(a: Floats, b: Floats) -> float:
    """Kolmogorov-Smirnov distance of two lists of values; NaN if one is empty."""
    if not len(a) or not len(b):
        return float("nan")
    a, b = np.sort(a), np.sort(b)
    at = np.concatenate([a, b])
    return float(
        np.abs(np.searchsorted(a, at, side="right") / len(a) - np.searchsorted(b, at, side="right") / len(b)).max()
    )


def similarity(a: Floats, b: Floats) -> float:
    """Pearson correlation of what stands below the diagonals of two matrices, where both have a value."""
    below = np.tril_indices(len(a), -1)
    x, y = a[below], b[below]
    both = np.isfinite(x) & np.isfinite(y)
    return correlation(x[both], y[both])


def correlation(a: Floats, b: Floats) -> float:
    """Pearson correlation; NaN of fewer than three values."""
    return float(np.corrcoef(a, b)[0, 1]) if len(a) > 2 else float("nan")


def published_quantiles(state: str) -> tuple[Floats, dict[str, Floats]]:
    """Levels, and quantiles of rate, CV and LvR in the published `groundstate` or `bestfit`."""
    table = pd.read_csv(PUBLISHED / "fullscale_quantiles.csv")
    values = {what: table[f"sim_{name}_{state}"].to_numpy(float) for what, name in CURVE_COLUMNS.items()}
    return table["quantile"].to_numpy(float), values


def measured_quantiles() -> tuple[Floats, dict[str, Floats]]:
    """Levels, and quantiles of rate, CV and LvR in the experiment (Minxha et al. 2020)."""
    table = pd.read_csv(ROOT / "data" / "minxha_2020_spiking_quantiles.csv")
    return table["quantile"].to_numpy(float), {what: table[name].to_numpy(float) for what, name in STATISTICS.items()}


def published_curve() -> pd.DataFrame:
    """The published curve over χ."""
    return pd.read_csv(PUBLISHED / "scaling_experiment.csv").set_index("chi")


def published_connectivity(state: str, areas: list[str]) -> Floats:
    """Published functional connectivity of `groundstate` or `bestfit`, in the order of `areas`."""
    return matrix(PUBLISHED_CONNECTIVITY / f"functional_connectivity_{state}.csv", areas)


def measured_connectivity(hemisphere: str, areas: list[str]) -> Floats:
    """Functional connectivity measured by fMRI in the hemisphere `lh` or `rh`, in the order of `areas`."""
    return matrix(ROOT / "data" / f"hcp_functional_connectivity_{hemisphere}.csv", areas)


def matrix(path: Path, areas: list[str]) -> Floats:
    """A matrix of areas from a table with their names."""
    return pd.read_csv(path, index_col=0).loc[areas, areas].to_numpy(float)


def shortest_paths_ms(run: Collected, source: str) -> Floats:
    """Least sum of mean delays from an area to each other one along its projections, ms (Dijkstra 1959)."""
    delays = run.table("network/cc_delay_mean_ms.csv", index_col=0).loc[run.areas, run.areas].to_numpy(float)
    projects = run.array("area_synapses") > 0
    paths = np.full(len(run.areas), np.inf)
    first = run.areas.index(source)
    paths[first] = 0.0
    queue = [(0.0, first)]
    while queue:
        path, area = heapq.heappop(queue)
        for target in np.flatnonzero(projects[:, area] & (path + delays[:, area] < paths)):
            paths[target] = path + delays[target, area]
            heapq.heappush(queue, (float(paths[target]), int(target)))
    return paths


def episodes(high: npt.NDArray[np.bool_]) -> list[tuple[bool, int]]:
    """Uninterrupted episodes: whether the state is the high one, and how many windows it lasts."""
    edges = np.flatnonzero(np.diff(high.astype(int))) + 1
    parts = np.split(high, edges) if len(high) else []
    return [(bool(part[0]), len(part)) for part in parts]


def wilson_interval(k: int, n: int) -> tuple[float, float]:
    """95 % interval of a fraction (Wilson 1927)."""
    z = 1.959964
    centre, half = (k + z**2 / 2) / (n + z**2), z / (n + z**2) * np.sqrt(k * (n - k) / n + z**2 / 4)
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))
