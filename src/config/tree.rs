//! A configuration as the text of a file in which every key stands, so that a value can be replaced as files write it.

use super::scanner::{Key, keys};
use super::{Config, parse, to_ron};
use ron::error::Error;
use ron::value::RawValue;

/// A configuration and its text.
pub(super) struct Tree {
    /// What the text says.
    pub config: Config,
    text: String,
}

impl Tree {
    /// The text of `config`.
    pub fn new(config: Config) -> Self {
        Self { text: to_ron(&config), config }
    }

    /// The value of `key` as the text has it; empty if there is no such key.
    pub fn value(&self, key: &str) -> &str {
        self.key(key).map_or("", |key| self.text[key.value].trim())
    }

    /// The same with another value of `key`.
    ///
    /// # Errors
    /// A value that is no RON, or not of the key's type.
    pub fn with(&self, key: &str, value: &str) -> Result<Self, Error> {
        // A comment in the value ends with its line.
        let value = format!(" {value}\n");
        // Alone it must be a value: nothing of it may end the text's own brackets.
        RawValue::from_ron(&value).map_err(|error| error.code)?;
        let mut text = self.text.clone();
        if let Some(Key { value: place, .. }) = self.key(key) {
            text.replace_range(place, &value);
        }
        let config = parse::options().from_str(&text).map_err(|error| error.code)?;
        Ok(Self { config, text })
    }

    fn key(&self, path: &str) -> Option<Key> {
        keys(&self.text).into_iter().find(|key| key.path == path)
    }
}
