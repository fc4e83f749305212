//! What values the program can run with. All problems are reported at once.

use super::Config;
use crate::model::anatomy::Connectivity;
use crate::model::network::{NeuronOverride, NeuronParameters, Scaling};
use crate::model::theory::Theory;
use crate::model::{DcDrive, Delays, Drive, Microcircuit, ModelKind, Weights};
use crate::rules::{Check, Violation};
use crate::telling;

/// Largest relative standard deviation of a weight: beyond it clipping at 0 moves the mean by more
/// than a tenth.
const LARGEST_WEIGHT_SD: f64 = 1.0;
/// Largest relative standard deviation of a delay whose quantiles fit their table.
const LARGEST_DELAY_SD: f64 = 1.5;
/// Largest relative standard deviation of a neuron parameter: beyond it the fastest neurons of a
/// lognormal distribution are faster than any resolution that is worth simulating.
const LARGEST_PARAMETER_SD: f64 = 1.0;
/// Steps of a delay that its integer can hold.
const MAX_DELAY_STEPS: f64 = 1_048_575.0;
/// Steps of the refractory period that the integer neuron can count.
const MAX_REFRACTORY_STEPS: f64 = 1_048_574.0;
/// Everything in `config` that the program cannot run with.
pub(super) fn violations(config: &Config) -> Vec<Violation> {
    let mut check = Check::default();
    check.name(config.name.as_deref());
    // The sections of the other model have their defaults, or are refused for it.
    match config.model {
        ModelKind::Human => {
            check.human_model(config);
            check.names_of_areas(config);
        }
        ModelKind::Microcircuit => check.microcircuit(&config.microcircuit, config.simulation.dt_ms),
        // Its file is checked when it is read.
        ModelKind::Network(_) | ModelKind::Imported => {}
    }
    check.p_transmit(config.connectivity.p_transmit);
    check.dc(&config.drive.dc);
    check.overrides(&config.neurons.overrides, config.simulation.dt_ms);
    check.manipulations(&config.manipulations);
    check.scaling(&config.scaling);
    check.theory(&config.theory);
    check.arithmetic(&config.arithmetic);
    check.simulation(&config.simulation);
    check.stimuli(&config.stimuli, &config.simulation);
    check.recording(&config.recording, config.simulation.dt_ms);
    check.engine(&config.engine);
    check.analysis(&config.analysis, config.simulation.dt_ms);
    check.keys_of_other_models(config);
    check.violations
}

impl Check {
    fn name(&mut self, name: Option<&str>) {
        let Some(name) = name else { return };
        let is_usable = |c: char| telling::is_seen(c) && !r#"/\:*?"<>|"#.contains(c);
        let holds = !name.trim().is_empty()
            && name.chars().all(is_usable)
            && !name.starts_with('.')
            && !name.ends_with(['.', ' '])
            && name.len() <= 100;
        let rule = "cannot name a folder";
        let remedy = "use letters, digits, `_` and `-`, at most 100 characters";
        self.require(holds, "name", format!("{name:?}"), rule, remedy);
    }

    fn human_model(&mut self, config: &Config) {
        let dt_ms = config.simulation.dt_ms;
        self.areas(config.areas.as_deref());
        self.above_zero("anatomy.surface_area_mm2", config.anatomy.surface_area_mm2);
        self.connectivity(&config.connectivity);
        self.neuron("neurons.excitatory", &config.neurons.excitatory, dt_ms);
        self.neuron("neurons.inhibitory", &config.neurons.inhibitory, dt_ms);
        self.finite("neurons.initial_v_m_mean_mv", config.neurons.initial_v_m_mean_mv);
        self.not_negative("neurons.initial_v_m_sd_mv", config.neurons.initial_v_m_sd_mv);
        self.weights(&config.weights);
        self.delays(&config.delays, dt_ms);
        self.drive(&config.drive);
    }

    fn connectivity(&mut self, c: &Connectivity) {
        self.above_zero("connectivity.synapse_density_per_mm3", c.synapse_density_per_mm3);
        self.between("connectivity.fln_within_area", c.fln_within_area, 1.0);
        self.between("connectivity.feedback_onto_excitatory", c.feedback_onto_excitatory, 1.0);
        self.between("connectivity.sln_feedforward", c.sln_feedforward, 1.0);
        self.between("connectivity.sln_feedback", c.sln_feedback, 1.0);
        self.refuse(
            c.sln_feedback > c.sln_feedforward,
            "connectivity.sln_feedback",
            c.sln_feedback,
            format!("is above connectivity.sln_feedforward = {}", c.sln_feedforward),
            "feedback lies below feedforward: lower it or raise connectivity.sln_feedforward",
        );
        self.finite("connectivity.sln_a0", c.sln_a0);
        self.finite("connectivity.sln_a1", c.sln_a1);
        self.above_zero("connectivity.lambda_um", c.lambda_um);
    }

    fn p_transmit(&mut self, p_transmit: f64) {
        let rule = "must lie above 0 and be at most 1";
        self.like_default(p_transmit > 0.0 && p_transmit <= 1.0, "connectivity.p_transmit", p_transmit, rule);
    }

    fn dc(&mut self, dc: &[DcDrive]) {
        for DcDrive { populations, amplitude_pa } in dc {
            let remedy = "give the current in pA";
            let rule = format!("of `{populations}` is no finite number");
            self.require(amplitude_pa.is_finite(), "drive.dc", amplitude_pa, rule, remedy);
            let remedy = "name populations, such as \"precuneus II/III E\", or \"*\" for all";
            self.refuse(populations.is_empty(), "drive.dc", "\"\"", "chooses no population", remedy);
        }
    }

    fn neuron(&mut self, section: &str, n: &NeuronParameters, dt_ms: f64) {
        let key = |name: &str| format!("{section}.{name}");
        n.values().into_iter().for_each(|(name, value)| self.neuron_value(key(name), name, value, dt_ms));
        self.below_threshold(key("v_reset_mv"), n.v_reset_mv, n.v_th_mv, "the neuron would spike for ever");
        self.below_threshold(key("e_l_mv"), n.e_l_mv, n.v_th_mv, "the neuron would spike without input");
    }

    /// A parameter by itself.
    fn neuron_value(&mut self, key: String, name: &str, value: f64, dt_ms: f64) {
        match name {
            "e_l_mv" | "v_th_mv" | "v_reset_mv" => self.finite(key, value),
            "v_th_relative_sd" | "c_m_relative_sd" | "tau_m_relative_sd" => {
                self.between(key, value, LARGEST_PARAMETER_SD);
            }
            "t_ref_ms" => {
                self.not_negative(&key, value);
                self.on_grid(&key, value, dt_ms);
                let rule = format!("is more than {MAX_REFRACTORY_STEPS} steps of simulation.dt_ms = {dt_ms}");
                self.refuse(value / dt_ms > MAX_REFRACTORY_STEPS, key, value, rule, "shorten it");
            }
            _ => self.above_zero(key, value),
        }
    }

    /// Overrides as they are written; what they make of a neuron is told with its population.
    fn overrides(&mut self, overrides: &[NeuronOverride], dt_ms: f64) {
        for (index, change) in overrides.iter().enumerate() {
            let key = |name: &str| format!("neurons.overrides[{index}].{name}");
            self.selector(&key("populations"), &change.populations);
            for (name, value) in change.values() {
                self.neuron_value(key(name), name, value, dt_ms);
            }
            let remedy = "give a parameter, or take the override out";
            self.refuse(
                change.values().is_empty(),
                key("populations"),
                &change.populations,
                "changes nothing",
                remedy,
            );
        }
    }

    fn below_threshold(&mut self, key: String, v_mv: f64, v_th_mv: f64, why: &str) {
        let rule = format!("is not below v_th_mv = {v_th_mv}");
        self.refuse(v_mv >= v_th_mv, key, v_mv, rule, format!("{why}: lower it or raise v_th_mv"));
    }

    fn weights(&mut self, w: &Weights) {
        self.above_zero("weights.psp_mv", w.psp_mv);
        self.like_default(
            w.g.is_finite() && w.g <= 0.0,
            "weights.g",
            w.g,
            "must be finite and at most 0: it makes inhibition negative",
        );
        self.between("weights.relative_sd", w.relative_sd, LARGEST_WEIGHT_SD);
        self.not_negative("weights.chi", w.chi);
        if let Some(chi_i) = w.chi_i {
            self.not_negative("weights.chi_i", chi_i);
        }
        self.not_negative("weights.local_iv_e_to_ii_iii_e", w.local_iv_e_to_ii_iii_e);
        self.not_negative("weights.local_v_e_to_i", w.local_v_e_to_i);
        self.not_negative("weights.local_e_to_i", w.local_e_to_i);
    }

    fn delays(&mut self, d: &Delays, dt_ms: f64) {
        self.mean_delay("delays.local_excitatory_ms", d.local_excitatory_ms, dt_ms);
        self.mean_delay("delays.local_inhibitory_ms", d.local_inhibitory_ms, dt_ms);
        self.above_zero("delays.conduction_velocity_mm_per_ms", d.conduction_velocity_mm_per_ms);
        self.between("delays.relative_sd", d.relative_sd, LARGEST_DELAY_SD);
        self.not_negative("delays.cc_min_ms", d.cc_min_ms);
        self.on_grid("delays.cc_min_ms", d.cc_min_ms, dt_ms);
        let rule = format!("is more than {MAX_DELAY_STEPS} steps of simulation.dt_ms = {dt_ms}");
        self.refuse(d.cc_min_ms / dt_ms > MAX_DELAY_STEPS, "delays.cc_min_ms", d.cc_min_ms, rule, "lower it");
    }

    fn mean_delay(&mut self, key: &str, mean_ms: f64, dt_ms: f64) {
        self.above_zero(key, mean_ms);
        let rule = format!("is below simulation.dt_ms = {dt_ms}");
        let remedy = "raise it to at least one step or lower simulation.dt_ms";
        self.refuse(mean_ms > 0.0 && mean_ms < dt_ms, key, mean_ms, rule, remedy);
    }

    fn drive(&mut self, d: &Drive) {
        self.not_negative("drive.eta", d.eta);
        self.above_zero("drive.psp_mv", d.psp_mv);
        self.between("drive.relative_sd", d.relative_sd, LARGEST_WEIGHT_SD);
        self.not_negative("drive.v_e_factor", d.v_e_factor);
        self.not_negative("drive.vi_e_factor", d.vi_e_factor);
    }

    fn microcircuit(&mut self, m: &Microcircuit, dt_ms: f64) {
        self.neuron("microcircuit.neuron", &m.neuron, dt_ms);
        for mean_mv in m.initial_v_m_mean_mv {
            self.finite("microcircuit.initial_v_m_mean_mv", mean_mv);
        }
        for sd_mv in m.initial_v_m_sd_mv {
            self.not_negative("microcircuit.initial_v_m_sd_mv", sd_mv);
        }
        self.above_zero("microcircuit.psp_mv", m.psp_mv);
        let rule = "must be finite and at most 0: it makes inhibition negative";
        self.like_default(m.g.is_finite() && m.g <= 0.0, "microcircuit.g", m.g, rule);
        self.not_negative("microcircuit.l4_e_to_l23_e", m.l4_e_to_l23_e);
        self.between("microcircuit.weight_relative_sd", m.weight_relative_sd, LARGEST_WEIGHT_SD);
        self.mean_delay("microcircuit.delay_excitatory_ms", m.delay_excitatory_ms, dt_ms);
        self.mean_delay("microcircuit.delay_inhibitory_ms", m.delay_inhibitory_ms, dt_ms);
        self.between("microcircuit.delay_relative_sd", m.delay_relative_sd, LARGEST_DELAY_SD);
        self.not_negative("microcircuit.background_rate_hz", m.background_rate_hz);
    }

    fn scaling(&mut self, s: &Scaling) {
        for (key, scale) in [("scaling.n_scaling", s.n_scaling), ("scaling.k_scaling", s.k_scaling)] {
            let rule = "must lie above 0 and be at most 1";
            self.like_default(scale > 0.0 && scale <= 1.0, key, scale, rule);
        }
    }

    fn theory(&mut self, t: &Theory) {
        self.not_negative("theory.initial_rate_hz", t.initial_rate_hz);
        self.above_zero("theory.pseudo_time", t.pseudo_time);
        self.above_zero("theory.max_pseudo_time", t.max_pseudo_time);
        self.refuse(
            t.max_pseudo_time < t.pseudo_time,
            "theory.max_pseudo_time",
            t.max_pseudo_time,
            format!("is below theory.pseudo_time = {}", t.pseudo_time),
            "raise it",
        );
        self.above_zero("theory.tolerance_hz", t.tolerance_hz);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Override;
    use super::super::origins::Origins;
    use super::*;
    use crate::model::network::PopulationSelector;

    /// Keys that are reported where `assignments` change the defaults.
    fn reported(assignments: &[&str]) -> Vec<String> {
        let overrides: Vec<Override> = assignments.iter().map(|text| Override::set(text).unwrap()).collect();
        let config = super::super::overrides::apply(Config::default(), &overrides, &mut Origins::default());
        violations(&config.unwrap()).into_iter().map(|violation| violation.key).collect()
    }

    #[test]
    fn the_defaults_are_valid() {
        assert_eq!(violations(&Config::default()), []);
    }

    #[test]
    fn values_out_of_range_are_reported_by_key() {
        let cases = [
            "scaling.n_scaling=0",
            "scaling.k_scaling=1.5",
            "neurons.excitatory.tau_m_ms=-10",
            "neurons.inhibitory.c_m_pf=0",
            "neurons.excitatory.v_reset_mv=-45",
            "neurons.excitatory.e_l_mv=-40",
            "neurons.inhibitory.t_ref_ms=-0.1",
            "neurons.inhibitory.t_ref_ms=1e9",
            "neurons.excitatory.t_ref_ms=2.04",
            "neurons.initial_v_m_sd_mv=-1",
            "delays.local_inhibitory_ms=0.05",
            "delays.local_excitatory_ms=0",
            "delays.conduction_velocity_mm_per_ms=0",
            "delays.relative_sd=1.6",
            "delays.cc_min_ms=-1",
            "delays.cc_min_ms=1e6",
            "connectivity.p_transmit=0",
            "connectivity.p_transmit=1.1",
            "neurons.excitatory.v_th_relative_sd=-0.1",
            "neurons.inhibitory.c_m_relative_sd=1.1",
            "neurons.inhibitory.tau_m_relative_sd=2",
            "drive.dc=[{\"populations\":\"\",\"amplitude_pa\":1}]",
            "weights.chi=-0.5",
            "weights.chi_i=-0.5",
            "weights.g=1",
            "weights.psp_mv=0",
            "weights.relative_sd=1.1",
            "drive.eta=-1",
            "drive.psp_mv=0",
            "connectivity.fln_within_area=1.01",
            "connectivity.synapse_density_per_mm3=0",
            "connectivity.lambda_um=0",
            "anatomy.surface_area_mm2=0",
            "theory.tolerance_hz=0",
            "theory.max_pseudo_time=5",
            "arithmetic.v_m_bits=27",
            "simulation.duration_ms=0",
            "simulation.duration_ms=10.05",
            "simulation.duration_ms=1e9",
            "simulation.statistics_from_ms=-1",
            "simulation.statistics_from_ms=500.05",
            "engine.threads=0",
            "engine.shards=0",
            "engine.batch_steps=0",
            "engine.history_spikes=0",
            "engine.checkpoint_every_ms=0",
            "engine.gpu_memory_gib=0",
            "analysis.from_ms=-1",
            "analysis.bin_ms=0.25",
            "analysis.min_spikes=2",
            "analysis.correlation_neurons=1",
            "analysis.pair_neurons=0",
            "analysis.welch_window_ms=1",
            "analysis.louvain_resolution=0",
            "analysis.experiment_from_ms=-1",
            "analysis.raster_to_ms=500",
            "analysis.raster_neurons=0",
            "analysis.raster_fraction=0",
            "analysis.raster_fraction=1.1",
            "analysis.response_baseline_ms=0",
            "analysis.response_ms=0.25",
            "analysis.response_alpha=1",
            "analysis.raster_areas=[\"cuneus\", \"cuneus\"]",
            "analysis.raster_areas=[\"V1\"]",
            "analysis.trace_areas=[\"cuneus\", \"cuneus\"]",
            "analysis.trace_areas=[\"\"]",
            "name=a/b",
            "name=..",
        ];
        for case in cases {
            let key = case.split('=').next().unwrap();
            assert_eq!(reported(&[case]), [key], "{case}");
        }
    }

    #[test]
    fn an_unknown_area_of_a_figure_is_told_with_the_one_that_is_meant() {
        let change = Override::set("analysis.trace_areas=[\"cuneus\", \"V1\"]").unwrap();
        let config = super::super::overrides::apply(Config::default(), &[change], &mut Origins::default());
        let found = violations(&config.unwrap());
        let [violation] = found.as_slice() else { panic!("{found:?}") };
        let text = format!("{violation:?}");
        assert!(
            text.contains("V1") && text.contains("`pericalcarine`") && !text.contains("cuneus"),
            "{text}"
        );
    }

    #[test]
    fn values_that_contradict_each_other_are_reported() {
        assert_eq!(reported(&["connectivity.sln_feedback=0.7"]), ["connectivity.sln_feedback"]);
        assert_eq!(
            reported(&["arithmetic.weight_bits=20", "arithmetic.current_bits=19"]),
            ["arithmetic.weight_bits"]
        );
        assert_eq!(reported(&["simulation.dt_ms=1"]), ["delays.local_inhibitory_ms"]);
    }

    #[test]
    fn all_problems_are_reported_at_once() {
        let keys = reported(&["scaling.n_scaling=0", "weights.chi=-1", "engine.threads=0"]);
        assert_eq!(keys, ["weights.chi", "scaling.n_scaling", "engine.threads"]);
    }

    #[test]
    fn numbers_that_are_none_are_reported() {
        let mut config = Config::default();
        config.weights.chi = f64::NAN;
        config.drive.eta = f64::INFINITY;
        let keys = |config: &Config| violations(config).into_iter().map(|v| v.key).collect::<Vec<_>>();
        assert_eq!(keys(&config), ["weights.chi", "drive.eta"]);
        assert_eq!(reported(&["weights.chi=inf", "drive.eta=NaN"]), ["weights.chi", "drive.eta"]);
        let mut config = Config::default();
        config.weights.chi_i = Some(f64::NAN);
        config.drive.dc =
            vec![DcDrive { populations: PopulationSelector("*".into()), amplitude_pa: f64::NAN }];
        assert_eq!(keys(&config), ["weights.chi_i", "drive.dc"]);
    }

    #[test]
    fn durations_on_the_grid_are_multiples_of_any_step() {
        for (duration_ms, dt_ms) in [("2000", "0.1"), ("1000000", "0.1"), ("0.3", "0.1"), ("100.8", "0.05")] {
            let changes =
                [format!("simulation.duration_ms={duration_ms}"), format!("simulation.dt_ms={dt_ms}")];
            assert_eq!(reported(&[&changes[0], &changes[1]]), [""; 0], "{changes:?}");
        }
    }
}
