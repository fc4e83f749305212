//! The one door between the program and files: all that is read or written goes through here.
//!
//! - [`open`], [`read_limited`] and [`read_text_limited`] read regular files alone, and no more of them than
//!   they are told to: a pipe, a device or a file without an end neither holds the program up nor fills its
//!   memory.
//! - A [`Place`] is where something is written: made anew, never through a link that others put there.
//! - What is [`Begun`] gets its name when it is whole.
mod begun;
mod place;
#[cfg(any(not(unix), test))]
mod portable;
mod reading;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
use portable as system;
#[cfg(unix)]
use unix as system;

pub use begun::Begun;
pub use place::Place;
pub use reading::{MAX_TEXT_BYTES, open, read_limited, read_text_limited, sha256, sha256_of};
pub use std::fs::{File, TryLockError};

use std::ffi::OsStr;
use std::io::{Error, ErrorKind};

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, to whatever.
    Link,
    /// A pipe, a device, a socket.
    Other,
}

/// Nothing is written through a link.
fn is_linked(name: &OsStr) -> Error {
    let reason = format!("{} is a symbolic link, through which nothing is written", name.to_string_lossy());
    Error::new(ErrorKind::InvalidInput, reason)
}

/// A file that has another name too may be somebody else's.
#[cfg(unix)]
fn single(names: u64, name: &OsStr) -> std::io::Result<()> {
    match names > 1 {
        true => {
            let reason = format!(
                "{} has another name too (a hard link), so it is not changed",
                name.to_string_lossy()
            );
            Err(Error::new(ErrorKind::InvalidInput, reason))
        }
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests;
