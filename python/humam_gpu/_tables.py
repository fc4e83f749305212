"""Indices of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

NAMES = ["area", "layer", "population"]


def population_index(
    areas: list[str], layers: list[str], populations: list[str]
) -> pd.MultiIndex:
    """The index (area, layer, population) of tables with a row for each population."""
    import pandas as pd

    return pd.MultiIndex.from_arrays([areas, layers, populations], names=NAMES)
