//! The quantile tables of a network: each distribution has one, whoever draws from it.

use super::{FactorTable, FormatsError};
use crate::model::network::{Delay, DelayDistribution};

/// Quantile tables, each made once.
#[derive(Default)]
pub(super) struct Tables {
    keys: Vec<Shape>,
    pub(super) tables: Vec<FactorTable>,
}

/// What makes tables differ.
#[derive(Clone, Copy, PartialEq)]
struct Shape {
    /// Of delays; `None` for weights.
    distribution: Option<DelayDistribution>,
    relative_sd: f64,
    /// Half a step over the mean where that bounds the distribution, else 0.
    half_step: f64,
}

impl Tables {
    /// Index of the table of weights with that relative standard deviation.
    pub(super) fn weights(&mut self, relative_sd: f64) -> Result<usize, FormatsError> {
        self.index(Shape { distribution: None, relative_sd, half_step: 0.0 })
    }

    /// Index of the table of delays.
    pub(super) fn delays(&mut self, delay: &Delay, dt_ms: f64) -> Result<usize, FormatsError> {
        let is_bounded = delay.distribution == DelayDistribution::TruncatedNormal;
        let half_step = if is_bounded { 0.5 * dt_ms / delay.mean_ms } else { 0.0 };
        let distribution = Some(delay.distribution);
        self.index(Shape { distribution, relative_sd: delay.relative_sd, half_step })
    }

    fn index(&mut self, key: Shape) -> Result<usize, FormatsError> {
        if let Some(index) = self.keys.iter().position(|&k| k == key) {
            return Ok(index);
        }
        let Shape { distribution, relative_sd, half_step } = key;
        let table = match distribution {
            None => FactorTable::clipped_normal(relative_sd),
            Some(shape) => FactorTable::delay(shape, relative_sd, half_step),
        };
        if table.is_saturated() {
            return Err(FormatsError::Spread { relative_sd });
        }
        self.keys.push(key);
        self.tables.push(table);
        Ok(self.tables.len() - 1)
    }
}
