"""Runs beside each other, and many of them."""

from pathlib import Path

import pandas as pd
import pytest

import humam_gpu as hg


def test_equal_runs_do_not_differ_and_others_do(config: hg.Config, run: hg.Run) -> None:
    same = hg.compare(run, run)
    assert (same.statistics.ks.dropna() == 0.0).all()
    others = [hg.run(config.replaced({"drive.eta": eta})) for eta in (1.3, 1.4)]
    other = hg.compare(run, [others[0], others[1].folder])
    assert (other.statistics.ks.dropna() > 0.0).all()
    assert other.populations.index.names == ["area", "layer", "population", "statistic"]
    assert other.rule in ("seeds", "areas", "undecided")
    assert other._repr_svg_().lstrip().startswith("<")
    for wrong in (5, [], [None]):
        with pytest.raises(hg.ConfigError):
            hg.compare(run, wrong)  # type: ignore[arg-type]
    with pytest.raises(hg.ConfigError, match="is named twice"):
        hg.compare(run, [others[0], run.folder])
    with pytest.raises(hg.ConfigError, match="alpha"):
        hg.compare(run, run, alpha=2.0)
    with pytest.raises(hg.FolderError):
        hg.compare(run, Path("nowhere"))


def test_a_sweep_has_every_combination(config: hg.Config, tmp_path: Path) -> None:
    base = config.replaced({"simulation.duration_ms": 400.0, "areas": ["cuneus", "insula"]})
    vary = {"weights.chi": [1.0, 1.5], ("weights.g", "drive.eta"): [(-5.0, 1.1), (-8.0, 1.2)]}
    swept = hg.sweep(base, vary, seeds=2)
    assert len(swept.table) == len(swept.runs) == 8
    assert (swept.table.status == "done").all()
    assert list(swept.table["simulation.seed"]) == [3, 4] * 4
    assert list(swept.table["weights.chi"].unique()) == [1.0, 1.5]
    assert swept.figure is not None and "svg" in swept.figure.svg
    run = swept.runs[0]
    assert run is not None
    assert run.config["weights.g"] == -5.0
    assert run.summary["mean_rate_hz"] == pytest.approx(swept.table["mean_rate_hz"].iloc[0])
    own = hg.run(base.replaced({"weights.chi": 1.5, "weights.g": -8.0, "drive.eta": 1.2}), seed=4)
    assert own.summary["mean_rate_hz"] == pytest.approx(swept.table["mean_rate_hz"].iloc[-1])
    kept = hg.sweep(base, {"weights.chi": [1.0]}, folder=tmp_path)
    assert isinstance(kept.table, pd.DataFrame) and list(tmp_path.rglob("summary.csv"))


def test_points_that_fail_are_told(config: hg.Config) -> None:
    base = config.replaced({"simulation.duration_ms": 100.0, "engine.synapses": "stored", "areas": ["cuneus"]})
    swept = hg.sweep(base, {"scaling.n_scaling": [0.001, 1.0]})
    assert list(swept.table.status) in (["done", "failed"], ["done", "done"])
    with pytest.raises(hg.ConfigError, match="weights.chi"):
        hg.sweep(base, {"weights.chii": [1.0, 2.0]})
    for wrong in ({"weights.chi": []}, {"weights.chi": 2.0}, {("weights.chi", "weights.g"): [(1.0,)]}, {}):
        with pytest.raises(hg.ConfigError):
            hg.sweep(base, wrong)  # type: ignore[arg-type]
    for seeds in (0, -1, 1.5, True):
        with pytest.raises(hg.ConfigError, match="seeds"):
            hg.sweep(base, {"weights.chi": [1.0]}, seeds=seeds)  # type: ignore[arg-type]
