//! Options of stimuli: input from outside the network, in chosen populations at chosen times.

use super::Simulation;
use crate::model::network::PopulationSelector;
use crate::rules::Check;
use serde::{Deserialize, Serialize};

/// Input from outside that is no part of the network.
///
/// Step n leads from (n − 1) dt to n dt. What arrives at a time t changes the current at the end of the
/// step that ends at t, and the potential from the next step on, as a spike through a synapse does. A
/// window from `from_ms` to `to_ms` holds the steps that lead from one to the other: a DC acts on the
/// potential in each of them, spikes arrive at the end of each of them. Times are whole steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Stimulus {
    /// One spike that arrives at each of some neurons: a perturbation.
    Spike {
        /// Populations that receive it.
        populations: PopulationSelector,
        /// When it arrives, ms.
        time_ms: f64,
        /// Peak postsynaptic potential of a neuron with its population's mean parameters, mV; or give
        /// `weight_pa`.
        #[serde(default)]
        psp_mv: Option<f64>,
        /// Postsynaptic current, pA.
        #[serde(default)]
        weight_pa: Option<f64>,
        /// The first so many neurons of each population; `None` takes all.
        #[serde(default)]
        neurons: Option<u32>,
    },
    /// A Poisson spike train for each neuron, independent of all others.
    Poisson {
        /// Populations that receive it.
        populations: PopulationSelector,
        /// Rate of each train, 1/s.
        rate_hz: f64,
        /// Peak postsynaptic potential of a neuron with its population's mean parameters, mV; or give
        /// `weight_pa`.
        #[serde(default)]
        psp_mv: Option<f64>,
        /// Postsynaptic current, pA.
        #[serde(default)]
        weight_pa: Option<f64>,
        /// Start of the window, ms.
        #[serde(default)]
        from_ms: f64,
        /// End of the window, ms; `None` is the end of the run.
        #[serde(default)]
        to_ms: Option<f64>,
    },
    /// A constant current, on top of what the network has.
    Dc {
        /// Populations that receive it.
        populations: PopulationSelector,
        /// The current, pA.
        amplitude_pa: f64,
        /// Start of the window, ms.
        #[serde(default)]
        from_ms: f64,
        /// End of the window, ms; `None` is the end of the run.
        #[serde(default)]
        to_ms: Option<f64>,
    },
}

impl Stimulus {
    /// Populations that receive it.
    pub fn populations(&self) -> &PopulationSelector {
        match self {
            Self::Spike { populations, .. }
            | Self::Poisson { populations, .. }
            | Self::Dc { populations, .. } => populations,
        }
    }

    /// Whether it has an effect on the state at `end_ms`.
    pub fn acts_up_to(&self, end_ms: f64) -> bool {
        match *self {
            Self::Spike { time_ms, .. } => time_ms <= end_ms,
            Self::Poisson { from_ms, .. } | Self::Dc { from_ms, .. } => from_ms < end_ms,
        }
    }

    /// Its name in messages, where it is number `index` of the list.
    pub fn name(&self, index: usize) -> String {
        let kind = match self {
            Self::Spike { .. } => "spike",
            Self::Poisson { .. } => "poisson",
            Self::Dc { .. } => "dc",
        };
        format!("stimuli[{index}].{kind}")
    }
}

/// What a spike through a stimulus does.
struct Strength {
    psp_mv: Option<f64>,
    weight_pa: Option<f64>,
}

impl Check {
    pub fn stimuli(&mut self, stimuli: &[Stimulus], simulation: &Simulation) {
        for (index, stimulus) in stimuli.iter().enumerate() {
            let name = stimulus.name(index);
            self.selector(&format!("{name}.populations"), stimulus.populations());
            match *stimulus {
                Stimulus::Spike { time_ms, psp_mv, weight_pa, neurons, .. } => {
                    self.arrival(&format!("{name}.time_ms"), time_ms, simulation);
                    self.strength(&name, &Strength { psp_mv, weight_pa });
                    self.require(
                        neurons != Some(0),
                        format!("{name}.neurons"),
                        0,
                        "is no neuron",
                        "raise it, or leave it out to take all",
                    );
                }
                Stimulus::Poisson { rate_hz, psp_mv, weight_pa, from_ms, to_ms, .. } => {
                    self.positive(&format!("{name}.rate_hz"), rate_hz);
                    self.strength(&name, &Strength { psp_mv, weight_pa });
                    self.window(&name, from_ms, to_ms, simulation);
                }
                Stimulus::Dc { amplitude_pa, from_ms, to_ms, .. } => {
                    let key = format!("{name}.amplitude_pa");
                    let rule = "is no finite number other than 0";
                    let holds = amplitude_pa.is_finite() && amplitude_pa != 0.0;
                    self.require(holds, key, amplitude_pa, rule, "give a current in pA");
                    self.window(&name, from_ms, to_ms, simulation);
                }
            }
        }
    }

    fn strength(&mut self, name: &str, Strength { psp_mv, weight_pa }: &Strength) {
        for (key, value) in [("psp_mv", psp_mv), ("weight_pa", weight_pa)] {
            let Some(value) = *value else { continue };
            let rule = "is no finite number other than 0";
            let holds = value.is_finite() && value != 0.0;
            self.require(holds, format!("{name}.{key}"), value, rule, "negative ones inhibit");
        }
        let n = usize::from(psp_mv.is_some()) + usize::from(weight_pa.is_some());
        let shown = if n == 0 { "None" } else { "both" };
        let rule = "must be one of psp_mv and weight_pa";
        self.require(n == 1, format!("{name}.psp_mv"), shown, rule, "give one of the two");
    }

    fn arrival(&mut self, key: &str, time_ms: f64, simulation: &Simulation) {
        let Simulation { dt_ms, duration_ms, .. } = *simulation;
        let rule = format!("must lie after 0 and not after simulation.duration_ms = {duration_ms}");
        let holds = time_ms > 0.0 && time_ms <= duration_ms;
        self.require(holds, key, time_ms, rule, "nothing would arrive: choose a time within the run");
        self.at_least_a_step(key, time_ms, dt_ms);
    }

    fn window(&mut self, name: &str, from_ms: f64, to_ms: Option<f64>, simulation: &Simulation) {
        let Simulation { dt_ms, duration_ms, .. } = *simulation;
        let from = format!("{name}.from_ms");
        let rule = format!("must lie between 0 and before simulation.duration_ms = {duration_ms}");
        let holds = from_ms >= 0.0 && from_ms < duration_ms;
        self.require(holds, &from, from_ms, rule, "the window would be empty: choose a time within the run");
        self.on_grid(&from, from_ms, dt_ms);
        if let Some(to_ms) = to_ms {
            let to = format!("{name}.to_ms");
            let rule = format!("is not after from_ms = {from_ms}");
            self.require(to_ms > from_ms && to_ms.is_finite(), &to, to_ms, rule, "raise it");
            self.at_least_a_step(&to, to_ms, dt_ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys that are reported where `stimulus` is the only one.
    fn reported(stimulus: &str) -> Vec<String> {
        let stimuli: Vec<Stimulus> = serde_json::from_str(&format!("[{stimulus}]")).unwrap();
        let mut check = Check::default();
        check.stimuli(&stimuli, &Simulation::default());
        check.violations.into_iter().map(|violation| violation.key).collect()
    }

    #[test]
    fn stimuli_out_of_range_are_reported_by_key_and_number() {
        let spike = |rest: &str| format!(r#"{{"spike": {{"populations": "*", {rest}}}}}"#);
        assert_eq!(reported(&spike(r#""time_ms": 100.0, "psp_mv": 1.0"#)), [""; 0]);
        for (rest, key) in [
            (r#""time_ms": 0.0, "psp_mv": 1.0"#, "time_ms"),
            (r#""time_ms": 2000.1, "psp_mv": 1.0"#, "time_ms"),
            (r#""time_ms": 1.05, "psp_mv": 1.0"#, "time_ms"),
            (r#""time_ms": 1.0"#, "psp_mv"),
            (r#""time_ms": 1.0, "psp_mv": 1.0, "weight_pa": 1.0"#, "psp_mv"),
            (r#""time_ms": 1.0, "weight_pa": 0.0"#, "weight_pa"),
            (r#""time_ms": 1.0, "psp_mv": 1.0, "neurons": 0"#, "neurons"),
        ] {
            assert_eq!(reported(&spike(rest)), [format!("stimuli[0].spike.{key}")], "{rest}");
        }
        let others = [
            (r#"{"dc": {"populations": " ", "amplitude_pa": 1.0}}"#, "dc.populations"),
            (r#"{"dc": {"populations": "*", "amplitude_pa": 0.0}}"#, "dc.amplitude_pa"),
            (r#"{"dc": {"populations": "*", "amplitude_pa": 1.0, "from_ms": 2000.0}}"#, "dc.from_ms"),
            (
                r#"{"dc": {"populations": "*", "amplitude_pa": 1.0, "from_ms": 5.0, "to_ms": 5.0}}"#,
                "dc.to_ms",
            ),
            (r#"{"poisson": {"populations": "*", "rate_hz": -1.0, "psp_mv": 1.0}}"#, "poisson.rate_hz"),
        ];
        for (stimulus, key) in others {
            assert_eq!(reported(stimulus), [format!("stimuli[0].{key}")], "{stimulus}");
        }
    }

    #[test]
    fn all_problems_of_all_stimuli_are_reported_at_once() {
        let dc = r#"{"dc": {"populations": "", "amplitude_pa": 0.0}}"#;
        let keys = reported(&format!("{dc}, {dc}"));
        let expected =
            [0, 1].map(|n| ["populations", "amplitude_pa"].map(|key| format!("stimuli[{n}].dc.{key}")));
        assert_eq!(keys, expected.concat());
    }
}
