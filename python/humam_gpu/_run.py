"""Runs: spikes, statistics, figures, files for other programs."""

from __future__ import annotations

import json
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from . import _folders, _native
from ._config import Config, Source, _assignments
from ._figure import Plots
from ._progress import Progress, Shown
from ._tables import population_index
from .errors import ConfigError, Interrupted

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]


class _Populations(Protocol):
    """Whose spikes they are."""

    def populations(self) -> tuple[list[str], list[str], list[str], list[int], list[int]]: ...

    def select(self, selector: str) -> list[int]: ...


class Spikes:
    """Spikes, sorted by time, then neuron.

    Attributes
    ----------
    neurons : ndarray of uint32, shape (spikes,)
        The neuron of each spike, counted from 0 through the populations.
    steps : ndarray of uint32, shape (spikes,)
        The step of time of each spike, from 1; step n ends at n · ``dt_ms``.
    dt_ms : float
        Length of a step, ms.

    The arrays of a whole run are those of its files, mapped into the memory: they cannot be written to, and take
    memory only where they are read.
    """

    def __init__(
        self,
        neurons: npt.NDArray[np.uint32],
        steps: npt.NDArray[np.uint32],
        dt_ms: float,
        native: _Populations,
        keep: object = None,
    ) -> None:
        self.neurons = neurons
        self.steps = steps
        self.dt_ms = dt_ms
        self._native = native
        self._keep = keep

    @cached_property
    def times_ms(self) -> Floats:
        """Time of each spike, ms; ndarray of float64, shape (spikes,)."""
        return self.steps * np.float64(self.dt_ms)

    def of(self, populations: str | int | npt.ArrayLike) -> Spikes:
        """Spikes of some neurons.

        Parameters
        ----------
        populations : str, int or array of int
            Populations by the words of their names: ``"precuneus II/III E"``, ``"precuneus"``, ``"* V"``,
            ``"* * I"``; or neurons by their numbers.

        Returns
        -------
        Spikes
            Copies of those spikes; neurons keep their numbers.
        """
        if isinstance(populations, str):
            mask = np.zeros(self.neurons.shape, dtype=bool)
            _, _, _, first, number = self._native.populations()
            for row in self._native.select(populations):
                mask |= (self.neurons >= first[row]) & (self.neurons < first[row] + number[row])
        else:
            wanted = np.asarray(populations)
            if not np.issubdtype(wanted.dtype, np.integer):
                raise ConfigError(f"{populations!r} are no neurons: give their numbers, or the name of a population")
            mask = np.isin(self.neurons, wanted)
        return Spikes(self.neurons[mask], self.steps[mask], self.dt_ms, self._native, self._keep)

    def within(self, from_ms: float, to_ms: float) -> Spikes:
        """Spikes after ``from_ms`` up to ``to_ms``."""
        first, last = np.searchsorted(self.steps, np.rint(np.array([from_ms, to_ms]) / self.dt_ms), side="right")
        part = slice(int(first), int(last))
        return Spikes(self.neurons[part], self.steps[part], self.dt_ms, self._native, self._keep)

    def counts(self) -> pd.Series[int]:
        """Number of spikes of each population; index (area, layer, population)."""
        import pandas as pd

        areas, layers, populations, first, _ = self._native.populations()
        population = np.searchsorted(first, self.neurons, side="right") - 1
        counts = np.bincount(population, minlength=len(first))
        return pd.Series(counts, index=population_index(areas, layers, populations), name="spikes")

    def trains_ms(self) -> dict[int, Floats]:
        """The times of each neuron that has spiked, by its number, ms."""
        order = np.argsort(self.neurons, kind="stable")
        neurons, firsts = np.unique(self.neurons[order], return_index=True)
        trains = np.split(self.times_ms[order], firsts[1:])
        return {int(neuron): train for neuron, train in zip(neurons, trains)}

    def __len__(self) -> int:
        return len(self.neurons)

    def __repr__(self) -> str:
        return f"<humam_gpu.Spikes: {len(self)} spikes>"


class Run:
    """A run: its spikes, and everything that follows from them.

    ``humam_gpu.run`` makes runs; ``Run.open`` opens the folder of one that the program has made.

    Attributes
    ----------
    folder : Path
        Its folder.
    config : Config
        Its configuration.
    plot : Plots
        Every figure of the program.
    """

    def __init__(self, folder: str | os.PathLike[str], _keep: object = None) -> None:
        self._native = _native.RunFolder(Path(os.fspath(folder)), [])
        self._keep = _keep
        self._analyses: dict[str, _native.Analysis] = {}
        self.folder = Path(self._native.path)
        self.plot = Plots(self)

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Run:
        """Opens the folder of a run.

        Parameters
        ----------
        folder : str or path
            The folder that the program has told as ``run directory``.

        Raises
        ------
        FolderError
            A folder that is none of a run, and files that are missing, were changed, or are those of another run.
        """
        return cls(folder)

    @cached_property
    def config(self) -> Config:
        """Its configuration, with every key."""
        config = Config.__new__(Config)
        config._native = self._native.config()
        return config

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Versions, seed, engine, sizes, times and hashes, as ``manifest.json`` has them."""
        manifest: dict[str, Any] = json.loads(self._native.manifest())
        return manifest

    @property
    def dt_ms(self) -> float:
        """Length of a step of time, ms."""
        return float(self.manifest["dt_ms"])

    @property
    def duration_ms(self) -> float:
        """Model time, ms."""
        return float(self.config["simulation.duration_ms"])

    @cached_property
    def populations(self) -> pd.DataFrame:
        """Populations that have neurons.

        Returns
        -------
        DataFrame
            Index (area, layer, population); columns ``first_neuron`` and ``neurons``.
        """
        import pandas as pd

        *_, first, number = self._native.populations()
        return pd.DataFrame({"first_neuron": first, "neurons": number}, index=self._index)

    @cached_property
    def _index(self) -> pd.MultiIndex:
        return population_index(*self._native.populations()[:3])

    @cached_property
    def spikes(self) -> Spikes:
        """All spikes that were recorded."""
        n_spikes = self.manifest["n_spikes_recorded"]
        n_spikes = self.manifest["n_spikes"] if n_spikes is None else n_spikes
        # An empty file cannot be mapped.
        mode: Literal["r"] | None = None if n_spikes == 0 else "r"
        neurons, steps = (np.load(self.folder / f"spikes_{of}.npy", mmap_mode=mode) for of in ("neuron", "step"))
        return Spikes(neurons, steps, self.dt_ms, self._native, self._keep)

    def analysis(self, **keys: object) -> _native.Analysis:
        """All statistics as arrays, from which the attributes of this class are made.

        Parameters
        ----------
        **keys
            Keys of the section ``analysis`` of the configuration that get other values, such as ``bin_ms=5.0``.
        """
        assignments = list(_assignments(keys, "analysis."))
        name = json.dumps(assignments)
        if name not in self._analyses:
            opened = _native.RunFolder(self.folder, assignments) if assignments else self._native
            self._analyses = {key: self._analyses[key] for key in list(self._analyses)[-2:]}
            self._analyses[name] = opened.analyse(None)
        return self._analyses[name]

    @cached_property
    def rates(self) -> pd.DataFrame:
        """Rates of populations, spikes/s.

        Returns
        -------
        DataFrame
            Index (area, layer, population); columns ``rate_hz``, simulated, and ``theory_hz``, predicted by
            mean-field theory. NaN if there is none.
        """
        import pandas as pd

        simulated = dict(self.analysis().populations())["rate_hz"]
        predicted = self._native.theory_rates_hz()
        return pd.DataFrame({"rate_hz": simulated, "theory_hz": predicted}, index=self._index)

    @cached_property
    def statistics(self) -> pd.DataFrame:
        """Statistics of populations.

        Returns
        -------
        DataFrame
            Index (area, layer, population); columns ``rate_hz`` (spikes/s), ``cv_isi``, ``lvr`` and ``correlation``:
            means over neurons, or pairs of neurons. NaN if there is none.
        """
        import pandas as pd

        return pd.DataFrame(dict(self.analysis().populations()), index=self._index)

    @cached_property
    def areas(self) -> pd.DataFrame:
        """Statistics of areas, in the columns of :attr:`statistics`; index: area."""
        import pandas as pd

        found = self.analysis()
        return pd.DataFrame(dict(found.areas()), index=pd.Index(found.area_names(), name="area"))

    @cached_property
    def summary(self) -> pd.Series[float]:
        """Numbers that sum the run up, such as ``mean_rate_hz``; NaN if there is none (:meth:`why_not`)."""
        import pandas as pd

        values = {what: np.nan if value is None else value for what, value, _ in self.analysis().key_figures()}
        return pd.Series(values, dtype=float, name="value")

    def why_not(self, quantity: str) -> str | None:
        """Why :attr:`summary` has no such number; ``None`` if it has one."""
        reasons = {what: reason for what, _, reason in self.analysis().key_figures()}
        if quantity not in reasons:
            raise ConfigError(f"there is no {quantity!r}: choose one of {', '.join(reasons)}")
        return reasons[quantity]

    @cached_property
    def functional_connectivity(self) -> pd.DataFrame:
        """Correlations of the synaptic input currents of areas.

        Returns
        -------
        DataFrame
            Index and columns: areas.

        Raises
        ------
        NoStatistic
            The run is too short, or has fewer than two areas.
        """
        return self._of_areas(self.analysis().correlations("functional_connectivity"))

    @cached_property
    def bold_correlation(self) -> pd.DataFrame:
        """Correlations of the BOLD signals of areas, which count from 20 s on; index and columns: areas."""
        return self._of_areas(self.analysis().correlations("bold"))

    def measured_connectivity(self, hemisphere: str = "left") -> pd.DataFrame:
        """Functional connectivity measured by fMRI in ``"left"`` or ``"right"``; index and columns: areas."""
        if hemisphere not in ("left", "right"):
            raise ConfigError(f"there is no hemisphere {hemisphere!r}: choose 'left' or 'right'")
        return self._of_areas(self.analysis().measured_connectivity(hemisphere == "left")[0])

    def _of_areas(self, matrix: Floats) -> pd.DataFrame:
        import pandas as pd

        names = self.analysis().area_names()
        return pd.DataFrame(matrix, index=pd.Index(names, name="area"), columns=pd.Index(names, name="area"))

    @property
    def communities(self) -> pd.Series[int]:
        """The community of each area in functional connectivity, from 0; index: area."""
        import pandas as pd

        found = self.analysis()
        index = pd.Index(found.area_names(), name="area")
        return pd.Series(found.communities()[0], index=index, name="community")

    @cached_property
    def area_rates_hz(self) -> pd.DataFrame:
        """Rates of areas in bins of ``analysis.bin_ms``, spikes/s a neuron; index: end of the bin in ms."""
        return self._signal("area_rates_hz")

    @cached_property
    def synaptic_currents_pa_per_s(self) -> pd.DataFrame:
        """Synaptic input currents of areas in bins, pA/s; index: end of the bin in ms; columns: areas."""
        return self._signal("synaptic_currents_pa_per_s")

    @cached_property
    def bold(self) -> pd.DataFrame:
        """BOLD signals of areas in bins, as relative changes; index: end of the bin in ms; columns: areas."""
        return self._signal("bold")

    def _signal(self, name: str) -> pd.DataFrame:
        import pandas as pd

        found = self.analysis()
        values = found.signal(name)
        ends_ms = np.arange(1, values.shape[1] + 1) * found.window()[0]
        columns = pd.Index(found.area_names(), name="area")
        return pd.DataFrame(values.T, index=pd.Index(ends_ms, name="time_ms"), columns=columns)

    @cached_property
    def spectra(self) -> pd.DataFrame:
        """Power spectral densities of the areas' rates, (1/s)²/Hz; index: frequency in Hz; columns: areas."""
        import pandas as pd

        found = self.analysis()
        frequencies, densities = found.spectra()
        columns = pd.Index(found.area_names(), name="area")
        return pd.DataFrame(densities.T, index=pd.Index(frequencies, name="frequency_hz"), columns=columns)

    def voltmeter(self, number: int = 0) -> pd.DataFrame:
        """What a voltmeter has recorded (``recording.voltmeter``).

        Parameters
        ----------
        number : int
            Which of them, from 0.

        Returns
        -------
        DataFrame
            Membrane potentials in mV; index: time in ms; columns: neurons.
        """
        import pandas as pd

        meters = self._native.voltmeters()
        if not isinstance(number, int) or not 0 <= number < len(meters):
            raise ConfigError(f"there is no voltmeter {number}: the run has {len(meters)}, counted from 0")
        times, values = (np.load(self.folder / f"voltmeter_{number}_{of}.npy") for of in ("time_ms", "v_m_mv"))
        neurons = pd.Index(meters[number], name="neuron")
        return pd.DataFrame(values, index=pd.Index(times, name="time_ms"), columns=neurons)

    def to_nest(self, folder: str | os.PathLike[str], force: bool = False) -> Path:
        """Writes spikes and populations as the model's published code does with NEST.

        Parameters
        ----------
        folder : str or path
            A new or empty folder; with ``force`` also that of an earlier export.
        """
        return self.export("nest", folder, force)

    def export(self, format: str, folder: str | os.PathLike[str], force: bool = False) -> Path:
        """Writes the run for other programs.

        Parameters
        ----------
        format : str
            ``"nest"``, ``"sonata"``, ``"parquet"`` or ``"npz"``.
        folder : str or path
            A new or empty folder; with ``force`` also that of an earlier export.
        """
        target = Path(os.path.abspath(os.fspath(folder)))
        with Shown(None) as progress:
            self._native.export(format, target, force, progress)
        return target

    def to_neo(self, populations: str = "*") -> Any:
        """The spikes as a ``neo.Block`` with one segment, for Elephant and others.

        Parameters
        ----------
        populations : str
            Populations by the words of their names, as in :meth:`Spikes.of`.

        Returns
        -------
        neo.Block
            A ``neo.SpikeTrain`` for each neuron of these, also of those without a spike, with the annotations
            ``neuron``, ``area``, ``layer`` and ``population``.
        """
        try:
            import neo
            import quantities as pq
        except ImportError as error:
            raise ImportError("to_neo needs neo: pip install neo") from error
        areas, layers, names, first, number = self._native.populations()
        trains = self.spikes.of(populations).trains_ms()
        # A spike of the last step lies at the end of the run, which rounding may have put before it.
        t_stop = max(self.duration_ms, float(self.manifest["n_steps"]) * self.dt_ms) * pq.ms
        segment = neo.Segment(name=self.config["name"])
        none = np.empty(0)
        for row in self._native.select(populations):
            place = {"area": areas[row], "layer": layers[row], "population": names[row]}
            for neuron in range(first[row], first[row] + number[row]):
                times = trains.get(neuron, none)
                train = neo.SpikeTrain(times * pq.ms, t_stop=t_stop, neuron=neuron, **place)
                segment.spiketrains.append(train)
        block = neo.Block(name=self.config["name"])
        block.segments.append(segment)
        return block

    def __repr__(self) -> str:
        manifest = self.manifest
        return (
            f"<humam_gpu.Run {self.config['name'] or 'unnamed'}: {manifest['n_neurons']} neurons, "
            f"{manifest['n_synapses']} synapses, {self.duration_ms:g} ms, {manifest['n_spikes']} spikes, "
            f"seed {manifest['seed']}, {manifest['engine']}>"
        )


def run(
    config: Source = "downscaled",
    duration_ms: float | None = None,
    seed: int | None = None,
    *,
    folder: str | os.PathLike[str] | None = None,
    engine: str | None = None,
    force: bool = False,
    start_from: Run | str | os.PathLike[str] | None = None,
    report: bool = True,
    progress: bool | Progress | None = None,
) -> Run:
    """Runs a configuration: derives the network, builds every synapse, simulates.

    The spikes are those of ``humam-gpu run`` with the same configuration, on every engine. Other threads of Python go
    on meanwhile.

    Parameters
    ----------
    config : Config, str, path, mapping or OwnNetwork
        What is run, as for :class:`Config`.
    duration_ms : float, optional
        Model time, ms: ``simulation.duration_ms``.
    seed : int, optional
        Seed of all random numbers: ``simulation.seed``.
    folder : str or path, optional
        The folder of all runs, such as ``"out"``, in which the program keeps them too: the run is found again there,
        and gets its statistics, figures and report. Without it the files lie in a temporary folder, and go away with
        the run.
    engine : str, optional
        ``"auto"``, ``"gpu"``, ``"cpu"`` or ``"reference"``: ``engine.engine``.
    force : bool
        Whether a run that is there is made again.
    start_from : Run, str or path, optional
        A run, or its folder, in whose last state this one begins. It may be longer, and have other stimuli from then
        on.
    report : bool
        Whether statistics, figures and report are written, if there is a ``folder``.
    progress : bool or object, optional
        Whether it shows how it goes (:func:`set_progress`), or an object with the methods ``stage(name)``,
        ``simulated(done_ms, of_ms)`` and ``note(text)``, which hears it.

    Returns
    -------
    Run

    Raises
    ------
    ConfigError
        Everything that is wrong with the configuration.
    EngineError
        The engine failed, or this machine cannot hold the network.
    FolderError
        Files that cannot be written.
    Interrupted
        Ctrl-C; its attribute ``run`` has what was recorded up to then.
    """
    config = config.copy() if isinstance(config, Config) else Config(config)
    keys = {"simulation.duration_ms": duration_ms, "simulation.seed": seed, "engine.engine": engine}
    config.update({key: value for key, value in keys.items() if value is not None})
    start = start_from.folder if isinstance(start_from, Run) else start_from
    start = None if start is None else Path(os.fspath(start))
    output = _folders.root() if folder is None else Path(os.fspath(folder))
    with Shown(progress) as heard:
        try:
            made, _ = _native.make_run(config._native, output, force, start, heard)
        except Interrupted as stopped:
            if stopped.folder is not None:
                stopped.run = _saved(Path(stopped.folder), is_temporary=folder is None)
            raise
        found = _run(made, folder is None)
        if folder is not None and report:
            found.analysis().write(heard)
    return found


def _run(folder: Path, is_temporary: bool) -> Run:
    return Run(folder, _folders.keep(folder) if is_temporary else None)


def _saved(folder: Path, is_temporary: bool) -> Run | None:
    saved = _native.saved_run(folder)
    return None if saved is None else _run(saved, is_temporary)
