"""Runs: the program's spikes, as arrays, and what follows from them."""

import gc
import subprocess
import threading
from pathlib import Path

import numpy as np
import pytest

import humam_gpu as hg


def folder_of(text: str) -> Path:
    """The folder that the program told."""
    return Path(next(line for line in text.splitlines() if line.startswith("run directory: ")).split(": ", 1)[1])


@pytest.mark.parametrize("name", ["tiny", "downscaled"])
def test_the_spikes_are_those_of_the_program_byte_for_byte(name: str, program: Path, tmp_path: Path) -> None:
    command = [program, "run", name, "--no-analysis", "--quiet", "--out", tmp_path, "--engine", "cpu"]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    other, own = folder_of(told.stdout), hg.run(name, engine="cpu")
    for file in ("spikes_neuron.npy", "spikes_step.npy", "rates.csv", "populations.csv"):
        assert (own.folder / file).read_bytes() == (other / file).read_bytes(), file
    assert own.folder.name == other.name
    assert (hg.run(name, seed=99, engine="cpu").folder / "spikes_step.npy").read_bytes() != (
        other / "spikes_step.npy"
    ).read_bytes()


def test_a_folder_of_the_user_gets_what_the_program_writes(config: hg.Config, run: hg.Run, tmp_path: Path) -> None:
    made = hg.run(config, folder=tmp_path)
    assert made.folder.is_relative_to(tmp_path)
    for file in ("manifest.json", "report.html", "figures/rasters.svg", "analysis/summary.csv", "state.bin"):
        assert (made.folder / file).is_file(), file
    again = hg.run(config, folder=tmp_path, report=False)
    assert again.folder == made.folder
    opened = hg.Run.open(made.folder)
    assert np.array_equal(opened.spikes.neurons, run.spikes.neurons)
    assert opened.config == made.config


def test_spikes_are_sorted_arrays_that_are_not_copied(run: hg.Run) -> None:
    spikes = run.spikes
    assert len(spikes) == run.manifest["n_spikes"] > 1000
    assert spikes.neurons.dtype == spikes.steps.dtype == np.uint32
    assert isinstance(spikes.neurons, np.memmap) and isinstance(spikes.steps, np.memmap)
    assert not spikes.neurons.flags.writeable
    order = np.lexsort((spikes.neurons, spikes.steps))
    assert np.array_equal(order, np.arange(len(spikes)))
    assert np.allclose(spikes.times_ms, spikes.steps * 0.1)
    assert spikes.times_ms is spikes.times_ms


def test_spikes_of_a_population_are_those_of_its_neurons(run: hg.Run) -> None:
    row = run.populations.loc[("precuneus", "II/III", "E")]
    own = run.spikes.of("precuneus II/III E")
    is_own = (run.spikes.neurons >= row.first_neuron) & (run.spikes.neurons < row.first_neuron + row.neurons)
    assert np.array_equal(own.neurons, run.spikes.neurons[is_own])
    assert len(own) > 0
    assert len(run.spikes.of("*")) == len(run.spikes)
    neuron = int(own.neurons[0])
    assert set(run.spikes.of(neuron).neurons) == {neuron}
    assert np.array_equal(run.spikes.of([neuron]).times_ms, own.trains_ms()[neuron])
    with pytest.raises(hg.ConfigError, match="the nearest is `precuneus"):
        run.spikes.of("precunes")
    with pytest.raises(hg.ConfigError, match="are no neurons"):
        run.spikes.of([0.5])


def test_a_run_tells_what_it_is(run: hg.Run) -> None:
    assert f"{len(run.spikes)} spikes, seed 3, cpu" in repr(run)


def test_spikes_within_a_time_end_with_it(run: hg.Run) -> None:
    part = run.spikes.within(100.0, 200.0)
    times = run.spikes.times_ms
    assert np.array_equal(part.times_ms, times[(times > 100.0 + 1e-9) & (times <= 200.0 + 1e-9)])


def test_rates_are_those_of_the_spikes_that_count(run: hg.Run) -> None:
    from_ms, duration_ms = 200.0, 1000.0
    counted = run.spikes.within(from_ms - 0.1, duration_ms - 0.1)
    first = run.populations.first_neuron.to_numpy()
    population = np.searchsorted(first, counted.neurons, side="right") - 1
    counts = np.bincount(population, minlength=len(first))
    rates_hz = counts / run.populations.neurons.to_numpy() / ((duration_ms - from_ms) / 1000.0)
    np.testing.assert_allclose(run.rates.rate_hz.to_numpy(), rates_hz, rtol=1e-12)
    assert run.rates.index.names == ["area", "layer", "population"]
    assert run.rates.index.equals(run.statistics.index)
    assert run.summary["mean_rate_hz"] == pytest.approx(rates_hz.mean(), rel=1e-12)


def test_what_does_not_exist_says_why(run: hg.Run) -> None:
    assert run.why_not("mean_rate_hz") is None
    assert "ms" in str(run.why_not("rate_similarity"))
    assert np.isnan(run.summary["rate_similarity"])
    with pytest.raises(hg.ConfigError, match="choose one of"):
        run.why_not("mean_rate")
    with pytest.raises(hg.NoStatistic, match="transient"):
        run.bold_correlation
    short = hg.run("tiny", duration_ms=50.0, engine="cpu")
    with pytest.raises(hg.NoStatistic):
        short.functional_connectivity


def test_tables_of_areas_have_their_names(run: hg.Run) -> None:
    matrix = run.functional_connectivity
    assert matrix.shape == (34, 34)
    assert list(matrix.index) == list(matrix.columns) == list(run.areas.index) == list(run.bold.columns)
    signal = run.synaptic_currents_pa_per_s
    found = np.corrcoef(signal[signal.index > 200.0 + 1e-9].to_numpy().T)
    np.testing.assert_allclose(matrix.to_numpy(), found, atol=1e-9)
    assert run.measured_connectivity("left").shape == (34, 34)
    assert run.communities.index.equals(run.areas.index)
    assert run.spectra.shape[1] == 34
    with pytest.raises(hg.ConfigError, match="hemisphere"):
        run.measured_connectivity("up")


def test_a_voltmeter_gives_potentials() -> None:
    config = hg.Config("tiny", recording={"voltmeter": [{"populations": "cuneus V E", "neurons": 3}]})
    run = hg.run(config, duration_ms=100.0, engine="cpu")
    potentials = run.voltmeter()
    assert potentials.shape[0] == 100
    assert potentials.to_numpy().max() < -40.0
    with pytest.raises(hg.ConfigError, match="there is no voltmeter 1"):
        run.voltmeter(1)


def test_a_run_goes_on_from_another_as_if_it_had_never_ended(config: hg.Config, run: hg.Run) -> None:
    start = hg.run(config, duration_ms=640.0)
    longer = hg.run(config, start_from=start, force=True)
    assert np.array_equal(longer.spikes.neurons, run.spikes.neurons)
    assert np.array_equal(longer.spikes.steps, run.spikes.steps)


def test_files_that_nobody_asked_for_go_away_with_the_run() -> None:
    run = hg.run("tiny", duration_ms=20.0, seed=77, engine="cpu")
    folder, other = run.folder, hg.Run(run.folder, run._keep)
    spikes = run.spikes
    del run
    gc.collect()
    assert folder.is_dir(), "another run needs it"
    del other
    gc.collect()
    assert folder.is_dir(), "its spikes need it"
    del spikes
    gc.collect()
    assert not folder.exists()


def test_exports_are_those_of_the_program(run: hg.Run, program: Path, tmp_path: Path) -> None:
    own = run.to_nest(tmp_path / "own")
    command = [program, "export", run.folder, "--format", "nest", "--to", tmp_path / "program", "--quiet"]
    subprocess.run(command, check=True)
    files = sorted(path.relative_to(own) for path in own.rglob("*") if path.is_file())
    assert files
    for file in files:
        assert (own / file).read_bytes() == (tmp_path / "program" / file).read_bytes(), file
    with pytest.raises(hg.FolderError, match="is there already"):
        run.to_nest(tmp_path / "own")
    with pytest.raises(hg.ConfigError, match="choose nest"):
        run.export("matlab", tmp_path / "m")


def test_other_threads_go_on_meanwhile() -> None:
    ticks, done = [], threading.Event()

    def tick() -> None:
        while not done.wait(0.005):
            ticks.append(None)

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        hg.run("tiny", duration_ms=3000.0, seed=5, engine="cpu")
    finally:
        done.set()
        thread.join()
    assert len(ticks) > 5


def test_progress_is_heard_and_may_stop_the_run() -> None:
    class Heard:
        def __init__(self) -> None:
            self.stages: list[str] = []
            self.last = 0.0

        def stage(self, name: str) -> None:
            self.stages.append(name)

        def simulated(self, done_ms: float, of_ms: float) -> None:
            assert self.last <= done_ms <= of_ms == 400.0
            self.last = done_ms

        def note(self, text: str) -> None:
            pass

    heard = Heard()
    hg.run("tiny", duration_ms=400.0, seed=6, engine="cpu", progress=heard)
    assert "simulating" in heard.stages
    assert heard.last == pytest.approx(400.0)

    class Refused(Heard):
        def stage(self, name: str) -> None:
            raise RuntimeError("no more")

    with pytest.raises((RuntimeError, hg.Interrupted)):
        hg.run("tiny", duration_ms=400.0, seed=7, engine="cpu", progress=Refused())
