//! The files of a run: made anew, or opened again where a checkpoint left them.

use super::RecordingError;
use super::checkpoint::Checkpoint;
use super::npy::{ArrayPosition, Element, NpyWriter};
use super::written::CHECKPOINT_FILE;
use crate::disk::Place;

/// Where a run's arrays are written.
#[derive(Debug, Clone)]
pub struct RunFiles<'a> {
    folder: Place,
    resumed: Option<&'a Checkpoint>,
}

impl<'a> RunFiles<'a> {
    /// Files of a run that begins, in `folder`.
    pub fn new(folder: impl Into<Place>) -> Self {
        Self { folder: folder.into(), resumed: None }
    }

    /// Files of a run that goes on: what was written after the checkpoint is taken away.
    pub fn resumed(folder: impl Into<Place>, checkpoint: &'a Checkpoint) -> Self {
        Self { folder: folder.into(), resumed: Some(checkpoint) }
    }

    /// The folder.
    pub fn folder(&self) -> &Place {
        &self.folder
    }

    /// Where a run goes on.
    pub fn checkpoint(&self) -> Option<&'a Checkpoint> {
        self.resumed
    }

    /// The error of a checkpoint that tells what cannot be.
    pub fn disagreement(&self, reason: String) -> RecordingError {
        RecordingError::malformed(
            &self.folder.join(CHECKPOINT_FILE).path(),
            format!("it is damaged: {reason}"),
        )
    }

    /// The file of a list of which a checkpoint alone knows how long it is.
    ///
    /// # Errors
    /// A file that cannot be written, or that is shorter than it was.
    pub fn list<T: Element>(&self, name: &str) -> Result<NpyWriter<T>, RecordingError> {
        match self.told(name)? {
            Some(saved) => NpyWriter::reopen(self.folder.join(name), None, saved),
            None => NpyWriter::create(self.folder.join(name), None),
        }
    }

    /// The file of an array of rows of that length, or of a list if there is none, of which so many are
    /// written after a number of steps.
    ///
    /// # Errors
    /// A file that cannot be written, or that is shorter than it was; a checkpoint that tells another number.
    pub fn rows<T: Element>(
        &self,
        name: &str,
        length: Option<usize>,
        rows_after: impl FnOnce(u32) -> u32,
    ) -> Result<NpyWriter<T>, RecordingError> {
        let (place, row) = (self.folder.join(name), length.map(|length| length as u64));
        let (Some(checkpoint), Some(told)) = (self.resumed, self.told(name)?) else {
            return NpyWriter::create(place, row);
        };
        let elements = u64::from(rows_after(checkpoint.step())) * row.unwrap_or(1);
        if told.elements != elements {
            let step = checkpoint.step();
            let reason = format!(
                "{} elements of {name}, where {elements} are written after {step} steps",
                told.elements
            );
            return Err(self.disagreement(reason));
        }
        NpyWriter::reopen(place, row, told)
    }

    /// What a file holds that a run has left; `None` of one that begins.
    pub(super) fn told(&self, name: &str) -> Result<Option<ArrayPosition>, RecordingError> {
        let Some(checkpoint) = self.resumed else { return Ok(None) };
        match checkpoint.position.arrays.get(name) {
            Some(&saved) => Ok(Some(saved)),
            None => Err(self.disagreement(format!("it does not know {name}"))),
        }
    }
}
