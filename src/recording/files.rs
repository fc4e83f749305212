//! The files of a run: made anew, or opened again where a checkpoint left them.

use super::npy::{Element, NpyWriter};
use super::{RecordingError, RunPosition};
use crate::disk::Place;

/// Where a run's arrays are written.
#[derive(Debug, Clone)]
pub struct RunFiles<'a> {
    folder: Place,
    resumed: Option<&'a RunPosition>,
}

impl<'a> RunFiles<'a> {
    /// Files of a run that begins, in `folder`.
    pub fn new(folder: impl Into<Place>) -> Self {
        Self { folder: folder.into(), resumed: None }
    }

    /// Files of a run that goes on: what was written after `position` is taken away.
    pub fn resumed(folder: impl Into<Place>, position: &'a RunPosition) -> Self {
        Self { folder: folder.into(), resumed: Some(position) }
    }

    /// The folder.
    pub fn folder(&self) -> &Place {
        &self.folder
    }

    /// Where a run goes on.
    pub fn position(&self) -> Option<&'a RunPosition> {
        self.resumed
    }

    /// The file of a list.
    ///
    /// # Errors
    /// A file that cannot be written, or that is shorter than it was.
    pub fn list<T: Element>(&self, name: &str) -> Result<NpyWriter<T>, RecordingError> {
        self.open(name, None)
    }

    /// The file of an array of rows of that length.
    ///
    /// # Errors
    /// A file that cannot be written, or that is shorter than it was.
    pub fn rows<T: Element>(&self, name: &str, length: usize) -> Result<NpyWriter<T>, RecordingError> {
        self.open(name, Some(length as u64))
    }

    fn open<T: Element>(&self, name: &str, row: Option<u64>) -> Result<NpyWriter<T>, RecordingError> {
        let place = self.folder.join(name);
        let Some(position) = self.resumed else { return NpyWriter::create(place, row) };
        match position.elements.get(name) {
            Some(&elements) => NpyWriter::reopen(place, row, elements),
            None => Err(RecordingError::malformed(&place.path(), "the checkpoint does not know this file")),
        }
    }
}
