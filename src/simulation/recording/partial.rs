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
use crate::disk::{Begun, File, Kind, Place, TryLockError};
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

/// Writes a file so that it appears complete or not at all, in place of one that has its name.
///
/// # Errors
/// A file that cannot be written.
pub fn write_whole(at: impl Into<Place>, content: &[u8]) -> Result<(), RecordingError> {
    let place = at.into();
    place.write(content, false).map_err(|source| RecordingError::write(&place.path(), source))
}

/// As [`write_whole`], and on disk when it returns, so that not even a loss of power leaves half of it.
///
/// # Errors
/// A file that cannot be written.
pub(super) fn write_durably(place: &Place, content: &[u8]) -> Result<(), RecordingError> {
    place.write(content, true).map_err(|source| RecordingError::write(&place.path(), source))
}

/// Writes files so that none is replaced where there is no room for all.
///
/// # Errors
/// A file that cannot be written.
pub(super) fn write_together(files: &[(Place, Vec<u8>)]) -> Result<(), RecordingError> {
    let mut begun = Vec::new();
    let written = files.iter().try_for_each(|(place, content)| {
        let failed = |source| RecordingError::write(&place.path(), source);
        begun.push(Begun::new(place, content).map_err(failed)?);
        Ok(())
    });
    // What is begun and not given its name goes.
    written.and_then(|()| {
        files.iter().zip(begun).try_for_each(|((place, _), begun)| {
            begun.finish(false).map_err(|source| RecordingError::write(&place.path(), source))
        })
    })
}

/// The name under which the folder `target` is filled.
pub fn partial_of(target: &Path) -> PathBuf {
    Place::from(target).with_suffix(PARTIAL).path()
}

/// Whether a folder has a name under which folders are filled.
pub fn is_partial(folder: &Path) -> bool {
    folder.extension().is_some_and(|extension| extension == PARTIAL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn written() -> Written {
        Written::new(["file", "half", "mine", "one", "two", "three", "sub/half"])
    }

    fn create(target: &Path) -> Result<PartialFolder, RecordingError> {
        PartialFolder::create(target, written())
    }

    /// A file in a folder that is filled.
    fn fill(partial: &PartialFolder, name: &str) {
        fs::write(partial.place().path().join(name), "1").unwrap();
    }

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
        let partial = create(&target).unwrap();
        fill(&partial, "file");
        assert!(!target.exists());
        partial.commit().unwrap();
        assert_eq!(names(&target), ["file"]);
        assert_eq!(names(&out.path().join("a")), ["b"]);
    }

    #[test]
    fn a_folder_that_is_given_up_leaves_nothing() {
        let out = tempfile::tempdir().unwrap();
        let partial = create(&out.path().join("a/b/c")).unwrap();
        fill(&partial, "file");
        drop(partial);
        assert_eq!(names(out.path()), [""; 0]);
    }

    #[test]
    fn what_a_killed_process_left_is_taken_over() {
        let out = tempfile::tempdir().unwrap();
        let target = out.path().join("a");
        fs::create_dir_all(out.path().join("a.partial/sub")).unwrap();
        fs::create_dir_all(out.path().join("a.replaced/a/sub")).unwrap();
        for file in ["a.partial/half", "a.partial/lock", "a.replaced/lock", "a.replaced/a/sub/half"] {
            fs::write(out.path().join(file), "1").unwrap();
        }
        let partial = create(&target).unwrap();
        fill(&partial, "file");
        partial.commit().unwrap();
        assert_eq!((names(out.path()), names(&target)), (vec!["a".into()], vec!["file".into()]));
    }

    #[test]
    fn two_processes_do_not_write_the_same_folder() {
        let out = tempfile::tempdir().unwrap();
        let first = create(&out.path().join("a")).unwrap();
        fill(&first, "file");
        let second = create(&out.path().join("a"));
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
                let partial = match create(&target) {
                    Err(RecordingError::Busy { .. }) => continue,
                    created => created.unwrap(),
                };
                File::create_new(partial.place().path().join("mine")).expect("nobody else is here");
                owners.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                match round % 3 {
                    0 => drop(partial.commit().unwrap()),
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
            let removed = create(&target).unwrap();
            fs::remove_dir_all(removed.place().path()).unwrap();
            let second = create(&target).unwrap();
            fill(&second, "file");
            if gives {
                let error = removed.commit().unwrap_err().to_string();
                assert!(error.contains("a.partial") && error.contains("its folder is not there"), "{error}");
            } else {
                drop(removed);
            }
            assert_eq!(names(&second.place().path()), ["file", LOCK_FILE]);
            second.commit().unwrap();
            assert_eq!(names(&target), ["file"]);
        }
    }

    #[test]
    fn a_folder_replaces_another_or_joins_it() {
        let out = tempfile::tempdir().unwrap();
        let target = out.path().join("a");
        for (file, joins) in [("one", false), ("two", false), ("three", true)] {
            let partial = create(&target).unwrap();
            fill(&partial, file);
            if joins { partial.merge().unwrap() } else { drop(partial.commit().unwrap()) }
        }
        assert_eq!(
            (names(out.path()), names(&target)),
            (vec!["a".into()], vec!["three".into(), "two".into()])
        );
    }

    #[test]
    fn what_the_program_has_not_written_stays_and_is_named() {
        let out = tempfile::tempdir().unwrap();
        let target = out.path().join("a");
        fs::create_dir_all(target.join("sub")).unwrap();
        fs::create_dir_all(target.join("theirs/sub")).unwrap();
        for file in ["one", "notes", "sub/half", "sub/notes", "theirs/one"] {
            fs::write(target.join(file), "before").unwrap();
        }
        let partial = create(&target).unwrap();
        fill(&partial, "two");
        let kept: Vec<PathBuf> = ["notes", "sub/notes", "theirs"].map(PathBuf::from).into();
        assert_eq!(partial.commit().unwrap(), kept);
        assert_eq!(names(&target), ["notes", "sub", "theirs", "two"]);
        assert_eq!(
            (names(&target.join("sub")), names(&target.join("theirs"))),
            (vec!["notes".to_owned()], vec!["one".to_owned(), "sub".into()])
        );
        assert_eq!(fs::read_to_string(target.join("notes")).unwrap(), "before");
        assert_eq!(names(out.path()), ["a"]);
    }

    #[test]
    fn folders_of_others_that_have_the_names_of_ours_are_left_alone() {
        let out = tempfile::tempdir().unwrap();
        let target = out.path().join("a");
        let refused = |beside: &str| {
            let error = create(&target).unwrap_err();
            assert!(matches!(&error, RecordingError::NotOwn { path } if path.ends_with(beside)), "{error}");
        };
        fs::create_dir(out.path().join("a.partial")).unwrap();
        fs::write(out.path().join("a.partial/file"), "theirs").unwrap();
        refused("a.partial");
        fs::remove_file(out.path().join("a.partial/file")).unwrap();
        fs::create_dir(out.path().join("a.replaced")).unwrap();
        fs::write(out.path().join("a.replaced/file"), "theirs").unwrap();
        // Where nothing is replaced it is in nobody's way.
        let partial = create(&target).unwrap();
        partial.commit().unwrap();
        refused("a.replaced");
        assert_eq!(fs::read_to_string(out.path().join("a.replaced/file")).unwrap(), "theirs");
    }

    #[test]
    #[cfg(unix)]
    fn links_in_the_place_of_folders_lead_nowhere() {
        let out = tempfile::tempdir().unwrap();
        let (target, theirs) = (out.path().join("a"), out.path().join("theirs"));
        fs::create_dir(&theirs).unwrap();
        fs::write(theirs.join("file"), "theirs").unwrap();
        let link = |name: &str| std::os::unix::fs::symlink("theirs", out.path().join(name)).unwrap();
        link("a.partial");
        assert!(create(&target).unwrap_err().to_string().contains("a.partial is a symbolic link"));
        fs::remove_file(out.path().join("a.partial")).unwrap();
        // The folder itself is replaced, not what it leads to.
        link("a");
        let partial = create(&target).unwrap();
        fill(&partial, "one");
        assert!(partial.commit().unwrap().is_empty());
        assert_eq!((names(&target), names(&theirs)), (vec!["one".to_owned()], vec!["file".to_owned()]));
        assert!(target.symlink_metadata().unwrap().is_dir());
    }
}
