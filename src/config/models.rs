//! Which keys belong to which model, and which areas are simulated.

use super::{Config, keys};
use crate::model::anatomy::area_called;
use crate::model::{ModelKind, Weights};
use crate::rules::Check;

/// Sections and keys of the human model alone, but for some keys. All that is neither here nor in
/// `microcircuit` belongs to all models.
const HUMAN: [&str; 8] =
    ["areas", "replace_missing_areas", "anatomy", "connectivity", "neurons", "weights", "delays", "drive"];
/// Keys in these sections that the microcircuit has too: its table is one of the tables.
const OF_MICROCIRCUIT: [&str; 6] = [
    "anatomy.tables",
    "connectivity.rule",
    "connectivity.p_transmit",
    "drive.dc",
    "neurons.overrides",
    "neurons.separate_currents",
];
/// Those that a network of one's own has.
const OF_NETWORK: [&str; 3] = ["drive.dc", "neurons.overrides", "neurons.separate_currents"];

impl Check {
    pub(super) fn areas(&mut self, areas: Option<&[String]>) {
        let Some(areas) = areas else { return };
        let remedy = "name areas, or leave it out to take all";
        self.require(!areas.is_empty(), "areas", format!("{areas:?}"), "names no area", remedy);
        self.named_once("areas", areas);
    }

    /// No area stands twice in a list of areas.
    pub(super) fn named_once(&mut self, key: &str, areas: &[String]) {
        let is_twice = |(at, name): (usize, &String)| areas[..at].contains(name);
        let twice = areas.iter().enumerate().any(is_twice);
        self.refuse(twice, key, format!("{areas:?}"), "names an area twice", "name each area once");
    }

    /// Selectors of populations begin with the model's own names of areas, and not with others that the field has.
    pub(super) fn names_of_areas(&mut self, config: &Config) {
        let recording = &config.recording;
        let kept = recording.populations.iter().flatten().enumerate();
        let kept = kept.map(|(index, selector)| (format!("recording.populations[{index}]"), selector));
        let voltmeters = recording.voltmeter.iter().enumerate();
        let metered = voltmeters
            .map(|(index, meter)| (format!("recording.voltmeter[{index}].populations"), &meter.populations));
        let averaged = recording.means.iter();
        let averaged = averaged.map(|means| ("recording.means.populations".to_owned(), &means.populations));
        let stimuli = config.stimuli.iter().enumerate();
        let stimulated = stimuli.map(|(index, stimulus)| {
            (format!("{}.populations", stimulus.name(index)), stimulus.populations())
        });
        let driven = config.drive.dc.iter().map(|dc| ("drive.dc".to_owned(), &dc.populations));
        let manipulations = config.manipulations.iter().enumerate().flat_map(|(index, manipulation)| {
            let name = manipulation.name(index);
            let selectors = manipulation.selectors().into_iter();
            selectors.map(move |(key, selector)| (format!("{name}.{key}"), selector))
        });
        let overrides = config.neurons.overrides.iter().enumerate();
        let overridden = overrides
            .map(|(index, change)| (format!("neurons.overrides[{index}].populations"), &change.populations));
        let all = kept
            .chain(metered)
            .chain(averaged)
            .chain(stimulated)
            .chain(driven)
            .chain(manipulations)
            .chain(overridden);
        for (key, selector) in all {
            let Some(first) = selector.0.split_whitespace().next() else { continue };
            let Some(area) = area_called(first).filter(|area| *area != first) else { continue };
            let rest = selector.0.split_whitespace().skip(1);
            let renamed: Vec<&str> = std::iter::once(area).chain(rest).collect();
            let remedy = format!("write \"{}\"", renamed.join(" "));
            self.refuse(true, key, format!("\"{selector}\""), "has another name for an area", remedy);
        }
    }

    /// Keys that the model knows nothing of must keep their defaults: what they say would be lost.
    pub(super) fn keys_of_other_models(&mut self, config: &Config) {
        let model = match config.model {
            ModelKind::Human => "human",
            ModelKind::Microcircuit => "microcircuit",
            ModelKind::Network(_) => "network",
            ModelKind::Imported => "imported",
        };
        let belongs_to_other = |key: &str| {
            let section = key.split('.').next().unwrap_or(key);
            let of_human = HUMAN.contains(&section);
            match config.model {
                ModelKind::Human => section == "microcircuit",
                ModelKind::Microcircuit => of_human && !OF_MICROCIRCUIT.contains(&key),
                ModelKind::Network(_) => section == "microcircuit" || of_human && !OF_NETWORK.contains(&key),
                ModelKind::Imported => {
                    of_human || ["microcircuit", "scaling", "theory", "stimuli"].contains(&section)
                }
            }
        };
        // A saved run has written down the χ_I that its user has left out.
        let left_out = Weights { chi_i: None, ..config.weights.clone() };
        let weights = if config.weights == left_out.resolved() { left_out } else { config.weights.clone() };
        let tree = keys::tree(&Config { weights, ..config.clone() });
        for key in keys::all().iter().filter(|key| belongs_to_other(key)) {
            let Some(value) = keys::at(&tree, key).filter(|value| !value.is_object()) else { continue };
            let differs = keys::default_value(key) != Some(value);
            let rule = format!("belongs to another model than model = {model}");
            let owner = if key.starts_with("microcircuit") { "microcircuit" } else { "human" };
            self.refuse(differs, key, value, rule, format!("take it out, or set model = {owner}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::origins::Origins;
    use super::super::{Override, overrides, validation};
    use super::*;

    /// Keys that are reported where `assignments` change the defaults.
    fn reported(assignments: &[&str]) -> Vec<String> {
        let overrides: Vec<Override> = assignments.iter().map(|text| Override::set(text).unwrap()).collect();
        let config = overrides::apply(Config::default(), &overrides, &mut Origins::default()).unwrap();
        validation::violations(&config).into_iter().map(|violation| violation.key).collect()
    }

    #[test]
    fn keys_of_the_other_model_are_refused_unless_they_keep_their_defaults() {
        let human = [
            "areas=[\"cuneus\"]",
            "replace_missing_areas=none",
            "anatomy.hemisphere=left",
            "connectivity.lambda_um=150",
            "neurons.excitatory.c_m_pf=200",
            "weights.chi=2.5",
            "delays.relative_sd=0.4",
            "drive.eta=1.2",
        ];
        for set in human {
            let key = set.split('=').next().unwrap();
            assert_eq!(reported(&["model=microcircuit", set]), [key], "{set}");
            assert_eq!(reported(&[set]), [""; 0], "{set}");
        }
        assert_eq!(reported(&["microcircuit.g=-5"]), ["microcircuit.g"]);
        assert_eq!(reported(&["microcircuit.g=-5", "model=microcircuit"]), [""; 0]);
        for shared in [
            "weights.chi=1",
            "weights.chi_i=2",
            "scaling.n_scaling=0.1",
            "anatomy.tables=a",
            "theory.pseudo_time=9",
            "connectivity.rule=fixed_indegree",
            "connectivity.p_transmit=0.5",
        ] {
            assert_eq!(reported(&["model=microcircuit", shared]), [""; 0], "{shared}");
        }
    }

    #[test]
    fn values_of_the_microcircuit_are_checked() {
        for set in [
            "microcircuit.neuron.tau_m_ms=0",
            "microcircuit.initial_v_m_sd_mv=[1,1,1,-1,1,1,1,1]",
            "microcircuit.psp_mv=0",
            "microcircuit.g=4",
            "microcircuit.delay_inhibitory_ms=0.05",
            "microcircuit.delay_relative_sd=2",
            "microcircuit.background_rate_hz=-1",
        ] {
            let key = set.split('=').next().unwrap();
            let found = reported(&["model=microcircuit", set]);
            assert!(
                found.iter().all(|found| found.starts_with(key.rsplit_once('.').unwrap().0)),
                "{found:?}"
            );
            assert!(!found.is_empty(), "{set}");
            assert_eq!(reported(&[set]), [key], "{set}");
        }
    }

    #[test]
    fn what_the_other_model_could_not_run_with_does_not_matter() {
        let coarse = ["simulation.dt_ms=1", "delays.local_inhibitory_ms=1"];
        assert_eq!(reported(&coarse), [""; 0]);
        let coarse = ["model=microcircuit", "simulation.dt_ms=1", "microcircuit.delay_inhibitory_ms=1"];
        assert_eq!(reported(&coarse), [""; 0]);
        assert_eq!(reported(&coarse[..2]), ["microcircuit.delay_inhibitory_ms"]);
    }

    #[test]
    fn other_names_of_areas_in_selectors_are_refused_with_the_model_s_own() {
        for (set, key) in [
            ("recording.populations=[\"*\", \"V1 V E\"]", "recording.populations[1]"),
            (
                "recording.voltmeter=[(populations: \"V1 V E\", neurons: 1)]",
                "recording.voltmeter[0].populations",
            ),
            (
                "stimuli=[spike(populations: \"V1 V E\", time_ms: 1.0, psp_mv: 1.0)]",
                "stimuli[0].spike.populations",
            ),
            ("drive.dc=[(populations: \"V1 V E\", amplitude_pa: 1.0)]", "drive.dc"),
        ] {
            assert_eq!(reported(&[set]), [key], "{set}");
            assert_eq!(reported(&[&set.replace("V1 V", "pericalcarine V")]), [""; 0], "{set}");
        }
        let set = Override::set("recording.populations=[\"V1 V E\", \"FUS\"]").unwrap();
        let config = overrides::apply(Config::default(), &[set], &mut Origins::default()).unwrap();
        let remedies = validation::violations(&config).into_iter().map(|violation| violation.remedy);
        let expected =
            ["write \"pericalcarine V E\"", "write \"fusiform\""].map(|text| Some(text.to_owned()));
        assert_eq!(remedies.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn areas_are_named_once_and_at_least_one() {
        assert_eq!(reported(&["areas=[]"]), ["areas"]);
        assert_eq!(reported(&["areas=[\"cuneus\",\"insula\",\"cuneus\"]"]), ["areas"]);
        assert_eq!(reported(&["areas=[\"cuneus\",\"insula\"]"]), [""; 0]);
    }
}
