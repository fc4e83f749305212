//! Nothing is written through links, on systems that look names up in open folders and on others.

use super::{Kind, Place};
use std::ffi::OsStr;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

/// Tests of a `Dir`.
macro_rules! of_folders {
    ($system:ident) => {
        mod $system {
            use super::*;
            use crate::disk::$system::Dir;

            fn name(text: &str) -> &OsStr {
                OsStr::new(text)
            }

            #[test]
            fn files_are_made_anew_renamed_and_removed() {
                let outer = tempfile::tempdir().unwrap();
                let folder = Dir::named(outer.path()).unwrap();
                folder.make_folder(name("a")).unwrap();
                let a = folder.folder(name("a")).unwrap();
                let mut file = a.create_new(name("x")).unwrap();
                file.write_all(b"1").unwrap();
                assert!(a.holds(name("x"), &file).unwrap() && a.holds(name("y"), &file).is_err());
                assert_eq!(a.create_new(name("x")).unwrap_err().kind(), ErrorKind::AlreadyExists);
                a.open(name("x"), false).unwrap().write_all(b"2").unwrap();
                assert_eq!(a.open(name("y"), false).unwrap_err().kind(), ErrorKind::NotFound);
                assert!(a.open(name("y"), true).is_ok());
                a.rename(name("x"), &folder, name("z")).unwrap();
                assert_eq!(
                    (read(outer.path().join("z")), a.names().unwrap()),
                    ("2".into(), vec!["y".into()])
                );
                assert!(folder.remove_folder(name("a")).is_err());
                a.remove_file(name("y")).unwrap();
                folder.remove_folder(name("a")).unwrap();
                assert_eq!(folder.kind(name("z")).unwrap(), Kind::File);
                assert_eq!(folder.kind(name("a")).unwrap_err().kind(), ErrorKind::NotFound);
            }

            #[test]
            #[cfg(unix)]
            fn links_are_neither_entered_nor_written_through() {
                let outer = tempfile::tempdir().unwrap();
                let at = |path: &str| outer.path().join(path);
                fs::create_dir(at("theirs")).unwrap();
                fs::write(at("theirs/file"), "kept").unwrap();
                std::os::unix::fs::symlink("theirs", at("folder")).unwrap();
                std::os::unix::fs::symlink("theirs/file", at("file")).unwrap();
                let folder = Dir::named(outer.path()).unwrap();
                let told =
                    |error: std::io::Error| assert!(error.to_string().contains("symbolic link"), "{error}");
                told(folder.folder(name("folder")).err().unwrap());
                told(folder.open(name("file"), true).unwrap_err());
                assert_eq!(folder.create_new(name("file")).unwrap_err().kind(), ErrorKind::AlreadyExists);
                assert_eq!(folder.kind(name("folder")).unwrap(), Kind::Link);
                folder.remove_file(name("folder")).unwrap();
                folder.remove_file(name("file")).unwrap();
                assert_eq!(read(at("theirs/file")), "kept");
                // A folder that the user names may be a link.
                std::os::unix::fs::symlink("theirs", at("folder")).unwrap();
                assert_eq!(Dir::named(&at("folder")).unwrap().names().unwrap(), ["file"]);
            }
        }
    };
}

of_folders!(portable);
#[cfg(unix)]
of_folders!(unix);

#[test]
#[cfg(unix)]
fn a_file_with_another_name_and_a_pipe_are_not_changed() {
    let outer = tempfile::tempdir().unwrap();
    let at = |path: &str| outer.path().join(path);
    fs::write(at("theirs"), "kept").unwrap();
    fs::hard_link(at("theirs"), at("file")).unwrap();
    let place = Place::folder(outer.path()).join("file");
    assert!(place.open(false).unwrap_err().to_string().contains("another name"));
    // Made anew it is another file.
    place.create().unwrap().write_all(b"new").unwrap();
    assert_eq!((read(at("theirs")), read(at("file"))), ("kept".into(), "new".into()));
    assert!(place.open(false).is_ok());
    assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    assert!(Place::from(&at("pipe")).open(false).is_err());
}

#[test]
#[cfg(unix)]
fn what_lies_below_a_place_is_not_reached_through_links() {
    let outer = tempfile::tempdir().unwrap();
    let at = |path: &str| outer.path().join(path);
    fs::create_dir_all(at("theirs/sub")).unwrap();
    fs::write(at("theirs/sub/file"), "kept").unwrap();
    fs::create_dir(at("run")).unwrap();
    std::os::unix::fs::symlink("../theirs", at("run/analysis")).unwrap();
    let place = Place::folder(&at("run")).join("analysis/sub/file");
    let told = |result: std::io::Result<()>| {
        let error = result.unwrap_err().to_string();
        assert!(error.contains("analysis is a symbolic link"), "{error}");
    };
    told(place.write(b"lost", false));
    told(place.remove());
    told(place.create().map(drop));
    told(place.join("deeper").make_folders());
    told(place.rename(&Place::folder(&at("run")).join("x")));
    assert_eq!(read(at("theirs/sub/file")), "kept");
    // The same path, as one that the user names.
    Place::from(&at("run/analysis/sub/file")).write(b"2", true).unwrap();
    assert_eq!(read(at("theirs/sub/file")), "2");
}

#[test]
#[cfg(unix)]
fn a_link_in_the_place_of_a_file_or_of_its_part_is_replaced() {
    let outer = tempfile::tempdir().unwrap();
    let at = |path: &str| outer.path().join(path);
    fs::write(at("theirs"), "kept").unwrap();
    for name in ["file", "file.partial"] {
        std::os::unix::fs::symlink("theirs", at(name)).unwrap();
    }
    Place::folder(outer.path()).join("file").write(b"new", false).unwrap();
    assert_eq!((read(at("theirs")), read(at("file"))), ("kept".into(), "new".into()));
    assert!(at("file").symlink_metadata().unwrap().is_file() && !at("file.partial").exists());
}

#[test]
fn a_file_that_the_user_names_leaves_those_beside_it() {
    let outer = tempfile::tempdir().unwrap();
    let at = |path: &str| outer.path().join(path);
    for name in ["file.partial", "file.partial.partial"] {
        fs::write(at(name), "theirs").unwrap();
    }
    Place::from(&at("file")).write(b"new", false).unwrap();
    assert_eq!((read(at("file")), read(at("file.partial"))), ("new".into(), "theirs".into()));
    assert_eq!(Place::folder(outer.path()).names().unwrap().len(), 3);
    // In a folder of the program's it is what a process has left.
    Place::folder(outer.path()).join("file").write(b"newer", false).unwrap();
    assert!(read(at("file")) == "newer" && !at("file.partial").exists());
}

#[test]
fn a_file_that_cannot_get_its_name_leaves_no_part_of_itself() {
    let outer = tempfile::tempdir().unwrap();
    let path = outer.path().join("file");
    fs::create_dir_all(path.join("full")).unwrap();
    for durable in [false, true] {
        assert!(Place::from(&path).write(b"1", durable).is_err());
        assert_eq!(Place::folder(outer.path()).names().unwrap(), ["file"]);
    }
}
