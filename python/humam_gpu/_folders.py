"""Folders of runs that nobody has asked for: they go away with the runs."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import weakref
from pathlib import Path

_root: Path | None = None
_kept: weakref.WeakValueDictionary[str, Kept] = weakref.WeakValueDictionary()


def root() -> Path:
    """The folder of all such runs of this process. Networks in it are used again, until the process ends."""
    global _root
    if _root is None:
        _root = Path(tempfile.mkdtemp(prefix="humam_gpu_"))
        atexit.register(_remove, _root, os.getpid())
    return _root


def _remove(folder: Path, process: int) -> None:
    # A process that was forked leaves it to the one that has made it.
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)


class Kept:
    """Keeps a folder as long as something refers to it."""

    def __init__(self, folder: Path) -> None:
        weakref.finalize(self, _remove, folder, os.getpid())


def keep(folder: Path) -> Kept:
    """What keeps a folder of :func:`root`, the same for all runs in it."""
    key = os.fspath(folder)
    kept = _kept.get(key)
    if kept is None:
        kept = _kept[key] = Kept(folder)
    return kept
