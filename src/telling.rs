//! How something is told: in characters that can be seen, and lists up to an end that is read.
//!
//! Names and texts come from files of other people. A character that steers a terminal or hides what stands
//! around it is written out wherever the program tells something, on a terminal or in a page; names are refused
//! where they are read ([`is_seen`]).

use std::borrow::Cow;
use std::fmt::Display;

/// Problems of a list that are told; of the others the number is.
pub const MAX_TOLD: usize = 20;

/// Whether a character is seen, or is a blank: none that controls a terminal, none that changes the direction of
/// writing or has no width.
pub fn is_seen(c: char) -> bool {
    let is_hidden = matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    );
    !c.is_control() && !is_hidden
}

/// The text with every character that is not seen written as `\u{1b}`; ends of lines and tabs stay.
pub fn plain(text: &str) -> Cow<'_, str> {
    let stays = |c: char| is_seen(c) || c == '\n' || c == '\t';
    if text.chars().all(stays) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match stays(c) {
            true => plain.push(c),
            false => plain.extend(c.escape_unicode()),
        }
    }
    Cow::Owned(plain)
}

/// A word as a POSIX shell reads it back.
pub fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// How many letters of a name are changed, added, left out or swapped to make the other of it.
pub fn distance(a: &str, b: &str) -> usize {
    strsim::damerau_levenshtein(a, b)
}

/// The known name that an unknown one is most like; `None` if none is known.
pub fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    known.into_iter().min_by_key(|known| distance(known, name))
}

/// The first [`MAX_TOLD`] of a list, a line each, and how many more there are.
pub fn list<T: Display>(problems: &[T]) -> String {
    let mut lines: Vec<String> = problems.iter().take(MAX_TOLD).map(ToString::to_string).collect();
    match problems.len() - lines.len() {
        0 => {}
        more => lines.push(format!("and {more} more")),
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_from_a_shell() {
        for word in ["out/tiny", "my runs/tiny", "it's", "", "$HOME", "a;b", "χ=2.5", "~"] {
            let quoted = shell_word(word);
            let shell =
                std::process::Command::new("sh").args(["-c", &format!("printf %s {quoted}")]).output();
            let Ok(printed) = shell else { return };
            assert_eq!(String::from_utf8_lossy(&printed.stdout), word, "{quoted}");
        }
        assert_eq!(shell_word("out/tiny"), "out/tiny");
    }

    #[test]
    fn what_steers_a_terminal_or_hides_is_written_out_and_all_else_stays() {
        let steering = "a\u{1b}[2J\u{7}\u{8}\r\u{7f}\u{9b}\u{85}\u{202e}\u{2066}\u{200f}\u{feff}\u{e0041}z";
        let told = plain(steering);
        assert!(told.chars().all(is_seen), "{told:?}");
        assert!(
            told.starts_with("a\\u{1b}[2J\\u{7}\\u{8}\\u{d}\\u{7f}\\u{9b}") && told.ends_with('z'),
            "{told}"
        );
        for text in ["", "II/III E", "Größe 1 − KS, χ = 2.5 µs", "a line\nand\tanother", "皮質 🧠"]
        {
            assert_eq!(plain(text), text);
            assert!(matches!(plain(text), Cow::Borrowed(_)));
        }
    }

    #[test]
    fn a_long_list_is_told_as_its_beginning_and_a_count() {
        assert_eq!(list::<u32>(&[]), "");
        assert_eq!(list(&[1, 2]), "1\n2");
        let all: Vec<usize> = (0..MAX_TOLD).collect();
        assert_eq!(list(&all).lines().count(), MAX_TOLD);
        assert!(!list(&all).contains("more"));
        let all: Vec<u32> = (0..100_000).collect();
        let told = list(&all);
        assert_eq!(told.lines().count(), MAX_TOLD + 1);
        assert!(told.starts_with("0\n1\n") && told.ends_with("\n19\nand 99980 more"), "{told}");
    }
}
