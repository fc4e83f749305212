"""Reads the exports of a run with the libraries that people use, and compares them with the run.

    read_back.py RUN_DIR EXPORTS_DIR

EXPORTS_DIR has the folders nest, sonata, parquet and npz, made from RUN_DIR. Every check is then made
again on copies in which one value is wrong, and must fail.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import h5py
import libsonata
import neo
import numpy as np
import pandas as pd
import pyarrow.parquet
import quantities

EDGES = "cortex__cortex__chemical"
NAMES = ["area", "layer", "population"]
# Synapses from which on the scatter of a projection's weights is known well enough.
MANY_SYNAPSES = 100
# Of some thousand projections none is further off by chance (normal weights: 2e-9 each).
STANDARD_ERRORS = 6
# Weights are integers of 10 bits and more.
ROUNDING = 1e-3
# Normal draws end there, in standard deviations.
LARGEST_Z = 5.2
# External weights scatter by a tenth of their means.
LARGEST_FACTOR = 1 + 0.1 * LARGEST_Z


class Run:
    """The run folder, as NumPy and pandas read it."""

    def __init__(self, folder):
        self.manifest = json.loads((folder / "manifest.json").read_text())
        self.neuron = np.load(folder / "spikes_neuron.npy")
        self.step = np.load(folder / "spikes_step.npy")
        self.time_ms = self.step * self.manifest["dt_ms"]
        names = {name: str for name in NAMES}
        self.populations = pd.read_csv(folder / "populations.csv", dtype=names, keep_default_na=False)
        self.population_of_neuron = np.repeat(np.arange(len(self.populations)), self.populations.neurons)
        self.synapses = pd.read_csv(folder.parent / "synapses.csv", index_col=0)
        self.weights_pa = pd.read_csv(folder.parent / "weights_pa.csv", index_col=0)
        assert len(self.neuron) == self.manifest["n_spikes_recorded"] > 0
        assert len(self.population_of_neuron) == self.manifest["n_neurons"]

    def names_of_neurons(self, name):
        return self.populations[name].to_numpy(str)[self.population_of_neuron]


def equal(what, found, expected):
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape, f"{what}: {found.shape} for {expected.shape}"
    assert (found == expected).all(), f"{what}: {(found != expected).sum()} values differ"


def check_npz(run, folder):
    with np.load(folder / "run.npz", allow_pickle=False) as arrays:
        for name, expected in [("neuron", run.neuron), ("step", run.step), ("time_ms", run.time_ms)]:
            equal(name, arrays[name], expected)
            assert arrays[name].dtype == expected.dtype, name
        for name, column in [("area", "area"), ("layer", "layer"), ("name", "population")]:
            equal(name, arrays[f"population_{name}"], run.populations[column].to_numpy(str))
        for name in ["first_neuron", "neurons"]:
            equal(name, arrays[f"population_{name}"], run.populations[name])
        equal("dt_ms", arrays["dt_ms"], [run.manifest["dt_ms"]])
        equal("n_steps", arrays["n_steps"], [run.manifest["n_steps"]])


def check_parquet(run, folder):
    spikes = pd.read_parquet(folder / "spikes.parquet")
    types = {"neuron": "uint32", "population_index": "uint16", "step": "uint32", "time_ms": "float64"}
    assert spikes.dtypes.astype(str).to_dict() == types, spikes.dtypes
    equal("neuron", spikes.neuron, run.neuron)
    equal("step", spikes.step, run.step)
    equal("time_ms", spikes.time_ms, run.time_ms)
    populations = pd.read_parquet(folder / "populations.parquet").set_index("population_index")
    for name in run.populations.columns:
        equal(name, populations[name].to_numpy(), run.populations[name].to_numpy())
    areas = populations.area.loc[spikes.population_index]
    equal("area of each spike", areas.to_numpy(str), run.names_of_neurons("area")[run.neuron])
    assert pyarrow.parquet.read_table(folder / "spikes.parquet").num_rows == len(run.neuron)


def check_nest(run, folder):
    populations = pd.read_csv(folder / "population_GIDs.dat", sep=";", header=None, names=["name", "first", "last"])
    equal("first senders", populations["first"], run.populations.first_neuron + 1)
    equal("last senders", populations["last"], run.populations.first_neuron + run.populations.neurons)
    names = [tuple(name for name in row if name) for row in run.populations[NAMES].to_numpy(str)]
    equal("names", populations.name, [repr(tuple(map(str, name))) for name in names])
    # As the model's published analysis reads them.
    files = sorted((folder / "spikes").glob("*.dat"))
    spikes = pd.concat(pd.read_csv(file, sep="\t", comment="#") for file in files)
    assert list(spikes.columns) == ["sender", "time_ms"]
    equal("sender", spikes.sender, run.neuron + 1)
    equal("time_ms", spikes.time_ms, run.time_ms.round(3))
    trains = neo.io.NestIO(str(folder / "spikes.gdf")).read_segment(
        gid_list=list(range(1, run.manifest["n_neurons"] + 1)),
        t_start=0 * quantities.ms,
        t_stop=(run.manifest["n_steps"] + 1) * run.manifest["dt_ms"] * quantities.ms,
    ).spiketrains
    order = np.lexsort((run.step, run.neuron))
    ends = np.cumsum(np.bincount(run.neuron, minlength=run.manifest["n_neurons"]))
    assert len(trains) == len(ends)
    for train, expected in zip(trains, np.split(run.time_ms[order], ends[:-1])):
        equal(f"train of {train.annotations['id']}", train.rescale("ms").magnitude, expected.round(3))


def check_sonata_spikes(run, folder):
    with h5py.File(folder / "spikes.h5") as file:
        assert file.attrs["magic"] == 0x0A7A and list(file.attrs["version"]) == [0, 1]
        population = file["spikes/cortex"]
        sorting = population.attrs.get_id("sorting").dtype
        assert h5py.check_enum_dtype(sorting) == {"none": 0, "by_id": 1, "by_time": 2}
        assert population.attrs["sorting"] == 2
        assert bytes(population["timestamps"].attrs["units"]) == b"ms"
        equal("node_ids", population["node_ids"], run.neuron)
        equal("timestamps", population["timestamps"], run.time_ms)
    reader = libsonata.SpikeReader(str(folder / "spikes.h5"))
    assert reader.get_population_names() == ["cortex"]
    population = reader["cortex"]
    assert (population.sorting, population.time_units) == ("by_time", "ms")
    spikes = population.get_dict()
    equal("node_ids", spikes["node_ids"], run.neuron)
    equal("timestamps", spikes["timestamps"], run.time_ms)
    one = int(run.neuron[0])
    selected = population.get(node_ids=libsonata.Selection([one]))
    equal("spikes of a neuron", [time for _, time in selected], run.time_ms[run.neuron == one])


def check_sonata_network(run, folder):
    circuit = libsonata.CircuitConfig.from_file(str(folder / "circuit_config.json"))
    nodes, edges = circuit.node_population("cortex"), circuit.edge_population(EDGES)
    n = run.manifest["n_neurons"]
    assert nodes.size == n and edges.size == run.manifest["n_synapses"]
    everything = libsonata.Selection([(0, n)])
    for name in NAMES:
        equal(name, nodes.get_attribute(name, everything), run.names_of_neurons(name))
    types = pd.read_csv(folder / "node_types.csv", sep=" ", keep_default_na=False).set_index("node_type_id")
    with h5py.File(folder / "nodes.h5") as file:
        of_nodes = types.loc[file["nodes/cortex/node_type_id"][:]]
        assert bytes(file["nodes/cortex/0/dynamics_params/V_m"].attrs["units"]) == b"mV"
    equal("area of each node's type", of_nodes.area.replace("NULL", "").to_numpy(str), run.names_of_neurons("area"))
    check_neurons(nodes, of_nodes)
    check_edges(run, edges)


def check_neurons(nodes, types):
    """What differs between neurons scatters about what the tables of types tell; a row of these for each node."""
    assert nodes.dynamics_attribute_names == {"V_m", "poisson_weight"}, nodes.dynamics_attribute_names
    everything = libsonata.Selection([(0, nodes.size)])
    v_m, weight = (nodes.get_dynamics_attribute(name, everything) for name in ["V_m", "poisson_weight"])
    z = (v_m - types.initial_v_m_mean_mv.to_numpy()) / types.initial_v_m_sd_mv.to_numpy()
    error = STANDARD_ERRORS / np.sqrt(nodes.size)
    assert abs(z.mean()) < error and abs(z.std() - 1) < error and abs(z).max() < LARGEST_Z, "initial potentials"
    factor = weight / types.poisson_weight_pa.to_numpy()
    assert (factor >= 0).all() and factor.max() < LARGEST_FACTOR, "external weights"
    assert abs(factor.mean() - 1) < error * factor.std() + ROUNDING, "mean external weight"


def check_edges(run, edges):
    everything = libsonata.Selection([(0, edges.size)])
    source, target = edges.source_nodes(everything), edges.target_nodes(everything)
    assert (edges.source, edges.target) == ("cortex", "cortex")
    # Every projection has the synapses that the network's table tells.
    n = len(run.populations)
    pairs = run.population_of_neuron[target] * n + run.population_of_neuron[source]
    found = np.bincount(pairs, minlength=n * n).reshape(n, n)
    names = [" ".join(filter(None, row)) for row in run.populations[NAMES].to_numpy(str)]
    equal("synapses of projections", found, run.synapses.loc[names, names])
    weight, delay = edges.get_attribute("syn_weight", everything), edges.get_attribute("delay", everything)
    is_inhibitory = run.names_of_neurons("population")[source] == "I"
    equal("signs", weight < 0, is_inhibitory & (weight != 0))
    dt_ms = run.manifest["dt_ms"]
    equal("delays are steps", delay, np.round(delay / dt_ms) * dt_ms)
    assert delay.min() >= dt_ms
    check_mean_weights(run, weight, pairs, names)
    # Both indices find the edges of every node.
    for ends, selected in [(target, edges.afferent_edges), (source, edges.efferent_edges)]:
        of_nodes = np.cumsum(np.bincount(ends, minlength=run.manifest["n_neurons"]))
        for node, expected in enumerate(np.split(np.argsort(ends, kind="stable"), of_nodes[:-1])):
            equal(f"edges of {node}", selected([node]).flatten(), expected)


def check_mean_weights(run, weight, pairs, names):
    """Weights of a projection scatter about the mean that the network's table tells."""
    n = len(names)
    count = np.bincount(pairs, minlength=n * n)
    mean, square = (np.bincount(pairs, weight**power, minlength=n * n) / np.maximum(count, 1) for power in (1, 2))
    expected = run.weights_pa.loc[names, names].to_numpy().ravel()
    many = count >= MANY_SYNAPSES
    assert many.any()
    standard_error = np.sqrt(np.maximum(square - mean**2, 0)[many] / count[many])
    tolerance = STANDARD_ERRORS * standard_error + ROUNDING * np.abs(expected[many])
    wrong = np.abs(mean[many] - expected[many]) > tolerance
    assert not wrong.any(), f"mean weights: {wrong.sum()} of {many.sum()} projections differ"


def spoil_npz(folder):
    with np.load(folder / "run.npz") as file:
        arrays = dict(file)
    arrays["neuron"][0] += 1
    np.savez(folder / "run.npz", **arrays)


def spoil_parquet(folder):
    path = folder / "spikes.parquet"
    spikes = pd.read_parquet(path)
    spikes.loc[0, "step"] += 1
    spikes.to_parquet(path)


def spoil_line(folder, file):
    path = next(folder.glob(file))
    lines = path.read_text().splitlines()
    lines[-1] = lines[-2]
    path.write_text("\n".join(lines) + "\n")


def spoil_array(folder, file, name, by):
    with h5py.File(folder / file, "r+") as opened:
        array = opened[name]
        array[0] = array[0] + by


# Format, check, and what is spoiled, how, in a copy that the check must refuse.
CHECKS = [
    ("npz", check_npz, spoil_npz, ()),
    ("parquet", check_parquet, spoil_parquet, ()),
    ("nest", check_nest, spoil_line, ("spikes/*.dat",)),
    ("nest", check_nest, spoil_line, ("spikes.gdf",)),
    ("sonata", check_sonata_spikes, spoil_array, ("spikes.h5", "spikes/cortex/node_ids", 1)),
    ("sonata", check_sonata_spikes, spoil_array, ("spikes.h5", "spikes/cortex/timestamps", 1)),
    ("sonata", check_sonata_network, spoil_array, ("nodes.h5", "nodes/cortex/0/layer", 1)),
    ("sonata", check_sonata_network, spoil_array, ("nodes.h5", "nodes/cortex/0/dynamics_params/V_m", 300)),
    ("sonata", check_sonata_network, spoil_array, ("nodes.h5", "nodes/cortex/0/dynamics_params/poisson_weight", 1e6)),
    ("sonata", check_sonata_network, spoil_array, ("edges.h5", f"edges/{EDGES}/target_node_id", 1)),
    ("sonata", check_sonata_network, spoil_array, ("edges.h5", f"edges/{EDGES}/0/delay", 0.05)),
    ("sonata", check_sonata_network, spoil_array, ("edges.h5", f"edges/{EDGES}/0/syn_weight", -1e6)),
]


def is_refused(check, run, folder):
    try:
        check(run, folder)
    except AssertionError:
        return True
    return False


def main(run_folder, exports):
    run = Run(Path(run_folder))
    for name, check, spoil, what in CHECKS:
        check(run, Path(exports) / name)
        with tempfile.TemporaryDirectory() as temporary:
            copy = Path(temporary) / name
            shutil.copytree(Path(exports) / name, copy)
            spoil(copy, *what)
            assert is_refused(check, run, copy), f"{check.__name__} takes a copy that {spoil.__name__} {what} spoiled"
        print(f"{check.__name__}: the run is read back, a copy that is wrong in {' '.join(map(str, what)) or name} is not")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
