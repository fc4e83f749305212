"""Do runs differ by more than their seeds?"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _native
from ._figure import Figure
from ._progress import Progress, Shown
from ._run import Run
from .errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd

Side = Run | str | os.PathLike[str] | Sequence[Run | str | os.PathLike[str]]


@dataclass(frozen=True)
class Comparison:
    """One side beside the other.

    Attributes
    ----------
    within_seeds : bool or None
        Whether the sides differ by no more than seeds do; ``None`` if that cannot be told.
    rule : str
        What the decision takes for replicates: ``"seeds"``, ``"areas"``, or ``"undecided"``.
    statistics : DataFrame
        Means over populations; index: statistic; columns ``n_populations``, and ``ks``, ``emd`` (Kolmogorov-Smirnov
        and earth mover's distance between the sides), ``ks_seeds``, ``emd_seeds`` (between seeds of a side).
    populations : DataFrame
        The same of each population, with its values ``a`` and ``b``; index (area, layer, population, statistic).
    tests : DataFrame
        The tests behind the decision.
    figure : Figure
        All of it as a picture.
    """

    within_seeds: bool | None
    rule: str
    alpha: float
    statistics: pd.DataFrame = field(repr=False)
    populations: pd.DataFrame = field(repr=False)
    tests: pd.DataFrame = field(repr=False)
    figure: Figure = field(repr=False)

    def _repr_svg_(self) -> str:
        return self.figure.svg


def _folders(side: Side) -> list[Path]:
    one = isinstance(side, (Run, str, os.PathLike))
    members: Iterable[Any] = [side] if one else side  # type: ignore[assignment]
    try:
        folders = [member.folder if isinstance(member, Run) else Path(os.fspath(member)) for member in members]
    except TypeError as error:
        raise ConfigError(f"{side!r} is no run: give a Run, its folder, or a list of these") from error
    if not folders:
        raise ConfigError("a side has no runs: give one, or a list of seeds")
    return folders


def _distances(row: dict[str, Any]) -> dict[str, Any]:
    """``between`` and ``between_seeds`` as columns."""
    plain = {key: value for key, value in row.items() if not key.startswith("between")}
    for column, suffix in (("between", ""), ("between_seeds", "_seeds")):
        for distance in ("ks", "emd"):
            plain[distance + suffix] = None if row[column] is None else row[column][distance]
    return plain


def compare(
    a: Side,
    b: Side,
    alpha: float = 0.01,
    progress: bool | Progress | None = None,
) -> Comparison:
    """Compares runs.

    Parameters
    ----------
    a, b : Run, path, or list of these
        A run on each side, or several seeds. Folders of NEST's output do as well.
    alpha : float
        Probability of telling apart what differs in seeds alone.
    progress : bool or object, optional
        As for :func:`humam_gpu.run`.

    Returns
    -------
    Comparison
    """
    import pandas as pd

    if not 0.0 < alpha < 1.0:
        raise ConfigError(f"alpha = {alpha} is no probability: give a number between 0 and 1")
    with Shown(progress) as heard:
        told, figure = _native.compare_runs(_folders(a), _folders(b), alpha, heard)
    found = json.loads(told)
    statistics = pd.DataFrame([_distances(row) for row in found["statistics"]]).set_index("statistic")
    populations = pd.DataFrame([_distances(row) for row in found["populations"]])
    return Comparison(
        within_seeds=found["within_seeds"],
        rule=found["rule"],
        alpha=found["alpha"],
        statistics=statistics,
        populations=populations.set_index(["area", "layer", "population", "statistic"]),
        tests=pd.DataFrame(found["tests"]),
        figure=Figure(figure),
    )
