//! Folders that appear complete or not at all.
//!
//! A folder is filled under the name `….partial` and then renamed. A process that is killed leaves
//! only that; the next one that wants to write the same folder takes it over. A lock, which ends
//! with its process, keeps two processes apart; a folder that was removed or replaced meanwhile is no
//! longer one's own, and is given no name.
//!
//! What the program has not written it does not remove ([`Written`]): a folder of that name that no process of
//! the program has begun is left alone, and files of somebody else in a folder that is replaced stay in it.

use super::replacing::{
    check_own, is_being_replaced, move_files, move_others, others, put_in_place, remove_replaced,
    remove_written,
};
use super::written::LOCK_FILE;
use super::{RecordingError, Written};
use crate::disk::{File, Kind, Place, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// What the name of a folder ends in that is being filled.
const PARTIAL: &str = "partial";
/// Attempts to take a folder over that other processes make and give up all the time.
const MAX_ATTEMPTS: u32 = 100;
/// Whether a folder can be renamed with a file open in it. Elsewhere the lock goes first, and for a moment
/// another process can take the folder.
const LOCK_STAYS_ON_RENAMING: bool = cfg!(unix);

/// A folder that is being filled. Dropped before [`commit`](Self::commit) or
/// [`merge`](Self::merge), it vanishes with everything that was made for it.
#[derive(Debug)]
pub struct PartialFolder {
    target: Place,
    place: Place,
    written: Written,
    lock: Option<File>,
    /// The folder and those above that did not exist before, innermost first.
    made: Vec<PathBuf>,
}

impl PartialFolder {
    /// An empty folder that will become `target`, of files that have names of `written`.
    ///
    /// # Errors
    /// A folder that cannot be written, that another process is writing, or that is somebody else's.
    pub fn create(target: impl Into<Place>, written: Written) -> Result<Self, RecordingError> {
        let partial = Self::take_over(target, written)?;
        partial.clear()?;
        Ok(partial)
    }

    /// The folder that will become `target`, with what a process that has ended left in it.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn take_over(target: impl Into<Place>, written: Written) -> Result<Self, RecordingError> {
        let target = target.into();
        let place = target.with_suffix(PARTIAL);
        let path = place.path();
        let made = path.ancestors().take_while(|folder| !folder.exists()).map(Path::to_path_buf).collect();
        let busy = || Err(RecordingError::Busy { path: path.clone() });
        if is_being_replaced(&target) {
            return busy();
        }
        check_own(&target, &place)?;
        let mut partial = Self { target, place, written, made, lock: None };
        // Where another process ends just now, its folder goes before the lock in it is open, or its lock
        // before it is held.
        let mut last = io::Error::from(ErrorKind::NotFound);
        for _ in 0..MAX_ATTEMPTS {
            match partial.open() {
                Ok(lock) => partial.hold(lock)?,
                Err(error) => last = error,
            }
            if partial.lock.is_some() {
                return if is_being_replaced(&partial.target) { busy() } else { Ok(partial) };
            }
            if !matches!(last.kind(), ErrorKind::NotFound | ErrorKind::AlreadyExists) {
                break;
            }
        }
        Err(RecordingError::write(&path, last))
    }

    fn open(&self) -> io::Result<File> {
        self.place.make_folders()?;
        self.lock_place().open(true)
    }

    fn lock_place(&self) -> Place {
        self.place.join(LOCK_FILE)
    }

    /// Holds `lock`, if it still is the folder's.
    fn hold(&mut self, lock: File) -> Result<(), RecordingError> {
        match lock.try_lock() {
            Ok(()) => self.lock = self.lock_place().holds(&lock).then_some(lock),
            Err(TryLockError::WouldBlock) => return Err(RecordingError::Busy { path: self.place.path() }),
            Err(TryLockError::Error(source)) => {
                return Err(RecordingError::write(&self.place.path(), source));
            }
        }
        Ok(())
    }

    /// Whether the folder is there and one's own.
    fn is_held(&self) -> bool {
        self.lock.as_ref().is_some_and(|lock| self.lock_place().holds(lock))
    }

    /// Removes what a process that has ended left.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn clear(&self) -> Result<(), RecordingError> {
        remove_replaced(&self.target, &self.written)
            .and_then(|()| self.remove_content())
            .map_err(|source| RecordingError::write(&self.place.path(), source))
    }

    /// Removes all but the lock.
    fn remove_content(&self) -> io::Result<()> {
        remove_written(&self.place, Path::new(""), &self.written, &|name| name != Path::new(LOCK_FILE))
    }

    /// Where the files go.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Gives the folder its name, in place of one that has it already. What in that one was not written by the
    /// program moves into it; returns the paths of all such files and folders, relative to the folder.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn commit(self) -> Result<Vec<PathBuf>, RecordingError> {
        let target = self.target.clone();
        self.commit_as(&target)
    }

    /// As [`commit`](Self::commit), under another name.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn commit_as(mut self, target: &Place) -> Result<Vec<PathBuf>, RecordingError> {
        self.made.clear();
        let written = self.written.clone();
        let (mut kept, mut lock) = (Vec::new(), None);
        self.give(|folder| {
            if target.kind().is_ok_and(|kind| kind == Kind::Folder) {
                move_others(target, folder, &written)?;
            }
            lock = put_in_place(folder, target, &written)?;
            kept = others(target, Path::new(""), &written)?;
            Ok(target.clone())
        })
        .map_err(|source| RecordingError::write(&self.place.path(), source))?;
        // What cannot be removed now is when the folder is filled again.
        let _ = remove_replaced(target, &written);
        drop(lock);
        kept.sort();
        Ok(kept)
    }

    /// Moves the files into the folder that has the name already, and leaves what else is in there.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn merge(mut self) -> Result<(), RecordingError> {
        if !self.target.exists() {
            return self.commit().map(drop);
        }
        let target = self.target.clone();
        self.give(|folder| move_files(folder, &target).map(|()| folder.clone()))
            .map_err(|source| RecordingError::write(&self.target.path(), source))?;
        self.remove_if_empty();
        Ok(())
    }

    /// Removes the folder, unless another process has taken it already.
    fn remove_if_empty(&self) {
        let _ = self.place.remove_empty();
    }

    /// Does with the folder's content what `put` says, which returns where the lock is then, and removes it.
    fn give(&mut self, put: impl FnOnce(&Place) -> io::Result<Place>) -> io::Result<()> {
        if !self.is_held() {
            // What is there is another process's.
            self.lock = None;
            return Err(ErrorKind::NotFound.into());
        }
        if !LOCK_STAYS_ON_RENAMING {
            self.unlock(&self.place.clone())?;
        }
        let place = put(&self.place)?;
        self.unlock(&place)
    }

    /// Leaves the folder as it is, for a process that goes on.
    pub fn keep(mut self) {
        self.made.clear();
        if self.is_held() {
            // What cannot be removed does not lock either, once the file is closed.
            let _ = self.unlock(&self.place.clone());
        }
    }

    /// Removes the lock, which is in `folder` now.
    fn unlock(&mut self, folder: &Place) -> io::Result<()> {
        match self.lock.take() {
            Some(lock) => {
                let removed = folder.join(LOCK_FILE).remove();
                drop(lock);
                removed
            }
            None => Ok(()),
        }
    }
}

impl Drop for PartialFolder {
    fn drop(&mut self) {
        // Without the lock the folder is another process's, or was given its name.
        if self.is_held() {
            // The lock goes last.
            let _ = self.remove_content().and_then(|()| self.unlock(&self.place.clone()));
            self.remove_if_empty();
        }
        // Removes only what is empty.
        self.made.iter().for_each(|folder| drop(Place::from(folder).remove_empty()));
    }
}

/// The name under which the folder `target` is filled.
pub fn partial_of(target: &Path) -> PathBuf {
    Place::from(target).with_suffix(PARTIAL).path()
}

/// Whether a folder has a name under which folders are filled.
pub fn is_partial(folder: &Path) -> bool {
    folder.extension().is_some_and(|extension| extension == PARTIAL)
}
