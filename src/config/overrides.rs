//! Options of the command line that replace single keys.

use super::origins::Origins;
use super::{Config, ConfigError, Origin, Problem, keys};
use serde_json::Value;

/// A key that gets another value than the file's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The option as typed, for messages.
    pub option: String,
    /// The key with its sections, such as `weights.chi`.
    pub key: String,
    /// Its value: JSON, or text where it is no JSON.
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
                remedy: "write --set key.path=value, such as --set weights.chi=2.5".to_owned(),
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
    mut config: Config,
    overrides: &[Override],
    origins: &mut Origins,
) -> Result<Config, ConfigError> {
    let mut problems = Vec::new();
    for replaced in overrides {
        match replace(&config, replaced) {
            Ok(changed) => config = changed,
            Err(problem) => problems.push(*problem),
        }
        origins.set_by_option(&replaced.key, &replaced.option);
    }
    if problems.is_empty() { Ok(config) } else { Err(ConfigError(problems)) }
}

fn replace(config: &Config, replaced: &Override) -> Result<Config, Box<Problem>> {
    let mut tree = keys::tree(config);
    let parts: Vec<&str> = replaced.key.split('.').collect();
    let Some(place) = value_at(&mut tree, &parts) else {
        return Err(Box::new(Problem::UnknownKey {
            origin: Origin::CommandLine(replaced.option.clone()),
            key: replaced.key.clone(),
            nearest: keys::nearest(&replaced.key),
        }));
    };
    if let Some(section) = place.as_object() {
        let example = section.keys().next().map_or("", String::as_str);
        return Err(Box::new(Problem::Override {
            option: replaced.option.clone(),
            reason: format!("`{}` is a section", replaced.key),
            remedy: format!("set one of its keys, such as {}.{example}", replaced.key),
        }));
    }
    let text = Value::String(replaced.value.clone());
    *place = serde_json::from_str(&replaced.value).unwrap_or_else(|_| text.clone());
    serde_json::from_value(tree.clone()).or_else(|error| {
        // A number or `true` may be meant as text.
        if let Some(place) = value_at(&mut tree, &parts) {
            *place = text;
        }
        serde_json::from_value(tree).map_err(|_| Box::new(wrong_type(replaced, &error)))
    })
}

/// The value of a key, given by its sections and its own name; items of lists have no keys.
fn value_at<'t>(tree: &'t mut Value, parts: &[&str]) -> Option<&'t mut Value> {
    parts.iter().try_fold(tree, |value, part| value.as_object_mut()?.get_mut(*part))
}

fn wrong_type(replaced: &Override, error: &serde_json::Error) -> Problem {
    let default = keys::default_value(&replaced.key).filter(|value| !value.is_null());
    let remedy = match default {
        Some(value) => format!("give a value like the default, {value}"),
        None => "give a value of the key's type, or null for none".to_owned(),
    };
    Problem::Override { option: replaced.option.clone(), reason: error.to_string(), remedy }
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
        assert_eq!(with(&["engine.threads=3", "engine.threads=null"]).unwrap().engine.threads, None);
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
    fn all_that_cannot_be_set_is_reported_with_a_remedy() {
        let message = with(&["weigts.chi=1", "weights.chi=big", "weights=3", "scaling.method=cubic"]);
        let message = message.unwrap_err();
        let lines: Vec<&str> = message.lines().collect();
        assert_eq!(
            lines[0],
            "--set weigts.chi=1: unknown key `weigts.chi`: the nearest known one is `weights.chi`"
        );
        assert_eq!(
            lines[1],
            "--set weights.chi=big: invalid type: string \"big\", expected f64: give a value like the default, 1.0"
        );
        assert_eq!(
            lines[2],
            "--set weights=3: `weights` is a section: set one of its keys, such as weights.psp_mv"
        );
        assert!(lines[3].contains("unknown variant `cubic`, expected one of `linear`, `sqrt`, `preserve`"));
        assert!(Override::set("weights.chi").unwrap_err().to_string().contains("has no `=`"));
    }
}
