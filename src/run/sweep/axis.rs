//! `key=v1,v2,…`: a key and the values that it takes, or keys that move together.

use crate::config::{ConfigError, Override, Problem};

/// Keys that move together, and the values that they take.
///
/// ```text
/// weights.chi=0,1,2.5                        one key
/// weights.chi+weights.chi_i=0:0,1:2,2.5:5    two keys: a value of each, with `:` between them
/// ```
/// Values are those of `--set`, as in files, in JSON, or text. Commas and colons inside of quotes or brackets separate
/// nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepAxis {
    /// The keys, such as `weights.chi`.
    pub keys: Vec<String>,
    /// The values as written: of each step along the axis, one for each key.
    pub values: Vec<Vec<String>>,
    /// Where it was written, for messages, such as `--vary`.
    pub origin: String,
}

impl SweepAxis {
    /// Reads the notation; `origin` tells where it stands, such as `--vary`.
    ///
    /// # Errors
    /// Text that is no axis.
    pub fn parse(text: &str, origin: &str) -> Result<Self, ConfigError> {
        let wrong = |reason: String| {
            let remedy = "write key=value,value,… or, for keys that move together, key+key=value:value,…";
            let (option, remedy) = (format!("{origin} {text}"), remedy.to_owned());
            Err(Problem::Override { option, reason, remedy }.into())
        };
        let Some((keys, values)) = text.split_once('=') else { return wrong("has no `=`".to_owned()) };
        let keys: Vec<String> = keys.split('+').map(|key| key.trim().to_owned()).collect();
        let parts = |step: &str| match keys.len() {
            1 => vec![step.trim().to_owned()],
            _ => split(step, ':').into_iter().map(|value| value.trim().to_owned()).collect(),
        };
        let values: Vec<Vec<String>> = split(values, ',').into_iter().map(parts).collect();
        for step in &values {
            let (found, asked) = (step.len(), keys.len());
            if found != asked {
                return wrong(format!("has {asked} keys, and `{}` are {found} values", step.join(":")));
            }
            if step.iter().any(String::is_empty) {
                return wrong("has a value that is empty".to_owned());
            }
        }
        Ok(Self { keys, values, origin: origin.to_owned() })
    }

    /// The notation, without its origin.
    pub fn notation(&self) -> String {
        let values: Vec<String> = self.values.iter().map(|step| step.join(":")).collect();
        format!("{}={}", self.keys.join("+"), values.join(","))
    }

    /// The keys with their values at a step along the axis.
    pub(super) fn overrides(&self, step: usize) -> Vec<Override> {
        let replaced = |(key, value): (&String, &String)| Override {
            option: format!("{} {key}={value}", self.origin),
            key: key.clone(),
            value: value.clone(),
        };
        self.keys.iter().zip(&self.values[step]).map(replaced).collect()
    }
}

/// Parts of `text` between separators that stand outside of quotes and brackets.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ if c == separator && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(text: &str) -> SweepAxis {
        SweepAxis::parse(text, "--vary").unwrap()
    }

    #[test]
    fn values_are_separated_outside_of_quotes_and_brackets() {
        assert_eq!(axis("a=1, 2.5,x").values, [["1"], ["2.5"], ["x"]]);
        assert_eq!(axis("a=[\"x,]\",\"y\"],null").values, [["[\"x,]\",\"y\"]"], ["null"]]);
        assert_eq!(axis("a=[dc(x: 1, y: 2)],(1, 2)").values, [["[dc(x: 1, y: 2)]"], ["(1, 2)"]]);
        assert_eq!(axis("a=\"b\\\",c\",d=e:f").values, [["\"b\\\",c\""], ["d=e:f"]]);
    }

    #[test]
    fn keys_that_move_together_have_a_value_each() {
        let found = axis("a.b + c=0:1,\"x:y\":[2:3]");
        assert_eq!(found.keys, ["a.b", "c"]);
        assert_eq!(found.values, [["0", "1"], ["\"x:y\"", "[2:3]"]]);
        assert_eq!(axis(&found.notation()), found);
    }

    #[test]
    fn what_is_no_axis_is_refused_with_a_remedy() {
        for (text, reason) in [
            ("a", "has no `=`"),
            ("a=1,,2", "has a value that is empty"),
            ("a=", "has a value that is empty"),
            ("a+b=1:2,3", "has 2 keys, and `3` are 1 values"),
            ("a+b=1:2:3", "has 2 keys, and `1:2:3` are 3 values"),
        ] {
            let message = SweepAxis::parse(text, "--vary").unwrap_err().to_string();
            assert!(message.starts_with(&format!("--vary {text}: {reason}: write key=value")), "{message}");
        }
    }
}
