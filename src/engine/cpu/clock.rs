//! Time of a thread by stage, measured only where someone asks for it.

use crate::engine::StageTime;
use std::time::Instant;

/// Part of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CpuStage {
    /// External spikes, scheduled by the block or drawn by the step.
    Drive,
    /// Sums of the events that arrive.
    Collect,
    /// Neurons.
    Update,
    /// Exchange of spikes, with waiting for the other threads.
    Exchange,
    /// From spikes to events.
    Deliver,
}

/// Names of the stages, in their order.
const NAMES: [&str; 5] = ["drive", "collect", "update", "exchange", "deliver"];

/// A thread's clock; one that does not run costs a branch a lap.
#[derive(Debug, Clone, Default)]
pub(super) struct CpuStageClock {
    last: Option<Instant>,
    ns: [u64; NAMES.len()],
}

impl CpuStageClock {
    /// Starts, at zero.
    pub(super) fn start(&mut self) {
        *self = Self { last: Some(Instant::now()), ..Self::default() };
    }

    /// Forgets the time since the last lap.
    pub(super) fn skip(&mut self) {
        if let Some(last) = &mut self.last {
            *last = Instant::now();
        }
    }

    /// Books the time since the last lap on `stage`.
    #[inline(always)]
    pub(super) fn lap(&mut self, stage: CpuStage) {
        if let Some(last) = &mut self.last {
            let now = Instant::now();
            self.ns[stage as usize] += now.duration_since(*last).as_nanos() as u64;
            *last = now;
        }
    }

    /// Mean time of each stage over threads; nothing if their clocks do not run.
    pub(super) fn mean<'a>(clocks: impl Iterator<Item = &'a Self>) -> Vec<StageTime> {
        let running: Vec<&Self> = clocks.filter(|clock| clock.last.is_some()).collect();
        let threads = running.len() as u64;
        let mean = |stage: usize| running.iter().map(|clock| clock.ns[stage]).sum::<u64>() / threads;
        match threads {
            0 => Vec::new(),
            _ => NAMES.iter().enumerate().map(|(s, name)| StageTime { name, ns: mean(s) }).collect(),
        }
    }
}
