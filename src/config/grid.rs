//! Times of options on the grid of steps: all keys that are times, and options of the command line.

use super::{ConfigError, Origin, Problem};
use crate::engine::fixed_point::{OffGrid, grid_rule, whole_steps};

/// Steps of a time that an option of the command line gives.
///
/// # Errors
/// A time that lies between two steps.
pub fn steps_of_option(option: &str, time_ms: f64, dt_ms: f64) -> Result<u32, ConfigError> {
    let problem = |off: OffGrid| Problem::Value {
        key: option.to_owned(),
        value: time_ms.to_string(),
        rule: grid_rule(dt_ms),
        origin: Origin::CommandLine(format!("{option} {time_ms}")),
        remedy: off.to_string(),
    };
    Ok(whole_steps(time_ms, dt_ms).map_err(problem)?)
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
        let problem = |violation| Problem::of(violation, &Origins::default()).to_string();
        validation::violations(&config).into_iter().map(problem).collect()
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
            (r#"stimuli=[ramp(populations: "*", from_pa: 1, to_pa: 2, to_ms: 2.04)]"#.to_owned(), "to_ms"),
            (
                r#"stimuli=[pulses(populations: "*", amplitude_pa: 1, period_ms: 2.04, width_ms: 1)]"#
                    .to_owned(),
                "period_ms",
            ),
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
    fn no_step_is_none_where_one_is_needed() {
        let found = reported(&["simulation.duration_ms=0.04", "neurons.inhibitory.t_ref_ms=0.04"]);
        assert!(found[0].ends_with("take 0 or 0.1") && found[1].ends_with("take 0.1"), "{found:?}");
        let error = steps_of_option("--duration-ms", 2.04, 0.1).unwrap_err().to_string();
        assert!(
            error.starts_with("--duration-ms = 2.04 is no multiple of") && error.ends_with("take 2 or 2.1")
        );
    }
}
