//! Folders that appear complete or not at all.
//!
//! A folder is filled under the name `….partial` and then renamed. A process that is killed leaves
//! only that; the next one that wants to write the same folder takes it over. A lock, which ends
//! with its process, keeps two processes apart.

use super::RecordingError;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

const LOCK_FILE: &str = "lock";
/// What the name of a folder ends in that is being filled.
const PARTIAL: &str = "partial";

/// A folder that is being filled. Dropped before [`commit`](Self::commit) or
/// [`merge`](Self::merge), it vanishes with everything that was made for it.
#[derive(Debug)]
pub struct PartialFolder {
    target: PathBuf,
    path: PathBuf,
    lock: Option<File>,
    /// Folders above that did not exist before, innermost first.
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
        let made = path.ancestors().take_while(|folder| !folder.exists()).skip(1).map(Path::to_path_buf);
        let mut partial = Self { target: target.to_path_buf(), made: made.collect(), lock: None, path };
        let path = partial.path.clone();
        let open = || {
            fs::create_dir_all(&path)?;
            File::options().create(true).truncate(false).write(true).open(path.join(LOCK_FILE))
        };
        match open() {
            Ok(lock) => partial.hold(lock)?,
            Err(source) => return Err(RecordingError::write(&path, source)),
        }
        Ok(partial)
    }

    fn hold(&mut self, lock: File) -> Result<(), RecordingError> {
        match lock.try_lock() {
            Ok(()) => self.lock = Some(lock),
            Err(TryLockError::WouldBlock) => return Err(RecordingError::Busy { path: self.path.clone() }),
            Err(TryLockError::Error(source)) => return Err(RecordingError::write(&self.path, source)),
        }
        Ok(())
    }

    /// Removes what a process that has ended left.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn clear(&self) -> Result<(), RecordingError> {
        self.remove_content().map_err(|source| RecordingError::write(&self.path, source))
    }

    fn remove_content(&self) -> std::io::Result<()> {
        remove_if_there(&with_suffix(&self.target, "replaced"))?;
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
        self.unlock()
            .and_then(|()| put_in_place(&self.path, target))
            .map_err(|source| RecordingError::write(target, source))
    }

    /// Moves the files into the folder that has the name already, and leaves what else is in there.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn merge(mut self) -> Result<(), RecordingError> {
        if !self.target.exists() {
            return self.commit();
        }
        self.unlock()
            .and_then(|()| move_files(&self.path, &self.target))
            .map_err(|source| RecordingError::write(&self.target, source))
    }

    /// Leaves the folder as it is, for a process that goes on.
    pub fn keep(mut self) {
        self.made.clear();
        // What cannot be removed does not lock either, once the file is closed.
        let _ = self.unlock();
    }

    fn unlock(&mut self) -> std::io::Result<()> {
        match self.lock.take() {
            Some(lock) => {
                let removed = fs::remove_file(self.path.join(LOCK_FILE));
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
        if self.lock.take().is_some() {
            let _ = fs::remove_dir_all(&self.path);
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
    let partial = with_suffix(path, "partial");
    fs::write(&partial, content)
        .and_then(|()| fs::rename(&partial, path))
        .map_err(|source| RecordingError::write(path, source))
}

/// As [`write_whole`], and on disk when it returns, so that not even a loss of power leaves half of it.
///
/// # Errors
/// A file that cannot be written.
pub(super) fn write_durably(path: &Path, content: &[u8]) -> Result<(), RecordingError> {
    let partial = with_suffix(path, "partial");
    let write = || {
        let mut file = File::create(&partial)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&partial, path)
    };
    write().map_err(|source| RecordingError::write(path, source))
}

/// Renames `folder` to `target`, and removes what had that name.
fn put_in_place(folder: &Path, target: &Path) -> std::io::Result<()> {
    let replaced = with_suffix(target, "replaced");
    remove_if_there(&replaced)?;
    if target.exists() {
        fs::rename(target, &replaced)?;
    }
    fs::rename(folder, target)?;
    remove_if_there(&replaced)
}

fn move_files(folder: &Path, target: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        fs::rename(entry.path(), target.join(entry.file_name()))?;
    }
    fs::remove_dir(folder)
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

fn remove_if_there(folder: &Path) -> std::io::Result<()> {
    if folder.exists() { fs::remove_dir_all(folder) } else { Ok(()) }
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
