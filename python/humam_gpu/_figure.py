"""Figures of a run, as the program draws them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from . import _native
from .errors import ConfigError

if TYPE_CHECKING:
    from ._run import Run


class Figure:
    """A figure. In Jupyter it shows itself.

    Attributes
    ----------
    name, title, subtitle, caption : str
        What it is called, and what there is to see.
    origins : list of str
        Where what it shows comes from: ``derived`` from anatomy, ``predicted`` by theory, ``simulated``, ``measured``.
    svg : str
        It as an SVG document.
    png : bytes
        It as a PNG file.
    """

    def __init__(self, drawn: _native.Figure) -> None:
        self.name = drawn.name
        self.title = drawn.title
        self.subtitle = drawn.subtitle
        self.caption = drawn.caption
        self.origins = drawn.origins
        self.svg = drawn.svg
        self.png = drawn.png

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes it into a file.

        Parameters
        ----------
        path : str or path
            Ends in ``.svg`` or ``.png``.
        """
        path = Path(path)
        if path.suffix == ".svg":
            path.write_text(self.svg, encoding="utf-8")
        elif path.suffix == ".png":
            path.write_bytes(self.png)
        else:
            raise ConfigError(f"{path} is no file of a figure: end its name in .svg or .png")

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<humam_gpu.Figure {self.name}: {self.title}>"


class Plots:
    """Every figure of the program: ``run.plot.rasters()``.

    Each method gives a :class:`Figure`, or raises :class:`humam_gpu.NoStatistic` with the reason if the run has
    nothing to show. ``run.plot.names`` lists them, and ``run.plot("rasters")`` is the same as ``run.plot.rasters()``.
    """

    names: list[str] = _native.figure_names()

    def __init__(self, run: Run) -> None:
        self._run = run

    def __call__(self, name: str, **analysis: object) -> Figure:
        """The figure of that name.

        Parameters
        ----------
        name : str
            One of ``names``.
        **analysis
            Keys of the section ``analysis`` of the configuration that get other values for this figure.
        """
        if name not in self.names:
            raise ConfigError(f"there is no figure {name!r}: choose one of {', '.join(self.names)}")
        return Figure(self._run.analysis(**analysis).figure(name))

    def rasters(
        self,
        areas: Sequence[str] | None = None,
        window_ms: tuple[float, float] | None = None,
        fraction: float | None = None,
    ) -> Figure:
        """Spikes of some areas.

        Parameters
        ----------
        areas : list of str, optional
            Names of areas.
        window_ms : (float, float), optional
            Begin and end of the time that is drawn.
        fraction : float, optional
            Fraction of the neurons that are drawn.
        """
        keys: dict[str, object] = {}
        if areas is not None:
            keys["raster_areas"] = list(areas)
        if window_ms is not None:
            keys["raster_from_ms"], keys["raster_to_ms"] = map(float, window_ms)
        if fraction is not None:
            keys["raster_fraction"] = float(fraction)
        return self("rasters", **keys)

    def neuron_numbers(self) -> Figure:
        """Neurons of every population."""
        return self("neuron_numbers")

    def in_degrees(self) -> Figure:
        """Synapses that a neuron receives, area by area."""
        return self("in_degrees")

    def theory(self) -> Figure:
        """Rates that mean-field theory predicts."""
        return self("theory")

    def rates_over_time(self) -> Figure:
        """Rates of areas over time."""
        return self("rates_over_time")

    def population_rates(self) -> Figure:
        """Rates of populations, simulated and predicted."""
        return self("population_rates")

    def membrane_potentials(self) -> Figure:
        """Membrane potentials of neurons with a voltmeter."""
        return self("membrane_potentials")

    def responses(self) -> Figure:
        """Rates of areas around the onset of stimuli, in the order of their latencies."""
        return self("responses")

    def distributions(self) -> Figure:
        """Distributions of rates, CV and LvR, simulated and measured."""
        return self("distributions")

    def functional_connectivity(self) -> Figure:
        """Correlations between areas, simulated and measured."""
        return self("functional_connectivity")

    def communities(self) -> Figure:
        """Communities of functional connectivity."""
        return self("communities")

    def spectra(self) -> Figure:
        """Power spectra of the areas' rates."""
        return self("spectra")

    def lfp(self) -> Figure:
        """A proxy of the local field potential of areas, if a run has recorded means (``recording``)."""
        return self("lfp")

    def bold_signals(self) -> Figure:
        """BOLD signals of areas."""
        return self("bold_signals")

    def bold_correlation(self) -> Figure:
        """Correlations of BOLD signals."""
        return self("bold_correlation")
