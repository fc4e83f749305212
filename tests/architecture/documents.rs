//! What documents say of the repository holds: files that they name are there, and the manifest of dependencies is
//! that of `Cargo.toml` and `python/Cargo.toml`.

use super::text_of;
use std::collections::BTreeSet;
use std::path::Path;

/// Documents that lead to files of the repository.
const DOCUMENTS: [&str; 4] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "fuzz/README.md"];
/// What such a path starts with.
const TOP_FOLDERS: [&str; 9] =
    ["src/", "shaders/", "configs/", "data/", "tests/", "examples/", "python/", ".ci/", ".github/"];

/// Files and folders that `text` names in code font and that are not there.
fn missing_files(text: &str) -> Vec<&str> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Blocks of code hold commands and pictures.
    let prose = text.split("```").step_by(2);
    let named = prose.flat_map(|prose| prose.split('`').skip(1).step_by(2));
    let is_path =
        |name: &&str| TOP_FOLDERS.iter().any(|top| name.starts_with(top)) && !name.contains([' ', '*', '…']);
    let upper = |name: &&str| name.chars().any(|c| c.is_ascii_uppercase()) && !name.ends_with(".md");
    named.filter(is_path).filter(|name| !upper(name) && !root.join(name).exists()).collect()
}

#[test]
fn documents_name_files_that_are_there() {
    for document in DOCUMENTS {
        assert_eq!(missing_files(&text_of(document)), Vec::<&str>::new(), "{document}");
    }
    let text = "In `src/nowhere.rs`, not in `src/lib.rs` or `shaders/NAME.wgsl`.\n```\ncp `src/no` .\n```\n\
                `data/no.csv`";
    assert_eq!(missing_files(text), ["src/nowhere.rs", "data/no.csv"]);
}

#[test]
fn every_dependency_is_explained_and_no_other() {
    let manifests = ["Cargo.toml", "python/Cargo.toml"].map(text_of).concat();
    let mut dependencies = BTreeSet::new();
    let mut is_listed = false;
    for line in manifests.lines() {
        if line.starts_with('[') {
            is_listed = line.ends_with("dependencies]");
        } else if let Some((name, _)) = line.split_once(" = ").filter(|_| is_listed) {
            dependencies.insert(name);
        }
    }
    // What leads from one part of the workspace to the other is no dependency.
    dependencies.remove("humam-gpu");
    let contributing = text_of("CONTRIBUTING.md");
    let (_, table) = contributing.split_once("\n## Dependencies").expect("a manifest of dependencies");
    let table = table.split("\n## ").next().unwrap_or_default();
    let names = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(names.collect::<BTreeSet<_>>(), dependencies, "in CONTRIBUTING.md and in manifests");
}
