//! `manifest.json` of a network: what it was made from, and what its folder holds.

use super::{Content, MANIFEST_FILE, RecordingError, write_whole};
use crate::disk::{self, Place};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

const SECONDS_PER_DAY: u64 = 24 * 60 * 60;

/// A network that is on disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NetworkManifest {
    /// Version of the program that made it.
    pub version: String,
    /// When, by universal time, `2026-01-31`.
    pub made_on: String,
    /// Hash of the network.
    pub network_hash: String,
    /// Folder of the tables that replaced built-in ones, or file of a network of one's own; `None` if all tables
    /// were built in.
    pub tables_folder: Option<PathBuf>,
    /// SHA-256 of the tables or the file, hexadecimal.
    pub tables_sha256: String,
    /// SHA-256 of its files.
    #[serde(default)]
    pub files: Content,
}

impl NetworkManifest {
    /// The tables or the file that it was made from, in words.
    pub fn tables(&self) -> String {
        tables_in_words(self.tables_folder.as_deref())
    }

    /// Writes `manifest.json`.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, folder: impl Into<Place>) -> Result<(), RecordingError> {
        let place = folder.into().join(MANIFEST_FILE);
        let text = serde_json::to_string_pretty(self);
        let text = text.map_err(|error| RecordingError::malformed(&place.path(), error))?;
        write_whole(&place, (text + "\n").as_bytes())
    }

    /// Reads `manifest.json`.
    ///
    /// # Errors
    /// A file that cannot be read or understood.
    pub fn read(folder: &Path) -> Result<Self, RecordingError> {
        let path = folder.join(MANIFEST_FILE);
        let text = disk::read_limited(&path, disk::MAX_TEXT_BYTES);
        let text = text.map_err(|source| RecordingError::read(&path, source))?;
        serde_json::from_slice(&text).map_err(|error| RecordingError::malformed(&path, error))
    }
}

/// The tables of that folder, the network of that file, or the tables that are built in.
pub fn tables_in_words(from: Option<&Path>) -> String {
    match from {
        None => "the built-in tables".to_owned(),
        Some(file) if file.extension().is_some_and(|extension| extension == "ron") => {
            format!("the network in {}", file.display())
        }
        Some(folder) => format!("the tables in {}", folder.display()),
    }
}

/// The day that it is, by universal time.
pub fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    date(seconds / SECONDS_PER_DAY)
}

/// The date that many days after 1970-01-01, in the Gregorian calendar.
fn date(mut days: u64) -> String {
    let is_leap =
        |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_the_dates_of_the_calendar() {
        for (days, expected) in [
            (0, "1970-01-01"),
            (59, "1970-03-01"),
            (789, "1972-02-29"),
            (11_016, "2000-02-29"),
            (11_322, "2000-12-31"),
            (11_323, "2001-01-01"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(date(days), expected);
        }
    }
}
