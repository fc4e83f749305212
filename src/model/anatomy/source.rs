//! Where the text of a table comes from: the user's folder, or the built-in tables. No table is read
//! elsewhere, so that what is computed from them can be known by their digest.

use super::{TableError, embedded};
use crate::disk::{self, Place};
use crate::telling::nearest;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Bytes of the largest table: some hundred times the largest that is built in.
const MAX_BYTES: u64 = 1 << 22;

/// The user's folder, searched before the built-in tables.
pub(super) struct Source<'a> {
    folder: Option<&'a Path>,
    overriding: Vec<PathBuf>,
    read: Sha256,
}

impl<'a> Source<'a> {
    /// Lists `folder`. A csv file there that replaces no table is a problem, since a misspelt name
    /// would otherwise go unnoticed.
    pub fn new(folder: Option<&'a Path>, problems: &mut Vec<TableError>) -> Self {
        let mut overriding = Vec::new();
        if let Some(folder) = folder {
            match Place::folder(folder).names() {
                Ok(names) => overriding.extend(names.iter().map(|name| folder.join(name)).filter(is_csv)),
                Err(error) => problems.push(unreadable(folder, &error)),
            }
            overriding.sort();
        }
        for path in &overriding {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if embedded::table(&name).is_none() {
                let nearest =
                    nearest(&name, embedded::TABLES.iter().map(|(name, _)| *name)).unwrap_or_default();
                problems.push(TableError::UnknownFile { file: path.display().to_string(), nearest });
            }
        }
        Self { folder, overriding, read: Sha256::new() }
    }

    /// Name for messages and text of table `file`; `None` if it cannot be read.
    pub fn table(
        &mut self,
        file: &str,
        problems: &mut Vec<TableError>,
    ) -> Option<(String, Cow<'static, str>)> {
        let path = self.folder.map(|folder| folder.join(file)).filter(|path| self.overriding.contains(path));
        let (name, text) = match path {
            None => (format!("built-in {file}"), Cow::Borrowed(embedded::table(file)?)),
            Some(path) => match disk::read_text_limited(&path, MAX_BYTES) {
                Ok(text) => (path.display().to_string(), Cow::Owned(text)),
                Err(error) => {
                    problems.push(unreadable(&path, &error));
                    return None;
                }
            },
        };
        self.read.update(format!("{file}\n"));
        text.lines().for_each(|line| self.read.update(format!("{line}\n")));
        Some((name, text))
    }

    /// SHA-256 of names and text of all tables that were read, line ends apart.
    pub fn digest(&self) -> [u8; 32] {
        self.read.clone().finalize().into()
    }
}

#[expect(clippy::ptr_arg, reason = "used as a filter over paths")]
fn is_csv(path: &PathBuf) -> bool {
    path.extension().is_some_and(|extension| extension == "csv")
}

fn unreadable(path: &Path, error: &std::io::Error) -> TableError {
    TableError::Unreadable { file: path.display().to_string(), reason: error.to_string() }
}
