//! Where each key of a configuration was set: a scanner of RON that keeps only keys and lines.
//!
//! The parser proper gives values without origins. The scanner finds the origins, so that what is
//! wrong with a value can be reported with its line; it checks nothing, and where the text is no
//! RON its result means nothing.

use super::Origin;
use std::collections::HashMap;

/// Brackets within each other up to which keys are kept; those of a configuration go to five.
const DEEPEST: usize = 16;
/// Letters of a key's longest name; longer words are no keys.
const LONGEST_NAME: usize = 256;

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
        let keys = Scanner::new(text).keys();
        let mut origins = Self { file: file.to_owned(), ..Self::default() };
        keys.into_iter()
            .for_each(|(key, line)| origins.set(key, Origin::File { file: file.to_owned(), line }));
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

    /// Every key with its sections and its place, in the order of the text.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &Origin)> {
        self.keys.iter().map(|(key, origin)| (key.as_str(), origin))
    }
}

/// Walks over RON text.
struct Scanner<'a> {
    rest: &'a str,
    line: usize,
    /// The key that is open in each bracket around the current place.
    open: Vec<Option<&'a str>>,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text, line: 1, open: Vec::new() }
    }

    fn keys(mut self) -> Vec<(String, usize)> {
        let mut keys = Vec::new();
        while let Some(first) = self.rest.chars().next() {
            match first {
                '/' | '"' => self.skip_comment_or_string(),
                '(' | '[' | '{' => self.open_bracket(),
                ')' | ']' | '}' => self.close_bracket(),
                ',' => self.end_value(),
                c if c.is_alphabetic() || c == '_' => {
                    let line = self.line;
                    keys.extend(self.word().map(|key| (key, line)));
                }
                c if c.is_ascii_digit() => self.advance(end_of_word(self.rest)),
                c => self.advance(c.len_utf8()),
            }
        }
        keys
    }

    fn open_bracket(&mut self) {
        self.open.push(None);
        self.advance(1);
    }

    fn close_bracket(&mut self) {
        self.open.pop();
        self.advance(1);
    }

    fn end_value(&mut self) {
        if let Some(key) = self.open.last_mut() {
            *key = None;
        }
        self.advance(1);
    }

    /// A word; its path if it is a key, that is, if a colon follows.
    fn word(&mut self) -> Option<String> {
        let word = &self.rest[..end_of_word(self.rest)];
        self.advance(word.len());
        if word == "r" && self.rest.starts_with(['"', '#']) {
            self.skip_raw_string();
            return None;
        }
        self.skip_blank();
        // Otherwise the paths of keys could take much more memory than the text.
        let is_name = word.len() <= LONGEST_NAME && self.open.len() <= DEEPEST;
        if !self.rest.starts_with(':') || self.open.is_empty() || !is_name {
            return None;
        }
        *self.open.last_mut()? = Some(word);
        Some(self.open.iter().flatten().copied().collect::<Vec<_>>().join("."))
    }

    fn skip_blank(&mut self) {
        loop {
            let blank = self.rest.len() - self.rest.trim_start().len();
            self.advance(blank);
            if !(self.rest.starts_with("//") || self.rest.starts_with("/*")) {
                return;
            }
            self.skip_comment_or_string();
        }
    }

    fn skip_comment_or_string(&mut self) {
        let length = if self.rest.starts_with("//") {
            self.rest.find('\n').unwrap_or(self.rest.len())
        } else if self.rest.starts_with("/*") {
            block_comment_length(self.rest)
        } else if self.rest.starts_with('"') {
            string_length(self.rest)
        } else {
            1
        };
        self.advance(length);
    }

    fn skip_raw_string(&mut self) {
        let hashes = self.rest.len() - self.rest.trim_start_matches('#').len();
        let end = format!("\"{}", "#".repeat(hashes));
        let content = hashes + 1;
        let after = self.rest.get(content..).and_then(|text| text.find(&end));
        self.advance(after.map_or(self.rest.len(), |at| content + at + end.len()));
    }

    fn advance(&mut self, bytes: usize) {
        let (passed, rest) = self.rest.split_at(bytes);
        self.line += passed.matches('\n').count();
        self.rest = rest;
    }
}

fn end_of_word(text: &str) -> usize {
    text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap_or(text.len())
}

/// Bytes of the block comment at the start of `text`; block comments nest.
fn block_comment_length(text: &str) -> usize {
    let (mut depth, mut at) = (0usize, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if text[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// Bytes of the quoted string at the start of `text`.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<(String, usize)> {
        Scanner::new(text).keys()
    }

    #[test]
    fn keys_are_found_with_their_sections_and_lines() {
        let text = "// a: 1\n(\n  name: \"b: (\\\" c: 2\",\n  weights: (chi: 2.5, chi_i: 5e0),\n\n  neurons: (\n    excitatory: (\n      c_m_pf /* d: 3 /* e: 4 */ */ : 200,\n    ),\n    inhibitory: X(c_m_pf: 100),\n  ),\n)\n";
        let expected = [
            ("name", 3),
            ("weights", 4),
            ("weights.chi", 4),
            ("weights.chi_i", 4),
            ("neurons", 6),
            ("neurons.excitatory", 7),
            ("neurons.excitatory.c_m_pf", 8),
            ("neurons.inhibitory", 10),
            ("neurons.inhibitory.c_m_pf", 10),
        ];
        let found = keys(text);
        let found: Vec<(&str, usize)> = found.iter().map(|(key, line)| (key.as_str(), *line)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn attributes_raw_strings_and_several_line_strings_hide_no_key() {
        let text = "#![enable(implicit_some)]\nConfig(name: r#\"x\n\"y: \"#, scaling: (\nmethod: linear))";
        assert_eq!(keys(text), [("name".into(), 2), ("scaling".into(), 3), ("scaling.method".into(), 4)]);
    }

    #[test]
    fn the_last_place_of_a_key_counts() {
        let mut origins = Origins::of("(a: 1,\n b: 2)", "x.ron");
        assert_eq!(origins.origin("b"), Origin::File { file: "x.ron".into(), line: 2 });
        origins.set_by_option("b", "--set b=3");
        assert_eq!(origins.origin("b"), Origin::CommandLine("--set b=3".into()));
        assert_eq!(origins.origin("c"), Origin::Default);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_scanner_fail(text in "[a-z0-9:(){}\\[\\],/*\"\\\\#r\n é]{0,80}") {
            keys(&text);
        }
    }
}
