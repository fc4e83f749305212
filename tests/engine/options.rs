//! Every option of the model changes what it names and nothing else that is told here, and gives the
//! same spikes on every engine, with stored and drawn synapses, at scale 0.004.

use crate::fixtures::goodness_of_fit::{Z_CRITICAL, correlation};
use crate::fixtures::ways::{Way, spikes};
use humam_gpu::config::{self, Override};
use humam_gpu::engine::fixed_point::{IntegerNetwork, IntegerProjection, REFRACTORY};
use humam_gpu::engine::synapses::CsrStore;
use humam_gpu::model::anatomy::Tables;
use humam_gpu::model::model_network;
use humam_gpu::model::network::{NetworkSpec, Population};
use humam_gpu::model::theory::{DcInput, input_statistics};
use std::path::Path;
use std::sync::OnceLock;

/// Model time of the comparison of engines: the start-up burst, whose spikes come back from all areas.
const DURATION_MS: f64 = 50.0;
/// Shards of drawn synapses, other than those of stored ones.
const PROCEDURAL_SHARDS: usize = 3;
/// Numbers that are computed in another order are the same to that relative difference.
const ROUNDING: f64 = 1e-12;

/// The model with some keys set.
struct Model {
    network: NetworkSpec,
    /// Before scaling.
    full: NetworkSpec,
    integers: IntegerNetwork,
    n_steps: u32,
}

impl Model {
    fn with(assignments: &[&str]) -> Self {
        let set = |text: &&str| Override::set(text).expect("an assignment");
        let overrides: Vec<Override> = assignments.iter().map(set).collect();
        let config = config::load(Path::new("builtin:downscaled"), &overrides);
        let config = config.unwrap_or_else(|error| panic!("{error}"));
        let tables = Tables::load(&config.anatomy).expect("tables");
        let derived = model_network(&config.model_options(), &tables, &mut ())
            .unwrap_or_else(|error| panic!("{error}"));
        let dt_ms = config.simulation.dt_ms;
        let seed = config.simulation.seed;
        let integers = IntegerNetwork::new(&derived.network, dt_ms, seed, &config.arithmetic);
        let integers = integers.unwrap_or_else(|error| panic!("{error}"));
        let n_steps = (DURATION_MS / dt_ms).round() as u32;
        Self { network: derived.network, full: derived.full, integers, n_steps }
    }

    /// What no option has changed.
    fn plain() -> &'static Self {
        static PLAIN: OnceLock<Model> = OnceLock::new();
        PLAIN.get_or_init(|| Self::with(&[]))
    }

    fn population(&self, name: &str) -> &Population {
        &self.network.populations[self.index(name)]
    }

    fn index(&self, name: &str) -> usize {
        self.network.populations.iter().position(|p| p.name() == name).unwrap_or_else(|| panic!("no {name}"))
    }

    /// Weight of a projection relative to the same one in the plain model.
    fn weight_ratio(&self, target: &str, source: &str) -> f64 {
        let weight = |model: &Self| {
            let (target, source) = (model.index(target), model.index(source));
            let projections = &model.network.projections;
            projections
                .iter()
                .find(|p| (p.target, p.source) == (target, source))
                .expect("a projection")
                .weight_pa
        };
        weight(self) / weight(Self::plain())
    }

    /// Projections whose weight is not that of the plain model.
    fn other_weights(&self) -> Vec<(String, String)> {
        let pairs = self.network.projections.iter().zip(&Self::plain().network.projections);
        let name = |population: usize| self.network.populations[population].name();
        let differs = pairs.filter(|(a, b)| a.weight_pa != b.weight_pa);
        differs.map(|(a, _)| (name(a.target), name(a.source))).collect()
    }

    /// The spikes, the same from the CPU engine and the GPU, with stored and with procedural synapses.
    fn spikes(&self) -> Vec<(u32, u32)> {
        let spikes = |way: Way| way.with(&self.integers, |engine| spikes(engine, self.n_steps));
        let found = spikes(Way::CPU.shards(2)).expect("the CPU engine");
        assert!(found.len() > 1000, "a comparison of {} spikes says little", found.len());
        let procedural = |way: Way| way.procedural().shards(PROCEDURAL_SHARDS);
        for way in [procedural(Way::CPU), Way::GPU.shards(2), procedural(Way::GPU)] {
            assert!(spikes(way).is_none_or(|others| others == found), "{way:?} gives other spikes");
        }
        found
    }
}

/// Makes a test of each option: with these keys set, the claim holds of (the model, the plain model),
/// every engine gives the same spikes, and these are not those of the plain model.
macro_rules! options {
    ($($name:ident: [$($set:expr),+] $claim:expr;)+) => {
        $(#[test] fn $name() {
            let model = Model::with(&[$($set),+]);
            let claim: fn(&Model, &Model) = $claim;
            claim(&model, Model::plain());
            assert!(model.spikes() != plain_spikes(), "the option has no effect on spikes");
        })+
    };
}

fn plain_spikes() -> &'static [(u32, u32)] {
    static SPIKES: OnceLock<Vec<(u32, u32)>> = OnceLock::new();
    SPIKES.get_or_init(|| Model::plain().spikes())
}

#[test]
fn the_plain_model_repeats() {
    assert!(Model::with(&[]).spikes() == plain_spikes());
}

/// In-degrees from each source population of every neuron.
fn in_degrees(model: &Model) -> Vec<Vec<u32>> {
    let (network, store) = (&model.integers, CsrStore::build(&model.integers, 1).expect("a store"));
    let shard = &store.shards[0];
    let mut degrees = vec![vec![0; network.populations.len()]; network.n_neurons() as usize];
    for (index, source) in network.populations.iter().enumerate() {
        let (first, end) = (source.first_neuron as usize, (source.first_neuron + source.neurons) as usize);
        let row = shard.row_starts[first] as usize..shard.row_starts[end] as usize;
        for synapse in &shard.synapses[row] {
            degrees[store.decode(synapse.address).0 as usize][index] += 1;
        }
    }
    degrees
}

fn in_degrees_are_exact(model: &Model, plain: &Model) {
    let exact = in_degrees(model);
    let neurons = |network: &NetworkSpec, index: usize| network.populations[index].neurons;
    for (p, of_plain) in model.network.projections.iter().zip(&plain.network.projections) {
        let targets = neurons(&model.network, p.target);
        // Half to even, as everywhere in the model.
        let in_degree = (of_plain.synapses as f64 / f64::from(targets)).round_ties_even() as u32;
        assert_eq!(p.synapses, u64::from(in_degree * targets));
        let target = &model.integers.populations[p.target];
        for neuron in target.first_neuron..target.first_neuron + target.neurons {
            assert_eq!(exact[neuron as usize][p.source], in_degree, "neuron {neuron}");
        }
    }
    let [rounded, before] = [model, plain].map(|of| of.network.n_synapses());
    let left_out = before - rounded;
    assert_eq!(model.network.rounded_synapses, -(left_out as i64));
    let words = model.network.rounding().expect("what rounding changed");
    let percent = 100.0 * left_out as f64 / before as f64;
    assert!(words.contains(&format!("left out {left_out} of {before} synapses ({percent:.1} %)")), "{words}");
    assert_eq!(plain.network.rounding(), None);
    let drawn = in_degrees(plain);
    let differs = |p: &&humam_gpu::model::network::Projection| {
        let target = &plain.integers.populations[p.target];
        let of = |neuron: u32| drawn[neuron as usize][p.source];
        (target.first_neuron..target.first_neuron + target.neurons).any(|n| of(n) != of(target.first_neuron))
    };
    assert!(plain.network.projections.iter().filter(differs).count() > 1000, "drawn ones vary");
}

/// Delays of the synapses of those projections that `of` chooses, in steps.
fn delays(model: &Model, of: impl Fn(&str, &str) -> bool) -> Vec<f64> {
    let network = &model.integers;
    let name = |population: usize| network.populations[population].name.as_str();
    let drawn = |p: &IntegerProjection| {
        let (sources, targets) =
            (network.populations[p.source].neurons, network.populations[p.target].neurons);
        let counts =
            humam_gpu::engine::synapses::row_counts(p, sources, humam_gpu::engine::rng::Bulk::widest());
        let mut delays = Vec::new();
        for (source, count) in (0..).zip(counts) {
            let synapse =
                |index| humam_gpu::engine::synapses::synapse(p, &network.tables, targets, source, index, 0);
            delays.extend((0..count).map(|index| f64::from(synapse(index).delay)));
        }
        delays
    };
    network.projections.iter().filter(|p| of(name(p.target), name(p.source))).flat_map(drawn).collect()
}

fn area(name: &str) -> &str {
    name.split(' ').next().unwrap_or_default()
}

fn share(values: &[f64], holds: impl Fn(f64) -> bool) -> f64 {
    values.iter().filter(|&&value| holds(value)).count() as f64 / values.len() as f64
}

/// Mean and standard deviation.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt())
}

/// A value of every excitatory neuron's class, relative to that of the plain model.
fn relative(
    model: &Model,
    plain: &Model,
    value: fn(&humam_gpu::engine::fixed_point::NeuronClass) -> i32,
) -> Vec<f64> {
    let mut values = Vec::new();
    for (p, q) in model.integers.populations.iter().zip(&plain.integers.populations) {
        if p.name.ends_with('E') {
            let bits = |m: &Model| f64::from(1u32 << m.integers.formats.v_m_bits);
            let scale = bits(model) / bits(plain) * f64::from(value(&plain.integers.classes[q.class]));
            let own = |neuron| f64::from(value(&model.integers.classes[p.class_of(neuron)]));
            values.extend((p.first_neuron..p.first_neuron + p.neurons).map(|neuron| own(neuron) / scale));
        }
    }
    values
}

/// Relative standard deviations and their logarithms' quartiles of lognormal factors of mean 1.
fn are_lognormal(factors: &[f64], relative_sd: f64) {
    let (mean, sd) = moments(factors);
    let n = factors.len() as f64;
    assert!((mean - 1.0).abs() < Z_CRITICAL * relative_sd / n.sqrt(), "mean {mean}");
    // The relative sd of a lognormal's sd is at most some √((kurtosis − 1)/4n): kurtosis 8.3 at 0.55.
    assert!((sd / relative_sd - 1.0).abs() < Z_CRITICAL * (7.3f64 / (4.0 * n)).sqrt(), "sd {sd}");
    // Half of them lie below the median exp(−s²/2), with s² = ln(1 + sd²).
    let median = (-0.5 * (relative_sd * relative_sd).ln_1p()).exp();
    let below = share(factors, |factor| factor < median);
    assert!((below - 0.5).abs() < Z_CRITICAL * 0.5 / n.sqrt(), "{below} below the median");
    assert!((share(factors, |factor| factor < 1.0) - 0.5).abs() > Z_CRITICAL * 0.5 / n.sqrt());
}

/// Σ of a number over populations of the network before scaling.
fn neurons_of(network: &NetworkSpec, of: impl Fn(&str) -> bool) -> u64 {
    network.populations.iter().filter(|p| of(&p.name())).map(|p| u64::from(p.neurons)).sum()
}

const P: &str = "precuneus";

options! {
    fixed_indegree: ["connectivity.rule=fixed_indegree"] in_degrees_are_exact;
    even_indegree: ["connectivity.rule=even_indegree"] |model, plain| {
        assert_eq!(model.network.rounding(), None);
        let found = in_degrees(model);
        let mut more = 0;
        for (p, of_plain) in model.network.projections.iter().zip(&plain.network.projections) {
            assert_eq!(p.synapses, of_plain.synapses);
            let target = &model.integers.populations[p.target];
            let least = p.synapses as u32 / target.neurons;
            for neuron in target.first_neuron..target.first_neuron + target.neurons {
                let k = found[neuron as usize][p.source];
                assert!(k == least || k == least + 1, "neuron {neuron}");
                more += u32::from(k > least);
            }
        }
        assert!(more > 1000, "many in-degrees are rounded up");
    };
    p_transmit_with_doubled_weights: ["connectivity.p_transmit=0.5", "weights.psp_mv=0.2"] |model, plain| {
        // Mean input stays, and the variance of its recurrent part doubles.
        let of = |model: &Model, rates: &[f64]| {
            input_statistics(&model.network, rates, DcInput::LeftOut).expect("a network")
        };
        let silent = vec![0.0; plain.network.populations.len()];
        let active = vec![5.0; silent.len()];
        let (lossy, sure, external) = (of(model, &active), of(plain, &active), of(plain, &silent).1);
        for (k, sigma_mv) in external.iter().enumerate() {
            assert!((lossy.0[k] / sure.0[k] - 1.0).abs() < ROUNDING, "{k}");
            let recurrent = |with_it: f64| with_it.powi(2) - sigma_mv.powi(2);
            assert!((recurrent(lossy.1[k]) / recurrent(sure.1[k]) - 2.0).abs() < 1e-9, "{k}");
        }
    };
    normal_delays: ["delays.distribution=normal"] |model, plain| {
        // Half of a normal distribution of mean 1.5 ms is below 15.5 steps after rounding, less a bit
        // for the step that is split; of the lognormal one, 59 %: Φ((ln 1.03 + s²/2)/s), s² = ln 1.25.
        let local = |model: &Model| delays(model, |t, s| area(t) == area(s) && s.ends_with('E'));
        assert!((share(&local(model), |d| d < 15.5) - 0.527).abs() < 0.01);
        assert!((share(&local(plain), |d| d < 15.5) - 0.619).abs() < 0.01);
    };
    min_delay_between_areas: ["delays.cc_min_ms=20"] |model, plain| {
        let between = |model: &Model| delays(model, |t, s| area(t) != area(s));
        assert!(between(model).iter().all(|&delay| delay >= 200.0));
        assert!(share(&between(plain), |delay| delay < 200.0) > 0.1);
        let within = |model: &Model| delays(model, |t, s| area(t) == area(s));
        assert_eq!(within(model), within(plain));
    };
    distributed_thresholds: ["neurons.excitatory.v_th_relative_sd=0.21"] |model, plain| {
        are_lognormal(&relative(model, plain, |class| class.v_th), 0.21);
    };
    distributed_capacitances: ["neurons.excitatory.c_m_relative_sd=0.22"] |model, plain| {
        // A current acts inversely to the capacitance.
        let per_current = relative(model, plain, |class| class.current_ex_to_v_m);
        let bits = |m: &Model| m.integers.formats.v_m_bits as i32 - m.integers.formats.current_bits as i32;
        let of_formats = 2f64.powi(plain.integers.formats.v_m_bits as i32 - model.integers.formats.v_m_bits as i32);
        let scale = 2f64.powi(bits(model) - bits(plain)) * of_formats;
        let factors: Vec<f64> = per_current.iter().map(|factor| scale / factor).collect();
        are_lognormal(&factors, 0.22);
    };
    distributed_membrane_time_constants: ["neurons.excitatory.tau_m_relative_sd=0.55"] |model, plain| {
        let of_formats = 2f64.powi(model.integers.formats.v_m_bits as i32 - plain.integers.formats.v_m_bits as i32);
        let leak = relative(model, plain, |class| class.leak);
        // The leak is 1 − exp(−h/τ), −ln(1 − leak) goes with 1/τ.
        let plain_leak = -(-0.1f64 / 10.0).exp_m1();
        let tau = leak.iter().map(|leak| 0.01 / -(-leak * of_formats * plain_leak).ln_1p());
        are_lognormal(&tau.collect::<Vec<_>>(), 0.55);
    };
    all_parameters_distributed_as_fitted: [
        "neurons.excitatory.v_th_relative_sd=0.21", "neurons.excitatory.c_m_relative_sd=0.22",
        "neurons.excitatory.tau_m_relative_sd=0.55", "neurons.inhibitory.v_th_relative_sd=0.22",
        "neurons.inhibitory.c_m_relative_sd=0.34", "neurons.inhibitory.tau_m_relative_sd=0.43"
    ] |model, plain| {
        let v_th = relative(model, plain, |class| class.v_th);
        let leak = relative(model, plain, |class| class.leak);
        assert!(correlation(&v_th, &leak).abs() * (v_th.len() as f64).sqrt() < Z_CRITICAL);
        assert_eq!(model.integers.classes.len(), model.integers.n_neurons() as usize);
        assert_eq!(plain.integers.classes.len(), 1, "types differ in C_m alone, which is in the weights");
    };
    unequal_synaptic_time_constants: [
        "neurons.excitatory.tau_syn_in_ms=5", "neurons.inhibitory.tau_syn_in_ms=5"
    ] |model, plain| {
        assert!(plain.integers.has_one_current() && !model.integers.has_one_current());
        // (C/τ) ε^(−1/(1−ε)) falls by 2.5^(…): the PSP stays, so a longer current is weaker.
        let per_psp = |epsilon: f64| epsilon.powf(-1.0 / (1.0 - epsilon));
        let ratio = model.weight_ratio("precuneus IV E", "precuneus IV I");
        assert!((ratio / (per_psp(0.5) / per_psp(0.2)) - 1.0).abs() < ROUNDING, "{ratio}");
        assert!((model.weight_ratio("precuneus IV E", "precuneus IV E") / 1.0 - 1.0).abs() < ROUNDING);
    };
    initial_potentials: ["neurons.initial_v_m_mean_mv=-80", "neurons.initial_v_m_sd_mv=20"] |model, plain| {
        let potentials = |model: &Model| -> Vec<f64> {
            let network = &model.integers;
            network.initial_v_m.iter().map(|&v| network.formats.v_m_mv(v) - 70.0).collect()
        };
        for (model, mean, sd) in [(model, -80.0, 20.0), (plain, -150.0, 50.0)] {
            let found = moments(&potentials(model));
            let n = f64::from(model.integers.n_neurons());
            assert!((found.0 - mean).abs() < Z_CRITICAL * sd / n.sqrt(), "{found:?}");
            assert!((found.1 - sd).abs() < Z_CRITICAL * sd / (2.0 * n).sqrt(), "{found:?}");
        }
    };
    reset_potential: ["neurons.excitatory.v_reset_mv=-75"] |model, plain| {
        let class = |m: &Model, name: &str| m.integers.classes[m.integers.populations[m.index(name)].class];
        let formats = model.integers.formats;
        assert_eq!(formats.v_m_mv(class(model, "precuneus V E").v_reset), -5.0);
        assert_eq!(class(model, "precuneus V I").v_reset, 0);
        assert_eq!(class(plain, "precuneus V E").v_reset, 0);
    };
    refractory_period: ["neurons.inhibitory.t_ref_ms=1"] |model, _| {
        let steps = |name: &str| {
            model.integers.classes[model.integers.populations[model.index(name)].class].v_after_spike - REFRACTORY
        };
        assert_eq!((steps("precuneus V I"), steps("precuneus V E")), (10, 20));
    };
    equal_time_constants: ["neurons.inhibitory.tau_syn_ex_ms=10", "neurons.inhibitory.tau_syn_in_ms=10"]
        |model, _| {
        let near = ["neurons.inhibitory.tau_syn_ex_ms=10.0000001", "neurons.inhibitory.tau_syn_in_ms=10.0000001"];
        let near = Model::with(&near);
        let pairs = model.network.projections.iter().zip(&near.network.projections);
        assert!(pairs.clone().count() > 1000);
        for (p, q) in pairs {
            assert!((p.weight_pa / q.weight_pa - 1.0).abs() < 1e-7, "{} and {} pA", p.weight_pa, q.weight_pa);
        }
        for (p, q) in model.network.populations.iter().zip(&near.network.populations) {
            // Of the rates of theory, known to its tolerance, too.
            assert!((p.dc_pa - q.dc_pa).abs() < 1e-5 * p.dc_pa.abs().max(1.0), "{}: {} pA", p.name(), p.dc_pa);
        }
        // e C_m/τ_m a mV, over 0.4 %.
        let of_cuneus = model.population("cuneus V I").poisson.expect("a drive");
        let expected = 0.1 * std::f64::consts::E * 100.0 / 10.0 / 0.004;
        assert!((of_cuneus.weight_pa / expected - 1.0).abs() < ROUNDING, "{} pA", of_cuneus.weight_pa);
    };
    parameters_of_one_type: [
        "neurons.inhibitory.c_m_pf=150", "neurons.inhibitory.tau_m_ms=8", "neurons.inhibitory.v_th_mv=-47",
        "neurons.inhibitory.e_l_mv=-72"
    ] |model, plain| {
        let (inhibitory, excitatory) = (model.population("cuneus VI I"), model.population("cuneus VI E"));
        let neuron = inhibitory.neuron;
        assert_eq!((neuron.c_m_pf, neuron.tau_m_ms, neuron.v_th_mv, neuron.e_l_mv), (150.0, 8.0, -47.0, -72.0));
        assert_eq!(excitatory.neuron, plain.population("cuneus VI E").neuron);
    };
    lesion: [r#"manipulations=[scale_connection(from: "cuneus", to: "lingual", weight: 0.0)]"#] |model, plain| {
        // All other synapses and neurons stay as they are, one by one.
        assert_eq!(model.integers.formats, plain.integers.formats);
        let pairs = model.integers.projections.iter().zip(&plain.integers.projections);
        let others = pairs.filter(|(p, q)| p != q);
        let name = |population: usize| model.integers.populations[population].name.as_str();
        let changed: Vec<_> = others.map(|(p, _)| (area(name(p.source)), area(name(p.target)))).collect();
        assert!(changed.len() > 10 && changed.iter().all(|&pair| pair == ("cuneus", "lingual")), "{changed:?}");
        let in_lingual = |p: &Population| p.area == "lingual";
        for (p, q) in model.network.populations.iter().zip(&plain.network.populations) {
            assert!(p == q || in_lingual(p), "{}", p.name());
        }
        // The DC that stands for synapses goes with them.
        let dc = |of: &Model| of.network.populations.iter().filter(|p| in_lingual(p)).map(|p| p.dc_pa).sum::<f64>();
        assert!(dc(model) < dc(plain));
    };
    half_of_the_synapses: [r#"manipulations=[scale_connection(from: "cuneus", to: "* V", synapses: 0.5)]"#] |model, plain| {
        for (p, q) in model.network.projections.iter().zip(&plain.network.projections) {
            let (source, target) = (model.network.populations[p.source].name(), model.network.populations[p.target].name());
            let expected = if area(&source) == "cuneus" && target.contains(" V ") { 0.5 } else { 1.0 };
            // Rounded at full scale and at this one.
            assert!((p.synapses as f64 - expected * q.synapses as f64).abs() <= 1.0, "{source} to {target}");
            assert_eq!(p.weight_pa, q.weight_pa);
        }
    };
    silenced_area: [r#"manipulations=[silence(populations: "insula")]"#] |model, plain| {
        let of_insula = |neuron: u32| area(&model.integers.population_of(neuron).name) == "insula";
        let spikes = |of: &Model| of.spikes().iter().filter(|(_, neuron)| of_insula(*neuron)).count();
        assert_eq!(spikes(model), 0);
        assert!(spikes(plain) > 10);
        let others = model.integers.projections.iter().zip(&plain.integers.projections).filter(|(p, q)| p != q);
        let name = |population: usize| model.integers.populations[population].name.as_str();
        others.for_each(|(p, _)| assert!([p.source, p.target].iter().any(|&end| area(name(end)) == "insula")));
    };
    drive_of_some: [r#"manipulations=[scale_drive(populations: "* V E", rate: 1.2, weight: 0.9)]"#] |model, plain| {
        for (p, q) in model.network.populations.iter().zip(&plain.network.populations) {
            let (a, b) = (p.poisson.expect("a drive"), q.poisson.expect("a drive"));
            let is_v_e = p.layer == "V" && p.cell_type == "E";
            let (rate, weight) = if is_v_e { (1.2, 0.9) } else { (1.0, 1.0) };
            assert!((a.rate_hz / b.rate_hz / rate - 1.0).abs() < ROUNDING, "{}", p.name());
            assert!((a.weight_pa / b.weight_pa / weight - 1.0).abs() < ROUNDING, "{}", p.name());
        }
    };
    neurons_of_some: [
        r#"neurons.overrides=[(populations: "* V E", tau_m_ms: 11.0, tau_syn_ex_ms: 1.5), (populations: "cuneus V", t_ref_ms: 4.0)]"#
    ] |model, plain| {
        for (p, q) in model.network.populations.iter().zip(&plain.network.populations) {
            let mut expected = q.neuron;
            if p.layer == "V" && p.cell_type == "E" {
                (expected.tau_m_ms, expected.tau_syn_ex_ms) = (11.0, 1.5);
            }
            if p.area == "cuneus" && p.layer == "V" {
                expected.t_ref_ms = 4.0;
            }
            assert_eq!(p.neuron, expected, "{}", p.name());
        }
        assert!(model.other_weights().is_empty(), "currents stay");
    };
    chi: ["weights.chi=2.5"] |model, _| {
        let others = model.other_weights();
        assert!(others.iter().all(|(t, s)| area(t) != area(s) && s.ends_with('E')));
        for target in ["precuneus V E", "precuneus IV I"] {
            assert!((model.weight_ratio(target, "cuneus V E") / 2.5 - 1.0).abs() < ROUNDING, "{target}");
        }
    };
    chi_alone: ["weights.chi=2.5", "weights.chi_i=2"] |model, _| {
        let others = model.other_weights();
        assert!(others.iter().all(|(t, s)| area(t) != area(s) && t.ends_with('E') && s.ends_with('E')));
        assert!((model.weight_ratio("precuneus V E", "cuneus V E") / 2.5 - 1.0).abs() < ROUNDING);
    };
    chi_i: ["weights.chi_i=5"] |model, _| {
        let others = model.other_weights();
        assert!(others.iter().all(|(t, s)| area(t) != area(s) && t.ends_with('I') && s.ends_with('E')));
        assert!((model.weight_ratio("precuneus IV I", "cuneus V E") / 2.5 - 1.0).abs() < ROUNDING);
    };
    local_iv_e_to_ii_iii_e: ["weights.local_iv_e_to_ii_iii_e=1"] |model, _| {
        assert!((model.weight_ratio("precuneus II/III E", "precuneus IV E") / 0.5 - 1.0).abs() < ROUNDING);
        let is_it = |(t, s): &(String, String)| area(t) == area(s) && t.ends_with("II/III E") && s.ends_with("IV E");
        assert!(model.other_weights().iter().all(is_it));
    };
    local_v_e_to_i: ["weights.local_v_e_to_i=1.5"] |model, _| {
        assert!((model.weight_ratio("precuneus IV I", "precuneus V E") / 1.5 - 1.0).abs() < ROUNDING);
        let is_it = |(t, s): &(String, String)| area(t) == area(s) && t.ends_with('I') && s.ends_with(" V E");
        assert!(model.other_weights().iter().all(is_it));
    };
    local_e_to_i: ["weights.local_e_to_i=1.5"] |model, _| {
        assert!((model.weight_ratio("precuneus IV I", "precuneus II/III E") / 1.5 - 1.0).abs() < ROUNDING);
        let is_it = |(t, s): &(String, String)| area(t) == area(s) && t.ends_with('I') && s.ends_with('E');
        assert!(model.other_weights().iter().all(is_it));
    };
    inhibitory_strength: ["weights.g=-4"] |model, _| {
        assert!((model.weight_ratio("precuneus IV E", "precuneus V I") - 0.8).abs() < ROUNDING);
        assert!(model.other_weights().iter().all(|(_, source)| source.ends_with('I')));
    };
    spread_of_weights: ["weights.relative_sd=0.3"] |model, plain| {
        let spread = |model: &Model| {
            let table = &model.integers.tables[model.integers.projections[0].weight_table];
            moments(&table.quantiles().map(|q| table.factor(q)).collect::<Vec<f64>>()).1
        };
        assert!((spread(model) / spread(plain) - 3.0).abs() < 0.01, "{}", spread(model) / spread(plain));
    };
    surface_area: ["anatomy.surface_area_mm2=2"] |model, plain| {
        let all = |model: &Model| neurons_of(&model.full, |_| true) as f64;
        // Layers of more than 2,500 neurons now stay, four in all.
        let kept = |model: &Model| neurons_of(&model.full, |name| area(name) == P) as f64;
        assert!((kept(model) / kept(plain) - 2.0).abs() < 1e-4);
        assert!(all(model) > 2.0 * all(plain));
    };
    fewest_neurons_of_a_layer: ["anatomy.min_neurons_per_layer=1"] |model, plain| {
        let count = |model: &Model, name: &str| model.full.populations.iter().filter(|p| p.name() == name).count();
        for layer in ["caudalmiddlefrontal IV", "lateraloccipital IV", "parsorbitalis IV", "parahippocampal VI"] {
            let name = format!("{layer} E");
            assert_eq!((count(plain, &name), count(model, &name)), (0, 1), "{name}");
        }
    };
    layers_smaller_than_layer_1: ["anatomy.remove_smaller_layer_1=true", "anatomy.min_neurons_per_layer=1"]
        |model, plain| {
        let with_all = Model::with(&["anatomy.min_neurons_per_layer=1"]);
        let dropped = with_all.full.populations.len() - model.full.populations.len();
        assert!(dropped > 0, "no layer is smaller than layer I");
        let names = |model: &Model| model.full.populations.iter().map(Population::name).collect::<Vec<_>>();
        let kept = names(model);
        let small = |name: &String| {
            let population = with_all.full.populations.iter().find(|p| p.name() == *name).expect("a population");
            population.neurons
        };
        let largest = names(&with_all).iter().filter(|name| !kept.contains(name)).map(small).max();
        assert!(largest < Some(20_000), "{largest:?} neurons are more than layer I has anywhere");
        assert!(plain.full.populations.len() == 254);
    };
    hemisphere: ["anatomy.hemisphere=left"] |model, plain| {
        let inside = |network: &NetworkSpec, within: bool| -> u64 {
            let area = |population: usize| &network.populations[population].area;
            let chosen = network.projections.iter().filter(|p| (area(p.source) == area(p.target)) == within);
            chosen.map(|p| p.synapses % 1_000_003).sum()
        };
        assert_eq!(inside(&model.full, true), inside(&plain.full, true), "areas stay as they are");
        assert_ne!(inside(&model.full, false), inside(&plain.full, false));
    };
    excitatory_fractions: ["anatomy.excitatory_fraction=binzegger_2004"] |model, plain| {
        let excitatory = |model: &Model, layer: &str| {
            let of = |cell_type: &str| neurons_of(&model.full, |name| name == format!("{P} {layer} {cell_type}"));
            of("E") as f64 / (of("E") + of("I")) as f64
        };
        // Neurons of the microcircuit, whose source is Binzegger et al. 2004: 20,683 E and 5,834 I in
        // L2/3, 21,915 and 5,479 in L4.
        assert!((excitatory(model, "II/III") - 20_683.0 / 26_517.0).abs() < 2e-3, "{}", excitatory(model, "II/III"));
        assert!((excitatory(model, "IV") - 21_915.0 / 27_394.0).abs() < 2e-3, "{}", excitatory(model, "IV"));
        assert!((excitatory(plain, "II/III") - excitatory(model, "II/III")).abs() > 0.01);
    };
    dc_drive: [r#"drive.dc=[{"populations":"precuneus","amplitude_pa":30},{"populations":"* * I","amplitude_pa":-10}]"#]
        |model, plain| {
        // The DC of down-scaling follows from the theory of the network with it.
        for (p, q) in model.full.populations.iter().zip(&plain.full.populations) {
            let more = if p.area == P { 30.0 } else { 0.0 } - if p.cell_type == "I" { 10.0 } else { 0.0 };
            assert!((p.dc_pa - q.dc_pa - more).abs() < 1e-9, "{}", p.name());
        }
    };
    external_drive: ["drive.eta=1.2", "drive.v_e_factor=1.1", "drive.vi_e_factor=1.2", "drive.relative_sd=0.2"]
        |model, plain| {
        for (p, q) in model.network.populations.iter().zip(&plain.network.populations) {
            let (Some(drive), Some(of_plain)) = (p.poisson, q.poisson) else { continue };
            let factor = match (p.layer.as_str(), p.cell_type.as_str()) {
                ("V", "E") => 1.1 / 1.05,
                ("VI", "E") => 1.2 / 1.15,
                _ => 1.0,
            };
            assert!((drive.weight_pa / of_plain.weight_pa / factor - 1.0).abs() < ROUNDING, "{}", p.name());
            assert!((drive.rate_hz / of_plain.rate_hz - 1.2 / 1.1).abs() < ROUNDING, "{}", p.name());
            assert_eq!(drive.relative_sd, 0.2);
        }
    };
    finer_resolution: ["simulation.dt_ms=0.05"] |model, plain| {
        let leak = |m: &Model| f64::from(m.integers.classes[0].leak) / 2f64.powi(32);
        assert!((leak(model) + (-0.05f64 / 10.0).exp_m1()).abs() < 1e-9);
        assert!((leak(plain) + (-0.1f64 / 10.0).exp_m1()).abs() < 1e-9);
        assert_eq!(model.integers.classes[0].v_after_spike - REFRACTORY, 40);
        assert_eq!(model.network, plain.network, "the network knows nothing of the grid");
    };
    coarser_resolution: ["simulation.dt_ms=0.5"] |model, _| {
        assert_eq!(model.integers.classes[0].v_after_spike - REFRACTORY, 4);
        let local = delays(model, |t, s| area(t) == area(s) && s.ends_with('I'));
        let mean_ms = 0.5 * moments(&local).0;
        // Of mean 0.75 ms before rounding to steps of 0.5 ms; what is below a step is one.
        assert!((0.75..0.85).contains(&mean_ms), "{mean_ms}");
    };
}
