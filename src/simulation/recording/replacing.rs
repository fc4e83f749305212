//! What is removed, moved or replaced where a folder is filled: what the program has written, and nothing else.

use super::written::{CHECKPOINT_FILE, LOCK_FILE};
use super::{RecordingError, Written};
use crate::disk::{File, Kind, Place, TryLockError};
use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// What the name of a folder ends in that holds one of which another has taken the place.
const REPLACED: &str = "replaced";
/// How often a folder is listed before it is taken for somebody else's.
const LISTINGS: u32 = 10;

/// Whether the program may fill `partial` and replace `target`: a folder that it has begun has its lock or a
/// checkpoint, and another one is left alone, unless it is empty.
pub(super) fn check_own(target: &Place, partial: &Place) -> Result<(), RecordingError> {
    // What another process renames or removes just now may be listed in part.
    let is_own = (0..LISTINGS).map(|_| is_own_partial(partial)).find(|is_own| !matches!(is_own, Ok(false)));
    if !is_own.unwrap_or(Ok(false)).map_err(|error| RecordingError::write(&partial.path(), error))? {
        return Err(RecordingError::NotOwn { path: partial.path() });
    }
    match target.kind() {
        Ok(Kind::File | Kind::Other) => {
            Err(RecordingError::write(&target.path(), ErrorKind::NotADirectory.into()))
        }
        Ok(_) if !(0..LISTINGS).any(|_| is_own_replaced(target)) => {
            Err(RecordingError::NotOwn { path: target.with_suffix(REPLACED).path() })
        }
        _ => Ok(()),
    }
}

/// Whether there is nothing at `partial`, or what the program has begun.
fn is_own_partial(partial: &Place) -> io::Result<bool> {
    match partial.names() {
        Ok(names) => {
            Ok(names.is_empty() || names.iter().any(|name| name == LOCK_FILE || name == CHECKPOINT_FILE))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// Whether there is nothing if `target` goes when it is replaced, or what the program has put there: the folder
/// that was replaced, and a lock.
fn is_own_replaced(target: &Place) -> bool {
    match target.with_suffix(REPLACED).names() {
        Ok(names) => {
            let is_own = |name: &OsString| name == LOCK_FILE || name == target.name();
            names.is_empty() || names.iter().all(is_own) && names.iter().any(|name| name == LOCK_FILE)
        }
        Err(error) => error.kind() == ErrorKind::NotFound,
    }
}

/// Whether another process has given `target` its name and still removes what had it before.
pub(super) fn is_being_replaced(target: &Place) -> bool {
    let lock = target.with_suffix(REPLACED).join(LOCK_FILE).open(false);
    lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Renames `folder` to `target`; what had that name is beside it then, or has it still where that fails. Where a
/// lock is returned nobody else takes the folder until it is dropped, once what was replaced is removed.
pub(super) fn put_in_place(folder: &Place, target: &Place, written: &Written) -> io::Result<Option<File>> {
    remove_replaced(target, written)?;
    let beside = target.with_suffix(REPLACED);
    let former = beside.join(target.name());
    let is_there = target.exists();
    let mut lock = None;
    if is_there {
        beside.make_new_folder()?;
        let file = beside.join(LOCK_FILE).create()?;
        // Elsewhere a file that is open cannot be removed.
        if cfg!(unix) {
            // Nobody else has it for longer than it takes to see whether it is held.
            file.lock()?;
            lock = Some(file);
        }
        target.rename(&former)?;
    }
    folder.rename(target).inspect_err(|_| {
        if is_there {
            let _ = former.rename(target).and_then(|()| remove_replaced(target, written));
        }
    })?;
    Ok(lock)
}

/// Removes what `target` has replaced; what the program has not put there stays.
pub(super) fn remove_replaced(target: &Place, written: &Written) -> io::Result<()> {
    let beside = target.with_suffix(REPLACED);
    if !beside.exists() || !is_own_replaced(target) {
        return Ok(());
    }
    let former = beside.join(target.name());
    match former.kind() {
        Ok(Kind::Folder) => {
            remove_written(&former, Path::new(""), written, &|_| true)?;
            former.remove_empty()?;
        }
        Ok(_) => former.remove()?,
        Err(_) => {}
    }
    beside.join(LOCK_FILE).remove()?;
    beside.remove_empty()
}

/// Moves all but the lock.
pub(super) fn move_files(folder: &Place, target: &Place) -> io::Result<()> {
    let names = folder.names()?.into_iter().filter(|name| name != LOCK_FILE);
    names.into_iter().try_for_each(|name| folder.join(&name).rename(&target.join(&name)))
}

/// Removes the files in `folder` that the program writes and of which `goes` tells, and folders that are empty
/// then. `below` is the path of `folder` in the one that is removed.
pub(super) fn remove_written(
    folder: &Place,
    below: &Path,
    written: &Written,
    goes: &dyn Fn(&Path) -> bool,
) -> io::Result<()> {
    for name in folder.names()? {
        let (place, path) = (folder.join(&name), below.join(&name));
        match place.kind() {
            Ok(Kind::Folder) if written.has_folder(&path) => {
                remove_written(&place, &path, written, goes)?;
                // What somebody else has in there stays.
                let _ = place.remove_empty();
            }
            Ok(kind) if kind != Kind::Folder && written.has_file(&path) && goes(&path) => place.remove()?,
            _ => {}
        }
    }
    Ok(())
}

/// Paths of what the program has not written in `folder`, which is `below` in the one that they begin in.
pub(super) fn others(folder: &Place, below: &Path, written: &Written) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for name in folder.names()? {
        let (place, path) = (folder.join(&name), below.join(&name));
        match place.kind()? {
            Kind::Folder if written.has_folder(&path) => found.extend(others(&place, &path, written)?),
            kind if kind != Kind::Folder && written.has_file(&path) => {}
            _ => found.push(path),
        }
    }
    Ok(found)
}

/// Moves what the program has not written from `folder` to `other`.
pub(super) fn move_others(folder: &Place, other: &Place, written: &Written) -> io::Result<()> {
    for path in others(folder, Path::new(""), written)? {
        let to = other.join(&path);
        if to.exists() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        if let Some(above) = path.parent() {
            other.join(above).make_folders()?;
        }
        folder.join(&path).rename(&to)?;
    }
    Ok(())
}
