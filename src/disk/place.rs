//! Where something is written.

use super::{Begun, Kind, system::Dir};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// What the name of a file or folder ends in that is being filled.
const PARTIAL: &str = "partial";

/// A place for a file or folder: a folder that the user names, and a path below it.
///
/// The user's folder may be a link, or lie behind one. Below it nothing is written through links: a run folder
/// may come from somebody else, and what is in it is not to lead anywhere. Every name is looked up in the open
/// folder above, so that nothing that changes meanwhile leads elsewhere either.
///
/// A path by itself is a place in the folder that holds it, among files of the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    root: PathBuf,
    below: PathBuf,
    /// Whether what lies beside it is the user's, whatever its name.
    is_users: bool,
}

impl Place {
    /// The folder at a path that the user names.
    pub fn folder(path: &Path) -> Self {
        Self { root: path.to_path_buf(), below: PathBuf::new(), is_users: true }
    }

    /// The place `below` this one.
    #[must_use]
    pub fn join(&self, below: impl AsRef<Path>) -> Self {
        Self { root: self.root.clone(), below: self.below.join(below), is_users: false }
    }

    /// The place beside this one whose name has that ending after a point.
    #[must_use]
    pub fn with_suffix(&self, suffix: &str) -> Self {
        let mut name = self.name().to_os_string();
        name.push(".");
        name.push(suffix);
        Self { below: self.below.with_file_name(name), ..self.clone() }
    }

    /// Its path.
    pub fn path(&self) -> PathBuf {
        if self.below.as_os_str().is_empty() { self.root.clone() } else { self.root.join(&self.below) }
    }

    /// Its name, empty if it is the user's folder itself.
    pub fn name(&self) -> &OsStr {
        self.below.file_name().unwrap_or_default()
    }

    /// The folder that is here.
    fn dir(&self) -> Result<Dir> {
        self.below.iter().try_fold(Dir::named(self.root())?, |folder, name| folder.folder(name))
    }

    /// The folder that holds it.
    fn above(&self) -> Result<Dir> {
        match self.below.parent() {
            Some(above) => Self { below: above.to_path_buf(), ..self.clone() }.dir(),
            None => Err(Error::new(ErrorKind::InvalidInput, "it has no name of its own")),
        }
    }

    /// What is here.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if nothing is.
    pub fn kind(&self) -> Result<Kind> {
        match self.below.as_os_str().is_empty() {
            true => Dir::named(self.root()).map(|_| Kind::Folder),
            false => self.above()?.kind(self.name()),
        }
    }

    /// Whether anything is here.
    pub fn exists(&self) -> bool {
        self.kind().is_ok()
    }

    /// Names of what is in the folder here.
    ///
    /// # Errors
    /// No folder, or one that cannot be read.
    pub fn names(&self) -> Result<Vec<OsString>> {
        self.dir()?.names()
    }

    /// The user's folder, of which no name is the current one.
    fn root(&self) -> &Path {
        if self.root.as_os_str().is_empty() { Path::new(".") } else { &self.root }
    }

    /// Makes the folder and those above it, as far as they are not there.
    ///
    /// # Errors
    /// A folder that cannot be made; a link.
    pub fn make_folders(&self) -> Result<()> {
        fs::create_dir_all(self.root())?;
        let mut folder = Dir::named(self.root())?;
        for name in &self.below {
            match folder.make_folder(name) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
                _ => folder = folder.folder(name)?,
            }
        }
        Ok(())
    }

    /// Makes the folder, which was not there before.
    ///
    /// # Errors
    /// A folder that cannot be made, or that is there.
    pub fn make_new_folder(&self) -> Result<()> {
        self.above()?.make_folder(self.name())
    }

    /// A file made anew, in place of one, or of a link, that has its name.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn create(&self) -> Result<File> {
        let folder = self.above()?;
        folder.remove_file(self.name()).or_else(unless_missing)?;
        folder.create_new(self.name())
    }

    /// The file here, to be changed: a regular one that has no other name, or with `make` a new one.
    ///
    /// # Errors
    /// A file that cannot be written; a link, or a file that has another name too.
    pub fn open(&self, make: bool) -> Result<File> {
        self.above()?.open(self.name(), make)
    }

    /// Whether an open file is the one here, and not one that was removed or replaced.
    pub fn holds(&self, file: &File) -> bool {
        self.above().and_then(|folder| folder.holds(self.name(), file)).unwrap_or(false)
    }

    /// Writes a file so that it appears complete or not at all, in place of one, or of a link, that has its name.
    /// Where it is `durable` it is on disk then, so that not even a loss of power leaves half of it.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, content: &[u8], durable: bool) -> Result<()> {
        Begun::new(self, content)?.finish(durable)
    }

    /// The file that will become the one here: in place of what a process that has ended left, but never of a file
    /// of the user's.
    pub(super) fn make_partial(&self) -> Result<(Self, File)> {
        let mut partial = self.with_suffix(PARTIAL);
        if !self.is_users {
            return partial.create().map(|file| (partial, file));
        }
        loop {
            match partial.above()?.create_new(partial.name()) {
                // Names have a longest length.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    partial = partial.with_suffix(PARTIAL);
                }
                made => return made.map(|file| (partial, file)),
            }
        }
    }

    /// Gives what is here another place, where it replaces a file or link.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn rename(&self, to: &Self) -> Result<()> {
        self.above()?.rename(self.name(), &to.above()?, to.name())
    }

    /// Removes the file or link that is here, if there is one.
    ///
    /// # Errors
    /// A folder, or a file that cannot be removed.
    pub fn remove(&self) -> Result<()> {
        self.above().and_then(|folder| folder.remove_file(self.name())).or_else(unless_missing)
    }

    /// Removes the folder that is here, if it is empty.
    ///
    /// # Errors
    /// A folder that cannot be removed, or that has something in it.
    pub fn remove_empty(&self) -> Result<()> {
        self.above().and_then(|folder| folder.remove_folder(self.name())).or_else(unless_missing)
    }
}

impl From<&Path> for Place {
    fn from(path: &Path) -> Self {
        match (path.parent(), path.file_name()) {
            (Some(root), Some(name)) => Self { root: root.to_path_buf(), below: name.into(), is_users: true },
            _ => Self::folder(path),
        }
    }
}

impl From<&PathBuf> for Place {
    fn from(path: &PathBuf) -> Self {
        path.as_path().into()
    }
}

impl From<&str> for Place {
    fn from(path: &str) -> Self {
        Path::new(path).into()
    }
}

impl From<&Self> for Place {
    fn from(place: &Self) -> Self {
        place.clone()
    }
}

/// What is not there need not be removed.
fn unless_missing(error: Error) -> Result<()> {
    if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) }
}
