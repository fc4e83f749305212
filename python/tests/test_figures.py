"""Figures: every one of the program, as text, file and in notebooks."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

import humam_gpu as hg

# What a second of a model without voltmeters has nothing to show of.
ABSENT = {"membrane_potentials", "responses", "distributions", "lfp", "bold_signals", "bold_correlation"}


@pytest.mark.parametrize("name", hg.Plots.names)
def test_every_figure_is_drawn_or_says_why_not(run: hg.Run, name: str, tmp_path: Path) -> None:
    if name in ABSENT:
        with pytest.raises(hg.NoStatistic, match=name):
            run.plot(name)
        return
    figure = getattr(run.plot, name)()
    assert figure.name == name
    assert ElementTree.fromstring(figure.svg).tag.endswith("svg")
    assert figure._repr_svg_() == figure.svg
    assert figure.title and figure.caption and figure.origins
    figure.save(tmp_path / "f.svg")
    figure.save(tmp_path / "f.png")
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(hg.ConfigError, match="svg or .png"):
        figure.save(tmp_path / "f.pdf")


def test_figures_are_those_that_the_program_writes(config: hg.Config, run: hg.Run, tmp_path: Path) -> None:
    made = hg.run(config, folder=tmp_path)
    for name in ("rasters", "theory", "communities"):
        assert (made.folder / "figures" / f"{name}.svg").read_text() == run.plot(name).svg


def test_rasters_show_what_is_asked_for(run: hg.Run) -> None:
    default = run.plot.rasters()
    chosen = run.plot.rasters(areas=["insula"], window_ms=(300, 400), fraction=1.0)
    assert chosen.svg != default.svg
    assert "insula" in chosen.svg
    with pytest.raises(hg.ConfigError, match="raster"):
        run.plot.rasters(window_ms=(400, 300))
    with pytest.raises(hg.ConfigError, match="there is no figure"):
        run.plot("raster")
