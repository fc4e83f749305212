//! Folders that appear complete or not at all.
//!
//! A folder is filled under the name `….partial` and then renamed. A process that is killed leaves
//! only that; the next one that wants to write the same folder takes it over. A lock, which ends
//! with its process, keeps two processes apart; a folder that was removed or replaced meanwhile is no
//! longer one's own, and is given no name.

use super::RecordingError;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

const LOCK_FILE: &str = "lock";
/// What the name of a folder ends in that is being filled.
const PARTIAL: &str = "partial";
/// Attempts to take a folder over that other processes make and give up all the time.
const MOST_ATTEMPTS: u32 = 100;
/// What the name of a folder ends in that another has taken the place of.
const REPLACED: &str = "replaced";
/// Whether a folder can be renamed with a file open in it. Elsewhere the lock goes first, and for a moment
/// another process can take the folder.
const LOCK_STAYS_ON_RENAMING: bool = cfg!(unix);

/// A folder that is being filled. Dropped before [`commit`](Self::commit) or
/// [`merge`](Self::merge), it vanishes with everything that was made for it.
#[derive(Debug)]
pub struct PartialFolder {
    target: PathBuf,
    path: PathBuf,
    lock: Option<File>,
    /// The folder and those above that did not exist before, innermost first.
    made: Vec<PathBuf>,
}

impl PartialFolder {
    /// An empty folder that will become `target`.
    ///
    /// # Errors
    /// A folder that cannot be written, or that another process is writing.
    pub fn create(target: &Path) -> Result<Self, RecordingError> {
        let partial = Self::take_over(target)?;
        partial.clear()?;
        Ok(partial)
    }

    /// The folder that will become `target`, with what a process that has ended left in it.
    ///
    /// # Errors
    /// A folder that cannot be written, or that another process is writing.
    pub fn take_over(target: &Path) -> Result<Self, RecordingError> {
        let path = partial_of(target);
        let made = path.ancestors().take_while(|folder| !folder.exists()).map(Path::to_path_buf);
        let mut partial = Self { target: target.to_path_buf(), made: made.collect(), lock: None, path };
        // Where another process ends just now, its folder goes before the lock in it is open, or its lock
        // before it is held.
        let mut last = io::Error::from(ErrorKind::NotFound);
        for _ in 0..MOST_ATTEMPTS {
            match partial.open() {
                Ok(lock) => partial.hold(lock)?,
                Err(error) => last = error,
            }
            if partial.lock.is_some() {
                return Ok(partial);
            }
            if !matches!(last.kind(), ErrorKind::NotFound | ErrorKind::AlreadyExists) {
                break;
            }
        }
        Err(RecordingError::write(&partial.path, last))
    }

    fn open(&self) -> io::Result<File> {
        fs::create_dir_all(&self.path)?;
        File::options().create(true).truncate(false).write(true).open(self.path.join(LOCK_FILE))
    }

    /// Holds `lock`, if it still is the folder's.
    fn hold(&mut self, lock: File) -> Result<(), RecordingError> {
        match lock.try_lock() {
            Ok(()) => self.lock = is_at(&lock, &self.path.join(LOCK_FILE)).then_some(lock),
            Err(TryLockError::WouldBlock) => return Err(RecordingError::Busy { path: self.path.clone() }),
            Err(TryLockError::Error(source)) => return Err(RecordingError::write(&self.path, source)),
        }
        Ok(())
    }

    /// Whether the folder is there and one's own.
    fn is_held(&self) -> bool {
        self.lock.as_ref().is_some_and(|lock| is_at(lock, &self.path.join(LOCK_FILE)))
    }

    /// Removes what a process that has ended left.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn clear(&self) -> Result<(), RecordingError> {
        remove_if_there(&with_suffix(&self.target, REPLACED))
            .and_then(|()| self.remove_content())
            .map_err(|source| RecordingError::write(&self.path, source))
    }

    /// Removes all but the lock.
    fn remove_content(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.path)?.flatten() {
            if entry.file_name() == LOCK_FILE {
                continue;
            }
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Where the files go.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the folder its name, in place of one that has it already.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn commit(self) -> Result<(), RecordingError> {
        let target = self.target.clone();
        self.commit_as(&target)
    }

    /// As [`commit`](Self::commit), under another name.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn commit_as(mut self, target: &Path) -> Result<(), RecordingError> {
        self.made.clear();
        self.give(|folder| put_in_place(folder, target).map(|()| target.to_path_buf()))
            .map_err(|source| RecordingError::write(&self.path, source))?;
        // What cannot be removed now is when the folder is filled again.
        let _ = remove_if_there(&with_suffix(target, REPLACED));
        Ok(())
    }

    /// Moves the files into the folder that has the name already, and leaves what else is in there.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn merge(mut self) -> Result<(), RecordingError> {
        if !self.target.exists() {
            return self.commit();
        }
        let target = self.target.clone();
        self.give(|folder| move_files(folder, &target).map(|()| folder.to_path_buf()))
            .map_err(|source| RecordingError::write(&self.target, source))?;
        self.remove_if_empty();
        Ok(())
    }

    /// Removes the folder, unless another process has taken it already.
    fn remove_if_empty(&self) {
        let _ = fs::remove_dir(&self.path);
    }

    /// Does with the folder's content what `put` says, which returns where the lock is then, and removes it.
    fn give(&mut self, put: impl FnOnce(&Path) -> io::Result<PathBuf>) -> io::Result<()> {
        if !self.is_held() {
            // What is there is another process's.
            self.lock = None;
            return Err(ErrorKind::NotFound.into());
        }
        if !LOCK_STAYS_ON_RENAMING {
            self.unlock(&self.path.clone())?;
        }
        let place = put(&self.path)?;
        self.unlock(&place)
    }

    /// Leaves the folder as it is, for a process that goes on.
    pub fn keep(mut self) {
        self.made.clear();
        if self.is_held() {
            // What cannot be removed does not lock either, once the file is closed.
            let _ = self.unlock(&self.path.clone());
        }
    }

    /// Removes the lock, which is in `folder` now.
    fn unlock(&mut self, folder: &Path) -> io::Result<()> {
        match self.lock.take() {
            Some(lock) => {
                let removed = fs::remove_file(folder.join(LOCK_FILE));
                drop(lock);
                removed.or_else(unless_missing)
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
            let _ = self.remove_content().and_then(|()| self.unlock(&self.path.clone()));
            self.remove_if_empty();
        }
        // Removes only what is empty.
        self.made.iter().for_each(|folder| drop(fs::remove_dir(folder)));
    }
}

/// Writes a file so that it appears complete or not at all, in place of one that has its name.
///
/// # Errors
/// A file that cannot be written.
pub fn write_whole(path: &Path, content: &[u8]) -> Result<(), RecordingError> {
    let partial = with_suffix(path, PARTIAL);
    fs::write(&partial, content)
        .and_then(|()| fs::rename(&partial, path))
        .map_err(|source| given_up(&partial, path, source))
}

/// As [`write_whole`], and on disk when it returns, so that not even a loss of power leaves half of it.
///
/// # Errors
/// A file that cannot be written.
pub(super) fn write_durably(path: &Path, content: &[u8]) -> Result<(), RecordingError> {
    let partial = with_suffix(path, PARTIAL);
    let write = || {
        let mut file = File::create(&partial)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&partial, path)
    };
    write().map_err(|source| given_up(&partial, path, source))
}

/// Writes files so that none is replaced where there is no room for all.
///
/// # Errors
/// A file that cannot be written.
pub(super) fn write_together(files: &[(PathBuf, Vec<u8>)]) -> Result<(), RecordingError> {
    for (path, content) in files {
        let partial = with_suffix(path, PARTIAL);
        fs::write(&partial, content).map_err(|source| {
            files.iter().for_each(|(path, _)| drop(fs::remove_file(with_suffix(path, PARTIAL))));
            given_up(&partial, path, source)
        })?;
    }
    files.iter().try_for_each(|(path, _)| {
        let partial = with_suffix(path, PARTIAL);
        fs::rename(&partial, path).map_err(|source| given_up(&partial, path, source))
    })
}

/// The error of a file of which only `partial` could be written, which takes room and goes.
fn given_up(partial: &Path, path: &Path, source: io::Error) -> RecordingError {
    let _ = fs::remove_file(partial);
    RecordingError::write(path, source)
}

/// Renames `folder` to `target`; what had that name is beside it then, or has it still where that fails.
fn put_in_place(folder: &Path, target: &Path) -> io::Result<()> {
    let replaced = with_suffix(target, REPLACED);
    remove_if_there(&replaced)?;
    let is_there = target.exists();
    if is_there {
        fs::rename(target, &replaced)?;
    }
    fs::rename(folder, target).inspect_err(|_| {
        if is_there {
            let _ = fs::rename(&replaced, target);
        }
    })
}

/// Moves all but the lock.
fn move_files(folder: &Path, target: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)?.flatten().filter(|entry| entry.file_name() != LOCK_FILE) {
        fs::rename(entry.path(), target.join(entry.file_name()))?;
    }
    Ok(())
}

/// Whether an open file is the one that has that path, and not one that was removed or replaced.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let found = fs::symlink_metadata(path).map(place);
    matches!((file.metadata().map(place), found), (Ok(opened), Ok(found)) if opened == found)
}

/// Whether there is a file of that path: here a file that is open cannot be replaced.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

/// The name under which the folder `target` is filled.
pub fn partial_of(target: &Path) -> PathBuf {
    with_suffix(target, PARTIAL)
}

/// Whether a folder has a name under which folders are filled.
pub fn is_partial(folder: &Path) -> bool {
    folder.extension().is_some_and(|extension| extension == PARTIAL)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path.file_name().unwrap_or_default());
    name.push(".");
    name.push(suffix);
    path.with_file_name(name)
}

fn remove_if_there(folder: &Path) -> io::Result<()> {
    fs::remove_dir_all(folder).or_else(unless_missing)
}

/// What is not there need not be removed.
fn unless_missing(error: io::Error) -> io::Result<()> {
    if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_appears_with_all_its_files() {
        let out = tempfile::tempdir().unwrap();
        let target = out.path().join("a/b");
        let partial = PartialFolder::create(&target).unwrap();
        fs::write(partial.path().join("file"), "1").unwrap();
        assert!(!target.exists());
        partial.commit().unwrap();
        assert_eq!(names(&target), ["file"]);
        assert_eq!(names(&out.path().join("a")), ["b"]);
    }

    #[test]
    fn a_folder_that_is_given_up_leaves_nothing() {
        let out = tempfile::tempdir().unwrap();
        let partial = PartialFolder::create(&out.path().join("a/b/c")).unwrap();
        fs::write(partial.path().join("file"), "1").unwrap();
        drop(partial);
        assert_eq!(names(out.path()), [""; 0]);
    }

    #[test]
    fn what_a_killed_process_left_is_taken_over() {
        let out = tempfile::tempdir().unwrap();
        let target = out.path().join("a");
        fs::create_dir_all(out.path().join("a.partial/sub")).unwrap();
        fs::write(out.path().join("a.partial/half"), "1").unwrap();
        fs::create_dir_all(out.path().join("a.replaced")).unwrap();
        let partial = PartialFolder::create(&target).unwrap();
        fs::write(partial.path().join("file"), "1").unwrap();
        partial.commit().unwrap();
        assert_eq!((names(out.path()), names(&target)), (vec!["a".into()], vec!["file".into()]));
    }

    #[test]
    fn two_processes_do_not_write_the_same_folder() {
        let out = tempfile::tempdir().unwrap();
        let first = PartialFolder::create(&out.path().join("a")).unwrap();
        fs::write(first.path().join("file"), "1").unwrap();
        let second = PartialFolder::create(&out.path().join("a"));
        assert!(matches!(second, Err(RecordingError::Busy { .. })));
        first.commit().unwrap();
        assert_eq!(names(&out.path().join("a")), ["file"]);
    }

    /// Many threads want the same folder at once, write a file that only one may write, and end.
    #[test]
    fn a_folder_has_one_owner_at_a_time_however_many_want_it() {
        let out = tempfile::tempdir().unwrap();
        let (target, owners) = (out.path().join("a"), std::sync::atomic::AtomicU32::new(0));
        let worker = || {
            for round in 0..200 {
                let partial = match PartialFolder::create(&target) {
                    Err(RecordingError::Busy { .. }) => continue,
                    created => created.unwrap(),
                };
                File::create_new(partial.path().join("mine")).expect("nobody else is here");
                owners.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                match round % 3 {
                    0 => partial.commit().unwrap(),
                    1 => partial.merge().unwrap(),
                    _ => drop(partial),
                }
            }
        };
        std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(worker))));
        assert!(owners.into_inner() > 20);
        assert_eq!((names(out.path()), names(&target)), (vec!["a".into()], vec!["mine".into()]));
    }

    #[test]
    fn a_folder_that_another_process_has_made_anew_is_left_to_it() {
        let out = tempfile::tempdir().unwrap();
        let target = out.path().join("a");
        for gives in [true, false] {
            let removed = PartialFolder::create(&target).unwrap();
            fs::remove_dir_all(removed.path()).unwrap();
            let second = PartialFolder::create(&target).unwrap();
            fs::write(second.path().join("file"), "2").unwrap();
            if gives {
                let error = removed.commit().unwrap_err().to_string();
                assert!(error.contains("a.partial") && error.contains("its folder is not there"), "{error}");
            } else {
                drop(removed);
            }
            assert_eq!(names(second.path()), ["file", LOCK_FILE]);
            second.commit().unwrap();
            assert_eq!(names(&target), ["file"]);
        }
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_the_one_before_and_no_part_of_itself() {
        let out = tempfile::tempdir().unwrap();
        // A folder is where the file should be: all is written, and cannot get its name.
        let path = out.path().join("file");
        fs::create_dir_all(path.join("full")).unwrap();
        for write in [write_whole, write_durably] {
            assert!(write(&path, b"1").unwrap_err().to_string().contains("cannot write"));
            assert_eq!(names(out.path()), ["file"]);
        }
    }

    #[test]
    fn a_folder_replaces_another_or_joins_it() {
        let out = tempfile::tempdir().unwrap();
        let target = out.path().join("a");
        for (file, joins) in [("one", false), ("two", false), ("three", true)] {
            let partial = PartialFolder::create(&target).unwrap();
            fs::write(partial.path().join(file), file).unwrap();
            if joins { partial.merge().unwrap() } else { partial.commit().unwrap() }
        }
        assert_eq!(
            (names(out.path()), names(&target)),
            (vec!["a".into()], vec!["three".into(), "two".into()])
        );
    }
}
