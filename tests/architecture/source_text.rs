//! Source files as text: which there are, what stands in them besides comments and strings, and which
//! paths they name.

use std::path::{Path, PathBuf};

/// A file of the repository, its path from the root with `/`.
#[derive(Debug, Clone)]
pub struct SourceFile {
    pub path: String,
    pub text: String,
}

/// Every file below `folder` whose name ends in `.extension`.
pub fn source_files(folder: &str, extension: &str) -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut folders, mut files) = (vec![root.join(folder)], Vec::<PathBuf>::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                files.push(path);
            }
        }
    }
    files.sort();
    let file = |path: PathBuf| SourceFile {
        text: std::fs::read_to_string(&path).expect("a text"),
        path: path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/"),
    };
    files.into_iter().map(file).collect()
}

/// `text` with comments and the contents of string and character literals left out.
pub fn code(text: &str) -> String {
    let (mut code, mut rest) = (String::new(), text);
    while let Some(c) = rest.chars().next() {
        let skipped = comment(rest).or_else(|| string(rest)).or_else(|| character(rest));
        match skipped {
            Some(length) => {
                code.push(' ');
                rest = &rest[length..];
            }
            None => {
                code.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    code
}

fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        Some(rest.find('\n').unwrap_or(rest.len()))
    } else if rest.starts_with("/*") {
        Some(rest.find("*/").map_or(rest.len(), |end| end + 2))
    } else {
        None
    }
}

/// Length of a string literal, with `r#"…"#` of any number of `#`.
fn string(rest: &str) -> Option<usize> {
    if let Some(hashes_and_more) = rest.strip_prefix('r') {
        let hashes = hashes_and_more.len() - hashes_and_more.trim_start_matches('#').len();
        if hashes_and_more[hashes..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let start = hashes + 2;
            return Some(rest[start..].find(&end).map_or(rest.len(), |at| start + at + end.len()));
        }
    }
    let body = rest.strip_prefix('"')?;
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 2),
            _ => {}
        }
    }
    Some(rest.len())
}

/// Length of a character literal; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix('\'')?;
    if body.starts_with('\\') {
        return body[2..].find('\'').map(|at| at + 4);
    }
    let c = body.chars().next()?;
    body[c.len_utf8()..].starts_with('\'').then(|| c.len_utf8() + 2)
}

/// Whether `word` stands in `code` as a word of its own.
pub fn has_word(code: &str, word: &str) -> bool {
    words(code).any(|w| w == word)
}

/// The identifiers and numbers of `code`; a number keeps its point and suffix.
pub fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The paths that start with `prefix`, such as `crate::`, without it; those of groups (`crate::{a, b::{c, d}}`) one
/// by one.
pub fn paths(code: &str, prefix: &str) -> Vec<String> {
    let spaceless: String =
        code.split_whitespace().collect::<Vec<_>>().join(" ").replace(" ::", "::").replace(":: ", "::");
    let starts_a_path =
        |at: &usize| !spaceless[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
    let starts = spaceless.match_indices(prefix).map(|(at, _)| at).filter(starts_a_path);
    starts.flat_map(|at| branches(&spaceless[at + prefix.len()..])).collect()
}

/// The paths of the tree of imports that `text` starts with.
fn branches(text: &str) -> Vec<String> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').unwrap_or(text.len());
    let (path, rest) = text.split_at(end);
    match rest.strip_prefix('{') {
        Some(group) if path.is_empty() || path.ends_with("::") => {
            let named = members(group).into_iter().map(str::trim).filter(|member| !member.is_empty());
            let below = named.flat_map(branches);
            below.map(|below| format!("{path}{below}")).collect()
        }
        _ => vec![path.to_owned()],
    }
}

/// The members of a group, which starts behind its brace.
fn members(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut members) = (1, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && c == ',') {
            members.push(&group[start..at]);
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    members
}
