"""What the machine can compute on."""

from __future__ import annotations

import os
from typing import Any

from . import _native

# What Mesa's drivers do best with, as the program sets it. It must be there before they are loaded.
for _variable, _value in _native.mesa_environment():
    os.environ.setdefault(_variable, _value)


def adapters() -> list[dict[str, Any]]:
    """GPUs that the GPU engine can use.

    Returns
    -------
    list of dict
        One for each: ``name``, ``kind``, ``backend`` (``vulkan``, ``metal`` or ``dx12``), ``driver``, and
        ``buffer_bytes``, the size of the largest buffer. Without any, runs are computed on the CPU.
    """
    return _native.adapters()
