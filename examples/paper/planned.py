"""Which runs a result needs, from the configurations and sweeps of this folder, and which of them are missing.

Only the keys that these files have are read: `humam-gpu sweep FILE --points` tells all points of a sweep.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from records import PUBLISHED_START_MV, Conditions, Record, plain
from run_folder import CollectError

HERE = Path(__file__).resolve().parent
#: What `examples/paper/run` makes, in the order in which a run is counted for one of them.
NAMES = ("ground", "high", "states", "start", "switch", "perturbation", "curve", "seeds", "single_neurons")


@dataclass
class Planned(Conditions):
    """A run that a result needs."""

    #: Whether a longer run does not do: runs that are compared with each other are equally long.
    is_exact: bool = False

    def is_made_by(self, run: Record, exact: bool = False) -> bool:
        """Whether a run is this one, or this one and more."""
        if run.name != self.name or run.seed != self.seed:
            return False
        longer_ms = run.duration_ms - self.duration_ms
        is_long = longer_ms == 0.0 if exact or self.is_exact else longer_ms >= 0.0
        if self.name == "single_neurons":
            return is_long
        is_same = (run.chi, run.start_mv, plain(run.stimuli)) == (self.chi, self.start_mv, plain(self.stimuli))
        return is_long and is_same


@cache
def planned(name: str) -> tuple[Planned, ...]:
    """The runs of a configuration or a sweep of this folder."""
    text = source(HERE / f"{name}.ron")
    config = found(r'config: "([^"]+)"', text)
    base = source(HERE / config) if config else text
    last = {key: value for key, value in re.findall(r'"[a-z_]+\.([a-z_]+)=([^",]+)"', text)}
    seed = int(last.get("seed") or found(r"\bseed: (\d+)", base))
    start_mv = float(last.get("initial_v_m_mean_mv") or PUBLISHED_START_MV)
    duration_ms = float(last.get("duration_ms") or found(r"\bduration_ms: ([\d.]+)", base))
    chis = found(r'"weights\.chi=([\d.,]+)"', text) or found(r"\bchi: ([\d.]+)", base) or "1"
    stimuli = split(found(r'r#"stimuli=(.*?)"#', text) or "[]")
    seeds = int(found(r"\bseeds: (\d+)", text) or 1)
    folder = found(r'\bname: "(\w+)"', base)
    runs = tuple(
        Planned(folder, float(chi), seed + i, start_mv, stimulus, duration_ms, name == "perturbation")
        for chi in chis.split(",")
        for stimulus in stimuli
        for i in range(seeds)
    )
    if not folder or not runs:
        raise CollectError(f"{HERE / name}.ron has no name or no runs that can be told from it")
    return runs


def source(path: Path) -> str:
    """A configuration without its comments."""
    return re.sub(r"^\s*//.*$|\s//\s.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)


def found(pattern: str, text: str) -> str:
    """The first group of the first place; empty if there is none."""
    place = re.search(pattern, text, re.DOTALL)
    return place.group(1) if place else ""


def split(lists: str) -> list[str]:
    """The contents of `[…],[…]`."""
    return [part.strip() for part in re.findall(r"\[(.*?)\](?:,|$)", lists, re.DOTALL)]


def missing(names: Iterable[str], runs: Sequence[Record]) -> str:
    """A sentence for each of the names of which runs are missing; empty if none is."""
    told = []
    for name in names:
        wanted = planned(name)
        absent = [point for point in wanted if not any(point.is_made_by(run) for run in runs)]
        if not absent:
            continue
        if len(absent) == len(wanted):
            which = f": all {len(wanted)} runs are missing" if len(wanted) > 1 else ""
            told.append(f"`{name}` has not been run yet{which}.")
            continue
        verb = "is" if len(absent) == 1 else "are"
        told.append(f"{len(absent)} of {len(wanted)} runs of `{name}` {verb} missing: {points(absent, wanted)}.")
    return " ".join(told)


def points(absent: list[Planned], wanted: Iterable[Planned]) -> str:
    """Points of a sweep, χ by χ."""
    whole, told = list(wanted), []
    for chi in dict.fromkeys(point.chi for point in absent):
        of_chi = [point for point in absent if point.chi == chi]
        all_of_chi = [point for point in whole if point.chi == chi]
        what = f"χ = {chi:g}"
        if len(of_chi) < len(all_of_chi):
            if len({point.seed for point in all_of_chi}) > 1:
                seeds = ", ".join(str(point.seed) for point in of_chi)
                what += f" with seed{'s' if len(of_chi) > 1 else ''} {seeds}"
            else:
                what += " with " + " and with ".join(in_words(point.stimuli) or "no stimulus" for point in of_chi)
        told.append(what)
    return "; ".join(told)


def extra_spike(stimuli: str) -> tuple[float, str]:
    """When an extra spike arrives, ms, and in which area."""
    onset_ms, area = found(r"time_ms: ([\d.]+)", stimuli), found(r'populations: "(\w+)', stimuli)
    if not onset_ms or not area:
        raise CollectError(f"no extra spike can be told from the stimuli [{stimuli}]")
    return float(onset_ms), area


def in_words(stimuli: str) -> str:
    """Pulses of current, or the extra spike."""
    if stimuli.startswith("spike("):
        return "the extra spike"
    pulses = re.findall(r"amplitude_pa: (-?[\d.]+), from_ms: ([\d.]+), to_ms: ([\d.]+)", stimuli)
    return ", then ".join(f"{float(pa):+g} pA from {float(start):g} to {float(end):g} ms" for pa, start, end in pulses)
