"""Simulations step by step: the spikes of a run, and input that is decided meanwhile."""

import json

import numpy as np
import pytest

import humam_gpu as hg

DURATION_MS = 150.0


def assert_equal(spikes: hg.Spikes, run: hg.Run) -> None:
    assert len(run.spikes) > 100
    assert np.array_equal(spikes.neurons, run.spikes.neurons)
    assert np.array_equal(spikes.steps, run.spikes.steps)


@pytest.mark.parametrize("engine", ["cpu", "reference", "gpu"])
def test_stretches_have_the_spikes_of_a_run(engine: str) -> None:
    if engine == "gpu" and not hg.adapters():
        pytest.skip("there is no adapter")
    config = hg.Config("tiny", engine={"engine": engine})
    with hg.Simulation(config) as sim:
        parts = [sim.advance(duration_ms) for duration_ms in (0.1, 6.3, 6.4, 37.2, 100.0)]
        assert sim.time_ms == pytest.approx(DURATION_MS)
        assert sum(map(len, parts)) == len(sim.spikes)
        assert_equal(sim.spikes, hg.run("tiny", duration_ms=DURATION_MS, engine="cpu"))
        assert parts[-1].times_ms.min() > 50.0 - 1e-9


def test_input_that_is_decided_meanwhile_is_that_of_stimuli() -> None:
    stimuli = [
        {"dc": {"populations": "cuneus", "amplitude_pa": 200.0, "from_ms": 20.0, "to_ms": 60.0}},
        {"dc": {"populations": "cuneus V E", "amplitude_pa": -50.0, "from_ms": 60.0}},
        {"spike": {"populations": "insula", "time_ms": 70.5, "psp_mv": 8.0, "neurons": 2}},
    ]
    config = hg.Config("tiny", engine={"engine": "cpu"})
    with hg.Simulation(config) as sim:
        sim.advance(20.0)
        sim.set_dc("cuneus", 200.0)
        sim.advance(40.0)
        sim.set_dc("cuneus", 0.0)
        sim.set_dc("cuneus V E", -50.0)
        assert sim.inject("insula", psp_mv=8.0, time_ms=70.5, neurons=2) == 70.5
        sim.advance(90.0)
        expected = hg.run(config.replaced({"stimuli": stimuli}), duration_ms=DURATION_MS)
        assert_equal(sim.spikes, expected)
        plain = hg.run(config, duration_ms=DURATION_MS)
        assert not np.array_equal(sim.spikes.steps, plain.spikes.steps)


def test_spikes_from_outside_arrive_with_the_next_block_of_steps() -> None:
    with hg.Simulation("tiny") as sim:
        sim.advance(10.0)
        assert sim.spikes_after_ms == pytest.approx(12.8)
        assert sim.inject("cuneus", weight_pa=100.0) == pytest.approx(12.9)
        with pytest.raises(hg.ConfigError, match="too late"):
            sim.inject("cuneus", psp_mv=1.0, time_ms=12.8)
        sim.inject_poisson("cuneus", 500.0, psp_mv=1.0)
        with pytest.raises(hg.ConfigError, match="too late"):
            sim.inject_poisson("cuneus", 500.0, psp_mv=1.0, from_ms=5.0)
        before = len(sim.spikes)
        sim.advance(30.0)
        assert len(sim.spikes) > before


def test_a_closed_loop_holds_a_rate() -> None:
    poisson = {"rate_hz": 9000.0, "psp_mv": 0.15}
    network = hg.OwnNetwork(
        [hg.Population("E", 160, poisson=poisson), hg.Population("I", 40, poisson=poisson)],
        [
            hg.Projection("E", "*", ("fixed_indegree", 16), psp_mv=0.15, delay_ms=1.5),
            hg.Projection("I", "*", ("fixed_indegree", 4), psp_mv=-0.75, delay_ms=1.5),
        ],
    )
    config = hg.Config(network, engine={"engine": "cpu"})
    target_hz, window_ms = 30.0, 50.0
    with hg.Simulation(config) as sim:
        current_pa, rates_hz = 0.0, []
        for _ in range(60):
            n_spikes = sim.advance(window_ms).counts()["", "", "E"]
            rates_hz.append(n_spikes / sim.neurons["", "", "E"] / (window_ms / 1000.0))
            current_pa += target_hz - rates_hz[-1]
            sim.set_dc("E", current_pa)
    free = hg.run(config, duration_ms=3000.0)
    free_hz = len(free.spikes.of("E").within(1500.0, 3000.0)) / 160 / 1.5
    held_hz = float(np.mean(rates_hz[30:]))
    assert abs(held_hz - target_hz) < 0.05 * target_hz
    assert abs(free_hz - target_hz) > 0.2 * target_hz, "without the loop it fires otherwise"


def test_potentials_are_those_of_a_voltmeter() -> None:
    recording = {"voltmeter": [{"populations": "cuneus V E", "neurons": 3, "interval_ms": 10.0}]}
    config = hg.Config("tiny", engine={"engine": "cpu"}, recording=recording)
    expected = hg.run(config, duration_ms=50.0).voltmeter()
    with hg.Simulation(config) as sim:
        for time_ms, row in expected.iterrows():
            sim.advance(10.0)
            assert sim.time_ms == pytest.approx(float(time_ms))  # type: ignore[arg-type]
            np.testing.assert_allclose(sim.v_m("cuneus V E")[: len(row)], row.to_numpy(), rtol=0, atol=1e-9)
        assert sim.v_m().shape == (sim.neurons.sum(),)


def test_what_is_wrong_is_an_exception_and_the_simulation_goes_on() -> None:
    sim = hg.Simulation("tiny")
    for wrong in (0.0, -1.0, 0.05, float("nan"), float("inf"), 1e300, "long", None, True):
        with pytest.raises(hg.ConfigError):
            sim.advance(wrong)  # type: ignore[arg-type]
    for name, value in (("cuneos", 1.0), ("", 1.0), (5, 1.0), ("cuneus", "1"), ("cuneus", float("nan")), ("*", 1e12)):
        with pytest.raises(hg.ConfigError):
            sim.set_dc(name, value)  # type: ignore[arg-type]
    for arguments in (
        {},
        {"psp_mv": 1.0, "weight_pa": 1.0},
        {"psp_mv": 0.0},
        {"psp_mv": 1.0, "neurons": 0},
        {"psp_mv": 1.0, "neurons": -1},
        {"psp_mv": 1.0, "time_ms": -5.0},
        {"psp_mv": 1e9},
    ):
        with pytest.raises(hg.ConfigError):
            sim.inject("cuneus", **arguments)  # type: ignore[arg-type]
    with pytest.raises(hg.ConfigError, match="nearest"):
        sim.v_m("cuneos")
    sim.advance(DURATION_MS)
    assert_equal(sim.spikes, hg.run("tiny", duration_ms=DURATION_MS, engine="cpu"))


def test_a_closed_simulation_is_an_exception() -> None:
    with hg.Simulation("tiny") as sim:
        sim.advance(10.0)
    for call in (
        lambda: sim.advance(1.0),
        lambda: sim.set_dc("cuneus", 1.0),
        lambda: sim.inject("cuneus", psp_mv=1.0),
        lambda: sim.v_m(),
        lambda: sim.time_ms,
        lambda: sim.spikes,
    ):
        with pytest.raises(hg.ClosedError, match="closed"):
            call()
    sim.close()


def test_a_network_that_does_not_fit_is_told() -> None:
    config = hg.Config("full_scale", engine={"engine": "cpu", "synapses": "stored"})
    with pytest.raises(hg.EngineError, match="memory"):
        hg.Simulation(config)


def test_the_json_of_inputs_is_that_of_a_configuration() -> None:
    with hg.Simulation("tiny") as sim, pytest.raises(hg.ConfigError, match="sine"):
        sim._native.add(json.dumps({"sine": {}}))
