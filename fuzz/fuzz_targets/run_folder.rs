//! The first byte of the input tells a file of a run and its network, the rest is its content.
#![no_main]

use humam_gpu_fuzz::{as_they_are, begin_with, file_and_content, promises, workplace};
use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;
use std::sync::OnceLock;

struct Place {
    folder: PathBuf,
    run: PathBuf,
    files: Vec<PathBuf>,
}

fn place() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(|| {
        let folder = workplace("run_folder");
        let run = promises::recorded_run(&folder);
        Place { files: promises::files_of(&run), folder, run }
    })
}

fuzz_target!(init: begin_with(as_they_are(&place().files)), |input: &[u8]| {
    let Place { folder, run, files } = place();
    let Some((path, content)) = file_and_content(files, input) else { return };
    promises::with_content(path, content, || {
        promises::of_run_folder(run, folder);
    });
});
