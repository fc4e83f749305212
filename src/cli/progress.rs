//! Progress on stderr: bars on a terminal, sparse lines elsewhere, nothing with `--quiet`.

use super::interruption;
use humam_gpu::progress::{Interruption, Progress, Stage};
use humam_gpu::telling::plain;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Lines elsewhere than on a terminal: one each tenth of the simulation.
const LINES: u32 = 10;
const SPINNER_TICK: Duration = Duration::from_millis(100);
const MS_PER_S: f64 = 1000.0;

/// Shows progress.
pub struct Terminal {
    style: Style,
    bar: Option<ProgressBar>,
    /// When the simulation began, and after how many steps.
    simulation: Option<(Instant, u32)>,
    next_line: u32,
    interruption: Interruption,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Quiet,
    Lines,
    Bars,
}

impl Terminal {
    /// Chooses how to show progress.
    pub fn new(quiet: bool) -> Self {
        let style = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Style::Quiet,
            (false, true) => Style::Bars,
            (false, false) => Style::Lines,
        };
        let interruption = Interruption::default();
        Self { style, bar: None, simulation: None, next_line: 1, interruption }
    }

    /// The same for a run that Ctrl-C asks to stop with a checkpoint.
    pub fn that_can_stop(quiet: bool) -> anyhow::Result<Self> {
        Ok(Self { interruption: interruption::listen()?, ..Self::new(quiet) })
    }

    /// Takes the bar away.
    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn note(&self, text: &str) {
        if self.style != Style::Quiet {
            self.line(text);
        }
    }

    fn line(&self, text: &str) {
        // Progress is for whoever reads it; if nobody does the run goes on.
        let _ = writeln!(std::io::stderr(), "{}", plain(text));
    }
}

impl Progress for Terminal {
    fn stage(&mut self, stage: Stage) {
        self.finish();
        self.simulation = None;
        self.next_line = 1;
        match self.style {
            Style::Quiet => {}
            Style::Lines => self.line(stage.name()),
            Style::Bars => {
                let bar = ProgressBar::new_spinner().with_message(stage.name());
                bar.enable_steady_tick(SPINNER_TICK);
                self.bar = Some(bar);
            }
        }
    }

    fn simulated(&mut self, step: u32, n_steps: u32, dt_ms: f64) {
        let (started, first) = *self.simulation.get_or_insert((Instant::now(), step));
        let seconds = started.elapsed().as_secs_f64();
        let status = || status(step, first, n_steps, dt_ms, seconds);
        match self.style {
            Style::Quiet => {}
            Style::Lines => {
                if u64::from(step) * u64::from(LINES) >= u64::from(self.next_line) * u64::from(n_steps) {
                    self.line(&format!("  {}", status()));
                    self.next_line =
                        (u64::from(step) * u64::from(LINES) / u64::from(n_steps.max(1))) as u32 + 1;
                }
            }
            Style::Bars => {
                let bar = self.bar.get_or_insert_with(ProgressBar::no_length);
                if bar.length() != Some(n_steps.into()) {
                    bar.set_length(n_steps.into());
                    bar.set_style(simulation_style());
                }
                bar.set_position(step.into());
                bar.set_message(status());
            }
        }
    }

    fn warning(&mut self, text: &str) {
        self.finish();
        self.note(&format!("warning: {text}"));
    }

    fn interruption(&self) -> Interruption {
        self.interruption.clone()
    }

    fn notice(&mut self, text: &str) {
        self.finish();
        self.note(text);
    }

    fn point(&mut self, number: usize, n_points: usize, name: &str) {
        self.finish();
        self.note(&format!("point {number} of {n_points}: {name}"));
    }

    fn failed(&mut self, reason: &str) {
        self.finish();
        self.note(&format!("  failed: {reason}"));
    }
}

fn simulation_style() -> ProgressStyle {
    ProgressStyle::with_template("simulating [{bar:30}] {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

/// Model time, real-time factor and time left, where the simulation began after `first` steps.
fn status(step: u32, first: u32, n_steps: u32, dt_ms: f64, seconds: f64) -> String {
    let (done_ms, all_ms) = (f64::from(step) * dt_ms, f64::from(n_steps) * dt_ms);
    if step == first {
        return format!("{done_ms:.0} of {all_ms:.0} ms");
    }
    let steps = f64::from(step - first);
    let factor = seconds * MS_PER_S / (steps * dt_ms);
    let left_s = seconds * f64::from(n_steps - step) / steps;
    format!("{done_ms:.0} of {all_ms:.0} ms, real-time factor {factor:.3}, {left_s:.0} s left")
}
