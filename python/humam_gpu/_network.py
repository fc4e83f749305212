"""Networks before they are simulated: tables, theory, and what a run takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from . import _native
from ._config import Config, Source
from ._progress import Progress, Shown
from ._tables import population_index

if TYPE_CHECKING:
    import pandas as pd

_BYTES_PER_MB = 1e6


@dataclass(frozen=True)
class Theory:
    """Stationary rates by mean-field theory.

    Attributes
    ----------
    rates_hz : Series
        Rate of every population, spikes/s; index (area, layer, population). The fixed point if ``converged``, else
        the last state of the flow.
    converged : bool
        Whether a fixed point was found.
    residual_hz : float
        Largest |−ν + Φ(ν)| there, 1/s.
    flow : DataFrame
        The way to it: ``pseudo_time``, ``mean_rate_hz``, ``residual_hz``.
    """

    rates_hz: pd.Series[float]
    converged: bool
    residual_hz: float
    flow: pd.DataFrame


@dataclass(frozen=True)
class Check:
    """What a run takes. Times are estimates for the CPU engine, at the rates of the theory.

    Attributes
    ----------
    engine, adapter : str
        The engine that would be taken, and its adapter (``None`` on a CPU).
    shards : int
        Parts that the network is cut into.
    synapses : str
        ``"stored"`` or ``"procedural"``.
    fits : bool
        Whether memory and adapter hold the network; if not, ``refusal`` says what would fit.
    host_bytes, device_bytes : int
        Memory on the host and on the device.
    available_bytes : int
        Memory that the host has left; ``None`` if it is not known.
    build_s, simulate_s : float
        Time to build the network, and to simulate it, s.
    warnings : list of str
        What is most likely not meant.
    buffers : list of (str, int, bool)
        Parts of the memory: name, bytes, whether it is on the device.
    """

    engine: str
    adapter: str | None
    shards: int
    synapses: str
    refusal: str | None
    host_bytes: int
    device_bytes: int
    available_bytes: int | None
    build_s: float
    simulate_s: float
    warnings: list[str]
    buffers: list[tuple[str, int, bool]] = field(repr=False)

    @property
    def fits(self) -> bool:
        """Whether memory and adapter hold the network."""
        return self.refusal is None

    def __str__(self) -> str:
        where = "" if self.adapter is None else f" on {self.adapter}"
        available = "" if self.available_bytes is None else f" of {self.available_bytes / _BYTES_PER_MB:.1f} MB available"
        device = f", {self.device_bytes / _BYTES_PER_MB:.1f} MB on the device" if self.device_bytes else ""
        lines = [
            f"engine:   {self.engine}{where}, {self.shards} shards, synapses {self.synapses}",
            f"memory:   {self.host_bytes / _BYTES_PER_MB:.1f} MB{available} on the host{device}: "
            + ("it fits" if self.refusal is None else f"it does not fit: {self.refusal}"),
            f"time:     about {self.build_s:.1f} s to build and {self.simulate_s:.1f} s to simulate on the CPU at the "
            "predicted rates",
        ]
        return "\n".join(lines + [f"warning:  {warning}" for warning in self.warnings])


class Tables:
    """Populations of a network and what connects them. Matrices have targets as rows and sources as columns.

    All indices are (area, layer, population); parts that a network does not have are empty text.
    """

    _is_full = False

    def __init__(self, native: _native.Network) -> None:
        self._native = native

    @cached_property
    def _index(self) -> pd.MultiIndex:
        return population_index(*self._native.populations(self._is_full)[:3])

    @cached_property
    def neurons(self) -> pd.Series[int]:
        """Number of neurons of each population."""
        import pandas as pd

        return pd.Series(self._native.populations(self._is_full)[3], index=self._index, name="neurons")

    @cached_property
    def parameters(self) -> pd.DataFrame:
        """Parameters of the neurons of each population, and its input from outside.

        Columns: ``e_l_mv``, ``v_th_mv``, ``v_reset_mv``, ``c_m_pf``, ``tau_m_ms``, ``tau_syn_ex_ms``,
        ``tau_syn_in_ms``, ``t_ref_ms``; ``external_synapses`` of the whole population, their ``external_rate_hz`` and
        ``external_weight_pa``; ``dc_pa``, the constant input.
        """
        import pandas as pd

        return pd.DataFrame(dict(self._native.parameters(self._is_full)), index=self._index)

    @cached_property
    def synapses(self) -> pd.DataFrame:
        """Number of synapses from each population (column) to each other (row)."""
        return self._matrix(self._native.synapses(self._is_full))

    @cached_property
    def in_degrees(self) -> pd.DataFrame:
        """Synapses that a neuron of a population (row) receives from each population (column), on average."""
        return self.synapses.div(self.neurons, axis=0)

    @cached_property
    def weights_pa(self) -> pd.DataFrame:
        """Mean weight of these synapses, pA; NaN if there are none."""
        return self._matrix(self._native.weights_pa(self._is_full))

    @cached_property
    def delays_ms(self) -> pd.DataFrame:
        """Mean delay of these synapses, ms, before it is rounded to steps; NaN if there are none."""
        return self._matrix(self._native.delays_ms(self._is_full))

    def _matrix(self, values: npt.NDArray[np.generic]) -> pd.DataFrame:
        import pandas as pd

        index = self._index
        target, source = ([f"{end}_{name}" for name in index.names] for end in ("target", "source"))
        return pd.DataFrame(values, index=index.set_names(target), columns=index.set_names(source))

    def theory(self, dc: bool = True) -> Theory:
        """Predicts stationary rates.

        Parameters
        ----------
        dc : bool
            Whether the constant input counts that makes up for synapses that down-scaling has left out. The
            publication's notebook leaves it out.
        """
        import pandas as pd

        rates, converged, residual, flow = self._native.theory(self._is_full, dc)
        return Theory(
            rates_hz=pd.Series(rates, index=self._index, name="rate_hz"),
            converged=converged,
            residual_hz=residual,
            flow=pd.DataFrame(flow, columns=["pseudo_time", "mean_rate_hz", "residual_hz"]),
        )

    def __repr__(self) -> str:
        *_, neurons = self._native.populations(self._is_full)
        synapses = int(self._native.synapses(self._is_full).sum())
        return (
            f"<humam_gpu.{type(self).__name__}: {len(neurons)} populations, {sum(neurons)} neurons, "
            f"{synapses} synapses>"
        )


class FullScale(Tables):
    """The model at full scale, of the areas that are simulated."""

    _is_full = True


class Network(Tables):
    """The network of a configuration, derived from its tables and scaled: what is simulated.

    Parameters
    ----------
    config : Config, str, path, mapping or OwnNetwork
        As for :class:`Config`.
    progress : bool or object, optional
        As for :func:`humam_gpu.run`.

    Attributes
    ----------
    full_scale : FullScale
        The same tables of the model at full scale.
    """

    def __init__(
        self,
        config: Source = "downscaled",
        progress: bool | Progress | None = None,
    ) -> None:
        self.config = Config(config)
        with Shown(progress) as heard:
            super().__init__(_native.Network(self.config._native, heard))
        self.full_scale = FullScale(self._native)

    def check(self) -> Check:
        """What a run takes, before anything is built: engine, memory, time, and what is most likely not meant."""
        return Check(**self._native.check())
