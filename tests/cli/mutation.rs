//! Valid inputs made wrong: a small deterministic mutator of texts and bytes.

use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

/// Numbers at the ends of what types hold, and what only looks like numbers.
pub const EXTREMES: [&str; 46] = [
    "0",
    "-0.0",
    "1",
    "-1",
    "2",
    "0.1",
    "0.5",
    "-2.5",
    "3",
    "7",
    "10",
    "64",
    "100",
    "1000",
    "1e-3",
    "1e-6",
    "1e3",
    "1e6",
    "1e9",
    "1e12",
    "1e15",
    "1e18",
    "1e-9",
    "1e-12",
    "1e-15",
    "1e-18",
    "1e300",
    "-1e300",
    "1e-300",
    "-1e-300",
    "5e-324",
    "1.7976931348623157e308",
    "1e999",
    "NaN",
    "inf",
    "-inf",
    "255",
    "65535",
    "65536",
    "1073741824",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "18446744073709551615",
    "18446744073709551616",
    "1000000000",
];

/// Pieces that mean something to one of the formats.
const PIECES: [&str; 48] = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ";",
    "\"",
    "'",
    "\\",
    "/*",
    "*/",
    "//",
    "r#\"",
    "\"#",
    "#![enable(",
    "implicit_some)]",
    "Some(",
    "None",
    "true",
    "false",
    "\n",
    "\r\n",
    "\t",
    " ",
    "=",
    "+",
    ".",
    "..",
    "../",
    "/",
    "\u{0}",
    "\u{feff}",
    "é",
    "\u{1F9E0}",
    "\\u{110000}",
    "weights:",
    "chi:",
    "populations",
    "(((((((((((((((((((",
    "[[[[[[[[[[[[[[[[",
    "a:(b:(c:(",
    "0x",
    "'",
    "b\"",
    "stimuli",
];

/// A number below `n`; 0 if `n` is 0.
pub fn below(chance: &mut StdRng, n: usize) -> usize {
    chance.random_range(0..n.max(1))
}

/// One of some texts.
pub fn one_of<'a>(chance: &mut StdRng, all: &[&'a str]) -> &'a str {
    all.choose(chance).expect("a text")
}

/// `original` after a few changes; `others` are inputs from which pieces are taken.
pub fn mutated(chance: &mut StdRng, original: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..1 + below(chance, 4) {
        mutate(chance, &mut bytes, others);
    }
    bytes
}

/// The same as text.
pub fn mutated_text(chance: &mut StdRng, original: &str, others: &[Vec<u8>]) -> String {
    String::from_utf8_lossy(&mutated(chance, original.as_bytes(), others)).into_owned()
}

fn mutate(chance: &mut StdRng, bytes: &mut Vec<u8>, others: &[Vec<u8>]) {
    let at = below(chance, bytes.len() + 1);
    let end = at + below(chance, (bytes.len() - at).min(64) + 1);
    match below(chance, 12) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << below(chance, 8);
            }
        }
        1 => bytes.truncate(at),
        2 => drop(bytes.drain(at..end)),
        3 => insert(bytes, at..at, one_of(chance, &PIECES).as_bytes()),
        4 => insert(bytes, at..end, one_of(chance, &PIECES).as_bytes()),
        5..=7 => replace_number(chance, bytes),
        8 => {
            let piece = bytes[at..end].to_vec();
            insert(bytes, at..at, &piece.repeat(1 + below(chance, 4)));
        }
        9 => {
            // Deep or long: one piece many times.
            let piece = one_of(chance, &PIECES).repeat(1 << below(chance, 14));
            insert(bytes, at..at, piece.as_bytes());
        }
        10 => swap_lines(chance, bytes),
        _ => {
            let Some(other) = others.get(below(chance, others.len())) else { return };
            let from = below(chance, other.len() + 1);
            let to = from + below(chance, (other.len() - from).min(512) + 1);
            insert(bytes, at..end, &other[from..to]);
        }
    }
}

fn insert(bytes: &mut Vec<u8>, range: std::ops::Range<usize>, piece: &[u8]) {
    bytes.splice(range, piece.iter().copied());
}

/// Puts an extreme in the place of a number.
fn replace_number(chance: &mut StdRng, bytes: &mut Vec<u8>) {
    let is_of_number = |byte: &u8| byte.is_ascii_digit() || b".-+eE".contains(byte);
    let is_start = |&at: &usize| bytes[at].is_ascii_digit() && (at == 0 || !is_of_number(&bytes[at - 1]));
    let starts: Vec<usize> = (0..bytes.len()).filter(is_start).collect();
    let Some(&start) = starts.get(below(chance, starts.len())) else { return };
    let end = bytes[start..].iter().position(|byte| !is_of_number(byte)).map_or(bytes.len(), |n| start + n);
    insert(bytes, start..end, one_of(chance, &EXTREMES).as_bytes());
}

fn swap_lines(chance: &mut StdRng, bytes: &mut Vec<u8>) {
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    if lines.is_empty() {
        return;
    }
    let (a, b) = (below(chance, lines.len()), below(chance, lines.len()));
    lines.swap(a, b);
    *bytes = lines.concat();
}
