//! Folders that were changed and tell the hashes of what they hold now, as their makers would.

use humam_gpu::recording::Content;
use std::path::Path;

/// Notes in the `manifest.json` of a run or a network, or in the `options.json` of an analysis, what `folder`
/// holds now, so that a change is not found by the hashes of its files.
pub fn seal(folder: &Path) {
    let records = ["manifest.json", "options.json"].map(|name| folder.join(name));
    let path = records.into_iter().find(|path| path.is_file()).expect("a record");
    let text = std::fs::read(&path).expect("a manifest");
    let mut manifest: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    let files = Content::of_folder(folder).expect("files");
    manifest["files"] = serde_json::to_value(files).expect("JSON");
    std::fs::write(&path, format!("{manifest:#}\n")).expect("a manifest");
}
