//! A file between its writing and its name.

use super::{File, Place};
use std::io::{ErrorKind, Result, Write};

/// A file that is written, and has another name than it will have. Dropped before it gets that, it vanishes.
#[derive(Debug)]
pub struct Begun {
    place: Place,
    partial: Place,
    /// `None` once it has its name.
    file: Option<File>,
}

impl Begun {
    /// Writes what will be the file at `place`.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn new(place: &Place, content: &[u8]) -> Result<Self> {
        let (partial, mut file) = place.make_partial()?;
        let written = file.write_all(content);
        let begun = Self { place: place.clone(), partial, file: Some(file) };
        written.map(|()| begun)
    }

    /// Writes more of it.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn append(&mut self, content: &[u8]) -> Result<()> {
        self.file.as_mut().map_or(Ok(()), |file| file.write_all(content))
    }

    /// Gives it its name, in place of a file or link that has it; where it is `durable` it is on disk before.
    ///
    /// # Errors
    /// A file that cannot be written, or that another process has replaced.
    pub fn finish(mut self, durable: bool) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        if durable {
            file.sync_all()?;
        }
        if !self.partial.holds(file) {
            return Err(ErrorKind::ResourceBusy.into());
        }
        self.partial.rename(&self.place)?;
        self.file = None;
        Ok(())
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        // What could be written of it takes room.
        if self.file.as_ref().is_some_and(|file| self.partial.holds(file)) {
            let _ = self.partial.remove();
        }
    }
}
