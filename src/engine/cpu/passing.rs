//! Which synapses transmit the spikes of a step, where not all do.

use crate::engine::fixed_point::Transmission;
use crate::engine::rng::Key;
use crate::engine::synapses::DRAWS;

/// Draws whether synapses transmit: [`transmit`].
pub(super) type Transmit = fn(&Transmission, Key, u32, &[u32], &mut [bool]);

/// The transmission of a step.
pub(super) struct Passing<'a> {
    transmission: &'a Transmission,
    key: Key,
    transmit: Transmit,
}

impl<'a> Passing<'a> {
    /// That of `step`; `transmit` is [`transmit`], compiled for the engine's instruction set.
    pub(super) fn new(transmission: &'a Transmission, step: u32, transmit: Transmit) -> Self {
        Self { transmission, key: transmission.step_key(step), transmit }
    }

    /// Of at most [`DRAWS`] synapses of `source`, which have these tags, the places of those that transmit.
    pub(super) fn places(&self, source: u32, tags: &[u32]) -> impl Iterator<Item = usize> + use<> {
        let (mut passes, n) = ([false; DRAWS], tags.len());
        (self.transmit)(self.transmission, self.key, source, tags, &mut passes[..n]);
        (0..n).filter(move |&place| passes[place])
    }
}

/// Draws for each of the synapses of `source` with these tags whether it transmits.
#[inline(always)]
pub(super) fn transmit(
    transmission: &Transmission,
    step_key: Key,
    source: u32,
    tags: &[u32],
    passes: &mut [bool],
) {
    for (passes, &tag) in passes.iter_mut().zip(tags) {
        *passes = transmission.passes(step_key, source, tag);
    }
}
