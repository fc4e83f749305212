"""The Human Multi-Area Model of cortex, on any GPU or on a CPU.

>>> import humam_gpu as hg
>>> config = hg.Config("downscaled")
>>> config["simulation.duration_ms"] = 600.0
>>> run = hg.run(config)
>>> run.plot.rasters(window_ms=(500, 600)).save("rasters.svg")

The engine is that of the program ``humam-gpu``: the same configuration gives the same spikes, whether it is run here
or there, and on every GPU and CPU. Times are in ms, rates in spikes/s, weights in pA, potentials in mV. Populations
are called by area, layer and type, such as ``"precuneus II/III E"``; neurons are numbered through them from 0.
"""

from ._adapters import adapters
from ._compare import Comparison, compare
from ._config import Config
from ._figure import Figure, Plots
from ._network import Check, Network, Theory
from ._own import OwnNetwork, Population, Projection
from ._progress import set_progress
from ._run import Run, Spikes, run
from ._simulation import Simulation
from ._sweep import Sweep, sweep
from .errors import (
    ClosedError,
    ConfigError,
    EngineError,
    FolderError,
    HumamError,
    Interrupted,
    NoStatistic,
)

__all__ = [
    "Check",
    "ClosedError",
    "Comparison",
    "Config",
    "ConfigError",
    "EngineError",
    "Figure",
    "FolderError",
    "HumamError",
    "Interrupted",
    "Network",
    "NoStatistic",
    "OwnNetwork",
    "Plots",
    "Population",
    "Projection",
    "Run",
    "Simulation",
    "Spikes",
    "Sweep",
    "Theory",
    "adapters",
    "compare",
    "run",
    "set_progress",
    "sweep",
]
