//! Populations by name: how recordings, stimuli and inputs choose theirs.

use crate::rules::Check;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Chooses populations by the words of their names, such as `precuneus II/III E`: `*` stands for any
/// word, and words that are left out at the end for any. `precuneus` is all of that area, `* V` layer V
/// of every area, `* * I` all inhibitory neurons, `*` everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PopulationSelector(pub String);

impl PopulationSelector {
    /// Whether the population of that name is chosen.
    pub fn matches(&self, name: &str) -> bool {
        let mut words = name.split(' ');
        self.0.split_whitespace().all(|wanted| {
            let word = words.next();
            word.is_some() && (wanted == "*" || word == Some(wanted))
        })
    }

    /// Whether it has no word that could choose.
    pub fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }

    /// Of these names the most similar one, for messages about a selector that chooses none.
    pub fn nearest<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
        let words = self.0.split_whitespace().count();
        let distance = |name: &&str| {
            let compared: Vec<&str> = name.split(' ').take(words).collect();
            crate::telling::distance(&self.0, &compared.join(" "))
        };
        names.into_iter().min_by_key(distance)
    }
}

impl Check {
    /// Whether a selector has words; which populations there are is not known yet.
    pub fn selector(&mut self, key: &str, selector: &PopulationSelector) {
        let remedy = "name populations, such as \"precuneus II/III E\", or \"*\" for all";
        self.refuse(selector.is_empty(), key, "\"\"", "chooses no population", remedy);
    }
}

impl fmt::Display for PopulationSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["cuneus IV E", "cuneus IV I", "precuneus IV E", "precuneus V E"];

    fn chosen(selector: &str) -> [bool; 4] {
        NAMES.map(|name| PopulationSelector(selector.into()).matches(name))
    }

    #[test]
    fn words_choose_in_their_order_and_those_left_out_choose_all() {
        assert_eq!(chosen("*"), [true; 4]);
        assert_eq!(chosen("cuneus"), [true, true, false, false]);
        assert_eq!(chosen("cuneus IV E"), [true, false, false, false]);
        assert_eq!(chosen("* IV"), [true, true, true, false]);
        assert_eq!(chosen("* * E"), [true, false, true, true]);
        assert_eq!(chosen("IV"), [false; 4]);
        assert_eq!(chosen("cuneus IV E more"), [false; 4]);
    }

    #[test]
    fn the_nearest_name_is_that_of_the_words_given() {
        let nearest = |selector: &str| PopulationSelector(selector.into()).nearest(NAMES);
        assert_eq!(nearest("precunes"), Some("precuneus IV E"));
        assert_eq!(nearest("precuneus VI E"), Some("precuneus IV E"));
        assert_eq!(nearest("cuneus IV X"), Some("cuneus IV E"));
    }
}
