//! What is read: regular files, up to a limit.

use sha2::{Digest, Sha256};
use std::fs::{File, Metadata};
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// Bytes of the largest text that is read whole if nothing else is said, such as a configuration: a
/// thousand times what those of `configs/` have.
pub const MAX_TEXT_BYTES: u64 = 1 << 24;
/// Bytes that are read at once.
const CHUNK: usize = 1 << 18;

/// Opens the file at `path`, or the one that a link there leads to, if it is a regular file.
///
/// # Errors
/// A file that cannot be opened; a folder, a pipe, a device or a socket, which is not waited for.
pub fn open(path: &Path) -> Result<File> {
    // Only to open some devices has an effect already.
    regular(&path.metadata()?)?;
    let file = open_at_once(path)?;
    regular(&file.metadata()?)?;
    Ok(file)
}

/// All bytes of the regular file at `path`, which may have `max_bytes` of them.
///
/// # Errors
/// As [`open`], and a file with more bytes.
pub fn read_limited(path: &Path, max_bytes: u64) -> Result<Vec<u8>> {
    let file = open(path)?;
    // Told before anything is read, and again where it grows meanwhile or does not tell its length.
    let mut bytes = Vec::new();
    let told = file.metadata()?.len();
    if told <= max_bytes {
        bytes.try_reserve_exact(usize::try_from(told).unwrap_or(usize::MAX))?;
        file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 <= max_bytes {
            return Ok(bytes);
        }
    }
    let reason = format!("it has more than {max_bytes} bytes");
    Err(Error::new(ErrorKind::FileTooLarge, reason))
}

/// SHA-256 of the regular file at `path`, of which no more than a part is held.
///
/// # Errors
/// As [`open`], and what reading fails with.
pub fn sha256(path: &Path) -> Result<[u8; 32]> {
    let mut file = open(path)?;
    let (mut digest, mut bytes) = (Sha256::new(), vec![0; CHUNK]);
    loop {
        match file.read(&mut bytes)? {
            0 => return Ok(digest.finalize().into()),
            n => digest.update(&bytes[..n]),
        }
    }
}

/// SHA-256 of `bytes`, hexadecimal.
pub fn sha256_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What some editors put before the first letter of a text.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The text of the regular file at `path`, which may have `max_bytes` bytes; without a byte order mark at its start.
///
/// # Errors
/// As [`read_limited`], and a file that is not in UTF-8.
pub fn read_text_limited(path: &Path, max_bytes: u64) -> Result<String> {
    let bytes = read_limited(path, max_bytes)?;
    let text = String::from_utf8(bytes);
    let text = text.map_err(|error| Error::new(ErrorKind::InvalidData, error.utf8_error()))?;
    match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => Ok(rest.to_owned()),
        None => Ok(text),
    }
}

/// Whether something is a file that has an end.
pub(super) fn regular(found: &Metadata) -> Result<()> {
    match found.is_file() {
        true => Ok(()),
        false if found.is_dir() => Err(ErrorKind::IsADirectory.into()),
        false => Err(Error::new(ErrorKind::InvalidInput, "it is no regular file")),
    }
}

/// Opens a file without waiting for whoever writes into a pipe.
#[cfg(unix)]
fn open_at_once(path: &Path) -> Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

#[cfg(not(unix))]
fn open_at_once(path: &Path) -> Result<File> {
    File::open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit_and_not_beyond() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "four").unwrap();
        assert_eq!(read_text_limited(&path, 4).unwrap(), "four");
        let error = read_limited(&path, 3).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string()),
            (ErrorKind::FileTooLarge, "it has more than 3 bytes".into())
        );
        std::fs::write(&path, "\u{feff}a\u{feff}").unwrap();
        assert_eq!(read_text_limited(&path, 9).unwrap(), "a\u{feff}");
        std::fs::write(&path, [b'a', 0xff]).unwrap();
        assert_eq!(read_limited(&path, 9).unwrap(), [b'a', 0xff]);
        assert_eq!(read_text_limited(&path, 9).unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(read_limited(&folder.path().join("none"), 9).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    #[cfg(unix)]
    fn what_is_no_regular_file_is_told_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for path in [pipe.as_path(), folder.path(), Path::new("/dev/zero")] {
            assert!(read_limited(path, 9).is_err(), "{}", path.display());
        }
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        assert!(open(&link).unwrap_err().to_string().contains("no regular file"));
        // A link to a file is as good as the file.
        std::fs::write(folder.path().join("file"), "1").unwrap();
        std::fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink(folder.path().join("file"), &link).unwrap();
        assert_eq!(read_limited(&link, 9).unwrap(), b"1");
    }
}
