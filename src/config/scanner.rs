//! A scanner of RON that finds keys, and where their values stand. It checks nothing, and where the text is no RON
//! its result means nothing.

use std::ops::Range;

/// Brackets within each other up to which keys are kept; those of a configuration go to five.
const DEEPEST: usize = 16;
/// Letters of a key's longest name; longer words are no keys.
const LONGEST_NAME: usize = 256;

/// A key of a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    /// Its name after those of its sections, such as `weights.chi`.
    pub path: String,
    /// The line of its name, from 1.
    pub line: usize,
    /// Where its value stands: from behind the colon to the comma or bracket that ends it.
    pub value: Range<usize>,
}

/// The keys of `text`, in their order.
pub(super) fn keys(text: &str) -> Vec<Key> {
    Scanner { text, rest: text, line: 1, open: Vec::new(), keys: Vec::new() }.keys()
}

/// A key whose value has begun.
struct Open<'a> {
    name: &'a str,
    /// Where it is among the keys.
    index: usize,
}

/// Walks over RON text.
struct Scanner<'a> {
    text: &'a str,
    rest: &'a str,
    line: usize,
    /// The key that is open in each bracket around the current place.
    open: Vec<Option<Open<'a>>>,
    keys: Vec<Key>,
}

impl<'a> Scanner<'a> {
    fn keys(mut self) -> Vec<Key> {
        while let Some(first) = self.rest.chars().next() {
            match first {
                '/' | '"' => self.skip_comment_or_string(),
                '(' | '[' | '{' => self.open_bracket(),
                ')' | ']' | '}' => self.close_bracket(),
                ',' => self.end_value(),
                c if c.is_alphabetic() || c == '_' => self.word(),
                c if c.is_ascii_digit() => self.advance(end_of_word(self.rest)),
                c => self.advance(c.len_utf8()),
            }
        }
        self.keys
    }

    /// Bytes up to the current place.
    fn place(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    fn open_bracket(&mut self) {
        self.open.push(None);
        self.advance(1);
    }

    fn close_bracket(&mut self) {
        let open = self.open.pop().flatten();
        self.close(open);
        self.advance(1);
    }

    fn end_value(&mut self) {
        let open = self.open.last_mut().and_then(Option::take);
        self.close(open);
        self.advance(1);
    }

    fn close(&mut self, open: Option<Open<'_>>) {
        if let Some(Open { index, .. }) = open {
            self.keys[index].value.end = self.place();
        }
    }

    /// A word, which is a key if a colon follows.
    fn word(&mut self) {
        let (word, line) = (&self.rest[..end_of_word(self.rest)], self.line);
        self.advance(word.len());
        if word == "r" && self.rest.starts_with(['"', '#']) {
            self.skip_raw_string();
            return;
        }
        self.skip_blank();
        // Otherwise the paths of keys could take much more memory than the text.
        let is_name = word.len() <= LONGEST_NAME && self.open.len() <= DEEPEST;
        if !self.rest.starts_with(':') || !is_name {
            return;
        }
        let index = self.keys.len();
        let Some(innermost) = self.open.last_mut() else { return };
        *innermost = Some(Open { name: word, index });
        let names: Vec<&str> = self.open.iter().flatten().map(|open| open.name).collect();
        let path = names.join(".");
        self.advance(1);
        self.keys.push(Key { path, line, value: self.place()..self.text.len() });
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

    fn lines(text: &str) -> Vec<(String, usize)> {
        keys(text).into_iter().map(|key| (key.path, key.line)).collect()
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
        let found = lines(text);
        let found: Vec<(&str, usize)> = found.iter().map(|(key, line)| (key.as_str(), *line)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn attributes_raw_strings_and_several_line_strings_hide_no_key() {
        let text = "#![enable(implicit_some)]\nConfig(name: r#\"x\n\"y: \"#, scaling: (\nmethod: linear))";
        assert_eq!(lines(text), [("name".into(), 2), ("scaling".into(), 3), ("scaling.method".into(), 4)]);
    }

    #[test]
    fn values_stand_between_colon_and_comma_or_bracket() {
        let text = "(a: 1 /* , */, b: (c: \"x,)\", d: [2, 3]),)";
        let values: Vec<&str> = keys(text).into_iter().map(|key| text[key.value].trim()).collect();
        assert_eq!(values, ["1 /* , */", "(c: \"x,)\", d: [2, 3])", "\"x,)\"", "[2, 3]"]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_scanner_fail(text in "[a-z0-9:(){}\\[\\],/*\"\\\\#r\n é]{0,80}") {
            keys(&text);
        }
    }
}
