"""What is wrong is an exception with the program's message, and never the end of Python."""

import shutil
from pathlib import Path

import pytest

import humam_gpu as hg


@pytest.mark.parametrize(
    "arguments",
    [
        {"duration_ms": -5.0},
        {"duration_ms": "long"},
        {"duration_ms": float("inf")},
        {"duration_ms": 0.05},
        {"seed": 1.5},
        {"engine": "tpu"},
    ],
)
def test_wrong_arguments_of_a_run_are_told(arguments: dict[str, object]) -> None:
    with pytest.raises(hg.ConfigError) as raised:
        hg.run("tiny", **arguments)  # type: ignore[arg-type]
    assert str(raised.value)


def test_folders_that_are_no_runs_are_told(tmp_path: Path, run: hg.Run) -> None:
    with pytest.raises(hg.FolderError):
        hg.Run.open(tmp_path)
    copied = tmp_path / "network" / "run"
    shutil.copytree(run.folder.parent, copied.parent, ignore=shutil.ignore_patterns("*-*", run.folder.name))
    shutil.copytree(run.folder, copied)
    assert len(hg.Run.open(copied).spikes) == len(run.spikes)
    with (copied / "spikes_step.npy").open("r+b") as file:
        file.seek(200)
        file.write(b"\xff")
    with pytest.raises(hg.FolderError, match=r"spikes_step\.npy"):
        hg.Run.open(copied)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(hg.FolderError, match="out"):
        hg.run("tiny", duration_ms=20.0, engine="cpu", folder=tmp_path / "out")


def test_a_network_that_does_not_fit_is_told() -> None:
    config = hg.Config("full_scale", engine={"engine": "cpu", "synapses": "stored"})
    with pytest.raises(hg.EngineError, match="memory"):
        hg.run(config, duration_ms=1.0)


def test_every_error_is_one_of_this_package() -> None:
    for error in (hg.ConfigError, hg.EngineError, hg.FolderError, hg.NoStatistic):
        assert issubclass(error, hg.HumamError)
    assert issubclass(hg.Interrupted, KeyboardInterrupt)
