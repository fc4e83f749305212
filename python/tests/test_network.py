"""Networks before they are simulated: the program's tables, and what a run takes."""

import csv
from pathlib import Path

import numpy as np
import pytest

import humam_gpu as hg


@pytest.fixture(scope="module")
def network(config: hg.Config) -> hg.Network:
    return hg.Network(config)


def test_tables_are_those_of_the_program(network: hg.Network, run: hg.Run) -> None:
    with (run.folder.parent / "neurons.csv").open() as file:
        rows = list(csv.DictReader(file))
    told = {(row["area"], row["layer"], row["population"]): int(row["neurons"]) for row in rows}
    for place, neurons in network.neurons.items():
        assert told[place] == neurons
    assert network.neurons.sum() == run.manifest["n_neurons"]
    assert network.synapses.to_numpy().sum() == run.manifest["n_synapses"]
    assert network.neurons.index.names == ["area", "layer", "population"]
    assert network.synapses.index.names == ["target_area", "target_layer", "target_population"]
    assert network.synapses.columns.names == ["source_area", "source_layer", "source_population"]


def test_matrices_have_targets_as_rows(network: hg.Network) -> None:
    local = network.weights_pa.loc["cuneus"].xs("cuneus", axis=1, level="source_area")
    assert (local.xs("I", axis=1, level="source_population").stack([0]).dropna() < 0.0).all()
    excitatory = local.xs("E", axis=1, level="source_population")
    assert (excitatory.stack([0]).dropna() > 0.0).all()
    # Local synapses from IV E onto II/III E are twice as strong.
    weights = network.weights_pa
    strong = weights.loc[("cuneus", "II/III", "E"), ("cuneus", "IV", "E")]
    assert strong == pytest.approx(2.0 * weights.loc[("cuneus", "V", "E"), ("cuneus", "IV", "E")])
    assert np.array_equal(network.synapses.to_numpy() > 0, ~np.isnan(network.weights_pa.to_numpy()))
    assert network.delays_ms.loc[("cuneus", "V", "E"), ("cuneus", "V", "E")] == pytest.approx(1.5)
    row = ("cuneus", "V", "E")
    assert network.in_degrees.loc[row].sum() == pytest.approx(network.synapses.loc[row].sum() / network.neurons[row])


def test_the_model_at_full_scale_is_there_too(network: hg.Network) -> None:
    full = network.full_scale
    assert full.neurons.sum() == pytest.approx(3.47e6, rel=1e-2)
    assert full.synapses.to_numpy().sum() == pytest.approx(42.8e9, rel=1e-2)
    assert full.parameters.external_synapses.sum() > 0
    assert network.neurons.sum() < full.neurons.sum()


def test_the_theory_has_the_published_rate() -> None:
    theory = hg.Network("downscaled").theory(dc=False)
    assert theory.converged
    assert theory.rates_hz.mean() == pytest.approx(30.826, abs=5e-4)
    assert list(theory.flow.columns) == ["pseudo_time", "mean_rate_hz", "residual_hz"]
    assert theory.residual_hz < 1e-6


def test_rates_by_theory_are_those_of_the_run(network: hg.Network, run: hg.Run) -> None:
    rates = network.theory().rates_hz
    both = run.rates.theory_hz
    np.testing.assert_allclose(rates[both.index].to_numpy(), both.to_numpy(), rtol=1e-12)


def test_what_a_run_takes_is_told_before_anything_is_built(network: hg.Network) -> None:
    check = network.check()
    assert check.fits and check.engine == "cpu" and check.adapter is None
    assert check.host_bytes > 0 and check.simulate_s > 0.0
    assert "it fits" in str(check)
    # The whole model with stored synapses needs hundreds of gigabytes.
    full = hg.Network(hg.Config("full_scale", engine={"engine": "cpu", "synapses": "stored"})).check()
    assert not full.fits and "does not fit" in str(full)


def test_warnings_tell_what_is_most_likely_not_meant() -> None:
    config = hg.Config("tiny", neurons={"excitatory": {"c_m_pf": 0.22}}, engine={"engine": "cpu"})
    assert any("c_m_pf" in warning for warning in hg.Network(config).check().warnings)


def test_a_network_is_that_of_its_file(tmp_path: Path) -> None:
    network = hg.OwnNetwork(
        [
            hg.Population(
                "E",
                80,
                neuron={"tau_m_ms": 20.0},
                initial_v_m_mv=(-65.0, 3.0),
                poisson={"rate_hz": 8000.0, "psp_mv": 0.2},
            ),
            hg.Population("I", 20, area="a", layer="b", dc_pa=380.0),
        ],
        [
            hg.Projection("E", "*", ("fixed_indegree", 10), psp_mv=0.3, delay_ms=1.5),
            hg.Projection(
                "a", "E", "all_to_all", weight_pa=-20.0, delay={"mean_ms": 2.0, "distribution": "normal"}, autapses=False
            ),
        ],
    )
    network.save(tmp_path / "network.ron")
    (tmp_path / "c.ron").write_text('(model: network("network.ron"), simulation: (duration_ms: 300.0))')
    own = hg.run(network, duration_ms=300.0, engine="cpu")
    file = hg.run(tmp_path / "c.ron", engine="cpu")
    assert len(own.spikes) > 50
    assert np.array_equal(own.spikes.neurons, file.spikes.neurons)
    assert np.array_equal(own.spikes.steps, file.spikes.steps)
    tables = hg.Network(network)
    assert list(tables.neurons.index) == [("", "", "E"), ("a", "b", "I")]
    assert tables.synapses.loc[("", "", "E"), ("a", "b", "I")] == 1600
    assert tables.parameters.loc[("a", "b", "I"), "dc_pa"] == 380.0


def test_synapses_may_be_arrays(tmp_path: Path) -> None:
    populations = [hg.Population("a", 3, dc_pa=400.0), hg.Population("b", 2)]

    def projection(**arrays: object) -> hg.Projection:
        return hg.Projection("a", "b", **arrays)  # type: ignore[arg-type]

    arrays = {"sources": [0, 1, 2], "targets": np.array([0, 1, 1]), "weights_pa": [5000.0] * 3, "delays_ms": [1.0] * 3}
    run = hg.run(hg.OwnNetwork(populations, [projection(**arrays)]), duration_ms=300.0, engine="cpu")
    counts = run.spikes.counts()
    assert counts["", "", "a"] > 0 and counts["", "", "b"] > 0
    for wrong, told in (
        ({**arrays, "weights_pa": [1.0]}, "weight_pa"),
        ({**arrays, "targets": [0, 1]}, "target"),
        ({**arrays, "sources": [0.5, 1.0, 2.0]}, "sources must be whole numbers"),
        ({"sources": [0]}, "targets are missing"),
        ({**arrays, "rule": "all_to_all"}, "leave one of them out"),
        ({}, "needs a rule"),
        ({"rule": ("fixed_degree", 3)}, "is no rule"),
        ({**arrays, "targets": [0, 1, 7]}, "7"),
        ({**arrays, "sources": [-1, 1, 2]}, "-1"),
    ):
        with pytest.raises(hg.ConfigError, match=told):
            hg.Network(hg.OwnNetwork(populations, [projection(**wrong)]))


def test_what_is_wrong_with_a_network_is_told() -> None:
    population = hg.Population("E", 10)
    with pytest.raises(hg.ConfigError, match="X"):
        hg.run(hg.OwnNetwork([population], [hg.Projection("X", "E", "all_to_all", weight_pa=1.0, delay_ms=1.0)]))
    with pytest.raises(hg.ConfigError, match="tau_mm_ms"):
        hg.Config(hg.OwnNetwork([hg.Population("E", 10, neuron={"tau_mm_ms": 1.0})])).copy()
        hg.Network(hg.OwnNetwork([hg.Population("E", 10, neuron={"tau_mm_ms": 1.0})]))
    with pytest.raises(hg.ConfigError, match="is no part of a network"):
        hg.OwnNetwork([hg.Population("E", object())]).to_ron()  # type: ignore[arg-type]
