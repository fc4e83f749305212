//! The spikes of a run as one number: SHA-256 over (step, neuron), both u32 with the lowest byte first,
//! by step, then neuron.

use sha2::{Digest, Sha256};

/// Steps of a part that has a hash of its own, by which the place of a difference is told.
const PART_STEPS: u32 = 64;

/// Hashes spikes as they come.
#[derive(Debug, Clone, Default)]
pub struct SpikeHash {
    whole: Sha256,
    part: Sha256,
    /// Of all parts that are complete, those without spikes included.
    parts: Vec<[u8; 32]>,
    n_spikes: u64,
}

impl SpikeHash {
    /// Takes spikes of one step; steps and neurons ascend, and a step may come in several pieces.
    pub fn take(&mut self, step: u32, neurons: &[u32]) {
        let part = (step.max(1) - 1) / PART_STEPS;
        while self.parts.len() < part as usize {
            self.parts.push(self.part.finalize_reset().into());
        }
        for neuron in neurons {
            for word in [step, *neuron] {
                self.whole.update(word.to_le_bytes());
                self.part.update(word.to_le_bytes());
            }
        }
        self.n_spikes += neurons.len() as u64;
    }

    /// Number of spikes, and the hash in hexadecimal.
    pub fn finish(self) -> (u64, String) {
        let digits: Vec<String> = self.whole.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        (self.n_spikes, digits.concat())
    }

    /// A step up to which the spikes are those of `other`; `None` if all are.
    pub fn same_until(&self, other: &Self) -> Option<u32> {
        let (ours, others) = (self.all_parts(), other.all_parts());
        let n = ours.len().max(others.len());
        let empty: [u8; 32] = Sha256::digest([]).into();
        let part = |parts: &[[u8; 32]], at: usize| parts.get(at).copied().unwrap_or(empty);
        let first = (0..n).find(|&at| part(&ours, at) != part(&others, at))?;
        Some(first as u32 * PART_STEPS)
    }

    fn all_parts(&self) -> Vec<[u8; 32]> {
        let last = self.part.clone().finalize().into();
        self.parts.iter().copied().chain([last]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(spikes: &[(u32, &[u32])]) -> SpikeHash {
        let mut hash = SpikeHash::default();
        spikes.iter().for_each(|(step, neurons)| hash.take(*step, neurons));
        hash
    }

    #[test]
    fn pieces_and_silent_steps_leave_no_trace() {
        let whole = hash(&[(1, &[3, 5]), (200, &[1])]);
        let pieces = hash(&[(1, &[3]), (1, &[5]), (2, &[]), (150, &[]), (200, &[1]), (400, &[])]);
        assert_eq!(whole.same_until(&pieces), None);
        assert_eq!(whole.finish(), pieces.finish());
    }

    #[test]
    fn every_difference_is_seen_and_placed() {
        let one = hash(&[(1, &[3, 5]), (200, &[1])]);
        for (other, until) in [
            (hash(&[(1, &[3, 5]), (201, &[1])]), 192),
            (hash(&[(1, &[3, 5])]), 192),
            (hash(&[(1, &[3, 5]), (200, &[1]), (700, &[1])]), 640),
            (hash(&[(1, &[5, 3]), (200, &[1])]), 0),
        ] {
            assert_eq!(one.same_until(&other), Some(until));
            assert_ne!(one.clone().finish().1, other.finish().1);
        }
    }
}
