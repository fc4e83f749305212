"""What can go wrong. Messages are those of the program: what is wrong, where, and what to do."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._run import Run


class HumamError(Exception):
    """All other errors of this package are one of these."""


class ConfigError(HumamError, ValueError):
    """A configuration, a key, a table or an argument that is wrong."""


class EngineError(HumamError, RuntimeError):
    """The engine failed, or this machine cannot hold the network."""


class FolderError(HumamError, OSError):
    """Files that cannot be read or written, or that were changed; a folder that is none of a run."""


class ClosedError(HumamError, RuntimeError):
    """A simulation that was closed, and can do nothing more."""


class NoStatistic(HumamError, ValueError):
    """A statistic or figure that does not exist, with the reason."""


class Interrupted(KeyboardInterrupt):
    """A run that Ctrl-C has stopped.

    Attributes
    ----------
    run : Run or None
        What was recorded up to then, as a run that ends there; ``None`` if the simulation had not begun.
    folder : str or None
        Where the run is saved. ``humam_gpu.run`` with the same configuration and ``folder`` goes on from there.
    """

    def __init__(self, message: str, folder: str | os.PathLike[str] | None = None) -> None:
        super().__init__(message)
        self.folder = None if folder is None else os.fspath(folder)
        self.run: Run | None = None
