//! Valid inputs made wrong: a small deterministic mutator of texts and bytes.

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

/// Random numbers that repeat (SplitMix64; Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195).
#[derive(Debug, Clone)]
pub struct Chance(pub u64);

impl Chance {
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 where `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.word()) * n as u128) >> 64) as usize
    }

    pub fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    /// Whether an event of probability 1/`n` happens.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// `original` after a few changes; `others` are inputs from which pieces are taken.
pub fn mutated(chance: &mut Chance, original: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..1 + chance.below(4) {
        mutate(chance, &mut bytes, others);
    }
    bytes
}

/// The same as text.
pub fn mutated_text(chance: &mut Chance, original: &str, others: &[Vec<u8>]) -> String {
    String::from_utf8_lossy(&mutated(chance, original.as_bytes(), others)).into_owned()
}

fn mutate(chance: &mut Chance, bytes: &mut Vec<u8>, others: &[Vec<u8>]) {
    let at = chance.below(bytes.len() + 1);
    let end = at + chance.below((bytes.len() - at).min(64) + 1);
    match chance.below(12) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << chance.below(8);
            }
        }
        1 => bytes.truncate(at),
        2 => drop(bytes.drain(at..end)),
        3 => insert(bytes, at..at, chance.one_of(&PIECES).as_bytes()),
        4 => insert(bytes, at..end, chance.one_of(&PIECES).as_bytes()),
        5..=7 => replace_number(chance, bytes),
        8 => {
            let piece = bytes[at..end].to_vec();
            insert(bytes, at..at, &piece.repeat(1 + chance.below(4)));
        }
        9 => {
            // Deep or long: one piece many times.
            let piece = chance.one_of(&PIECES).repeat(1 << chance.below(14));
            insert(bytes, at..at, piece.as_bytes());
        }
        10 => swap_lines(chance, bytes),
        _ => {
            let Some(other) = others.get(chance.below(others.len())) else { return };
            let from = chance.below(other.len() + 1);
            let to = from + chance.below((other.len() - from).min(512) + 1);
            insert(bytes, at..end, &other[from..to]);
        }
    }
}

fn insert(bytes: &mut Vec<u8>, range: std::ops::Range<usize>, piece: &[u8]) {
    bytes.splice(range, piece.iter().copied());
}

/// Puts an extreme in the place of a number.
fn replace_number(chance: &mut Chance, bytes: &mut Vec<u8>) {
    let is_of_number = |byte: &u8| byte.is_ascii_digit() || b".-+eE".contains(byte);
    let is_start = |&at: &usize| bytes[at].is_ascii_digit() && (at == 0 || !is_of_number(&bytes[at - 1]));
    let starts: Vec<usize> = (0..bytes.len()).filter(is_start).collect();
    let Some(&start) = starts.get(chance.below(starts.len())) else { return };
    let end = bytes[start..].iter().position(|byte| !is_of_number(byte)).map_or(bytes.len(), |n| start + n);
    insert(bytes, start..end, chance.one_of(&EXTREMES).as_bytes());
}

fn swap_lines(chance: &mut Chance, bytes: &mut Vec<u8>) {
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    if lines.is_empty() {
        return;
    }
    let (a, b) = (chance.below(lines.len()), chance.below(lines.len()));
    lines.swap(a, b);
    *bytes = lines.concat();
}
