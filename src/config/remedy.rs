//! What to write instead of a value that cannot be read.

use super::keys;
use crate::telling::nearest;
use ron::error::Error;
use serde_json::Value;

/// What is meant by `value` of `key`, if that can be told; `fits` tells whether a value can be read.
pub(super) fn of_value(key: &str, value: &str, fits: impl Fn(&str) -> bool) -> Option<String> {
    if let Some(number) = with_point(value).filter(|number| fits(number)) {
        return Some(decimal_point(&number));
    }
    let quoted = with_quotes(value);
    let is_meant = quoted != value && fits(&quoted);
    is_meant.then(|| format!("names need quotes, and quotes others around them: '{key}={quoted}'"))
}

/// What to do about an error of a file or an option that speaks for itself.
pub(super) fn of_error(error: &Error) -> Option<String> {
    match error {
        Error::NoSuchEnumVariant { expected, found, .. } => nearest(found, expected.iter().copied())
            .map(|known| format!("the nearest known value is `{known}`")),
        Error::NoSuchStructField { expected, found, .. } => nearest(found, expected.iter().copied())
            .map(|known| format!("the nearest known key is `{known}`")),
        Error::MissingStructField { .. } => Some("write it down".to_owned()),
        Error::DuplicateStructField { .. } => Some("keep one of the two".to_owned()),
        _ => None,
    }
}

/// What the value of `key` can be.
pub(super) fn like_default(key: &str) -> String {
    match keys::default_value(key) {
        _ if key == "model" => {
            "give human, microcircuit, network(\"FILE\") or network((populations: […], projections: […]))"
                .to_owned()
        }
        None | Some(Value::Null) => "give a value of the key's type, or None for none".to_owned(),
        Some(Value::Array(_)) => "configs/downscaled.ron shows how it is written".to_owned(),
        Some(default) => format!("give a value like the default, {default}"),
    }
}

/// The remedy for a decimal comma.
pub(super) fn decimal_point(number: &str) -> String {
    format!("numbers have a decimal point: write {number}")
}

/// The number with a point, if `text` is one with a comma.
pub(super) fn with_point(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once(',')?;
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let is_decimal = is_number(whole.trim_start_matches(['-', '+'])) && is_number(fraction);
    is_decimal.then(|| format!("{whole}.{fraction}"))
}

/// The text with quotes around words that have none and are no keys.
fn with_quotes(text: &str) -> String {
    let (mut quoted, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
            c if c.is_alphabetic() => rest.find(|c| ",[](){}:\"".contains(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let (part, after) = rest.split_at(length);
        let is_bare = first.is_alphabetic() && !after.starts_with([':', '(', '"']);
        match is_bare {
            true => quoted.push_str(&format!("\"{}\"", part.trim_end())),
            false => quoted.push_str(part),
        }
        rest = after;
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_that_are_no_keys() {
        assert_eq!(with_quotes("[cuneus, precuneus II/III E ]"), r#"["cuneus", "precuneus II/III E"]"#);
        let item = r#"[dc(populations: cuneus, amplitude_pa: -5.0), dc(populations: "a b")]"#;
        assert_eq!(with_quotes(item), item.replace("cuneus", "\"cuneus\""));
    }

    #[test]
    fn numbers_have_points() {
        assert_eq!(with_point("-2,5").as_deref(), Some("-2.5"));
        for text in ["2.5", "2,", ",5", "2,5,1", "a,5", "[2,5]"] {
            assert_eq!(with_point(text), None, "{text}");
        }
    }
}
