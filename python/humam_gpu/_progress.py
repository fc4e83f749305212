"""How long calls tell how they go: with tqdm if it is installed, else as lines on stderr."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any, Protocol


class Progress(Protocol):
    """Hears how long work goes. An exception of a method stops the work."""

    def stage(self, name: str) -> None:
        """A part of the work begins."""

    def simulated(self, done_ms: float, of_ms: float) -> None:
        """The simulation has come so far, in model time."""

    def note(self, text: str) -> None:
        """Something that the user should know."""


_shown = True


def set_progress(shown: bool) -> None:
    """Whether long calls show how they go, unless they are told with ``progress=``.

    Parameters
    ----------
    shown : bool
        ``True`` shows a bar of tqdm, in notebooks too, or lines on stderr if tqdm is not installed.
    """
    global _shown
    _shown = bool(shown)


class _Lines:
    """A line for the simulation, written again if stderr is a terminal, else one each tenth; and notes."""

    _TENTHS = 10

    def __init__(self) -> None:
        self._next = 1
        self._is_terminal = sys.stderr is not None and sys.stderr.isatty()
        self._is_open = False

    def _write(self, text: str) -> None:
        if sys.stderr is not None:
            sys.stderr.write(text)
            sys.stderr.flush()

    def stage(self, name: str) -> None:
        self._next = 1

    def simulated(self, done_ms: float, of_ms: float) -> None:
        if self._is_terminal:
            self._write(f"\rsimulated {done_ms:.0f} of {of_ms:.0f} ms ")
            self._is_open = True
        elif done_ms * self._TENTHS >= self._next * of_ms:
            self._next = int(done_ms * self._TENTHS / of_ms) + 1
            self._write(f"simulated {done_ms:.0f} of {of_ms:.0f} ms\n")

    def note(self, text: str) -> None:
        self.close()
        self._write(text + "\n")

    def close(self) -> None:
        if self._is_open:
            self._write("\n")
            self._is_open = False


class _Bar:
    """A bar of tqdm: the stage, then model time."""

    def __init__(self, tqdm: Any) -> None:
        self._tqdm = tqdm
        self._bar: Any = None
        self._name = ""

    def stage(self, name: str) -> None:
        self._name = name
        if self._bar is not None:
            self._bar.set_description(name)

    def simulated(self, done_ms: float, of_ms: float) -> None:
        if self._bar is None:
            total = round(of_ms, 1)
            self._bar = self._tqdm(total=total, unit="ms", desc=self._name, leave=False, file=sys.stderr)
        self._bar.n = round(done_ms, 1)
        self._bar.refresh()

    def note(self, text: str) -> None:
        self._tqdm.write(text, file=sys.stderr)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


class Shown:
    """Progress for the time of a ``with`` block, which gives what hears it, or ``None`` if nothing is shown."""

    def __init__(self, progress: bool | Progress | None) -> None:
        self._own: _Lines | _Bar | None = None
        self._heard: Progress | None = None
        if progress is None:
            progress = _shown
        if not isinstance(progress, bool):
            self._heard = progress
        elif progress:
            self._heard = self._own = _chosen()

    def __enter__(self) -> Progress | None:
        return self._heard

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._own is not None:
            self._own.close()


def _chosen() -> _Lines | _Bar:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _Lines()
    return _Bar(tqdm)
