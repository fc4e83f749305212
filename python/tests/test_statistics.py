"""Statistics are those of Elephant and Neo on the same trains."""

from typing import Any

import numpy as np
import pytest

import humam_gpu as hg

neo = pytest.importorskip("neo")
pq = pytest.importorskip("quantities")
statistics = pytest.importorskip("elephant.statistics")
correlation = pytest.importorskip("elephant.spike_train_correlation")
conversion = pytest.importorskip("elephant.conversion")

TOLERANCE = 1e-9
FROM_MS, END_MS, MIN_SPIKES = 200.0, 1000.0, 3
LENGTH_MS = END_MS - FROM_MS
Trains = dict[str, list[Any]]


@pytest.fixture(scope="module")
def trains(run: hg.Run) -> Trains:
    """The part of each train that counts, by population, from the steps that ``to_neo`` has as times.

    Spikes lie in the middle of their steps, so that none lies on the edge of a bin or of the window.
    """
    found: Trains = {}
    for train in run.to_neo().segments[0].spiketrains:
        name = " ".join(train.annotations[part] for part in ("area", "layer", "population"))
        steps = np.rint(train.rescale("ms").magnitude / run.dt_ms) - FROM_MS / run.dt_ms
        times = (steps[steps >= 0] + 0.5) * run.dt_ms
        found.setdefault(name, []).append(neo.SpikeTrain(times * pq.ms, t_stop=(LENGTH_MS + run.dt_ms) * pq.ms))
    return found


def test_neo_has_every_neuron_and_every_spike(run: hg.Run) -> None:
    segment = run.to_neo().segments[0]
    assert len(segment.spiketrains) == run.manifest["n_neurons"]
    assert sum(map(len, segment.spiketrains)) == len(run.spikes)
    by_neuron = {train.annotations["neuron"]: train.times.magnitude for train in segment.spiketrains}
    for neuron, times in run.spikes.trains_ms().items():
        np.testing.assert_array_equal(by_neuron[neuron], times)
    layer = run.populations.xs(("cuneus", "V"), level=("area", "layer"))
    assert len(run.to_neo("cuneus V").segments[0].spiketrains) == layer.neurons.sum()


def test_rates_are_those_of_elephant(run: hg.Run, trains: Trains) -> None:
    def rate_hz(train: Any) -> float:
        # Rates leave out the last step; Elephant refuses trains without a spike.
        counted = train[train.magnitude < LENGTH_MS]
        if len(counted) == 0:
            return 0.0
        return float(statistics.mean_firing_rate(counted, 0.0 * pq.ms, LENGTH_MS * pq.ms).rescale("Hz"))

    for place, found in run.statistics.rate_hz.items():
        assert found == pytest.approx(np.mean([rate_hz(train) for train in trains[" ".join(place)]]), abs=TOLERANCE)


def test_cv_and_lvr_are_those_of_elephant(run: hg.Run, trains: Trains) -> None:
    compared = 0
    for place, row in run.statistics.iterrows():
        regular = [train for train in trains[" ".join(place)] if len(train) >= MIN_SPIKES]
        if not regular:
            assert np.isnan(row.cv_isi) and np.isnan(row.lvr)
            continue
        intervals = [statistics.isi(train).rescale("ms") for train in regular]
        cv = np.mean([statistics.cv(isi.magnitude) for isi in intervals])
        lvr = np.mean([statistics.lvr(isi, R=2.0 * pq.ms) for isi in intervals])
        assert row.cv_isi == pytest.approx(cv, abs=TOLERANCE), place
        assert row.lvr == pytest.approx(lvr, abs=TOLERANCE), place
        compared += 1
    assert compared > 50


def test_correlations_are_those_of_elephant(run: hg.Run, trains: Trains) -> None:
    bin_ms, n_neurons = run.config["analysis.bin_ms"], run.config["analysis.correlation_neurons"]
    compared = 0
    for place, found in run.statistics.correlation.items():
        # The last bin holds the last step, too.
        within = [np.minimum(train.magnitude, LENGTH_MS - run.dt_ms / 2) for train in trains[" ".join(place)]]
        edges = np.arange(0.0, LENGTH_MS + bin_ms / 2, bin_ms)
        changing = [times for times in within if np.histogram(times, edges)[0].std() > 0.0][:n_neurons]
        if len(changing) < 2:
            assert np.isnan(found)
            continue
        chosen = [neo.SpikeTrain(times * pq.ms, t_stop=LENGTH_MS * pq.ms) for times in changing]
        binned = conversion.BinnedSpikeTrain(chosen, bin_size=bin_ms * pq.ms)
        matrix = correlation.correlation_coefficient(binned)
        mean = matrix[np.triu_indices(len(changing), 1)].mean()
        assert found == pytest.approx(mean, abs=TOLERANCE), place
        compared += 1
    assert compared > 50


def test_other_trains_have_other_statistics(run: hg.Run, trains: Trains) -> None:
    """What the comparisons above would see: a spike that is left out."""
    place, row = next((place, row) for place, row in run.statistics.iterrows() if row.rate_hz > 5.0)
    of = trains[" ".join(place)]
    n_spikes = sum(int((train.magnitude < LENGTH_MS).sum()) for train in of)
    without_one_hz = (n_spikes - 1) / len(of) / (LENGTH_MS / 1000.0)
    assert row.rate_hz != pytest.approx(without_one_hz, abs=TOLERANCE)
