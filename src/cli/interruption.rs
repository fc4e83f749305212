//! Ctrl-C: the first one asks a run to stop with a checkpoint, the second one ends the program at once.

use anyhow::{Context, Result};
use humam_gpu::progress::Interruption;
use std::sync::LazyLock;

static WISH: LazyLock<Interruption> = LazyLock::new(Interruption::default);
/// What the system calls a program that Ctrl-C has ended: 128 + SIGINT.
const ENDED_AT_ONCE: i32 = 130;

/// From now on Ctrl-C, or the system's request to end, is a wish.
pub fn listen() -> Result<Interruption> {
    ctrlc::set_handler(|| {
        if WISH.ask() {
            std::process::exit(ENDED_AT_ONCE);
        }
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(WISH.clone())
}

/// From now on nobody looks at wishes, and the next one ends the program at once.
pub fn no_longer_heard() {
    WISH.ask();
}
