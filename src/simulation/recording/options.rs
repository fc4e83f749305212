//! Options of recordings: what of a run is kept.

use crate::model::network::PopulationSelector;
use crate::rules::Check;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// What of a run is kept. Nothing here changes a spike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recording {
    /// Populations whose spikes are kept; `None` keeps all, an empty list none.
    pub populations: Option<Vec<PopulationSelector>>,
    /// Whether the number of spikes of every population in bins of time is kept, of all populations
    /// whatever `populations` says.
    pub spike_counts: bool,
    /// Bins of these numbers, ms; whole steps.
    pub counts_bin_ms: f64,
    /// Membrane potentials and synaptic currents of some neurons.
    pub voltmeter: Vec<Voltmeter>,
    /// Mean membrane potentials and synaptic currents of populations; `None` records none.
    pub means: Option<Means>,
}

/// Records means over all neurons of populations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Means {
    /// Populations.
    pub populations: PopulationSelector,
    /// Time between two samples, ms; whole steps. The first is taken one interval after 0.
    #[serde(default = "nest_interval_ms")]
    pub interval_ms: f64,
}

/// Records membrane potential and synaptic currents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voltmeter {
    /// Populations.
    pub populations: PopulationSelector,
    /// The first so many neurons of each of them; `None` if `indices` chooses them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neurons: Option<u32>,
    /// Neurons of each of them, numbered within it from 0; `None` if `neurons` chooses them. A population without
    /// neurons has none of them; any other must have all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indices: Option<Vec<u32>>,
    /// Time between two samples, ms; whole steps. The first is taken one interval after 0 (NEST: 1).
    #[serde(default = "nest_interval_ms")]
    pub interval_ms: f64,
}

fn nest_interval_ms() -> f64 {
    1.0
}

impl Default for Recording {
    fn default() -> Self {
        let (populations, voltmeter, means) = (None, Vec::new(), None);
        Self { populations, spike_counts: false, counts_bin_ms: 1.0, voltmeter, means }
    }
}

impl Recording {
    /// Whether it is what is recorded if nothing is asked for.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Check {
    pub fn recording(&mut self, recording: &Recording, dt_ms: f64) {
        for (index, selector) in recording.populations.iter().flatten().enumerate() {
            self.selector(&format!("recording.populations[{index}]"), selector);
        }
        self.above_zero("recording.counts_bin_ms", recording.counts_bin_ms);
        self.at_least_a_step("recording.counts_bin_ms", recording.counts_bin_ms, dt_ms);
        for (index, voltmeter) in recording.voltmeter.iter().enumerate() {
            let key = |name: &str| format!("recording.voltmeter[{index}].{name}");
            self.selector(&key("populations"), &voltmeter.populations);
            self.metered_neurons(voltmeter, &key);
            self.positive(&key("interval_ms"), voltmeter.interval_ms);
            self.at_least_a_step(&key("interval_ms"), voltmeter.interval_ms, dt_ms);
        }
        if let Some(means) = &recording.means {
            self.means(means, dt_ms);
        }
    }

    fn means(&mut self, means: &Means, dt_ms: f64) {
        self.selector("recording.means.populations", &means.populations);
        self.positive("recording.means.interval_ms", means.interval_ms);
        self.at_least_a_step("recording.means.interval_ms", means.interval_ms, dt_ms);
    }

    /// One of two keys chooses the neurons of a voltmeter, at least one and each once.
    fn metered_neurons(&mut self, voltmeter: &Voltmeter, key: &impl Fn(&str) -> String) {
        let Voltmeter { neurons, indices, .. } = voltmeter;
        if neurons.is_some() == indices.is_some() {
            let (value, rule) = match neurons {
                Some(neurons) => (neurons.to_string(), "stands beside indices, which chooses neurons too"),
                None => ("None".to_owned(), "is left out, and so is indices: no neuron is chosen"),
            };
            return self.require(false, key("neurons"), value, rule, "give one of neurons and indices");
        }
        let remedy = "raise it, or take the voltmeter out";
        self.require(*neurons != Some(0), key("neurons"), 0, "is no neuron", remedy);
        let Some(indices) = indices else { return };
        let remedy = "name neurons, or take the voltmeter out";
        self.require(!indices.is_empty(), key("indices"), "[]", "names no neuron", remedy);
        let mut named = HashSet::new();
        if let Some(again) = indices.iter().position(|index| !named.insert(index)) {
            let place = format!("{}[{again}]", key("indices"));
            self.require(false, place, indices[again], "is named twice", "name each neuron once");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reported(recording: &str) -> Vec<String> {
        let mut check = Check::default();
        check.recording(&serde_json::from_str(recording).unwrap(), 0.1);
        check.violations.into_iter().map(|violation| violation.key).collect()
    }

    #[test]
    fn recordings_out_of_range_are_reported_by_key_and_number() {
        assert_eq!(reported(r#"{"counts_bin_ms": 0.25}"#), ["recording.counts_bin_ms"]);
        assert_eq!(reported(r#"{"populations": ["*", ""]}"#), ["recording.populations[1]"]);
        assert_eq!(reported(r#"{"populations": []}"#), [""; 0]);
        let means = r#"{"means": {"populations": "", "interval_ms": 0.25}}"#;
        assert_eq!(reported(means), ["recording.means.populations", "recording.means.interval_ms"]);
        let voltmeter = r#"{"voltmeter": [{"populations": "*", "neurons": 0, "interval_ms": 0.05}]}"#;
        let keys = ["neurons", "interval_ms"].map(|key| format!("recording.voltmeter[0].{key}"));
        assert_eq!(reported(voltmeter), keys);
    }

    #[test]
    fn neurons_of_a_voltmeter_are_chosen_by_one_key_and_each_once() {
        let with = |keys: &str| {
            reported(&format!(r#"{{"voltmeter": [{{"populations": "*", "interval_ms": 1.0{keys}}}]}}"#))
        };
        assert_eq!(with(r#", "indices": [7, 0]"#), [""; 0]);
        assert_eq!(with(""), ["recording.voltmeter[0].neurons"]);
        assert_eq!(with(r#", "neurons": 1, "indices": [7]"#), ["recording.voltmeter[0].neurons"]);
        assert_eq!(with(r#", "indices": []"#), ["recording.voltmeter[0].indices"]);
        assert_eq!(with(r#", "indices": [7, 0, 7, 0]"#), ["recording.voltmeter[0].indices[2]"]);
    }
}
