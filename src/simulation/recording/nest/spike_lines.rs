//! Lines of a recorder's file: who spiked when.

use crate::disk::File;
use std::io::{BufRead, BufReader, Read};

/// Bytes of a line; those of NEST have some 20.
const LONGEST_LINE: u64 = 4096;
/// How the line behind the comments starts.
const HEADER: &str = "sender";
/// Its second column, if the recorder was told `time_in_steps`.
const STEP_COLUMN: &str = "time_step";

/// A spike as it stands in a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SpikeLine {
    pub sender: u32,
    pub time_ms: f64,
}

/// Lines of a file, of which none can fill the memory.
pub(super) struct SpikeLines {
    text: BufReader<File>,
    line: String,
    /// Number of the line, from 1.
    at: u64,
    is_among_spikes: bool,
    /// Whether times are steps and what to take off them, ms.
    in_steps: bool,
}

impl SpikeLines {
    pub fn new(text: File) -> Self {
        let text = BufReader::new(text);
        Self { text, line: String::new(), at: 0, is_among_spikes: false, in_steps: false }
    }

    /// Number of the line of the last spike, from 1.
    pub fn number(&self) -> u64 {
        self.at
    }

    /// The next spike, steps being of `dt_ms`; `None` at the end.
    pub fn next_spike(&mut self, dt_ms: f64) -> Result<Option<SpikeLine>, String> {
        while self.read_line()? {
            let line = self.line.trim();
            if line.starts_with('#') {
                // A header may follow, also where files were joined.
                self.is_among_spikes = false;
            } else if !self.is_among_spikes && line.starts_with(HEADER) {
                self.in_steps = line.split_whitespace().nth(1) == Some(STEP_COLUMN);
            } else if !line.is_empty() {
                self.is_among_spikes = true;
                let spike = if self.in_steps { spike_in_steps(line, dt_ms) } else { spike_in_ms(line) };
                let wanted = if self.in_steps { "a step and an offset" } else { "a time" };
                let refusal = || format!("line {}: '{line}' is no sender with {wanted}", self.at);
                return spike.ok_or_else(refusal).map(Some);
            }
        }
        Ok(None)
    }

    /// Reads a line; `false` at the end.
    fn read_line(&mut self) -> Result<bool, String> {
        self.at += 1;
        self.line.clear();
        let read = self.text.by_ref().take(LONGEST_LINE).read_line(&mut self.line);
        let bytes = read.map_err(|error| format!("line {}: {error}", self.at))? as u64;
        if bytes == LONGEST_LINE {
            return Err(format!("line {} has {LONGEST_LINE} bytes or more", self.at));
        }
        // NEST ends every line. Digits that are missing at the end would make another time.
        if bytes > 0 && !self.line.ends_with('\n') {
            return Err(format!("line {} is cut short, as no line end follows", self.at));
        }
        Ok(bytes > 0)
    }
}

/// `sender<TAB>time_ms`.
fn spike_in_ms(line: &str) -> Option<SpikeLine> {
    let mut words = line.split_whitespace();
    let spike = SpikeLine { sender: words.next()?.parse().ok()?, time_ms: words.next()?.parse().ok()? };
    words.next().is_none().then_some(spike)
}

/// `sender<TAB>time_step<TAB>time_offset`: the offset, ms, is taken off the step.
fn spike_in_steps(line: &str, dt_ms: f64) -> Option<SpikeLine> {
    let mut words = line.split_whitespace();
    let sender = words.next()?.parse().ok()?;
    let step: u32 = words.next()?.parse().ok()?;
    let offset_ms: f64 = words.next()?.parse().ok()?;
    let spike = SpikeLine { sender, time_ms: f64::from(step) * dt_ms - offset_ms };
    words.next().is_none().then_some(spike)
}
