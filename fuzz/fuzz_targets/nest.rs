//! The first byte of the input tells a file of NEST's output, the rest is its text.
#![no_main]

use humam_gpu_fuzz::{as_they_are, begin_with, file_and_content, promises, with_content, workplace};
use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;
use std::sync::OnceLock;

struct Place {
    run: PathBuf,
    nest: PathBuf,
    files: [PathBuf; 2],
}

fn place() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(|| {
        let folder = workplace("nest");
        let nest = folder.join("nest");
        Place { run: promises::recorded_run(&folder), files: promises::write_nest(&nest), nest }
    })
}

fuzz_target!(init: begin_with(as_they_are(&place().files)), |input: &[u8]| {
    let Place { run, nest, files } = place();
    let Some((path, content)) = file_and_content(files, input) else { return };
    with_content(path, content, || promises::of_nest(run, nest));
});
