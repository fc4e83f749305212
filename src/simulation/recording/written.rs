//! Names of files that the program writes: others are somebody's own, and are never removed.

use std::path::Path;

/// Endings of a folder or file that is being made, or was replaced.
const PASSING: [&str; 2] = [".partial", ".replaced"];
/// Name of a checkpoint.
pub const CHECKPOINT_FILE: &str = "checkpoint.bin";
/// Name of the checkpoint that a run keeps when it is complete: the state at the end of the last whole
/// block of steps before its end.
pub const STATE_FILE: &str = "state.bin";
/// What is held while a folder is filled.
pub(super) const LOCK_FILE: &str = "lock";

/// Names of the files that the program writes into a kind of folder, and into folders in it.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// Paths with `/`, in which `*` stands for any part of a name.
    paths: Vec<String>,
}

impl Written {
    /// Files of these names; `*` stands for any part of one.
    pub fn new<T: ToString>(names: impl IntoIterator<Item = T>) -> Self {
        Self { paths: names.into_iter().map(|name| name.to_string()).collect() }
    }

    /// Files of a run, without what is made of it.
    pub fn of_runs() -> Self {
        Self::new([
            "config.ron",
            "manifest.json",
            "populations.csv",
            "rates.csv",
            "spikes_*.npy",
            "spike_counts.npy",
            "stimulus_*.csv",
            "voltmeter_*.csv",
            "voltmeter_*.npy",
            "means_populations.csv",
            "means_*.npy",
            CHECKPOINT_FILE,
            STATE_FILE,
        ])
    }

    /// Files of a network.
    pub fn of_networks() -> Self {
        Self::new(["network.ron", "manifest.json", "*.csv"])
    }

    /// With a file of that name.
    #[must_use]
    pub fn and(mut self, name: &str) -> Self {
        self.paths.push(name.to_owned());
        self
    }

    /// With those of `others` in the folder `folder`.
    #[must_use]
    pub fn with(mut self, folder: &str, others: &Self) -> Self {
        self.paths.extend(others.paths.iter().map(|path| format!("{folder}/{path}")));
        self
    }

    /// Whether the program writes a file of that path.
    pub(super) fn has_file(&self, path: impl AsRef<Path>) -> bool {
        let path = settled(path.as_ref());
        let in_known_folder = |above: &str| above.is_empty() || self.has_settled_folder(above);
        match path.rsplit_once('/').unwrap_or(("", &path)) {
            (above, LOCK_FILE) => in_known_folder(above),
            _ => self.paths.iter().any(|pattern| matches(pattern, &path)),
        }
    }

    /// Whether the program writes into a folder of that path.
    pub(super) fn has_folder(&self, path: impl AsRef<Path>) -> bool {
        let path = settled(path.as_ref());
        path.is_empty() || self.has_settled_folder(&path)
    }

    fn has_settled_folder(&self, path: &str) -> bool {
        self.paths.iter().any(|pattern| pattern.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
    }
}

/// The path that something has when it is complete: `figures.replaced/figures/x.png.partial` is a former
/// `figures/x.png`.
fn settled(path: &Path) -> String {
    let [partial, replaced] = PASSING;
    let names = path.iter().map(|name| name.to_string_lossy()).filter(|name| !name.ends_with(replaced));
    names.map(|name| name.strip_suffix(partial).unwrap_or(&name).to_owned()).collect::<Vec<_>>().join("/")
}

/// Whether `path` has the names of `pattern`, of which each has one `*` at most.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let mut names = path.split('/');
    let all = pattern.split('/').all(|pattern| {
        names.next().is_some_and(|name| match pattern.split_once('*') {
            Some((start, end)) => {
                name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
            }
            None => name == pattern,
        })
    });
    all && names.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_with_what_they_are_called_in_the_making_and_no_others() {
        let written = Written::new(["a.csv", "v_*.npy"]).with("sub", &Written::new(["b.png"]));
        for known in ["a.csv", "a.csv.partial", "v_0.npy", "v_.npy", "sub/b.png", "lock", "sub/lock"] {
            assert!(written.has_file(known), "{known}");
        }
        for known in ["sub.partial/b.png", "sub.replaced/sub/b.png", "sub.replaced/lock"] {
            assert!(written.has_file(known), "{known}");
        }
        for other in ["b.png", "sub/a.csv", "a.csv/x", "v_npy", "sub/x/b.png", "other/lock", "notes", ""] {
            assert!(!written.has_file(other), "{other}");
        }
        for folder in ["sub", "sub.partial", "sub.replaced", "sub.replaced/sub"] {
            assert!(written.has_folder(folder), "{folder}");
        }
        assert!(!written.has_folder("su") && !written.has_folder("a.csv") && !written.has_folder("other"));
    }
}
