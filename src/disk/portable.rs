//! Folders by their paths, for systems whose library knows no other way: what is a link is told before it is
//! used. Tests run it everywhere.

use super::reading::regular;
use super::{Kind, is_linked};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{ErrorKind, Result};
use std::path::{Path, PathBuf};

/// A folder that was there.
pub(super) struct Dir(PathBuf);

impl Dir {
    /// The folder at a path that the user names, links and all.
    pub fn named(path: &Path) -> Result<Self> {
        match path.metadata()?.is_dir() {
            true => Ok(Self(path.to_path_buf())),
            false => Err(ErrorKind::NotADirectory.into()),
        }
    }

    /// The folder of that name in this one; a link is none.
    pub fn folder(&self, name: &OsStr) -> Result<Self> {
        match self.kind(name)? {
            Kind::Folder => Ok(Self(self.0.join(name))),
            Kind::Link => Err(is_linked(name)),
            _ => Err(ErrorKind::NotADirectory.into()),
        }
    }

    pub fn make_folder(&self, name: &OsStr) -> Result<()> {
        fs::create_dir(self.0.join(name))
    }

    /// A file that was not there before.
    pub fn create_new(&self, name: &OsStr) -> Result<File> {
        File::create_new(self.0.join(name))
    }

    /// A regular file, to be written; with `make` it is made if there is none.
    pub fn open(&self, name: &OsStr, make: bool) -> Result<File> {
        match self.kind(name) {
            Ok(Kind::Link) => return Err(is_linked(name)),
            Ok(_) => regular(&self.0.join(name).metadata()?)?,
            Err(error) if make && error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        File::options().read(true).write(true).create(make).truncate(false).open(self.0.join(name))
    }

    pub fn kind(&self, name: &OsStr) -> Result<Kind> {
        let found = fs::symlink_metadata(self.0.join(name))?;
        Ok(match () {
            () if found.is_symlink() => Kind::Link,
            () if found.is_dir() => Kind::Folder,
            () if found.is_file() => Kind::File,
            () => Kind::Other,
        })
    }

    /// Whether there is something of that name: here a file that is open cannot be replaced.
    pub fn holds(&self, name: &OsStr, _: &File) -> Result<bool> {
        self.kind(name).map(|_| true)
    }

    /// Removes a name of what is no folder.
    pub fn remove_file(&self, name: &OsStr) -> Result<()> {
        fs::remove_file(self.0.join(name))
    }

    /// Removes a folder that is empty.
    pub fn remove_folder(&self, name: &OsStr) -> Result<()> {
        fs::remove_dir(self.0.join(name))
    }

    pub fn rename(&self, name: &OsStr, folder: &Self, new_name: &OsStr) -> Result<()> {
        fs::rename(self.0.join(name), folder.0.join(new_name))
    }

    pub fn names(&self) -> Result<Vec<OsString>> {
        fs::read_dir(&self.0)?.map(|entry| entry.map(|entry| entry.file_name())).collect()
    }
}
