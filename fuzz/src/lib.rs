//! What the fuzz targets share: a folder to work in, inputs to begin with, and the promises that are held
//! against every input.

#[path = "../../tests/fixtures/promises.rs"]
pub mod promises;
#[path = "../../tests/fixtures/seal.rs"]
mod seal;

use std::fs;
use std::path::{Path, PathBuf};

/// A folder that the inputs to begin with are written to, in place of a campaign.
const SEEDS_FOLDER: &str = "HUMAM_FUZZ_SEEDS";

/// An empty folder of this process for `target`.
pub fn workplace(target: &str) -> PathBuf {
    let name = format!("{target}-{}", std::process::id());
    let place = std::env::temp_dir().join("humam-gpu-fuzz").join(name);
    fs::create_dir_all(&place).expect("a folder");
    place
}

/// Writes the inputs to begin with and ends the process, where someone asks for that.
pub fn begin_with(inputs: impl IntoIterator<Item = Vec<u8>>) {
    let Some(folder) = std::env::var_os(SEEDS_FOLDER).map(PathBuf::from) else { return };
    fs::create_dir_all(&folder).expect("a folder");
    for (number, input) in inputs.into_iter().enumerate() {
        fs::write(folder.join(format!("seed-{number}")), input).expect("a file");
    }
    std::process::exit(0);
}

/// One of several files that an input stands for, by its first byte, and the file's content, the rest.
pub fn file_and_content<'p, 'd>(files: &'p [PathBuf], input: &'d [u8]) -> Option<(&'p Path, &'d [u8])> {
    let (&first, content) = input.split_first()?;
    Some((&files[usize::from(first) % files.len()], content))
}

/// The inputs that leave the files as they are.
pub fn as_they_are(files: &[PathBuf]) -> Vec<Vec<u8>> {
    let input = |(number, path): (usize, &PathBuf)| {
        [&[number as u8][..], &fs::read(path).expect("a file")].concat()
    };
    files.iter().enumerate().map(input).collect()
}

/// Puts `content` in the place of the file, does `work`, and puts the file back.
pub fn with_content(path: &Path, content: &[u8], work: impl FnOnce()) {
    let original = fs::read(path).expect("a file");
    fs::write(path, content).expect("a file");
    work();
    fs::write(path, original).expect("a file");
}
