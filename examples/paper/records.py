"""What is told of every run in a line: how it was made, its spikes over time, and its point of the curve over χ.

The lines of all runs that were published stand in `results/runs.csv`. Runs that are collected later are added to it, so
that results of many runs grow from day to day and from machine to machine, and no run has to be made twice.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from run_folder import CollectError, Floats, Ints

#: Spikes are counted in bins of this length, ms.
BIN_MS = 10
#: The network is in the high state in a window of this length, ms,
STATE_WINDOW_MS = 50
#: if the mean rate over all its neurons is above this, spikes/s.
HIGH_HZ = 1.5
#: The published initial potential, mV.
PUBLISHED_START_MV = -150.0
#: When the state that a run has entered is told, ms: in the window that ends then.
STATE_AT_MS = 300
#: Shortest run of a point of the curve, ms.
CURVE_MS = 4500
#: What is told of such a run, from 500 ms on: mean rate, fraction of the time in the high state, 1 − KS to experiment
#: of rate, CV and LvR in the first snippet, and similarity of functional connectivity to fMRI of both hemispheres.
CURVE = ("rate_hz", "time_high", "similarity_rate", "similarity_cv", "similarity_lvr", "fmri_lh", "fmri_rh")


@dataclass
class Conditions:
    """What makes a run this one and no other."""

    #: Name of its configuration, and of the folder of its runs.
    name: str
    #: NaN if it is not the human model.
    chi: float
    seed: int
    #: Mean initial potential, mV.
    start_mv: float
    #: Its stimuli on one line; empty if there are none.
    stimuli: str
    duration_ms: float

    @property
    def what(self) -> tuple[object, ...]:
        """All of them; equal for equal runs."""
        chi = None if math.isnan(self.chi) else self.chi
        start_mv = None if math.isnan(self.start_mv) else self.start_mv
        return self.name, self.duration_ms, plain(self.stimuli), start_mv, chi, self.seed


@dataclass
class Record(Conditions):
    """A run in a line. Numbers that are not known are NaN, and texts empty."""

    #: On what it was made, with which version of the program, and time of the simulation, s.
    engine: str
    device: str
    version: str
    simulation_s: float
    n_neurons: int
    #: Mean rate over all neurons in the window that ends at `STATE_AT_MS`, 1/s.
    rate_then_hz: float
    #: Its point of the curve (`CURVE`); empty if it is none.
    curve: dict[str, float] = field(default_factory=dict)
    #: Spikes of all neurons in whole bins of `BIN_MS`; empty if they were not kept.
    spikes: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def is_human(self) -> bool:
        """Whether it is the human model."""
        return not math.isnan(self.chi)

    @property
    def is_published_start(self) -> bool:
        """Whether it has no stimulus and the published initial potentials."""
        return not self.stimuli and self.start_mv == PUBLISHED_START_MV

    def mean_rate_hz(self, bin_ms: int = STATE_WINDOW_MS) -> Floats:
        """Mean rate over all neurons in whole bins, a multiple of `BIN_MS` long, 1/s."""
        per_bin = bin_ms // BIN_MS
        whole = self.spikes[: len(self.spikes) // per_bin * per_bin]
        rates: Floats = whole.reshape(-1, per_bin).sum(1) / self.n_neurons * 1000.0 / bin_ms
        return rates

    def is_high(self) -> npt.NDArray[np.bool_]:
        """Whether it is in the high state, window by window; the first one means nothing, as it has the start."""
        high: npt.NDArray[np.bool_] = self.mean_rate_hz() > HIGH_HZ
        return high

    @property
    def is_high_then(self) -> bool:
        """Whether it is in the high state at `STATE_AT_MS`."""
        return self.rate_then_hz > HIGH_HZ

    def is_high_at(self, ms: int) -> bool:
        """Whether it is in the high state in the window that ends then."""
        return bool(self.is_high()[ms // STATE_WINDOW_MS - 1])


def plain(stimuli: str) -> str:
    """Stimuli without what may be written or left out: spaces, keys without a value, last commas, and `.0`."""
    shorter = re.sub(r"\w+:None,?", "", re.sub(r"\s", "", stimuli))
    return re.sub(r"(\d)\.0\b", r"\1", re.sub(r",(?=\))", "", shorter)).rstrip(",")


#: Fields that are columns of the table; the others follow.
FIELDS = [one for one in dataclasses.fields(Record) if one.name not in ("curve", "spikes")]
COLUMNS = [*(one.name for one in FIELDS), *CURVE, f"spikes_{BIN_MS}_ms"]


def joined(published: Iterable[Record], collected: Iterable[Record]) -> list[Record]:
    """All runs, each once: as it was collected, if it was, and otherwise as it was published.

    What was published of a point of the curve and is not in the collected run stays.
    """
    found = {record.what: record for record in published}
    for record in collected:
        before = found.get(record.what)
        if before is not None:
            record.curve = {**before.curve, **{name: x for name, x in record.curve.items() if not math.isnan(x)}}
        found[record.what] = record
    return sorted(found.values(), key=lambda record: [str(part) for part in record.what])


def rounded(value: float) -> float:
    """A number as the table has it, so that it is the same once it is read back."""
    return float(f"{value:.6g}")


def table(records: Iterable[Record]) -> pd.DataFrame:
    """Runs as a table with the columns `COLUMNS`."""
    lines = [
        [getattr(record, one.name) for one in FIELDS]
        + [record.curve.get(name, math.nan) for name in CURVE]
        + [" ".join(map(str, record.spikes.tolist()))]
        for record in records
    ]
    return pd.DataFrame(lines, columns=COLUMNS)


def read(path: Path) -> list[Record]:
    """The runs of a table; none if there is no table."""
    if not path.exists():
        return []
    try:
        lines = pd.read_csv(path, dtype=str, keep_default_na=False).to_dict("records")
        return [record(line) for line in lines]
    except (KeyError, ValueError, TypeError, pd.errors.ParserError) as error:
        told = " ".join(f"{type(error).__name__}: {error}".split())
        raise CollectError(f"{path} is no table of runs ({told}): `git checkout` brings it back") from error


def record(line: dict[Any, str]) -> Record:
    """A line of the table."""
    readers: dict[str, Callable[[str], Any]] = {"int": int, "float": number, "str": str}
    values = {one.name: readers[str(one.type)](line[one.name]) for one in FIELDS}
    curve = {name: number(line[name]) for name in CURVE}
    return Record(
        **values,
        curve={} if math.isnan(curve["rate_hz"]) else curve,
        spikes=np.array(line[COLUMNS[-1]].split(), dtype=np.int64),
    )


def number(text: str) -> float:
    """A number; NaN if it is not known."""
    return float(text) if text else math.nan
