"""Makes the explicit network of this folder, and simulates it with NEST 3.10: `python make.py`.

800 excitatory and 200 inhibitory neurons receive 40 excitatory and 10 inhibitory synapses each, a constant current, and
trains of spikes. The trains come from a neuron that spikes once, in the first step, through synapses whose delays are the
times of the spikes. README.md describes the files.
"""

import numpy as np

SEED = 1
DT_MS = 0.1
DURATION_MS = 200.0
NEURONS = {"stimulus": 1, "E": 800, "I": 200}
IN_DEGREES = {"E": 40, "I": 10}
WEIGHTS_PA = {"stimulus": 281.25, "E": 62.5, "I": -281.25}
DELAYS_MS = {"E": 1.5, "I": 0.8}
DC_PA = {"stimulus": 0.0, "E": 320.0, "I": 330.0}
V0_MV = {"stimulus": -20.0, "E": -68.0, "I": -66.0}
TRAIN_SPIKES = 20


def lists():
    """Source, target and delay in steps of every synapse, by source and target population."""
    draw = np.random.default_rng(SEED)
    synapses = {}
    for target in ["E", "I"]:
        n = NEURONS[target]
        for source, in_degree in IN_DEGREES.items():
            targets = np.repeat(np.arange(n), in_degree)
            sources = draw.integers(NEURONS[source], size=n * in_degree)
            delays = np.full(n * in_degree, round(DELAYS_MS[source] / DT_MS))
            synapses[source, target] = sources, targets, delays
        targets = np.repeat(np.arange(n), TRAIN_SPIKES)
        steps = draw.integers(1, round(DURATION_MS / DT_MS), size=n * TRAIN_SPIKES)
        synapses["stimulus", target] = np.zeros(n * TRAIN_SPIKES, int), targets, steps
    return synapses


def write(synapses):
    """Files of synapses. Those of excitatory neurons leave weights and delays to network.ron, those of trains weights."""
    for (source, target), columns in synapses.items():
        names = {"E": "source,target", "stimulus": "source,target,delay_ms", "I": "source,target,weight_pa,delay_ms"}
        with open(f"{source}_to_{target}.csv", "w") as file:
            file.write(names[source] + "\n")
            for s, t, steps in zip(*columns):
                delay = f",{steps / 10}"
                rest = {"E": "", "stimulus": delay, "I": f",{WEIGHTS_PA['I']}{delay}"}
                file.write(f"{s},{t}{rest[source]}\n")


def simulate(synapses):
    """Times in steps and neurons of all spikes, sorted; neurons are numbered through the populations."""
    import nest

    nest.ResetKernel()
    nest.resolution = DT_MS
    populations = {}
    for name, n in NEURONS.items():
        populations[name] = nest.Create("iaf_psc_exp", n, {"I_e": DC_PA[name], "V_m": V0_MV[name]})
    for (source, target), (sources, targets, steps) in synapses.items():
        ids = [np.array(populations[name].tolist()) for name in (source, target)]
        nest.Connect(
            ids[0][sources],
            ids[1][targets],
            "one_to_one",
            {"weight": np.full(len(sources), WEIGHTS_PA[source]), "delay": steps * DT_MS},
        )
    recorder = nest.Create("spike_recorder")
    for population in populations.values():
        nest.Connect(population, recorder)
    nest.Simulate(DURATION_MS + DT_MS)
    events = recorder.events
    spikes = zip(np.round(events["times"] / DT_MS).astype(int), events["senders"] - 1)
    last = round(DURATION_MS / DT_MS)
    return sorted((int(step), int(neuron)) for step, neuron in spikes if step <= last)


if __name__ == "__main__":
    synapses = lists()
    write(synapses)
    with open("spikes.csv", "w") as file:
        file.write("step,neuron\n")
        for step, neuron in simulate(synapses):
            file.write(f"{step},{neuron}\n")
