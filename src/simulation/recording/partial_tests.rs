//! Folders that are filled: by one process at a time, and nobody else's files are lost.

use super::written::LOCK_FILE;
use super::{PartialFolder, RecordingError, Written};
use crate::disk::File;
use std::fs;
use std::path::{Path, PathBuf};

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
    assert_eq!((names(out.path()), names(&target)), (vec!["a".into()], vec!["three".into(), "two".into()]));
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
    // If nothing is replaced it is in nobody's way.
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
