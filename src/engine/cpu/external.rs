//! What comes from outside in a block of steps: a list a step, in the resolution of currents, which the events
//! of the calendar do not have.

use crate::engine::fixed_point::BLOCK_STEPS;

/// Arrivals of a block of steps, as (target within the shard, weight).
#[derive(Debug)]
pub(super) struct External([Vec<(u32, i32)>; BLOCK_STEPS as usize]);

impl Default for External {
    fn default() -> Self {
        Self([const { Vec::new() }; BLOCK_STEPS as usize])
    }
}

/// The list of a step, which counts from 1.
fn place(step: u32) -> usize {
    ((step - 1) % BLOCK_STEPS) as usize
}

impl External {
    /// Adds a weight that arrives in `step` of the block that is computed.
    pub(super) fn add(&mut self, step: u32, target: u32, weight: i32) {
        self.0[place(step)].push((target, weight));
    }

    /// Hands over what arrives in `step`, once.
    pub(super) fn drain(&mut self, step: u32, mut take: impl FnMut(u32, i32)) {
        self.0[place(step)].drain(..).for_each(|(target, weight)| take(target, weight));
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> u64 {
        self.0.iter().map(|list| (list.capacity() * size_of::<(u32, i32)>()) as u64).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrival_is_handed_over_once_in_its_step() {
        let mut external = External::default();
        for (step, target) in [(65, 3), (128, 4), (65, 5)] {
            external.add(step, target, -7);
        }
        let mut taken = |step| {
            let mut all = Vec::new();
            external.drain(step, |target, weight| all.push((target, weight)));
            all
        };
        assert_eq!(taken(65), [(3, -7), (5, -7)]);
        assert_eq!((taken(65), taken(127)), (vec![], vec![]));
        assert_eq!(taken(128), [(4, -7)]);
    }
}
