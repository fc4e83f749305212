//! Folders as the system knows them: by an open descriptor, from which names are looked up, so that a link that
//! takes the place of a folder meanwhile leads nowhere.

use super::reading::regular;
use super::{Kind, is_linked, single};
use rustix::fs::{AtFlags, Dir as Listing, FileType, Mode, OFlags};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Result;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
/// Not through a link, and without waiting for whoever reads a pipe.
const FILE: OFlags =
    OFlags::RDWR.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);
/// What the process's mask leaves of it.
const FILE_MODE: Mode = Mode::from_raw_mode(0o666);
const FOLDER_MODE: Mode = Mode::from_raw_mode(0o777);

/// An open folder.
pub(super) struct Dir(OwnedFd);

impl Dir {
    /// The folder at a path that the user names, links and all.
    pub fn named(path: &Path) -> Result<Self> {
        Ok(Self(rustix::fs::open(path, FOLDER, Mode::empty())?))
    }

    /// The folder of that name in this one; a link is none.
    pub fn folder(&self, name: &OsStr) -> Result<Self> {
        match rustix::fs::openat(&self.0, name, FOLDER | OFlags::NOFOLLOW, Mode::empty()) {
            Ok(folder) => Ok(Self(folder)),
            Err(_) if self.kind(name)? == Kind::Link => Err(is_linked(name)),
            Err(error) => Err(error.into()),
        }
    }

    pub fn make_folder(&self, name: &OsStr) -> Result<()> {
        Ok(rustix::fs::mkdirat(&self.0, name, FOLDER_MODE)?)
    }

    /// A file that was not there before.
    pub fn create_new(&self, name: &OsStr) -> Result<File> {
        let flags = FILE | OFlags::CREATE | OFlags::EXCL;
        Ok(rustix::fs::openat(&self.0, name, flags, FILE_MODE)?.into())
    }

    /// A regular file that has this name alone, to be written; with `make` it is made if there is none.
    pub fn open(&self, name: &OsStr, make: bool) -> Result<File> {
        let flags = if make { FILE | OFlags::CREATE } else { FILE };
        let file: File = match rustix::fs::openat(&self.0, name, flags, FILE_MODE) {
            Ok(file) => file.into(),
            Err(_) if self.kind(name)? == Kind::Link => return Err(is_linked(name)),
            Err(error) => return Err(error.into()),
        };
        let found = file.metadata()?;
        regular(&found)?;
        single(found.nlink(), name)?;
        Ok(file)
    }

    pub fn kind(&self, name: &OsStr) -> Result<Kind> {
        let found = rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(match FileType::from_raw_mode(found.st_mode) {
            FileType::Directory => Kind::Folder,
            FileType::RegularFile => Kind::File,
            FileType::Symlink => Kind::Link,
            _ => Kind::Other,
        })
    }

    /// Whether an open file is the one of that name, and not one that was removed or replaced.
    pub fn holds(&self, name: &OsStr, file: &File) -> Result<bool> {
        let (found, opened) =
            (rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?, rustix::fs::fstat(file)?);
        Ok((found.st_dev, found.st_ino) == (opened.st_dev, opened.st_ino))
    }

    /// Removes a name of what is no folder.
    pub fn remove_file(&self, name: &OsStr) -> Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Removes a folder that is empty.
    pub fn remove_folder(&self, name: &OsStr) -> Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
    }

    pub fn rename(&self, name: &OsStr, folder: &Self, new_name: &OsStr) -> Result<()> {
        Ok(rustix::fs::renameat(&self.0, name, &folder.0, new_name)?)
    }

    pub fn names(&self) -> Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Listing::read_from(&self.0)? {
            let name = entry?.file_name().to_bytes().to_vec();
            if name != b"." && name != b".." {
                names.push(OsString::from_vec(name));
            }
        }
        Ok(names)
    }
}
