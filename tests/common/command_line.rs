//! The program as its users call it.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder in which the program runs, gone at the end of the test.
pub struct Workplace(tempfile::TempDir);

/// What a call gave.
#[derive(Debug)]
pub struct Call {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Workplace {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.0.path().join(relative)
    }

    /// Writes a file.
    pub fn write(&self, relative: &str, text: &str) {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    /// The program with these arguments, separated by blanks, run in this folder.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_humam-gpu"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path());
        command
    }

    /// Calls the program.
    pub fn call(&self, arguments: &str) -> Call {
        let Output { status, stdout, stderr } = self.command(arguments).output().expect("the program starts");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Call { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    /// Calls the program, which must succeed; returns what the last line of its output names.
    pub fn folder_of(&self, arguments: &str) -> PathBuf {
        let call = self.call(arguments);
        assert_eq!(call.code, Some(0), "{call:?}");
        let line = call.stdout.lines().last().expect("a last line");
        self.path(line.split_once("directory: ").expect("a directory").1)
    }

    /// Every file and folder, relative to the folder, sorted.
    pub fn tree(&self) -> Vec<String> {
        fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) {
            for entry in folder.read_dir().expect("a folder") {
                let path = entry.expect("an entry").path();
                let relative = path.strip_prefix(root).expect("below the root");
                found.push(relative.to_string_lossy().replace('\\', "/"));
                if path.is_dir() {
                    walk(root, &path, found);
                }
            }
        }
        let mut found = Vec::new();
        walk(self.0.path(), self.0.path(), &mut found);
        found.sort();
        found
    }
}

/// A configuration that comes with the program.
pub fn configuration(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs").join(name).with_extension("ron");
    path.display().to_string()
}

/// Both spike files of a run.
pub fn spikes(run: &Path) -> [Vec<u8>; 2] {
    ["spikes_neuron.npy", "spikes_step.npy"].map(|file| std::fs::read(run.join(file)).expect("spikes"))
}
