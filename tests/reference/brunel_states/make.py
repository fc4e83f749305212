"""Rates and CV ISI of the network of examples/networks/brunel_network.ron in NEST, in Brunel's four states.

    python make.py THREADS > states.csv
"""

import sys

import nest
import numpy as np

FROM_MS, TO_MS = 100.0, 600.0
STATES = {  # g, η
    "synchronous regular": (3.0, 2.0),
    "asynchronous irregular": (5.0, 2.0),
    "synchronous irregular, fast": (6.0, 4.0),
    "synchronous irregular, slow": (4.5, 0.9),
}
NEURON = dict(
    E_L=0.0, V_th=20.0, V_reset=10.0, C_m=250.0, tau_m=20.0, tau_syn_ex=0.5, tau_syn_in=0.5, t_ref=2.0
)
WEIGHT_PA, DELAY_MS = 50.0, 1.5


def spikes_of(g, eta):
    """Times in ms and senders of all spikes between FROM_MS and TO_MS."""
    nest.ResetKernel()
    nest.set(resolution=0.1, local_num_threads=int(sys.argv[1]), rng_seed=1)
    excitatory = nest.Create("iaf_psc_exp", 10000, params=NEURON)
    inhibitory = nest.Create("iaf_psc_exp", 2500, params=NEURON)
    neurons = excitatory + inhibitory
    neurons.V_m = np.random.default_rng(1).normal(10.0, 5.0, 12500)
    drive = nest.Create("poisson_generator", params=dict(rate=1000 * 10.0 * eta))
    nest.Connect(drive, neurons, syn_spec=dict(weight=WEIGHT_PA, delay=0.1))
    for source, indegree, weight in [(excitatory, 1000, WEIGHT_PA), (inhibitory, 250, -g * WEIGHT_PA)]:
        rule = dict(rule="fixed_indegree", indegree=indegree)
        nest.Connect(source, neurons, rule, dict(weight=weight, delay=DELAY_MS))
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    nest.Simulate(TO_MS)
    times, senders = recorder.events["times"], recorder.events["senders"]
    counts = times > FROM_MS
    return times[counts], senders[counts]


def mean_cv(times, senders):
    """Mean CV of the intervals of all neurons with at least three spikes."""
    order = np.lexsort((times, senders))
    trains = np.split(times[order], np.flatnonzero(np.diff(senders[order])) + 1)
    intervals = [np.diff(train) for train in trains if train.size > 2]
    return np.mean([i.std() / i.mean() for i in intervals])


print("state,g,eta,rate_hz,cv_isi")
for state, (g, eta) in STATES.items():
    times, senders = spikes_of(g, eta)
    rate_hz = times.size / 12500 / (TO_MS - FROM_MS) * 1000.0
    print(f'"{state}",{g},{eta},{rate_hz:.3f},{mean_cv(times, senders):.4f}', flush=True)
