"""Runs that several tests look at."""

import os
from pathlib import Path

import pytest

import humam_gpu as hg

hg.set_progress(False)


@pytest.fixture(scope="session")
def program() -> Path:
    """The program, as ``HUMAM_GPU_PROGRAM`` tells it."""
    path = os.environ.get("HUMAM_GPU_PROGRAM")
    if path is None:
        pytest.skip("HUMAM_GPU_PROGRAM does not tell where the program is")
    return Path(path).resolve()


@pytest.fixture(scope="session")
def config() -> hg.Config:
    """A second of a small model with all areas."""
    return hg.Config(
        "tiny",
        simulation={"duration_ms": 1000.0, "statistics_from_ms": 200.0, "seed": 3},
        engine={"engine": "cpu"},
        analysis={"min_spikes": 3},
    )


@pytest.fixture(scope="session")
def run(config: hg.Config) -> hg.Run:
    """A run of it."""
    return hg.run(config)
