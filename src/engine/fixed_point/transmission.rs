//! Synapses that transmit a spike or do not: p_transmit < 1. The twin of `shaders/shared/transmission.wgsl`.
//!
//! Whether a synapse transmits is drawn for each synapse and spike, keyed by (step, source neuron, tag of
//! the synapse). The tag is the random word from which the synapse drew its target, so that the draw is
//! the same whether synapses are stored or procedural. Two synapses of one source that share all
//! 32 bits of their tags, one pair in four billion, transmit together.

use crate::engine::rng::{Key, Stream, stream_key, threefry};

/// How synapses transmit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transmission {
    /// Key of the stream.
    pub key: Key,
    /// A uniform 32-bit number below it lets the spike pass.
    pub threshold: u32,
}

impl Transmission {
    /// Transmission with probability `p_transmit` under `seed`; `None` if every spike passes.
    pub fn new(p_transmit: f64, seed: u64) -> Option<Self> {
        let threshold = (p_transmit * 4_294_967_296.0).round_ties_even();
        let is_certain = threshold > f64::from(u32::MAX);
        (!is_certain)
            .then(|| Self { key: stream_key(seed, Stream::Transmission, 0), threshold: threshold as u32 })
    }

    /// Key of the draws for the spikes of `step`.
    #[inline(always)]
    pub fn step_key(&self, step: u32) -> Key {
        threefry(self.key, [step, 0])
    }

    /// Whether the synapse of `source` with this tag transmits its spike of the step behind `step_key`.
    #[inline(always)]
    pub fn passes(&self, step_key: Key, source: u32, tag: u32) -> bool {
        threefry(step_key, [source, tag])[0] < self.threshold
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_p_transmit_passes_independently_of_source_step_and_tag() {
        let transmission = Transmission::new(0.3, 5).unwrap();
        // 99,000 draws each way: 4 standard deviations of a binomial number are 577.
        let passed = |passes: &dyn Fn(u32) -> bool| (0..99_000).filter(|&k| passes(k)).count() as f64;
        let key = transmission.step_key(7);
        for count in [
            passed(&|k| transmission.passes(key, k, 9)),
            passed(&|k| transmission.passes(key, 9, k)),
            passed(&|k| transmission.passes(transmission.step_key(k), 9, 9)),
        ] {
            assert!((count - 29_700.0).abs() < 577.0, "{count}");
        }
        assert!((passed(&|k| k % 10 < 4) - 29_700.0).abs() > 577.0);
    }

    #[test]
    fn what_is_certain_is_not_drawn() {
        assert_eq!(Transmission::new(1.0, 1), None);
        assert_eq!(Transmission::new(0.5, 1).unwrap().threshold, 1 << 31);
        assert_eq!(Transmission::new(1e-12, 1).unwrap().threshold, 0);
    }
}
