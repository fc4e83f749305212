"""Complete run folders: manifest, configuration, populations, and spikes mapped into the memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.integer[Any]]
Floats = npt.NDArray[np.floating[Any]]


class CollectError(Exception):
    """A run that cannot be collected, and what to do."""


def key(config: str, name: str) -> str:
    """The value of the first key of that name in a configuration; empty if there is none."""
    found = re.search(rf"\b{name}:\s*([^,\n]+),", config)
    return found.group(1).strip().strip('"') if found else ""


def stimuli(config: str) -> str:
    """The stimuli of a configuration on one line; empty if there are none."""
    found = re.search(r"\bstimuli:\s*\[(.*?)\],\s*recording:", config, re.DOTALL)
    return " ".join(found.group(1).split()).strip(" ,") if found else ""


@dataclass(frozen=True)
class Run:
    """A complete run folder."""

    folder: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Its manifest."""
        manifest: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        return manifest

    @cached_property
    def config(self) -> str:
        """Its configuration."""
        return (self.folder / "config.ron").read_text(encoding="utf-8")

    def key(self, name: str) -> str:
        """The value of the first key of that name."""
        return key(self.config, name)

    @cached_property
    def stimuli(self) -> str:
        """Its stimuli, as the configuration has them; empty if there are none."""
        return stimuli(self.config)

    @cached_property
    def populations(self) -> pd.DataFrame:
        """Area, layer, population, first neuron, number of neurons."""
        return pd.read_csv(self.folder / "populations.csv", keep_default_na=False)

    @cached_property
    def areas(self) -> list[str]:
        """Areas in the order of their neurons."""
        return list(dict.fromkeys(self.populations.area))

    @cached_property
    def area_of(self) -> Ints:
        """The area of each population."""
        return np.array([self.areas.index(area) for area in self.populations.area])

    def ranges(self) -> Iterator[tuple[str, int, int]]:
        """Area, first neuron and number of neurons of each population."""
        columns = (self.populations[name].tolist() for name in ("area", "first_neuron", "neurons"))
        yield from zip(*columns, strict=True)

    def neurons_of(self, area: str) -> tuple[int, int]:
        """First neuron of an area, and the first one after it."""
        rows = self.populations[self.populations.area == area]
        return int(rows.first_neuron.min()), int((rows.first_neuron + rows.neurons).max())

    @property
    def n_neurons(self) -> int:
        """Number of neurons."""
        return int(self.populations.neurons.sum())

    @property
    def dt_ms(self) -> float:
        """Length of a step, ms."""
        return float(self.manifest["dt_ms"])

    @property
    def steps_per_ms(self) -> int:
        """Steps of a millisecond."""
        return round(1.0 / self.dt_ms)

    @property
    def n_steps(self) -> int:
        """Steps of the run."""
        return int(self.manifest["n_steps"])

    @property
    def from_step(self) -> int:
        """First step of the statistics."""
        return round(float(self.key("statistics_from_ms")) / self.dt_ms)

    @cached_property
    def spikes(self) -> tuple[Ints, Ints]:
        """Neuron and step of every spike, sorted by step; mapped into the memory."""
        paths = [self.folder / f"spikes_{what}.npy" for what in ("neuron", "step")]
        # An empty array cannot be mapped.
        is_empty = self.manifest["n_spikes_recorded"] == 0
        neuron, step = (np.load(path) if is_empty else np.load(path, mmap_mode="r") for path in paths)
        if not len(neuron) == len(step) == self.manifest["n_spikes"]:
            raise CollectError(
                f"{self.folder} has {len(neuron)} spikes of {self.manifest['n_spikes']}: run it again with "
                "`recording.populations=None` and `--force`"
            )
        return neuron, step

    def at_steps(self, steps: Ints) -> Ints:
        """Where spikes of these steps begin."""
        return np.searchsorted(self.spikes[1], steps.astype(np.uint32))

    @property
    def file_name(self) -> str:
        """The name of its collected file."""
        # Networks of one's own have the key, too, but no use for it.
        chi, hashed = float(self.key("chi") or 0.0), self.manifest["simulation_hash"][:8]
        stimulus = "_stimulus" if self.stimuli else ""
        duration_ms = self.n_steps * self.dt_ms
        seed = self.manifest["seed"]
        return f"{self.key('name')}_chi_{chi:g}_seed_{seed}_{duration_ms:g}ms{stimulus}_{hashed}.npz"


def runs_below(folders: Iterable[Path]) -> Iterator[Run]:
    """All complete runs that the folders are or hold."""
    for folder in folders:
        if not folder.is_dir():
            raise CollectError(f"{folder} is no folder: name a run folder, or one that holds runs, such as out/paper")
        found = sorted(path.parent for path in folder.rglob("spikes_step.npy") if ".partial" not in str(path))
        complete = [path for path in found if (path / "manifest.json").is_file()]
        if not complete:
            raise CollectError(f"{folder} holds no complete run: `humam-gpu run` makes one, `humam-gpu resume` goes on")
        yield from map(Run, complete)
