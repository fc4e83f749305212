//! Files that appear complete or not at all.

use super::RecordingError;
use crate::disk::{Begun, Place};

/// Writes a file so that it appears complete or not at all, in place of one that has its name.
///
/// # Errors
/// A file that cannot be written.
pub fn write_whole(at: impl Into<Place>, content: &[u8]) -> Result<(), RecordingError> {
    let place = at.into();
    place.write(content, false).map_err(|source| RecordingError::write(&place.path(), source))
}

/// Writes files so that none is replaced if there is no room for all.
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
