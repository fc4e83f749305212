//! Ctrl-C: the first one asks a run to stop with a checkpoint, the second one ends the program at once.

use anyhow::{Context, Result};
use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);
/// What the system calls a program that Ctrl-C has ended: 128 + SIGINT.
const ENDED_AT_ONCE: i32 = 130;

/// From now on Ctrl-C is a wish.
pub fn listen() -> Result<()> {
    ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(ENDED_AT_ONCE);
        }
    })
    .context("cannot listen for Ctrl-C")
}

/// Whether someone asked to stop.
pub fn is_asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
