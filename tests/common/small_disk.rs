//! A disk of a chosen size: a tmpfs in a mount namespace of its own, which nobody else sees and which ends
//! with the test.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// How to come into a mount namespace of one's own, and how others come into it: as root, or as one who is
/// root in there alone.
const WAYS: [[&[&str]; 2]; 2] = [
    [&["--mount"], &["--mount"]],
    [&["--map-root-user", "--mount"], &["--user", "--preserve-credentials", "--mount"]],
];
/// Mounts what is asked for, tells so, and stays until its input ends.
const HOLD: &str = "mount -t tmpfs -o \"size=$2\" humam-test \"$1\" && echo mounted && exec cat";
/// Starts a program in a folder of the namespace.
const START: &str = "cd \"$1\" && shift && exec \"$@\"";

/// The disk.
pub struct SmallDisk {
    /// The process that holds the namespace.
    holder: Child,
    enter: &'static [&'static str],
    folder: PathBuf,
}

impl SmallDisk {
    /// A disk of that many bytes at `folder`, which exists; `None` where the test shall be skipped, which it
    /// says. `HUMAM_TEST_TMPFS` is `auto` (skip where no disk can be mounted), `require` (fail there) or
    /// `off`.
    pub fn new(folder: &Path, bytes: u64) -> Option<Self> {
        let mode = std::env::var("HUMAM_TEST_TMPFS").unwrap_or_else(|_| "auto".into());
        let mounted = match mode.as_str() {
            "off" => Err("HUMAM_TEST_TMPFS=off".into()),
            "auto" | "require" => Self::mounted(folder, bytes),
            other => panic!("HUMAM_TEST_TMPFS={other}: must be auto, require or off"),
        };
        match mounted {
            Ok(disk) => Some(disk),
            Err(reason) if mode == "require" => panic!("HUMAM_TEST_TMPFS=require: {reason}"),
            Err(reason) => {
                println!("skipped: no small disk can be mounted: {reason}");
                None
            }
        }
    }

    fn mounted(folder: &Path, bytes: u64) -> Result<Self, String> {
        let mut reasons = Vec::new();
        for [leave, enter] in WAYS {
            match hold(leave, folder, bytes) {
                Ok(holder) => return Ok(Self { holder, enter, folder: folder.to_path_buf() }),
                Err(reason) => reasons.push(format!("unshare {}: {}", leave.join(" "), reason.trim())),
            }
        }
        Err(reasons.join("; "))
    }

    /// A program that sees the disk, and starts in its folder.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg("--target").arg(self.holder.id().to_string()).args(self.enter);
        command.args(["sh", "-c", START, "sh"]).arg(&self.folder).arg(program);
        command
    }

    /// The program under test with these arguments, separated by blanks, run in the disk's folder.
    pub fn humam(&self, arguments: &str) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_humam-gpu"));
        command.args(arguments.split_whitespace());
        command
    }

    /// Mounts the disk with other options: `size=4m`, `ro`.
    pub fn remount(&self, options: &str) {
        let mut command = self.command("mount");
        command.args(["-o", &format!("remount,{options}")]).arg(&self.folder);
        assert!(command.status().expect("mount").success(), "remount {options}");
    }

    /// Where those outside find the disk.
    pub fn seen_from_outside(&self) -> PathBuf {
        let below = self.folder.strip_prefix("/").expect("an absolute path");
        PathBuf::from(format!("/proc/{}/root", self.holder.id())).join(below)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // With the last process in it the namespace ends, and the disk with it.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// Starts the process that mounts the disk.
fn hold(leave: &[&str], folder: &Path, bytes: u64) -> Result<Child, String> {
    let mut command = Command::new("unshare");
    command.args(leave).args(["sh", "-c", HOLD, "sh"]).arg(folder).arg(bytes.to_string());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut holder = command.spawn().map_err(|error| error.to_string())?;
    let mut line = String::new();
    let told = holder.stdout.take().map(|stdout| BufReader::new(stdout).read_line(&mut line));
    if line.trim() == "mounted" {
        return Ok(holder);
    }
    let mut reason = format!("{:?} ", told.map(|told| told.is_ok()));
    let _ = holder.kill();
    if let Some(mut stderr) = holder.stderr.take() {
        let _ = stderr.read_to_string(&mut reason);
    }
    let _ = holder.wait();
    Err(reason)
}
