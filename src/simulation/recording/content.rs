//! What a folder holds: SHA-256 of each file that is read later, by which a change does not go unnoticed.

use super::hashes::hexadecimal;
use super::{MANIFEST_FILE, RecordingError};
use crate::disk::{self, Place};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// What files end in that are read later.
const EXTENSIONS: [&str; 3] = ["csv", "npy", "ron"];

/// SHA-256 of files of a folder, hexadecimal, by name; as `sha256sum` tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Content(BTreeMap<String, String>);

impl Content {
    /// Of all arrays, tables and RON texts in `folder`.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn of_folder(folder: &Path) -> Result<Self, RecordingError> {
        let failed = |source| RecordingError::read(folder, source);
        let mut content = Self::default();
        for name in Place::folder(folder).names().map_err(failed)? {
            let path = folder.join(name);
            let is_read = |extension: &std::ffi::OsStr| EXTENSIONS.iter().any(|known| extension == *known);
            let name = path.file_name().and_then(|name| name.to_str());
            if let Some(name) = name.filter(|_| path.extension().is_some_and(is_read) && path.is_file()) {
                content.0.insert(name.to_owned(), sha256_of_file(&path)?);
            }
        }
        Ok(content)
    }

    /// Notes that a file has another text now.
    pub fn note(&mut self, name: &str, text: &[u8]) {
        self.0.insert(name.to_owned(), hexadecimal(&Sha256::digest(text)));
    }

    /// The hash of a file.
    pub fn of(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Names of all files, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Checks that all files in `folder` are as they were, and that `needed` are among them.
    ///
    /// # Errors
    /// [`RecordingError::Changed`], files that cannot be read, and hashes that are missing, as they are in
    /// folders of earlier versions.
    pub fn check(&self, folder: &Path, needed: &[&str]) -> Result<(), RecordingError> {
        let foreign = |reason: String| Err(RecordingError::malformed(&folder.join(MANIFEST_FILE), reason));
        if let Some(missing) = needed.iter().find(|name| self.of(name).is_none()) {
            return foreign(format!("it tells no SHA-256 of {missing}, as one of an earlier version"));
        }
        for (name, told) in &self.0 {
            let path = folder.join(name);
            if Path::new(name).file_name().is_none_or(|own| own != name.as_str()) {
                return foreign(format!("it tells of {name}, which is no file of its folder"));
            }
            let found = sha256_of_file(&path)?;
            if found != *told {
                return Err(RecordingError::Changed { path, told: told.clone(), found });
            }
        }
        Ok(())
    }
}

fn sha256_of_file(path: &Path) -> Result<String, RecordingError> {
    let digest = disk::sha256(path).map_err(|source| RecordingError::read(path, source))?;
    Ok(hexadecimal(&digest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_change_a_gap_and_a_place_elsewhere_are_told() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path();
        for (name, text) in [("a.csv", "abc"), ("b.npy", ""), ("lock", "x"), ("manifest.json", "{}")] {
            fs::write(folder.join(name), text).unwrap();
        }
        let mut content = Content::of_folder(folder).unwrap();
        assert_eq!(content.names().collect::<Vec<_>>(), ["a.csv", "b.npy"]);
        // The first example of FIPS 180-2.
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(content.of("a.csv"), Some(known));
        assert!(content.check(folder, &["a.csv"]).is_ok());
        let error = content.check(folder, &["c.ron"]).unwrap_err().to_string();
        assert!(error.contains("no SHA-256 of c.ron"), "{error}");

        fs::write(folder.join("a.csv"), "abd").unwrap();
        let error = content.check(folder, &[]).unwrap_err();
        assert!(matches!(&error, RecordingError::Changed { told, .. } if told == known), "{error}");
        content.note("a.csv", b"abd");
        assert!(content.check(folder, &[]).is_ok());

        fs::remove_file(folder.join("b.npy")).unwrap();
        assert!(content.check(folder, &[]).unwrap_err().to_string().contains("b.npy"));
        let elsewhere = Content([("../a.csv".to_owned(), known.to_owned())].into());
        let error = elsewhere.check(folder, &[]).unwrap_err().to_string();
        assert!(error.contains("no file of its folder"), "{error}");
    }
}
