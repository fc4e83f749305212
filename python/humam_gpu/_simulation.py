"""Simulations that go on step by step, with input that depends on what they do."""

from __future__ import annotations

import json
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from . import _native
from ._config import Config, Source
from ._progress import Progress, Shown
from ._run import Spikes
from ._tables import population_index
from .errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd

# Times that are whole steps but for this part of one are meant to be.
_TOLERANCE_STEPS = 1e-6


class Simulation:
    """A simulation in the hands of its caller: it advances as far as it is told, and takes input meanwhile.

    Its spikes are those of :func:`humam_gpu.run` with the same configuration and the same input in ``stimuli``,
    however it is divided into stretches.

    Parameters
    ----------
    config : Config, str, path, mapping or OwnNetwork
        As for :class:`Config`. ``simulation.duration_ms`` is no limit.
    progress : bool or object, optional
        As for :func:`humam_gpu.run`.

    Examples
    --------
    A closed loop: a current that keeps a population at 30 spikes/s.

    >>> with Simulation(network) as sim:
    ...     current_pa = 0.0
    ...     for _ in range(100):
    ...         spikes = sim.advance(50.0)
    ...         rate_hz = spikes.counts()["", "", "E"] / sim.neurons["", "", "E"] / 0.05
    ...         current_pa += 30.0 - rate_hz
    ...         sim.set_dc("E", current_pa)
    """

    def __init__(self, config: Source = "downscaled", progress: bool | Progress | None = None) -> None:
        self.config = Config(config)
        with Shown(progress) as heard:
            self._native = _native.Simulation(self.config._native, heard)
        self._parts: list[tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]] = []

    @property
    def dt_ms(self) -> float:
        """Length of a step of time, ms."""
        return self._native.dt_ms

    @property
    def time_ms(self) -> float:
        """Model time that has passed, ms."""
        return self._native.step() * self.dt_ms

    @property
    def spikes_after_ms(self) -> float:
        """Time after which spikes from outside can arrive, ms; the next multiple of 64 steps."""
        return self._native.spikes_after_ms()

    @property
    def neurons(self) -> pd.Series[int]:
        """Number of neurons of each population; index (area, layer, population)."""
        import pandas as pd

        areas, layers, populations, _, number = self._native.populations()
        return pd.Series(number, index=population_index(areas, layers, populations), name="neurons")

    def advance(self, duration_ms: float, progress: bool | Progress | None = False) -> Spikes:
        """Goes on.

        Parameters
        ----------
        duration_ms : float
            Model time, ms, in whole steps.
        progress : bool or object, optional
            As for :func:`humam_gpu.run`; nothing is shown if it is left out.

        Returns
        -------
        Spikes
            Those of this time. After Ctrl-C :attr:`spikes` has what there was, and the simulation can go on.
        """
        n_steps = self._steps("duration_ms", duration_ms)
        try:
            with Shown(progress) as heard:
                self._native.advance(n_steps, heard)
        finally:
            part = self._native.take_spikes()
            self._parts.append(part)
        return self._spikes(*part)

    @property
    def spikes(self) -> Spikes:
        """All spikes up to now."""
        self._native.step()
        if len(self._parts) > 1:
            neurons, steps = (np.concatenate([part[n] for part in self._parts]) for n in (0, 1))
            self._parts = [(neurons, steps)]
        none = np.empty(0, dtype=np.uint32)
        return self._spikes(*(self._parts[0] if self._parts else (none, none)))

    def _spikes(self, neurons: npt.NDArray[np.uint32], steps: npt.NDArray[np.uint32]) -> Spikes:
        return Spikes(neurons, steps, self.dt_ms, self._native)

    def set_dc(self, populations: str, amplitude_pa: float) -> None:
        """Sets a constant current from the next step on.

        Parameters
        ----------
        populations : str
            Populations by the words of their names, as in :meth:`Spikes.of`.
        amplitude_pa : float
            The current, pA, on top of what the network and its stimuli have, in place of that of an earlier call.
        """
        self._native.set_dc(_name(populations), _number("amplitude_pa", amplitude_pa))

    def inject(
        self,
        populations: str,
        *,
        psp_mv: float | None = None,
        weight_pa: float | None = None,
        time_ms: float | None = None,
        neurons: int | None = None,
    ) -> float:
        """Lets one spike from outside arrive at each neuron of some populations.

        Parameters
        ----------
        populations : str
            Populations by the words of their names.
        psp_mv, weight_pa : float
            Its strength: the peak of the potential in mV, or the current in pA; one of both. Negative ones inhibit.
        time_ms : float, optional
            When it arrives, ms: after :attr:`spikes_after_ms`. If it is left out, as soon as it can.
        neurons : int, optional
            The first so many neurons of each population; all if it is left out.

        Returns
        -------
        float
            When it arrives, ms.
        """
        time_ms = self.spikes_after_ms + self.dt_ms if time_ms is None else _number("time_ms", time_ms)
        strength = _strength(psp_mv, weight_pa)
        self._add("spike", populations, time_ms=time_ms, neurons=_count(neurons), **strength)
        return time_ms

    def inject_poisson(
        self,
        populations: str,
        rate_hz: float,
        *,
        psp_mv: float | None = None,
        weight_pa: float | None = None,
        from_ms: float | None = None,
        to_ms: float | None = None,
    ) -> None:
        """Gives each neuron of some populations a Poisson spike train of its own.

        Parameters
        ----------
        populations : str
            Populations by the words of their names.
        rate_hz : float
            Rate of each train, spikes/s.
        psp_mv, weight_pa : float
            Strength of each spike, as for :meth:`inject`.
        from_ms, to_ms : float, optional
            The time in which they arrive, ms: from :attr:`spikes_after_ms` on, for good.
        """
        from_ms = self.spikes_after_ms if from_ms is None else _number("from_ms", from_ms)
        to_ms = None if to_ms is None else _number("to_ms", to_ms)
        strength = _strength(psp_mv, weight_pa)
        self._add(
            "poisson", populations, rate_hz=_number("rate_hz", rate_hz), from_ms=from_ms, to_ms=to_ms, **strength
        )

    def _add(self, kind: str, populations: str, **values: float | int | None) -> None:
        self._native.add(json.dumps({kind: {"populations": _name(populations), **values}}))

    def v_m(self, populations: str = "*") -> npt.NDArray[np.float64]:
        """Membrane potentials now.

        Parameters
        ----------
        populations : str
            Populations by the words of their names.

        Returns
        -------
        ndarray of float64, shape (neurons,)
            Of each neuron in its order, mV; the reset potential where it is refractory.
        """
        rows = self._native.select(_name(populations))
        _, _, _, first, number = self._native.populations()
        potentials = self._native.v_m_mv()
        return np.concatenate([potentials[first[row] : first[row] + number[row]] for row in rows])

    def _steps(self, name: str, time_ms: float) -> int:
        steps = _number(name, time_ms) / self.dt_ms
        whole = round(steps) if abs(steps) < 2**31 else -1
        if whole < 1 or abs(steps - whole) > _TOLERANCE_STEPS * max(1.0, steps):
            raise ConfigError(
                f"{name} = {time_ms} is no time to go on: give a multiple of {self.dt_ms} ms, the step, above 0"
            )
        return whole

    def close(self) -> None:
        """Ends it, and gives back what it holds. Whatever is called later raises :class:`humam_gpu.ClosedError`."""
        self._native.close()

    def __enter__(self) -> Simulation:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<humam_gpu.Simulation {self.config['name'] or 'unnamed'}>"


def _name(populations: object) -> str:
    if not isinstance(populations, str):
        raise ConfigError(f"{populations!r} are no populations: give the words of their names, such as 'cuneus V E'")
    return populations


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise ConfigError(f"{name} = {value!r} is no number: give one")
    if not np.isfinite(value):
        raise ConfigError(f"{name} = {value!r} is not finite: give a number that is")
    return float(value)


def _count(neurons: object) -> int | None:
    if neurons is None:
        return None
    if isinstance(neurons, bool) or not isinstance(neurons, (int, np.integer)) or not 1 <= neurons < 2**32:
        raise ConfigError(f"neurons = {neurons!r} is no number of neurons: give a whole number from 1 on")
    return int(neurons)


def _strength(psp_mv: float | None, weight_pa: float | None) -> dict[str, float | None]:
    given = {"psp_mv": psp_mv, "weight_pa": weight_pa}
    return {name: None if value is None else _number(name, value) for name, value in given.items()}
