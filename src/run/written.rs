//! What the program writes into a run folder.

use crate::recording::Written;
use crate::{analysis, export, figures, report};

/// Files of a run and of all that is made of it.
pub(super) fn of_runs() -> Written {
    Written::of_runs()
        .with(analysis::FOLDER, &analysis::written())
        .with(figures::FOLDER, &figures::written())
        .with(export::FOLDER, &export::written())
        .and(report::FILE)
}
