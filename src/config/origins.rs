//! Where each key of a configuration was set.
//!
//! The parser proper gives values without origins. They are found apart, so that what is wrong with a value can be
//! reported with its line.

use super::Origin;
use super::scanner::keys;
use std::collections::HashMap;

/// Keys of a sweep that no configuration has.
const OF_SWEEPS: [&str; 2] = ["config", "vary"];

/// Where keys were set.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Origins {
    file: String,
    keys: Vec<(String, Origin)>,
    /// Where in `keys` the last place of each is.
    last: HashMap<String, usize>,
}

impl Origins {
    /// Finds the keys of `text`, the content of `file`.
    pub fn of(text: &str, file: &str) -> Self {
        let mut origins = Self { file: file.to_owned(), ..Self::default() };
        for key in keys(text) {
            origins.set(key.path, Origin::File { file: file.to_owned(), line: key.line });
        }
        origins
    }

    /// Notes that an option of the command line set `key`.
    pub fn set_by_option(&mut self, key: &str, option: &str) {
        self.set(key.to_owned(), Origin::CommandLine(option.to_owned()));
    }

    fn set(&mut self, key: String, origin: Origin) {
        self.last.insert(key.clone(), self.keys.len());
        self.keys.push((key, origin));
    }

    /// Where `key` was set last.
    pub fn origin(&self, key: &str) -> Origin {
        self.last.get(key).map_or(Origin::Default, |&last| self.keys[last].1.clone())
    }

    /// Where `key`, or the list of which it is in an item, such as `stimuli[0].dc.from_ms`, was set last.
    pub fn origin_of_item(&self, key: &str) -> Origin {
        self.origin(key.split('[').next().unwrap_or(key))
    }

    /// Whether the text is that of a sweep, which has keys that no configuration has.
    pub fn are_of_sweep(&self) -> bool {
        self.keys().any(|(key, _)| OF_SWEEPS.contains(&key))
    }

    /// Every key with its sections and its place, in the order of the text.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &Origin)> {
        self.keys.iter().map(|(key, origin)| (key.as_str(), origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_place_of_a_key_counts() {
        let mut origins = Origins::of("(a: 1,\n b: 2)", "x.ron");
        assert_eq!(origins.origin("b"), Origin::File { file: "x.ron".into(), line: 2 });
        origins.set_by_option("b", "--set b=3");
        assert_eq!(origins.origin("b"), Origin::CommandLine("--set b=3".into()));
        assert_eq!(origins.origin("c"), Origin::Default);
    }
}
