"""Many runs of one configuration: every combination of values."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _folders, _native
from ._config import Config, Source, _written
from ._figure import Figure
from ._progress import Progress, Shown
from ._run import Run, _run
from .errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Sweep:
    """What became of a sweep.

    Attributes
    ----------
    table : DataFrame
        A row for each point: the values of the keys that vary, ``simulation.seed``, ``status`` (``done``, ``failed``
        or ``open``), the numbers of :attr:`Run.summary`, and ``reason``, why it failed.
    runs : list of Run or None
        The run of each row.
    figure : Figure or None
        Statistics over what varies, if one or two keys do.
    """

    table: pd.DataFrame
    runs: list[Run | None] = field(repr=False)
    figure: Figure | None = field(repr=False)

    def _repr_html_(self) -> str:
        return ("" if self.figure is None else self.figure.svg) + str(self.table.to_html())


def _axis(key: str | tuple[str, ...], values: Sequence[object]) -> tuple[list[str], list[list[str]]]:
    if isinstance(values, str) or not isinstance(values, (Sequence, np.ndarray)) or len(values) == 0:
        raise ConfigError(f"vary: {key!r} needs a list of values, such as [1.0, 2.0, 2.5]")
    if isinstance(key, str):
        return [key], [[_written(value)] for value in values]
    steps = [list(step) if isinstance(step, (tuple, list)) else [step] for step in values]
    if any(len(step) != len(key) for step in steps):
        raise ConfigError(f"vary: {key!r} are {len(key)} keys that move together: give as many values at each step")
    return list(key), [[_written(value) for value in step] for step in steps]


def sweep(
    config: Source,
    vary: Mapping[Any, Sequence[object]],
    seeds: int = 1,
    *,
    folder: str | os.PathLike[str] | None = None,
    force: bool = False,
    progress: bool | Progress | None = None,
) -> Sweep:
    """Runs every combination of values. On the CPU engine runs are made side by side, one a thread.

    A point that fails is noted with its reason, and the others are made.

    Parameters
    ----------
    config : Config, str, path, mapping or OwnNetwork
        The configuration on which all points are based.
    vary : mapping
        Values of each key: ``{"weights.chi": [1.0, 2.0, 2.5]}``. Keys that move together are a tuple:
        ``{("weights.chi", "weights.chi_i"): [(1.0, 2.0), (2.5, 5.0)]}``.
    seeds : int
        Seeds of each combination, from ``simulation.seed`` on.
    folder : str or path, optional
        The folder of all runs, as for :func:`humam_gpu.run`. Points that are there are not made again.
    force : bool
        Whether they are.
    progress : bool or object, optional
        As for :func:`humam_gpu.run`.

    Returns
    -------
    Sweep
    """
    import pandas as pd

    if isinstance(seeds, bool) or not isinstance(seeds, (int, np.integer)) or seeds < 1:
        raise ConfigError(f"seeds = {seeds!r} is no number of seeds: give a whole number from 1 on")
    axes = [_axis(key, values) for key, values in vary.items()]
    output = _folders.root() if folder is None else Path(os.fspath(folder))
    with tempfile.TemporaryDirectory(prefix="humam_gpu_") as temporary, Shown(progress) as heard:
        base = Path(temporary) / "config.ron"
        Config(config).save(base)
        _, keys, quantities, rows, figure = _native.run_sweep(base, axes, int(seeds), output, force, heard)
    columns: dict[str, list[object]] = {key: [_read(row[0][n]) for row in rows] for n, key in enumerate(keys)}
    columns["status"] = [row[1] for row in rows]
    for n, quantity in enumerate(quantities):
        columns[quantity] = [np.nan if row[3][n] is None else row[3][n] for row in rows]
    columns["reason"] = [row[4] for row in rows]
    runs = [None if row[2] is None else _run(row[2], folder is None) for row in rows]
    index = pd.RangeIndex(1, len(rows) + 1, name="point")
    return Sweep(pd.DataFrame(columns, index=index), runs, None if figure is None else Figure(figure))


def _read(value: str) -> object:
    """A number as such, all else as text."""
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value
