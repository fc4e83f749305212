"""Configurations: keys, values, where they were set, and what is wrong with them."""

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest

import humam_gpu as hg


def test_a_key_is_read_set_and_told_with_its_place() -> None:
    config = hg.Config("downscaled")
    assert config["weights.chi"] == 1.0
    config["weights.chi"] = 2.5
    assert config["weights.chi"] == 2.5
    assert config["weights"]["chi"] == 2.5
    line = next(line for line in str(config).splitlines() if line.strip().startswith("chi:"))
    assert line.endswith('// config["weights.chi"]')
    line = next(line for line in str(config).splitlines() if line.strip().startswith("n_scaling:"))
    assert "// builtin:downscaled:" in line
    assert hg.Config("downscaled")["weights.chi"] == 1.0


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("simulation.seed", 2**64 - 1, 2**64 - 1),
        ("weights.chi", 3, 3.0),
        ("weights.chi", np.float64(2.5), 2.5),
        ("areas", ["cuneus", "insula"], ["cuneus", "insula"]),
        ("areas", np.array(["cuneus"]), ["cuneus"]),
        ("areas", None, None),
        ("scaling.method", "preserve", "preserve"),
        ("engine.threads", np.int64(2), 2),
        ("name", "123", "123"),
        ("anatomy.remove_smaller_layer_1", True, True),
    ],
)
def test_values_of_every_kind_are_taken(key: str, value: object, found: object) -> None:
    config = hg.Config("downscaled")
    config[key] = value
    assert config[key] == found


def test_lists_may_be_dicts_or_the_text_of_a_file() -> None:
    text, dicts = hg.Config("downscaled"), hg.Config("downscaled")
    text["stimuli"] = '[dc(populations: "cuneus V", amplitude_pa: 20.0)]'
    dicts["stimuli"] = [{"dc": {"populations": "cuneus V", "amplitude_pa": 20.0}}]
    assert text == dicts
    assert text != hg.Config("downscaled")


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("weights.chii", 2.5, "the nearest known one is `weights.chi`"),
        ("cc_scalingEtoE", 2.5, "the nearest known one is `weights.chi`"),
        ("weights.chi", "two", 'config["weights.chi"]'),
        ("weights.chi", [1.0], "config"),
        ("weights.chi", float("nan"), "chi"),
        ("weights.chi", object(), "is no value of a key"),
        ("weights", 5, "is a section"),
        ("simulation.duration_ms", -1.0, "duration_ms"),
        ("simulation.seed", -1, "seed"),
        ("areas", "cuneus", "areas"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_changed(key: str, value: object, told: str) -> None:
    config = hg.Config("downscaled")
    with pytest.raises(hg.ConfigError, match="(?s).*") as raised:
        config[key] = value
    assert told in str(raised.value)
    assert config == hg.Config("downscaled")


def test_an_unknown_key_cannot_be_read() -> None:
    with pytest.raises(hg.ConfigError, match=r"`weights\.chi`"):
        hg.Config("downscaled")["weights.chii"]


def test_sources_that_are_none_are_told() -> None:
    with pytest.raises(hg.ConfigError, match="downscaled"):
        hg.Config("downscalled")
    for wrong in (5, None, b"downscaled"):
        with pytest.raises(hg.ConfigError, match="is no configuration"):
            hg.Config(wrong)  # type: ignore[arg-type]
    with pytest.raises(hg.ConfigError, match="keys are text"):
        hg.Config({5: 1})  # type: ignore[dict-item]


def test_a_dict_has_the_defaults_of_all_other_keys() -> None:
    config = hg.Config({"scaling": {"n_scaling": 0.01}, "simulation.seed": 4})
    assert config["scaling.n_scaling"] == 0.01
    assert config["simulation.seed"] == 4
    assert config["weights.psp_mv"] == 0.1


def test_keys_that_belong_together_are_set_together() -> None:
    config = hg.Config("downscaled", simulation={"duration_ms": 100.0})
    before = config.copy()
    with pytest.raises(hg.ConfigError, match="seed"):
        config.update({"simulation": {"duration_ms": 50.0, "seed": -1}})
    assert config == before


def test_copies_change_apart_and_files_hold_all_of_it(tmp_path: Path) -> None:
    config = hg.Config("downscaled")
    config["stimuli"] = '[dc(populations: "cuneus V", amplitude_pa: 20.0)]'
    for other in (copy.copy(config), copy.deepcopy(config), pickle.loads(pickle.dumps(config)), hg.Config(config)):
        assert other == config
        other["weights.chi"] = 9.0
        assert config["weights.chi"] == 1.0
    config.save(tmp_path / "c.ron")
    assert hg.Config(tmp_path / "c.ron") == config
    assert hg.Config.from_ron(str(config)) == config
    assert hg.Config(config.to_dict()) == config


def test_every_configuration_that_comes_with_the_package_can_be_read() -> None:
    assert "downscaled" in hg.Config.names()
    for name in hg.Config.names():
        assert hg.Config(name)["name"] == name
