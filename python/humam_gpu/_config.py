"""Configurations: every key of the program, with its value and where it was set."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Union

import numpy as np

from . import _native
from ._own import OwnNetwork
from .errors import ConfigError


def _plain(value: object) -> object:
    """Numbers and arrays of NumPy, and paths, as JSON has them."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise ConfigError(f"{value!r} is no value of a key: give a number, text, list, dict or None")


def _written(value: object) -> str:
    """A value as the program reads it: text as on its command line, all else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, OwnNetwork):
        return f"network({value.to_ron()})"
    return json.dumps(value, default=_plain)


def _assignments(values: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    for name, value in values.items():
        if not isinstance(name, str):
            raise ConfigError(f"{name!r} is no key: keys are text, such as 'weights.chi'")
        key = prefix + name
        if isinstance(value, Mapping) and _native.Config.is_section(key):
            yield from _assignments(value, key + ".")
        else:
            yield key, _written(value), _option(key)


def _option(key: str) -> str:
    return f'config["{key}"]'


class Config:
    """A configuration: everything that a run is made from.

    Parameters
    ----------
    source : str, path, mapping, OwnNetwork or Config
        The name of a configuration that comes with the package (:meth:`Config.names`), the path of one in RON, a dict
        of keys (all others have their defaults), a network of one's own, or another configuration, of which this
        becomes a copy.
    **sections
        Keys that get other values, by section: ``weights={"chi": 2.5}``.

    Raises
    ------
    ConfigError
        Everything that is wrong with it, at once; an unknown key comes with the nearest one that there is.

    Examples
    --------
    >>> config = Config("downscaled")
    >>> config["weights.chi"] = 2.5
    >>> config["weights.chi"]
    2.5
    >>> config.update({"scaling": {"n_scaling": 0.01}, "simulation.seed": 3})

    Values are numbers, text, lists and dicts. Text may be what a file or the program's ``--set`` has:
    ``config["stimuli"] = '[dc(populations: "cuneus V", amplitude_pa: 20.0)]'`` is the same as
    ``config["stimuli"] = [{"dc": {"populations": "cuneus V", "amplitude_pa": 20.0}}]``.
    """

    __slots__ = ("_native",)
    _native: _native.Config

    def __init__(
        self,
        source: Source = "downscaled",
        **sections: object,
    ) -> None:
        if isinstance(source, Config):
            self._native = source._native
        elif isinstance(source, OwnNetwork):
            self._native = _native.Config().with_(list(_assignments({"model": source})))
        elif isinstance(source, Mapping):
            self._native = _native.Config().with_(list(_assignments(source)))
        elif isinstance(source, (str, os.PathLike)):
            self._native = _native.Config.load(Path(os.fspath(source)))
        else:
            raise ConfigError(
                f"{source!r} is no configuration: give a name such as 'downscaled', the path of a file, or a dict"
            )
        if sections:
            self.update(sections)

    @staticmethod
    def names() -> list[str]:
        """Names of the configurations that come with the package."""
        return _native.Config.names()

    @classmethod
    def from_ron(cls, text: str, name: str = "text") -> Config:
        """Reads a configuration from RON.

        Parameters
        ----------
        text : str
            The content of a file.
        name : str
            What messages call it.
        """
        config = cls.__new__(cls)
        config._native = _native.Config.of_ron(text, name)
        return config

    def __getitem__(self, key: str) -> Any:
        return json.loads(self._native.value(key, _option(key)))

    def __setitem__(self, key: str, value: object) -> None:
        self.update({key: value})

    def update(self, values: Mapping[str, object]) -> None:
        """Sets several keys at once, which must be valid together.

        Parameters
        ----------
        values : mapping
            Keys with their sections (``"weights.chi"``), or dicts of sections.

        Raises
        ------
        ConfigError
            What is wrong; then nothing has changed.
        """
        self._native = self._native.with_(list(_assignments(values)))

    def replaced(self, values: Mapping[str, object]) -> Config:
        """A copy with other values of keys."""
        config = self.copy()
        config.update(values)
        return config

    def copy(self) -> Config:
        """A copy, which changes apart from this one."""
        return Config(self)

    __copy__ = copy

    def __deepcopy__(self, memo: object) -> Config:
        return self.copy()

    def to_ron(self) -> str:
        """Every key as RON, which the program reads too."""
        return self._native.to_ron()

    def to_dict(self) -> dict[str, Any]:
        """Every key, by sections."""
        values: dict[str, Any] = json.loads(self._native.to_json())
        return values

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes it as RON, with every key."""
        Path(path).write_text(self.to_ron(), encoding="utf-8")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self.to_ron() == other.to_ron()

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return Config.from_ron, (self.to_ron(),)

    def __str__(self) -> str:
        return self._native.to_ron_with_origins()

    def __repr__(self) -> str:
        name = self["name"] or "unnamed"
        return f"<humam_gpu.Config {name!r}; print it to see every key and where it was set>"


Source = Union[str, "os.PathLike[str]", Mapping[str, object], OwnNetwork, Config]
"""What a configuration is made from."""
