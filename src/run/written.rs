//! What the program writes into a run folder.

use crate::analysis;
use crate::output::{export, figures, report};
use crate::simulation::recording::Written;

/// Files of a run and of all that is made of it.
pub(super) fn of_runs() -> Written {
    Written::of_runs()
        .with(analysis::FOLDER, &analysis::written())
        .with(figures::FOLDER, &figures::written())
        .with(export::FOLDER, &export::written())
        .and(report::FILE)
}
