//! Times on the grid of steps, and the one rule for all of them: a time is a whole number of steps, or it is
//! refused with the nearest two that are. Nothing is rounded unsaid.

use super::check::Check;
use super::{ConfigError, Origin, Problem};
use std::fmt;

/// How far a time may lie beside a whole number of steps, in steps: what decimal numbers leave of a quotient.
const TOLERANCE_STEPS: f64 = 1e-6;

/// A time that lies between two steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OffGrid {
    /// The last whole number of steps before it, ms.
    pub below_ms: f64,
    /// The first after it, ms.
    pub above_ms: f64,
}

impl fmt::Display for OffGrid {
    /// What to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "take {} or {}", self.below_ms, self.above_ms)
    }
}

/// Number of steps of `dt_ms` in `time_ms`; what does not fit 32 bits is cut.
///
/// # Errors
/// A time that lies between two steps.
pub fn whole_steps(time_ms: f64, dt_ms: f64) -> Result<u32, OffGrid> {
    let steps = time_ms / dt_ms;
    let tolerance = TOLERANCE_STEPS.max(4.0 * f64::EPSILON * steps);
    match (steps - steps.round_ties_even()).abs() > tolerance {
        true => {
            Err(OffGrid { below_ms: multiple(steps.floor(), dt_ms), above_ms: multiple(steps.ceil(), dt_ms) })
        }
        false => Ok(nearest_step(time_ms, dt_ms)),
    }
}

/// Number of steps of `dt_ms` in a time that is known to be a whole number of them.
pub fn nearest_step(time_ms: f64, dt_ms: f64) -> u32 {
    (time_ms / dt_ms).round_ties_even() as u32
}

/// Steps of a time that an option of the command line gives.
///
/// # Errors
/// A time that lies between two steps.
pub fn steps_of_option(option: &str, time_ms: f64, dt_ms: f64) -> Result<u32, ConfigError> {
    let problem = |off: OffGrid| Problem::Value {
        key: option.to_owned(),
        value: time_ms.to_string(),
        rule: rule(dt_ms),
        origin: Origin::CommandLine(format!("{option} {time_ms}")),
        remedy: off.to_string(),
    };
    Ok(whole_steps(time_ms, dt_ms).map_err(problem)?)
}

/// `steps` · `dt_ms` without the last digits of the product.
pub(super) fn multiple(steps: f64, dt_ms: f64) -> f64 {
    (steps * dt_ms * 1e9).round_ties_even() / 1e9
}

fn rule(dt_ms: f64) -> String {
    format!("is no multiple of simulation.dt_ms = {dt_ms}")
}

impl Check {
    /// A time that may be 0. Other rules tell of what is negative or no number.
    pub fn on_grid(&mut self, key: &str, time_ms: f64, dt_ms: f64) {
        let steps = time_ms / dt_ms;
        if let (true, Err(off)) = (steps.is_finite() && steps > 0.0, whole_steps(time_ms, dt_ms)) {
            self.refuse(true, key, time_ms, rule(dt_ms), off.to_string());
        }
    }

    /// A time of one step or more.
    pub fn at_least_a_step(&mut self, key: &str, time_ms: f64, dt_ms: f64) {
        let steps = time_ms / dt_ms;
        match steps > 0.0 && steps < 1.0 - TOLERANCE_STEPS {
            true => self.refuse(true, key, time_ms, rule(dt_ms), format!("take {dt_ms}")),
            false => self.on_grid(key, time_ms, dt_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Override, keys, origins::Origins, overrides, validation};
    use super::*;

    /// Keys in ms that are no times on the grid, and why.
    const OFF_GRID: [(&str, &str); 13] = [
        ("simulation.dt_ms", "the step itself"),
        ("neurons.excitatory.tau_m_ms", "a time constant"),
        ("neurons.excitatory.tau_syn_ex_ms", "a time constant"),
        ("neurons.excitatory.tau_syn_in_ms", "a time constant"),
        ("neurons.inhibitory.tau_m_ms", "a time constant"),
        ("neurons.inhibitory.tau_syn_ex_ms", "a time constant"),
        ("neurons.inhibitory.tau_syn_in_ms", "a time constant"),
        ("delays.local_excitatory_ms", "a mean of drawn delays"),
        ("delays.local_inhibitory_ms", "a mean of drawn delays"),
        ("delays.conduction_velocity_mm_per_ms", "a velocity"),
        ("analysis.welch_window_ms", "rounded to bins, as documented"),
        ("engine.checkpoint_every_ms", "rounded up to blocks of 64 steps, as documented"),
        ("microcircuit.*", "tested apart"),
    ];

    /// What is reported where `assignments` change the defaults.
    fn reported(assignments: &[&str]) -> Vec<String> {
        let overrides: Vec<Override> = assignments.iter().map(|text| Override::set(text).unwrap()).collect();
        let config = overrides::apply(Config::default(), &overrides, &mut Origins::default()).unwrap();
        let problem = |violation: super::super::check::Violation| violation.into_problem(&Origins::default());
        validation::violations(&config).into_iter().map(|v| problem(v).to_string()).collect()
    }

    #[test]
    fn every_time_key_is_a_whole_number_of_steps_or_refused_with_the_two_nearest() {
        let is_time = |key: &&String| key.ends_with("_ms") && !OFF_GRID.iter().any(|(off, _)| off == *key);
        let keys: Vec<&String> = keys::all().iter().filter(is_time).collect();
        let of_human: Vec<&&String> = keys.iter().filter(|key| !key.starts_with("microcircuit.")).collect();
        assert!(of_human.len() >= 9, "{of_human:?}");
        for key in of_human {
            let whole = reported(&[&format!("{key}=1000.1")]);
            assert!(!whole.iter().any(|problem| problem.contains("no multiple")), "{key}: {whole:?}");
            let beside = reported(&[&format!("{key}=1000.04")]);
            let expected = format!(
                "{key} = 1000.04 is no multiple of simulation.dt_ms = 0.1 (default): take 1000 or 1000.1"
            );
            assert_eq!(beside.iter().filter(|problem| **problem == expected).count(), 1, "{key}: {beside:?}");
        }
        let found = reported(&["model=microcircuit", "microcircuit.neuron.t_ref_ms=2.04"]);
        assert_eq!(found.len(), 1);
        assert!(found[0].ends_with("take 2 or 2.1"), "{found:?}");
    }

    #[test]
    fn times_of_lists_are_whole_numbers_of_steps_too() {
        let window = r#""populations":"*","amplitude_pa":1"#;
        for (assignment, key) in [
            (r#"stimuli=[{"spike":{"populations":"*","psp_mv":1,"time_ms":2.04}}]"#.to_owned(), "time_ms"),
            (format!(r#"stimuli=[{{"dc":{{{window},"from_ms":2.04}}}}]"#), "from_ms"),
            (format!(r#"stimuli=[{{"dc":{{{window},"to_ms":2.04}}}}]"#), "to_ms"),
            (
                r#"recording.voltmeter=[{"populations":"*","neurons":1,"interval_ms":2.04}]"#.to_owned(),
                "interval_ms",
            ),
        ] {
            let found = reported(&[&assignment]);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].contains(&format!("{key} = 2.04")) && found[0].ends_with("take 2 or 2.1"));
        }
    }

    #[test]
    fn the_nearest_are_those_on_both_sides_and_no_step_is_none_where_one_is_needed() {
        let nearest = |time_ms, dt_ms| whole_steps(time_ms, dt_ms).unwrap_err();
        assert_eq!(nearest(2.04, 0.1), OffGrid { below_ms: 2.0, above_ms: 2.1 });
        assert_eq!(nearest(2.0, 0.3), OffGrid { below_ms: 1.8, above_ms: 2.1 });
        assert_eq!(nearest(0.04, 0.1).to_string(), "take 0 or 0.1");
        let found = reported(&["simulation.duration_ms=0.04", "neurons.inhibitory.t_ref_ms=0.04"]);
        assert!(found[0].ends_with("take 0 or 0.1") && found[1].ends_with("take 0.1"), "{found:?}");
        for (time_ms, dt_ms, steps) in
            [(2.0, 0.1, 20), (1e6, 0.1, 10_000_000), (0.3, 0.1, 3), (100.8, 0.05, 2016)]
        {
            assert_eq!(whole_steps(time_ms, dt_ms), Ok(steps));
        }
        let error = steps_of_option("--duration-ms", 2.04, 0.1).unwrap_err().to_string();
        assert!(
            error.starts_with("--duration-ms = 2.04 is no multiple of") && error.ends_with("take 2 or 2.1")
        );
    }
}
