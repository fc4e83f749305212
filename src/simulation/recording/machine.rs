//! The machine, and what of it and of the day is noted with what is made.

use super::today;
use crate::disk;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Bytes of a file of the system: a machine has thousands of processors at most.
const MAX_BYTES: u64 = 1 << 24;

/// The machine on which something was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// Operating system and architecture, such as `linux x86_64`.
    pub system: String,
    /// Model of the processor; `None` if the system does not tell.
    pub cpu: Option<String>,
    /// Hardware threads that this process may use.
    pub cores: usize,
    /// Memory of the machine, bytes; `None` if the system does not tell.
    pub memory_bytes: Option<u64>,
}

impl Machine {
    /// This machine.
    pub fn this() -> Self {
        Self {
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            cpu: field("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            memory_bytes: field("/proc/meminfo", "MemTotal").and_then(|text| kilobytes(&text)),
        }
    }
}

/// Git revision that the program was built from. Who builds it tells, by the environment variable `HUMAM_GPU_REVISION`,
/// as `.ci/package` does; `None` if nobody has told.
pub const REVISION: Option<&str> = option_env!("HUMAM_GPU_REVISION");

/// When and where something was made; nothing of it in files of versions that did not note it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Circumstances {
    /// The day, by universal time, `2026-01-31`.
    pub made_on: Option<String>,
    /// Name of the computer; `None` if the system does not tell.
    pub host: Option<String>,
    /// Model of its processor; `None` if the system does not tell.
    pub cpu: Option<String>,
    /// Git revision of the program, as [`REVISION`].
    pub revision: Option<String>,
}

impl Circumstances {
    /// Here and today.
    pub fn here() -> Self {
        let host = disk::read_text_limited(Path::new("/proc/sys/kernel/hostname"), MAX_BYTES).ok();
        let host = host.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        Self { made_on: Some(today()), host, cpu: Machine::this().cpu, revision: REVISION.map(str::to_owned) }
    }
}

/// The text after `label:` in a file of the system.
fn field(file: &str, label: &str) -> Option<String> {
    let text = disk::read_text_limited(Path::new(file), MAX_BYTES).ok()?;
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    fields.find(|(name, _)| name.trim() == label).map(|(_, value)| value.trim().to_owned())
}

/// Bytes of `7 kB`.
fn kilobytes(text: &str) -> Option<u64> {
    Some(text.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}
