//! What stimuli must be, so that a run can have them.

use super::{Simulation, Stimulus, StimulusColumn, grid_rule, whole_steps};
use crate::rules::Check;

const MS_PER_S: f64 = 1e3;

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
            self.stimulus_file(&stimulus.file_key(index), stimulus, simulation.dt_ms);
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
                Stimulus::SpikeTrains { psp_mv, weight_pa, .. } => {
                    self.strength(&name, &Strength { psp_mv, weight_pa });
                }
                Stimulus::Poisson { rate_hz, ref profile, psp_mv, weight_pa, from_ms, to_ms, .. } => {
                    match (rate_hz, profile) {
                        (Some(rate_hz), None) => self.positive(&format!("{name}.rate_hz"), rate_hz),
                        (None, Some(_)) => {}
                        (given, _) => {
                            let shown = if given.is_none() { "None" } else { "both" };
                            let rule = "must be one of rate_hz and profile";
                            self.require(
                                false,
                                format!("{name}.rate_hz"),
                                shown,
                                rule,
                                "give one of the two",
                            );
                        }
                    }
                    self.strength(&name, &Strength { psp_mv, weight_pa });
                    self.window(&name, from_ms, to_ms, simulation);
                }
                _ => {
                    self.current(&name, stimulus, simulation);
                    let (from_ms, to_ms) = stimulus.window_ms();
                    self.window(&name, from_ms, to_ms, simulation);
                }
            }
        }
    }

    /// What tells how strong a current is at which time of its window.
    fn current(&mut self, name: &str, stimulus: &Stimulus, simulation: &Simulation) {
        match *stimulus {
            Stimulus::Ramp { from_pa, to_pa, .. } => {
                self.pa(&format!("{name}.from_pa"), from_pa);
                self.pa(&format!("{name}.to_pa"), to_pa);
                let remedy = "give a current in pA";
                self.refuse(
                    from_pa == 0.0 && to_pa == 0.0,
                    format!("{name}.to_pa"),
                    0,
                    "is 0 as from_pa is",
                    remedy,
                );
            }
            Stimulus::Sinus { amplitude_pa, frequency_hz, phase_deg, offset_pa, .. } => {
                self.pa_but_0(&format!("{name}.amplitude_pa"), amplitude_pa);
                self.pa(&format!("{name}.offset_pa"), offset_pa);
                let key = format!("{name}.phase_deg");
                self.require(
                    phase_deg.is_finite(),
                    key,
                    phase_deg,
                    "is no finite number",
                    "give an angle in degrees",
                );
                self.frequency(&format!("{name}.frequency_hz"), frequency_hz, simulation);
            }
            Stimulus::Pulses { amplitude_pa, period_ms, width_ms, .. } => {
                self.pa_but_0(&format!("{name}.amplitude_pa"), amplitude_pa);
                let key = format!("{name}.width_ms");
                for (key, time_ms) in [(&format!("{name}.period_ms"), period_ms), (&key, width_ms)] {
                    self.positive(key, time_ms);
                    self.at_least_a_step(key, time_ms, simulation.dt_ms);
                }
                let rule = format!("is not below period_ms = {period_ms}");
                self.refuse(width_ms >= period_ms, key, width_ms, rule, "shorten it, or take dc");
            }
            Stimulus::Dc { amplitude_pa, .. } => self.pa_but_0(&format!("{name}.amplitude_pa"), amplitude_pa),
            Stimulus::Spike { .. } | Stimulus::Poisson { .. } | Stimulus::SpikeTrains { .. } => {}
        }
    }

    /// The times of a file that has been read; the first that is wrong is told.
    fn stimulus_file(&mut self, key: &str, stimulus: &Stimulus, dt_ms: f64) {
        let Some((file, column)) = stimulus.file() else { return };
        let is_spike = column == StimulusColumn::Neurons;
        let mut before_ms = f64::NEG_INFINITY;
        for (index, row) in file.rows().iter().enumerate() {
            let flaw = match whole_steps(row.time_ms, dt_ms) {
                _ if row.time_ms < 0.0 || is_spike && row.time_ms < 0.5 * dt_ms => Some((
                    "must lie in the run".to_owned(),
                    "nothing arrives before its first step has ended".to_owned(),
                )),
                Err(off) => Some((grid_rule(dt_ms), off.to_string())),
                Ok(_) if !is_spike && row.time_ms <= before_ms => Some((
                    "is not after that of the line before".to_owned(),
                    "sort the lines by their times".to_owned(),
                )),
                Ok(_) => None,
            };
            if let Some((rule, remedy)) = flaw {
                let error = file
                    .error_of_row(index, (format!("has time_ms = {}, which {rule}", row.time_ms), remedy));
                return self.require(false, key, error.place(), error.reason, error.remedy);
            }
            before_ms = row.time_ms;
        }
    }

    fn pa(&mut self, key: &str, value: f64) {
        self.require(value.is_finite(), key, value, "is no finite number", "give a current in pA");
    }

    fn pa_but_0(&mut self, key: &str, value: f64) {
        let holds = value.is_finite() && value != 0.0;
        self.require(holds, key, value, "is no finite number other than 0", "give a current in pA");
    }

    fn frequency(&mut self, key: &str, frequency_hz: f64, simulation: &Simulation) {
        self.positive(key, frequency_hz);
        let most_hz = MS_PER_S / (2.0 * simulation.dt_ms);
        let rule = format!("is above {most_hz}, of which steps of simulation.dt_ms show two a period");
        self.refuse(frequency_hz > most_hz, key, frequency_hz, rule, "lower it");
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
        let currents = [
            ("ramp", r#""from_pa": 0.0, "to_pa": 0.0, "to_ms": 9.0"#, "to_pa"),
            ("ramp", r#""from_pa": 0.0, "to_pa": 5.0, "from_ms": 9.0, "to_ms": 9.0"#, "to_ms"),
            ("sinus", r#""amplitude_pa": 0.0, "frequency_hz": 5.0"#, "amplitude_pa"),
            ("sinus", r#""amplitude_pa": 1.0, "frequency_hz": 0.0"#, "frequency_hz"),
            ("sinus", r#""amplitude_pa": 1.0, "frequency_hz": 5001.0"#, "frequency_hz"),
            ("pulses", r#""amplitude_pa": 1.0, "period_ms": 1.05, "width_ms": 0.1"#, "period_ms"),
            ("pulses", r#""amplitude_pa": 1.0, "period_ms": 1.0, "width_ms": 0.0"#, "width_ms"),
            ("pulses", r#""amplitude_pa": 1.0, "period_ms": 1.0, "width_ms": 1.0"#, "width_ms"),
        ];
        for (kind, rest, key) in currents {
            let stimulus = format!(r#"{{"{kind}": {{"populations": "*", {rest}}}}}"#);
            assert_eq!(reported(&stimulus), [format!("stimuli[0].{kind}.{key}")], "{stimulus}");
        }
        let sinus = r#"{"sinus": {"populations": "*", "amplitude_pa": 1.0, "frequency_hz": 5000.0}}"#;
        assert_eq!(reported(sinus), [""; 0]);
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
