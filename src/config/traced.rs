//! A configuration that is changed key by key, and knows where each of them was set.

use super::scanner::keys as keys_of;
use super::{Config, ConfigError, Origin, Origins, Override, Problem, keys, parse, read, to_ron, validated};
use serde_json::Value;
use std::path::Path;

/// A valid configuration, and where each of its keys was set.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Traced {
    config: Config,
    origins: Origins,
}

impl Traced {
    /// Reads the configuration at `path`, or the built-in one of that name, as [`load`](super::load).
    ///
    /// # Errors
    /// As there.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let (config, origins) = read(path)?;
        Self::checked(config, origins, &[])
    }

    /// Reads `text`, the content of `file`, which messages name.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn of_text(text: &str, file: &str) -> Result<Self, ConfigError> {
        let parse::Parsed { config, origins } = parse::parse(text, file)?;
        Self::checked(config, origins, &[])
    }

    /// The same with other values of keys, which must be valid together.
    ///
    /// # Errors
    /// Keys that do not exist, and values that are not theirs or that the program cannot run with.
    pub fn with(&self, overrides: &[Override]) -> Result<Self, ConfigError> {
        Self::checked(self.config.clone(), self.origins.clone(), overrides)
    }

    fn checked(config: Config, origins: Origins, overrides: &[Override]) -> Result<Self, ConfigError> {
        let (config, origins) = validated(config, origins, overrides)?;
        Ok(Self { config, origins })
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The value of `key`, such as `weights.chi`; of a section all of its keys. `option` is what asks for it.
    ///
    /// # Errors
    /// A key that does not exist, with the nearest one.
    pub fn value(&self, key: &str, option: &str) -> Result<Value, ConfigError> {
        super::value(&self.config, key).ok_or_else(|| {
            let origin = Origin::CommandLine(option.to_owned());
            Problem::UnknownKey { origin, key: key.to_owned(), nearest: keys::nearest(key) }.into()
        })
    }

    /// Whether `key` is a section, and has keys of its own.
    pub fn is_section(key: &str) -> bool {
        keys::default_value(key).is_some_and(Value::is_object)
    }

    /// The configuration as RON, with a comment where a key was set that has not its default.
    pub fn to_ron_with_origins(&self) -> String {
        let text = to_ron(&self.config);
        let mut places = vec![None; text.lines().count()];
        for key in keys_of(&text) {
            let origin = self.origins.origin(&key.path);
            if origin != Origin::Default && !Self::is_section(&key.path) {
                places[key.line - 1].get_or_insert(origin.to_string().replace('\n', " "));
            }
        }
        let line = |(line, place): (&str, Option<String>)| match place {
            Some(place) => format!("{line} // {place}\n"),
            None => format!("{line}\n"),
        };
        text.lines().zip(places).map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(key: &str, value: &str) -> Override {
        Override { option: format!("config[\"{key}\"]"), key: key.into(), value: value.into() }
    }

    #[test]
    fn a_key_that_was_set_has_its_place_beside_it_and_the_text_is_read_back() {
        let read = Traced::of_text("(\n  weights: (chi: 2.0),\n)", "x.ron").unwrap();
        let changed = read.with(&[set("simulation.seed", "7"), set("stimuli", "[]")]).unwrap();
        let text = changed.to_ron_with_origins();
        let line = |key: &str| text.lines().find(|line| line.trim_start().starts_with(key)).unwrap().trim();
        assert_eq!(line("chi:"), "chi: 2.0, // x.ron:2");
        assert_eq!(line("seed:"), "seed: 7, // config[\"simulation.seed\"]");
        assert_eq!(line("weights:"), "weights: (");
        assert_eq!(Traced::of_text(&text, "y.ron").unwrap().config(), changed.config());
        assert_eq!(read.config().simulation.seed, Config::default().simulation.seed);
    }

    #[test]
    fn an_unknown_key_has_its_nearest_whether_it_is_asked_for_or_set() {
        let none = Traced::default();
        let message = none.value("weights.chii", "config[\"weights.chii\"]").unwrap_err().to_string();
        assert!(message.starts_with("config[\"weights.chii\"]: unknown key"), "{message}");
        assert!(message.ends_with("`weights.chi`"), "{message}");
        let message = none.with(&[set("weights.chii", "2")]).unwrap_err().to_string();
        assert!(message.ends_with("`weights.chi`"), "{message}");
        assert!(Traced::is_section("weights") && !Traced::is_section("stimuli"));
    }

    #[test]
    fn values_must_be_valid_and_leave_nothing_behind_if_they_are_not() {
        let none = Traced::default();
        assert!(none.with(&[set("simulation.duration_ms", "-5.0")]).is_err());
        assert_eq!(
            none.value("simulation.duration_ms", ""),
            Traced::default().value("simulation.duration_ms", "")
        );
    }
}
