//! The input is a configuration.
#![no_main]

use humam_gpu::config::BUILTIN;
use humam_gpu_fuzz::{begin_with, promises, workplace};
use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;
use std::sync::OnceLock;

static PATH: OnceLock<PathBuf> = OnceLock::new();

fuzz_target!(
    init: begin_with(BUILTIN.iter().map(|(_, text)| text.as_bytes().to_vec())),
    |input: &[u8]| {
        let path = PATH.get_or_init(|| workplace("configuration").join("x.ron"));
        std::fs::write(path, input).expect("a file");
        promises::of_configuration(path);
    }
);
