//! A folder for what nobody keeps.

use std::fs;
use std::io::{ErrorKind, Result};
use std::path::{Path, PathBuf};

/// Names that are tried.
const MAX_ATTEMPTS: u32 = 1000;

/// A folder, made anew, that is gone with all its content when its owner is.
#[derive(Debug)]
pub struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// A folder among the system's temporary ones, whose name begins with `name`.
    ///
    /// # Errors
    /// No folder can be made there.
    pub fn new(name: &str) -> Result<Self> {
        let among = std::env::temp_dir();
        for attempt in 0..MAX_ATTEMPTS {
            let path = among.join(format!("{name}-{}-{attempt}", std::process::id()));
            match fs::create_dir(&path) {
                // Somebody else's, or a link.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                made => return made.map(|()| Self(path)),
            }
        }
        Err(ErrorKind::AlreadyExists.into())
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system, which clears its folder of temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}
