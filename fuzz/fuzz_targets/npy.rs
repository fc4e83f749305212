//! The first byte of the input tells an array of a run, the rest is its content.
#![no_main]

use humam_gpu_fuzz::{as_they_are, begin_with, file_and_content, promises, with_content, workplace};
use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;
use std::sync::OnceLock;

struct Place {
    folder: PathBuf,
    files: [PathBuf; 3],
}

fn place() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(|| {
        let folder = workplace("npy");
        Place { files: promises::write_arrays(&folder), folder }
    })
}

fuzz_target!(init: begin_with(as_they_are(&place().files)), |input: &[u8]| {
    let Place { folder, files } = place();
    let Some((path, content)) = file_and_content(files, input) else { return };
    with_content(path, content, || promises::of_arrays(folder, path));
});
