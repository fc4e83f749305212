//! The one door between the program and files: all that is read or written goes through here.
//!
//! - [`open`], [`read_limited`] and [`read_text_limited`] read regular files alone, and no more of them than
//!   they are told to: a pipe, a device or a file without an end neither holds the program up nor fills its
//!   memory.
mod reading;

pub use reading::{open, read_limited, read_text_limited};
