"""Networks of one's own, from Python objects: what they say is what a file of the program says."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as _field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from . import _folders
from .errors import ConfigError

_RULES = {
    "fixed_total_number",
    "fixed_indegree",
    "fixed_outdegree",
    "pairwise_bernoulli",
    "all_to_all",
    "one_to_one",
    "explicit",
}


class _Word(str):
    """A name of RON, which has no quotes."""

    __slots__ = ()


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def ron(value: object) -> str:
    """A value as RON: dicts are structs."""
    if isinstance(value, (np.generic, np.ndarray)):
        value = value.tolist()
    if value is None:
        return "None"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, _Word):
        return str(value)
    if isinstance(value, (str, os.PathLike)):
        return _text(os.fspath(value))
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, Mapping):
        return "(" + ", ".join(f"{key}: {ron(part)}" for key, part in value.items()) + ")"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(ron, value)) + "]"
    raise ConfigError(f"{value!r} is no part of a network: give numbers, text, dicts or None")


def _given(**values: object) -> dict[str, object]:
    return {key: value for key, value in values.items() if value is not None}


@dataclass(frozen=True)
class Population:
    """Neurons of the same kind with the same drive.

    Parameters
    ----------
    cell_type : str
        Cell type, or what else names the population. It is called by area, layer and cell type.
    neurons : int
        Number of neurons.
    area, layer : str
        Where they are; may be left out.
    neuron : mapping
        Parameters; those left out are the defaults of NEST's ``iaf_psc_exp``: ``e_l_mv``, ``v_th_mv``,
        ``v_reset_mv``, ``c_m_pf``, ``tau_m_ms``, ``tau_syn_ex_ms``, ``tau_syn_in_ms``, ``t_ref_ms``, and
        ``v_th_relative_sd``, ``c_m_relative_sd``, ``tau_m_relative_sd``.
    initial_v_m_mv : (float, float), optional
        Mean and standard deviation of the initial membrane potential, mV; the leak potential if it is left out.
    poisson : mapping, optional
        Input that each neuron has for itself: ``rate_hz`` of each of ``in_degree`` external synapses (1), with
        ``weight_pa`` or ``psp_mv``, and ``relative_sd``.
    dc_pa : float
        Constant input current, pA.
    """

    cell_type: str
    neurons: int
    area: str = ""
    layer: str = ""
    neuron: Mapping[str, float] = _field(default_factory=dict)
    initial_v_m_mv: tuple[float, float] | None = None
    poisson: Mapping[str, float] | None = None
    dc_pa: float = 0.0

    def _entry(self) -> dict[str, object]:
        entry = _given(
            cell_type=self.cell_type,
            neurons=self.neurons,
            area=self.area or None,
            layer=self.layer or None,
            neuron=self.neuron or None,
            poisson=self.poisson,
            dc_pa=self.dc_pa,
        )
        if self.initial_v_m_mv is not None:
            mean, sd = self.initial_v_m_mv
            entry["initial_v_m_mv"] = {"mean": mean, "sd": sd}
        return entry


@dataclass(frozen=True)
class Projection:
    """Synapses between populations: one entry stands for all pairs that its selectors choose.

    Parameters
    ----------
    source, target : str
        Populations by the words of their names; ``"*"`` is any.
    rule : str or (str, number)
        Which neurons are connected, by NEST's names: ``("fixed_total_number", n)``, ``("fixed_indegree", k)``,
        ``("fixed_outdegree", k)``, ``("pairwise_bernoulli", p)``, ``"all_to_all"``, ``"one_to_one"``, or
        ``("explicit", "file.csv")``. Left out if there are ``sources``.
    weight_pa, psp_mv : float
        Mean weight, as a current in pA or as the peak of the potential in mV; negative ones inhibit.
    weight_relative_sd : float
        Standard deviation of the weight relative to its mean.
    delay_ms : float
        The same delay at every synapse, ms.
    delay : mapping
        A distribution of delays in its place: ``mean_ms``, ``relative_sd``, ``min_ms``, ``distribution``
        (``"lognormal"``, ``"normal"`` or ``"truncated_normal"``).
    autapses, multapses : bool
        Whether a neuron may connect to itself, and two neurons more than once.
    sources, targets : array of int, shape (synapses,)
        Every synapse: neurons within their populations, from 0.
    weights_pa, delays_ms : array of float, shape (synapses,), optional
        Weight and delay of every synapse, in place of ``weight_pa`` and ``delay_ms``.
    """

    source: str
    target: str
    rule: str | tuple[str, int | float | str | os.PathLike[str]] | None = None
    weight_pa: float | None = None
    psp_mv: float | None = None
    weight_relative_sd: float | None = None
    delay_ms: float | None = None
    delay: Mapping[str, float | str] | None = None
    autapses: bool | None = None
    multapses: bool | None = None
    sources: npt.ArrayLike | None = None
    targets: npt.ArrayLike | None = None
    weights_pa: npt.ArrayLike | None = None
    delays_ms: npt.ArrayLike | None = None

    def _entry(self) -> dict[str, object]:
        entry: dict[str, object] = {"from": self.source, "to": self.target, "rule": _Word(self._rule())}
        entry |= _given(
            weight_pa=self.weight_pa,
            psp_mv=self.psp_mv,
            weight_relative_sd=self.weight_relative_sd,
            delay_ms=self.delay_ms,
            autapses=self.autapses,
            multapses=self.multapses,
        )
        if self.delay is not None:
            entry["delay"] = {
                key: _Word(value) if key == "distribution" else value for key, value in self.delay.items()
            }
        return entry

    def _rule(self) -> str:
        if self.sources is not None or self.targets is not None:
            if self.rule is not None:
                raise ConfigError("a projection has a rule or sources and targets: leave one of them out")
            return f"explicit({ron(self._file())})"
        if self.rule is None:
            raise ConfigError("a projection needs a rule, such as ('fixed_indegree', 100), or sources and targets")
        name, *values = (self.rule,) if isinstance(self.rule, str) else self.rule
        if name not in _RULES or len(values) > 1:
            raise ConfigError(f"{self.rule!r} is no rule: the rules are {', '.join(sorted(_RULES))}")
        if name == "explicit" and values:
            values = [os.path.abspath(os.fspath(values[0]))]  # type: ignore[arg-type]
        return name + "".join(f"({ron(value)})" for value in values)

    def _file(self) -> Path:
        """A file with every synapse, which lasts as long as this process."""
        columns = {
            "source": _neurons("sources", self.sources),
            "target": _neurons("targets", self.targets),
        }
        for name, values in (("weight_pa", self.weights_pa), ("delay_ms", self.delays_ms)):
            if values is not None:
                columns[name] = np.asarray(values, dtype=float)
        n = len(columns["source"])
        for name, values in columns.items():
            if np.shape(values) != (n,):
                raise ConfigError(
                    f"{name} of the projection from {self.source!r} to {self.target!r} has shape {np.shape(values)}, "
                    f"and there are {n} sources: give one value for each synapse"
                )
        lines = [",".join(columns)]
        lines += [",".join(map(repr, row)) for row in zip(*(values.tolist() for values in columns.values()))]
        text = ("\n".join(lines) + "\n").encode()
        path = _folders.root() / f"synapses_{hashlib.sha256(text).hexdigest()}.csv"
        if not path.exists():
            path.write_bytes(text)
        return path


def _neurons(name: str, values: npt.ArrayLike | None) -> npt.NDArray[np.int64]:
    if values is None:
        raise ConfigError(f"{name} are missing: give sources and targets, one of each for every synapse")
    neurons = np.asarray(values)
    if neurons.ndim != 1 or not (np.issubdtype(neurons.dtype, np.integer) or neurons.size == 0):
        raise ConfigError(f"{name} must be whole numbers, one for each synapse, and not {neurons.dtype}{neurons.shape}")
    return neurons.astype(np.int64)


@dataclass(frozen=True)
class OwnNetwork:
    """A network of one's own. It is run as a configuration is: ``humam_gpu.run(network, duration_ms=1000.0)``.

    Parameters
    ----------
    populations : list of Population
        Neurons are numbered through them in this order.
    projections : list of Projection
    p_transmit : float
        Probability that a synapse transmits a spike, drawn for each synapse and spike.

    Examples
    --------
    >>> network = OwnNetwork(
    ...     [Population("E", 80, poisson={"rate_hz": 8000.0, "psp_mv": 0.15}), Population("I", 20)],
    ...     [
    ...         Projection("E", "*", ("fixed_indegree", 10), psp_mv=0.15, delay_ms=1.5),
    ...         Projection("I", "*", ("fixed_indegree", 5), psp_mv=-0.9, delay_ms=1.5),
    ...     ],
    ... )
    """

    populations: Sequence[Population]
    projections: Sequence[Projection] = ()
    p_transmit: float = 1.0

    def to_ron(self) -> str:
        """It as the program's files have it."""
        lines = ["("]
        for name, entries in (("populations", self.populations), ("projections", self.projections)):
            lines += [f"    {name}: ["]
            lines += [f"        {ron(entry._entry())}," for entry in entries]
            lines += ["    ],"]
        return "\n".join([*lines, f"    p_transmit: {ron(self.p_transmit)},", ")"])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes it into a file, for ``model: network("FILE")``.

        Synapses that were given as arrays lie in files of this process, and do not outlast it.
        """
        Path(path).write_text(self.to_ron() + "\n", encoding="utf-8")
