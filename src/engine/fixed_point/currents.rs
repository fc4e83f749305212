//! Currents from outside in integers: what each adds to V of its neurons at its peak, and which part of it there is in
//! each step.
//!
//! A product of the two is what every engine adds to the network's own DC input, so that a current that changes in
//! every step costs a number a step, and not one for each neuron.

use super::neuron::exp2;
use std::ops::{Range, RangeInclusive};

/// Fractional bits of a level, the part of a current's peak that there is in a step.
pub const LEVEL_BITS: u32 = 30;

/// A current into some neurons.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CurrentInput {
    /// The stimulus, for messages.
    pub stimulus: String,
    pub steps: RangeInclusive<u32>,
    pub wave: Wave,
    /// For each population, in their order, the first neuron, and what the peak adds to V of each neuron in a step.
    pub peaks: Vec<(u32, Vec<i32>)>,
}

/// How a current changes within its window, in parts of its peak.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Wave {
    /// Not at all.
    Constant,
    /// In a line from one value to another.
    Ramp { from: f64, to: f64 },
    /// As a sinus with an offset, of a phase at the start of the run.
    Sinus { amplitude: f64, offset: f64, periods_a_step: f64, phase_periods: f64 },
    /// Between 0 and 1, as pulses that begin with the window.
    Pulses { period_steps: u32, width_steps: u32 },
}

impl Wave {
    /// The part of the peak in a step of the window `steps`, which has the value of the time at which it starts.
    fn part(self, step: u32, steps: &RangeInclusive<u32>) -> f64 {
        let since = step - steps.start();
        match self {
            Self::Constant => 1.0,
            Self::Ramp { from, to } => {
                let length = f64::from(steps.end() - steps.start()) + 1.0;
                from + (to - from) * f64::from(since) / length
            }
            Self::Sinus { amplitude, offset, periods_a_step, phase_periods } => {
                let periods = f64::from(step - 1) * periods_a_step + phase_periods;
                let turn = periods - libm::floor(periods);
                offset + amplitude * libm::sin(2.0 * std::f64::consts::PI * turn)
            }
            Self::Pulses { period_steps, width_steps } => {
                f64::from(u8::from(since % period_steps < width_steps))
            }
        }
    }

    /// The least and the greatest level of the window.
    fn range(self) -> [i32; 2] {
        match self {
            Self::Constant => [level(1.0); 2],
            Self::Ramp { from, to } => [level(from.min(to)), level(from.max(to))],
            Self::Sinus { amplitude, offset, .. } => {
                [level(offset - amplitude.abs()), level(offset + amplitude.abs())]
            }
            Self::Pulses { .. } => [0, level(1.0)],
        }
    }
}

fn level(part: f64) -> i32 {
    (part.clamp(-1.0, 1.0) * exp2(LEVEL_BITS)).round_ties_even() as i32
}

/// What there is of a `peak` at a level, rounded to nearest. The twin of `part_of` in `shaders/currents.wgsl`.
#[inline]
fn part_of(peak: i32, level: i32) -> i32 {
    let magnitude = i64::from(level.unsigned_abs());
    let part = (i64::from(peak) * magnitude + (1 << (LEVEL_BITS - 1))) >> LEVEL_BITS;
    level.signum() * part as i32
}

impl CurrentInput {
    /// Its level in a step, 0 outside of its window.
    fn level(&self, step: u32) -> i32 {
        if self.steps.contains(&step) { level(self.wave.part(step, &self.steps)) } else { 0 }
    }

    /// Adds what it brings at a level to the neurons from `first_neuron` on.
    fn add(&self, level: i32, first_neuron: u32, dc: &mut [i32]) {
        for (peaks, dc) in self.within(first_neuron, dc) {
            dc.iter_mut().zip(peaks).for_each(|(dc, &peak)| *dc = dc.wrapping_add(part_of(peak, level)));
        }
    }

    /// Peaks of the neurons that it reaches among those from `first_neuron` on, beside the values of these.
    fn within<'a>(&'a self, first_neuron: u32, mut values: &'a mut [i32]) -> Vec<(&'a [i32], &'a mut [i32])> {
        let (mut from, mut found) = (first_neuron as usize, Vec::new());
        for (first, peaks) in &self.peaks {
            let peaks_from = *first as usize;
            let (start, end) = (peaks_from.max(from), (peaks_from + peaks.len()).min(from + values.len()));
            if start < end {
                let (reached, rest) = std::mem::take(&mut values).split_at_mut(end - from);
                found.push((&peaks[start - peaks_from..end - peaks_from], &mut reached[start - from..]));
                (from, values) = (end, rest);
            }
        }
        found
    }

    fn reaches(&self, neurons: &Range<u32>) -> bool {
        self.peaks
            .iter()
            .any(|(first, peaks)| *first < neurons.end && first + peaks.len() as u32 > neurons.start)
    }

    /// The least and the most that it adds to V of a neuron in its window.
    pub(super) fn range_at(&self, neuron: u32) -> [i64; 2] {
        let before = self.peaks.partition_point(|(first, _)| *first <= neuron);
        let population = before.checked_sub(1).map(|index| &self.peaks[index]);
        let peak = population.and_then(|(first, peaks)| peaks.get((neuron - first) as usize)).copied();
        let peak = peak.unwrap_or(0);
        let [a, b] = self.wave.range().map(|level| i64::from(part_of(peak, level)));
        [a.min(b), a.max(b)]
    }
}

/// The currents that reach some neurons, with their levels in the last step.
#[derive(Debug, Clone)]
pub struct Currents<'a> {
    inputs: Vec<&'a CurrentInput>,
    levels: Vec<i32>,
    first_neuron: u32,
}

impl<'a> Currents<'a> {
    /// Those of `inputs` that reach `neurons`, before the first step.
    pub(super) fn new(inputs: &'a [CurrentInput], neurons: Range<u32>) -> Self {
        let inputs: Vec<_> = inputs.iter().filter(|input| input.reaches(&neurons)).collect();
        Self { levels: vec![0; inputs.len()], inputs, first_neuron: neurons.start }
    }

    /// Number of currents.
    pub fn len(&self) -> usize {
        self.inputs.len()
    }

    /// Whether none reaches the neurons.
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }

    /// Goes on to a step; returns whether any level is another one.
    pub fn go_to(&mut self, step: u32) -> bool {
        let mut changed = false;
        for (level, input) in self.levels.iter_mut().zip(&self.inputs) {
            let now = input.level(step);
            changed |= now != *level;
            *level = now;
        }
        changed
    }

    /// The levels of this step, in units of 2 to the −[`LEVEL_BITS`].
    pub fn levels(&self) -> &[i32] {
        &self.levels
    }

    /// What the DC input adds to V of each neuron in this step: what the network has, and the currents.
    pub fn set(&self, of_network: &[i32], dc: &mut [i32]) {
        dc.copy_from_slice(of_network);
        for (input, &level) in self.inputs.iter().zip(&self.levels).filter(|(_, level)| **level != 0) {
            input.add(level, self.first_neuron, dc);
        }
    }

    /// What the peak of each current adds to V of each of the `n` neurons from `first_neuron` on in a step.
    pub fn peaks_into(&self, first_neuron: u32, n: usize) -> impl Iterator<Item = Vec<i32>> {
        self.inputs.iter().map(move |input| {
            let mut peaks = vec![0; n];
            input.add(level(1.0), first_neuron, &mut peaks);
            peaks
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(steps: RangeInclusive<u32>, first: u32, peaks: &[i32], wave: Wave) -> CurrentInput {
        CurrentInput { stimulus: String::new(), steps, wave, peaks: vec![(first, peaks.to_vec())] }
    }

    /// DC inputs of three neurons after each step from 1 on, and in which steps they change.
    fn course(inputs: &[CurrentInput], n_steps: u32) -> (Vec<[i32; 3]>, Vec<u32>) {
        let (mut currents, mut dc) = (Currents::new(inputs, 0..3), [1, 2, 3]);
        let mut changed = Vec::new();
        let steps = (1..=n_steps).map(|step| {
            if currents.go_to(step) {
                currents.set(&[1, 2, 3], &mut dc);
                changed.push(step);
            }
            dc
        });
        (steps.collect(), changed)
    }

    #[test]
    fn windows_of_constant_currents_add_up_and_leave_what_the_network_has() {
        let inputs =
            [input(11..=20, 0, &[10, 10], Wave::Constant), input(15..=30, 1, &[200, -200], Wave::Constant)];
        let (dc, changed) = course(&inputs, 40);
        assert_eq!(changed, [11, 15, 21, 31]);
        let at = |step: usize| dc[step - 1];
        assert_eq!([at(10), at(11), at(15)], [[1, 2, 3], [11, 12, 3], [11, 212, -197]]);
        assert_eq!([at(21), at(31)], [[1, 202, -197], [1, 2, 3]]);
    }

    #[test]
    fn parts_of_a_peak_are_rounded_to_nearest_on_both_sides_of_0() {
        for (peak, part) in
            [(1000, 0.25), (-1000, 0.25), (1_073_741_824, -1.0), (-1_073_741_824, 1.0), (7, 0.5)]
        {
            let exact = f64::from(peak) * part;
            assert!((f64::from(part_of(peak, level(part))) - exact).abs() <= 0.5, "{peak} · {part}");
            assert_eq!(part_of(peak, -level(part)), -part_of(peak, level(part)));
        }
    }

    #[test]
    fn waves_have_their_values_at_the_start_of_steps() {
        let ramp = Wave::Ramp { from: -1.0, to: 1.0 };
        let steps = 11..=20;
        assert_eq!([11, 16, 20].map(|step| ramp.part(step, &steps)), [-1.0, 0.0, 0.8]);
        let pulses = Wave::Pulses { period_steps: 4, width_steps: 1 };
        let on: Vec<u32> = (11..=20).filter(|&step| pulses.part(step, &steps) > 0.0).collect();
        assert_eq!(on, [11, 15, 19]);
        let sinus = Wave::Sinus { amplitude: 0.5, offset: 0.25, periods_a_step: 0.125, phase_periods: 0.25 };
        let parts = [11, 12, 13, 15].map(|step| sinus.part(step, &steps));
        // Steps that start after 1.25, 1.375, 1.5 and 1.75 periods, a quarter further: −cos of the rest.
        let expected = [0.25, 0.25 - 0.5 * (2.0f64).sqrt() / 2.0, -0.25, 0.25];
        for (part, expected) in parts.into_iter().zip(expected) {
            assert!((part - expected).abs() < 1e-12, "{parts:?}");
        }
    }

    #[test]
    fn a_level_never_leaves_the_range_of_its_wave() {
        let steps = 1..=997;
        for wave in [
            Wave::Constant,
            Wave::Ramp { from: 1.0, to: -0.3 },
            Wave::Sinus { amplitude: -0.7, offset: 0.3, periods_a_step: 0.013, phase_periods: -7.7 },
            Wave::Pulses { period_steps: 7, width_steps: 3 },
        ] {
            let [least, most] = wave.range();
            let levels = steps.clone().map(|step| level(wave.part(step, &steps)));
            assert!(levels.into_iter().all(|level| (least..=most).contains(&level)), "{wave:?}");
        }
    }

    #[test]
    fn a_part_of_the_network_sees_its_own_neurons_alone() {
        let inputs = [input(1..=9, 4, &[5, 6, 7], Wave::Constant), input(1..=9, 90, &[1], Wave::Constant)];
        let mut currents = Currents::new(&inputs, 5..9);
        assert!(currents.len() == 1 && !currents.is_empty() && currents.go_to(1));
        let mut dc = [0; 4];
        currents.set(&[10; 4], &mut dc);
        assert_eq!(dc, [16, 17, 10, 10]);
        assert_eq!(currents.peaks_into(6, 2).collect::<Vec<_>>(), [[7, 0]]);
        assert_eq!(currents.levels(), [1 << LEVEL_BITS]);
        assert!(Currents::new(&inputs, 7..90).is_empty());
    }
}
