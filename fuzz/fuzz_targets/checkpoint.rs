//! The input is the checkpoint of a run that was stopped, without the hash at its end.
#![no_main]

use humam_gpu_fuzz::promises::{self, Stopped};
use humam_gpu_fuzz::{begin_with, workplace};
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

fn stopped() -> &'static Stopped {
    static STOPPED: OnceLock<Stopped> = OnceLock::new();
    STOPPED.get_or_init(|| Stopped::below(&workplace("checkpoint")))
}

fuzz_target!(init: begin_with([stopped().checkpoint.clone()]), |input: &[u8]| {
    promises::of_resumed(stopped(), input.to_vec());
});
