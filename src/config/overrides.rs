//! Options of the command line that replace single keys.

use super::origins::Origins;
use super::tree::Tree;
use super::{Config, ConfigError, Origin, Problem, keys, remedy};
use ron::error::Error;
use serde_json::Value;

/// A key that gets another value than the file's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The option as typed, for messages.
    pub option: String,
    /// The key with its sections, such as `weights.chi`.
    pub key: String,
    /// Its value as files write it, in RON. JSON will do as well, and text without quotes if text is asked for.
    pub value: String,
}

impl Override {
    /// `--set key=value`.
    ///
    /// # Errors
    /// Text without `=`.
    pub fn set(assignment: &str) -> Result<Self, ConfigError> {
        let option = format!("--set {assignment}");
        match assignment.split_once('=') {
            Some((key, value)) => {
                Ok(Self { option, key: key.trim().to_owned(), value: value.trim().to_owned() })
            }
            None => Err(ConfigError(vec![Problem::Override {
                option,
                reason: "has no `=`".to_owned(),
                remedy: "write --set key.path=value without blanks, such as --set weights.chi=2.5".to_owned(),
            }])),
        }
    }

    /// Another option that stands for a key, such as `--seed 5`.
    pub fn option(name: &str, key: &str, value: impl ToString) -> Self {
        let value = value.to_string();
        Self { option: format!("{name} {value}"), key: key.to_owned(), value }
    }
}

/// `config` with the keys replaced, and the options noted as their origins.
pub(super) fn apply(
    config: Config,
    overrides: &[Override],
    origins: &mut Origins,
) -> Result<Config, ConfigError> {
    let (mut tree, mut problems) = (Tree::new(config), Vec::new());
    for replaced in overrides {
        match replace(&tree, replaced) {
            Ok(changed) => tree = changed,
            Err(problem) => problems.push(*problem),
        }
        origins.set_by_option(&replaced.key, &replaced.option);
    }
    if problems.is_empty() { Ok(tree.config) } else { Err(ConfigError(problems)) }
}

fn replace(tree: &Tree, replaced: &Override) -> Result<Tree, Box<Problem>> {
    let Override { option, key, value } = replaced;
    let Some(default) = keys::default_value(key) else {
        return Err(Box::new(Problem::UnknownKey {
            origin: Origin::CommandLine(option.clone()),
            key: key.clone(),
            nearest: keys::nearest(key),
        }));
    };
    if let Some(section) = default.as_object() {
        let example = section.keys().next().map_or("", String::as_str);
        return Err(Box::new(Problem::Override {
            option: option.clone(),
            reason: format!("`{key}` is a section"),
            remedy: format!("set one of its keys, such as {key}.{example}"),
        }));
    }
    let in_other_notations = || [ron_of_json(key, value), Some(quoted(value))].into_iter().flatten();
    tree.with(key, value).or_else(|error| {
        let changed = in_other_notations().find_map(|value| tree.with(key, &value).ok());
        changed.ok_or_else(|| Box::new(wrong_value(tree, replaced, &error)))
    })
}

/// A value in JSON, as files write it; `None` if it is no JSON, or not of the key's type.
fn ron_of_json(key: &str, json: &str) -> Option<String> {
    let mut tree = keys::tree(&Config::default());
    *value_at(&mut tree, key)? = serde_json::from_str(json).ok()?;
    let config = serde_json::from_value(tree).ok()?;
    Some(Tree::new(config).value(key).to_owned())
}

/// The value of a key, given by its sections and its own name; items of lists have no keys.
fn value_at<'t>(tree: &'t mut Value, key: &str) -> Option<&'t mut Value> {
    key.split('.').try_fold(tree, |value, part| value.as_object_mut()?.get_mut(part))
}

/// Text as files write it.
fn quoted(text: &str) -> String {
    ron::to_string(text).expect("text has a RON form")
}

fn wrong_value(tree: &Tree, replaced: &Override, error: &Error) -> Problem {
    let Override { option, key, value } = replaced;
    let fits = |value: &str| tree.with(key, value).is_ok();
    Problem::Override {
        option: option.clone(),
        reason: error.to_string(),
        remedy: remedy::of_value(key, value, fits)
            .or_else(|| remedy::of_error(error))
            .unwrap_or_else(|| remedy::like_default(key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::EngineKind;
    use crate::model::network::ScalingMethod;

    fn with(assignments: &[&str]) -> Result<Config, String> {
        let overrides: Vec<Override> = assignments.iter().map(|text| Override::set(text).unwrap()).collect();
        apply(Config::default(), &overrides, &mut Origins::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn every_kind_of_value_can_be_set() {
        let config = with(&[
            "weights.chi=2.5",
            "simulation.seed=18446744073709551615",
            "scaling.method=preserve",
            "engine.engine=\"cpu\"",
            "engine.threads=3",
            "engine.adapter=1080",
            "anatomy.remove_smaller_layer_1=true",
            "name=x",
            "neurons.excitatory.c_m_pf=250",
        ])
        .unwrap();
        assert_eq!(config.weights.chi, 2.5);
        assert_eq!(config.simulation.seed, u64::MAX);
        assert_eq!(config.scaling.method, ScalingMethod::Preserve);
        assert_eq!(config.engine.engine, EngineKind::Cpu);
        assert_eq!(config.engine.threads, Some(3));
        assert_eq!(config.engine.adapter.as_deref(), Some("1080"));
        assert!(config.anatomy.remove_smaller_layer_1);
        assert_eq!(config.neurons.excitatory.c_m_pf, 250.0);
        for none in ["null", "None"] {
            let none = format!("engine.threads={none}");
            assert_eq!(with(&["engine.threads=3", &none]).unwrap().engine.threads, None);
        }
    }

    #[test]
    fn every_default_survives_being_set() {
        for key in keys::all() {
            let value = keys::default_value(key).unwrap();
            if !value.is_object() {
                assert_eq!(with(&[&format!("{key}={value}")]), Ok(Config::default()), "{key}");
            }
        }
    }

    #[test]
    fn lists_are_written_as_in_files_or_in_json() {
        let poisson = r#"[poisson(populations: "cuneus", rate_hz: 100.0, psp_mv: 0.5)]"#;
        let json = r#"[{"poisson": {"populations": "cuneus", "rate_hz": 100.0, "psp_mv": 0.5}}]"#;
        let found = with(&[&format!("stimuli={poisson}")]).unwrap();
        assert_eq!(found.stimuli[0].name(0), "stimuli[0].poisson");
        assert_eq!(with(&[&format!("stimuli={json}")]), Ok(found));
        let voltmeter = r#"recording.voltmeter=[(populations: "cuneus V E", neurons: 5)]"#;
        let found = with(&[voltmeter]).unwrap().recording.voltmeter;
        assert_eq!((found[0].neurons, found[0].interval_ms), (Some(5), 1.0));
        let dc =
            r#"drive.dc=[(populations: "*", amplitude_pa: 5), (populations: "* V", amplitude_pa: -5.0)]"#;
        assert_eq!(with(&[dc]).unwrap().drive.dc.len(), 2);
        let deviations = "microcircuit.initial_v_m_sd_mv";
        let both = ["(1, 2, 3, 4, 5, 6, 7, 8)", "[1, 2, 3, 4, 5, 6, 7, 8]"];
        let [ron, json] = both.map(|value| with(&[&format!("{deviations}={value}")]).unwrap());
        assert_eq!((ron.microcircuit.initial_v_m_sd_mv[7], &ron), (8.0, &json));
    }

    #[test]
    fn a_value_cannot_set_other_keys() {
        for value in ["1.0, g: -4.0", "1.0), drive: (eta: 2.0", "1.0 /*", "1.0 //\n, g: -4.0", ""] {
            let message = with(&[&format!("weights.chi={value}")]).unwrap_err();
            assert!(message.ends_with("give a value like the default, 1.0"), "{message}");
        }
        assert_eq!(with(&["weights.chi=2.5 // as published", "weights.g=-4"]).unwrap().weights.chi, 2.5);
    }

    #[test]
    fn what_is_meant_is_told() {
        for (assignment, remedy) in [
            ("weights.chi=2,5", "numbers have a decimal point: write 2.5"),
            ("areas=[cuneus, insula]", "quotes others around them: 'areas=[\"cuneus\", \"insula\"]'"),
            ("stimuli=[dc(populations: \"*\", amplitud_pa: 1.0)]", "the nearest known key is `amplitude_pa`"),
            ("stimuli=[sine()]", "the nearest known value is `spike`"),
            ("engine.threads=many", "give a value of the key's type, or None for none"),
            ("stimuli=1", "configs/downscaled.ron shows how it is written"),
        ] {
            let message = with(&[assignment]).unwrap_err();
            assert!(message.ends_with(remedy), "{message}");
        }
        assert_eq!(with(&["weights.chi = 2"]).unwrap().weights.chi, 2.0);
    }

    #[test]
    fn all_that_cannot_be_set_is_reported_with_a_remedy() {
        let message = with(&["weigts.chi=1", "weights.chi=big", "weights=3", "scaling.method=cubic"]);
        let message = message.unwrap_err();
        let lines: Vec<&str> = message.lines().collect();
        assert_eq!(
            lines[0],
            "--set weigts.chi=1: unknown key `weigts.chi`: the nearest known one is `weights.chi`"
        );
        assert_eq!(lines[1], "--set weights.chi=big: Expected float: give a value like the default, 1.0");
        assert_eq!(
            lines[2],
            "--set weights=3: `weights` is a section: set one of its keys, such as weights.psp_mv"
        );
        assert!(lines[3].contains("`cubic`") && lines[3].contains("`linear`, `sqrt`"), "{message}");
        assert!(Override::set("weights.chi").unwrap_err().to_string().contains("has no `=`"));
    }
}
