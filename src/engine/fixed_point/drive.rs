//! How a population's external Poisson spikes are drawn.

use super::{BLOCK_STEPS, poisson_thresholds, stepwise_thresholds};

/// External spikes of each neuron of a population.
#[derive(Debug, Clone, PartialEq)]
pub enum IntegerDrive {
    /// There are none.
    None,
    /// Few, drawn a block of steps at a time ([`DriveBlock`](super::DriveBlock)): thresholds of their
    /// number in a block.
    Blocks(Vec<u32>),
    /// Many, drawn step by step ([`stepwise_count`](super::stepwise_count)): thresholds of their number
    /// in a step.
    Steps(Vec<u16>),
}

/// Mean number a step from which spikes are drawn step by step: a draw costs about as much as a
/// quarter of a spike that is delivered on its own.
const STEPWISE_FROM: f64 = 0.25;

impl IntegerDrive {
    /// Greatest mean number of spikes a step.
    pub const MAX_A_STEP: f64 = 64.0;

    /// Spikes of that mean number a step; `None` if it is above [`IntegerDrive::MAX_A_STEP`] or no number.
    pub fn of(mean_a_step: f64) -> Option<Self> {
        if mean_a_step > Self::MAX_A_STEP || mean_a_step.is_nan() {
            None
        } else if mean_a_step >= STEPWISE_FROM {
            Some(Self::Steps(stepwise_thresholds(mean_a_step)))
        } else if mean_a_step > 0.0 {
            Some(Self::Blocks(poisson_thresholds(mean_a_step * f64::from(BLOCK_STEPS))))
        } else {
            Some(Self::None)
        }
    }

    /// Steps whose spikes may all fall into one, where their mean number a step is that.
    pub fn steps_drawn_together(mean_a_step: f64) -> f64 {
        if mean_a_step < STEPWISE_FROM { f64::from(BLOCK_STEPS) } else { 1.0 }
    }

    /// Thresholds of the number of spikes in a block; empty if they are not drawn that way.
    pub fn block_thresholds(&self) -> &[u32] {
        match self {
            Self::Blocks(thresholds) => thresholds,
            Self::None | Self::Steps(_) => &[],
        }
    }

    /// Thresholds of the number of spikes in a step; empty if they are not drawn that way.
    pub fn step_thresholds(&self) -> &[u16] {
        match self {
            Self::Steps(thresholds) => thresholds,
            Self::None | Self::Blocks(_) => &[],
        }
    }

    /// Most spikes that a neuron can receive in one step.
    pub fn max_a_step(&self) -> u64 {
        (self.block_thresholds().len() + self.step_thresholds().len()) as u64
    }
}
