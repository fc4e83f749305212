//! From stimuli as configured to their integers: populations found, times on the grid, strengths in
//! units.

use super::currents::{CurrentInput, Wave};
use super::neuron::{ARRIVALS_LIMIT, exp2};
use super::population::{dc_per_step, own_parameters};
use super::rate_profile::{MAX_IN_BLOCK, RateProfile};
use super::stimuli::{PoissonInput, Rate, SpikeInput, Stimuli, TrainsInput};
use super::stimulus_error::{StimuliError, StimulusError};
use super::stimulus_sums::too_much_dc;
use super::{BLOCK_STEPS, CURRENT_LIMIT, Dose, IntegerNetwork, poisson_thresholds};
use crate::engine::fixed_point::{Stimulus, StimulusFile, StimulusFileError, StimulusRow, nearest_step};
use crate::engine::rng::{Stream, stream_key};
use crate::model::network::{LifParameters, NetworkSpec, psc_over_psp_pa_per_mv};
use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

/// Greatest mean number of spikes of a train in a step: what a block of steps can place.
const MAX_A_STEP: f64 = 16.0;
const S_PER_MS: f64 = 1e-3;
/// The same where it changes.
const MAX_OF_PROFILE: f64 = 5.0;
/// Degrees of a period.
const DEGREES: f64 = 360.0;

impl IntegerNetwork {
    /// The network with these stimuli; `spec` is what it was made from.
    ///
    /// # Errors
    /// Everything that is wrong with them at once: populations that do not exist, strengths and rates that
    /// the integers cannot hold.
    pub fn with_stimuli(self, spec: &NetworkSpec, stimuli: &[Stimulus]) -> Result<Self, StimuliError> {
        let numbered: Vec<(u32, Stimulus)> = (0..).zip(stimuli.iter().cloned()).collect();
        let stimuli = self.stimuli_of(spec, &numbered)?;
        Ok(Self { stimuli, ..self })
    }

    /// What the network's DC input and constant currents, one into each population, add to V of every neuron in a step.
    ///
    /// # Errors
    /// Currents that integers cannot hold, with the network's and with those of its stimuli.
    pub fn dc_with(&self, spec: &NetworkSpec, amplitudes_pa: &[f64]) -> Result<Vec<i32>, StimuliError> {
        let mut resolver = Resolver::new(self, spec);
        resolver.found.currents = self.stimuli.currents.clone();
        let stimulus = "set_dc".to_owned();
        let (mut dc, mut peaks) = (self.dc.clone(), Vec::new());
        for (index, &amplitude_pa) in amplitudes_pa.iter().enumerate().filter(|(_, pa)| **pa != 0.0) {
            let target = Target { stimulus: stimulus.clone(), index };
            match resolver.dc(&target, amplitude_pa) {
                Ok(own) => {
                    let first = resolver.neurons(&target).start;
                    dc[first as usize..]
                        .iter_mut()
                        .zip(&own)
                        .for_each(|(dc, own)| *dc = dc.wrapping_add(*own));
                    peaks.push((first, own));
                }
                Err(error) => resolver.errors.push(error),
            }
        }
        let (steps, wave) = (1..=u32::MAX, Wave::Constant);
        resolver.found.currents.push(CurrentInput { stimulus, steps, wave, peaks });
        resolver.errors.extend(too_much_dc(self, &resolver.found.currents));
        if resolver.errors.is_empty() { Ok(dc) } else { Err(StimuliError(resolver.errors)) }
    }

    /// These stimuli in integers, each with the number by which it draws: its place in the list of a configuration.
    ///
    /// # Errors
    /// As [`with_stimuli`](Self::with_stimuli).
    pub fn stimuli_of(
        &self,
        spec: &NetworkSpec,
        stimuli: &[(u32, Stimulus)],
    ) -> Result<Stimuli, StimuliError> {
        Resolver::new(self, spec).resolve(stimuli)
    }
}

/// Makes integers of stimuli.
struct Resolver<'a> {
    network: &'a IntegerNetwork,
    spec: &'a NetworkSpec,
    found: Stimuli,
    errors: Vec<StimulusError>,
    /// For each population and step the spikes' magnitudes, and which of them is the strongest.
    at_steps: Vec<BTreeMap<u32, u64>>,
    strongest: Vec<(u64, String)>,
    /// For each population the most of all trains together.
    of_trains: Vec<u64>,
}

/// A stimulus and one of its populations.
struct Target {
    stimulus: String,
    index: usize,
}

impl<'a> Resolver<'a> {
    pub fn new(network: &'a IntegerNetwork, spec: &'a NetworkSpec) -> Self {
        let n = spec.populations.len();
        Self {
            network,
            spec,
            found: Stimuli::default(),
            errors: Vec::new(),
            at_steps: vec![BTreeMap::new(); n],
            strongest: vec![(0, String::new()); n],
            of_trains: vec![0; n],
        }
    }

    /// The stimuli in integers, or everything that is wrong with them.
    pub fn resolve(mut self, stimuli: &[(u32, Stimulus)]) -> Result<Stimuli, StimuliError> {
        for (number, stimulus) in stimuli {
            for target in self.targets(stimulus, *number as usize) {
                if let Err(error) = self.add(stimulus, *number, &target) {
                    self.errors.push(error);
                }
            }
        }
        self.errors.extend(too_much_dc(self.network, &self.found.currents));
        (0..self.spec.populations.len()).for_each(|population| self.check_sum_of_arrivals(population));
        if self.errors.is_empty() { Ok(self.found) } else { Err(StimuliError(self.errors)) }
    }

    /// The populations of a stimulus.
    fn targets(&mut self, stimulus: &Stimulus, index: usize) -> Vec<Target> {
        let (selector, name) = (stimulus.populations(), stimulus.name(index));
        let chosen = self.spec.chosen(selector);
        if chosen.is_empty() {
            let nearest = self.spec.nearest(selector, self.errors.len());
            let (stimulus, selector) = (name.clone(), selector.to_string());
            self.errors.push(StimulusError::NoSuchPopulation { stimulus, selector, nearest });
        }
        chosen.into_iter().map(|index| Target { stimulus: name.clone(), index }).collect()
    }

    fn add(&mut self, stimulus: &Stimulus, number: u32, target: &Target) -> Result<(), StimulusError> {
        match *stimulus {
            Stimulus::Spike { time_ms, psp_mv, weight_pa, neurons, .. } => {
                let weight = self.weight(target, psp_mv, weight_pa)?;
                let all = self.neurons(target);
                let end = neurons.map_or(all.end, |n| all.end.min(all.start.saturating_add(n)));
                let step = self.steps(time_ms).max(1);
                *self.at_steps[target.index].entry(step).or_default() += u64::from(weight.most());
                self.note_strongest(target, weight.most().into());
                self.found.spikes.push(SpikeInput { step, neurons: all.start..end, weight });
            }
            Stimulus::Poisson { rate_hz, ref profile, psp_mv, weight_pa, from_ms, to_ms, .. } => {
                let weight = self.weight(target, psp_mv, weight_pa)?;
                let (rate, most_in_block) = match profile {
                    Some(file) => self.changing_rate(target, file, number)?,
                    None => {
                        let thresholds = self.thresholds(target, rate_hz.unwrap_or(0.0))?;
                        let most = thresholds.len();
                        (Rate::Constant(thresholds), most)
                    }
                };
                let most = most_in_block as u64 * u64::from(weight.most());
                self.of_trains[target.index] += most;
                self.note_strongest(target, most);
                let key = stream_key(self.network.seed, Stream::Stimuli, number);
                let (steps, neurons) = (self.window(from_ms, to_ms), self.neurons(target));
                self.found.poisson.push(PoissonInput { key, steps, neurons, weight, rate });
            }
            Stimulus::SpikeTrains { ref file, psp_mv, weight_pa, .. } => {
                let weight = self.weight(target, psp_mv, weight_pa)?;
                self.add_trains(target, file, weight)?;
            }
            Stimulus::Dc { amplitude_pa, .. } => {
                self.add_current(stimulus, target, amplitude_pa, Wave::Constant)?;
            }
            Stimulus::Ramp { from_pa, to_pa, .. } => {
                let peak_pa = from_pa.abs().max(to_pa.abs());
                let wave = Wave::Ramp { from: from_pa / peak_pa, to: to_pa / peak_pa };
                self.add_current(stimulus, target, peak_pa, wave)?;
            }
            Stimulus::Sinus { amplitude_pa, frequency_hz, phase_deg, offset_pa, .. } => {
                let peak_pa = amplitude_pa.abs() + offset_pa.abs();
                let wave = Wave::Sinus {
                    amplitude: amplitude_pa / peak_pa,
                    offset: offset_pa / peak_pa,
                    periods_a_step: frequency_hz * self.network.dt_ms * S_PER_MS,
                    phase_periods: phase_deg / DEGREES,
                };
                self.add_current(stimulus, target, peak_pa, wave)?;
            }
            Stimulus::Pulses { amplitude_pa, period_ms, width_ms, .. } => {
                let (period_steps, width_steps) = (self.steps(period_ms), self.steps(width_ms));
                let wave = Wave::Pulses { period_steps, width_steps };
                self.add_current(stimulus, target, amplitude_pa, wave)?;
            }
        }
        Ok(())
    }

    /// A rate that changes as a file says, and the most spikes that a neuron has in a block.
    fn changing_rate(
        &self,
        target: &Target,
        file: &StimulusFile,
        number: u32,
    ) -> Result<(Rate, usize), StimulusError> {
        check_is_read(target, file)?;
        let step_s = self.network.dt_ms * S_PER_MS;
        let part = |row: &StimulusRow| (self.steps(row.time_ms) + 1, row.value * step_s);
        let parts: Vec<(u32, f64)> = file.rows().iter().map(part).collect();
        let key = stream_key(self.network.seed, Stream::Thinning, number);
        let profile = RateProfile { key, parts };
        let most_in_block = match self.thresholds(target, profile.greatest() / step_s) {
            Ok(thresholds) if thresholds.len() <= MAX_IN_BLOCK => thresholds.len(),
            _ => {
                let (stimulus, rate_hz) = (target.stimulus.clone(), profile.greatest() / step_s);
                return Err(StimulusError::Rate { stimulus, rate_hz, limit_hz: MAX_OF_PROFILE / step_s });
            }
        };
        Ok((Rate::Changing(Arc::new(profile)), most_in_block))
    }

    /// Adds the spikes of a file at the neurons of a population.
    fn add_trains(
        &mut self,
        target: &Target,
        file: &StimulusFile,
        weight: Dose,
    ) -> Result<(), StimulusError> {
        check_is_read(target, file)?;
        let Range { start: first_neuron, end } = self.neurons(target);
        let n = f64::from(end - first_neuron);
        if let Some(index) = file.rows().iter().position(|row| row.value >= n) {
            let population = self.spec.populations[target.index].name();
            let reason =
                format!("has neuron = {}, and population '{population}' has {n}", file.rows()[index].value);
            let remedy =
                "neurons are numbered from 0: take the line out, or choose another population".to_owned();
            let source = file.error_of_row(index, (reason, remedy));
            return Err(StimulusError::File { stimulus: target.stimulus.clone(), source });
        }
        let spike = |row: &StimulusRow| (self.steps(row.time_ms).max(1), row.value as u32);
        let mut spikes: Vec<(u32, u32)> = file.rows().iter().map(spike).collect();
        spikes.sort_unstable();
        for same in spikes.chunk_by(|a, b| a.0 == b.0) {
            let most =
                same.chunk_by(|a, b| a == b).map(|at_neuron| at_neuron.len() as u64).max().unwrap_or(0);
            let of_step = self.at_steps[target.index].entry(same[0].0).or_default();
            *of_step += most * u64::from(weight.most());
        }
        self.note_strongest(target, weight.most().into());
        let shared = self.found.trains.last().filter(|last| *last.spikes == *spikes);
        let spikes = shared.map_or_else(|| spikes.into(), |last| Arc::clone(&last.spikes));
        self.found.trains.push(TrainsInput { first_neuron, spikes, weight });
        Ok(())
    }

    /// Adds a current into one more population.
    fn add_current(
        &mut self,
        stimulus: &Stimulus,
        target: &Target,
        peak_pa: f64,
        wave: Wave,
    ) -> Result<(), StimulusError> {
        let peaks = (self.neurons(target).start, self.dc(target, peak_pa)?);
        match self.found.currents.last_mut() {
            Some(input) if input.stimulus == target.stimulus => input.peaks.push(peaks),
            _ => {
                let (from_ms, to_ms) = stimulus.window_ms();
                let (steps, stimulus) = (self.window(from_ms, to_ms), target.stimulus.clone());
                self.found.currents.push(CurrentInput { stimulus, steps, wave, peaks: vec![peaks] });
            }
        }
        Ok(())
    }

    fn neurons(&self, target: &Target) -> Range<u32> {
        let population = &self.network.populations[target.index];
        population.first_neuron..population.first_neuron + population.neurons
    }

    fn steps(&self, time_ms: f64) -> u32 {
        nearest_step(time_ms, self.network.dt_ms)
    }

    /// The steps that lead from the start of a window to its end.
    fn window(&self, from_ms: f64, to_ms: Option<f64>) -> RangeInclusive<u32> {
        self.steps(from_ms) + 1..=to_ms.map_or(u32::MAX, |to_ms| self.steps(to_ms))
    }

    /// The weight of a spike, as that of a synapse of the population.
    fn weight(
        &self,
        target: &Target,
        psp_mv: Option<f64>,
        weight_pa: Option<f64>,
    ) -> Result<Dose, StimulusError> {
        let neuron = &self.spec.populations[target.index].neuron;
        let from_psp = |psp_mv: f64| {
            let tau_syn_ms = if psp_mv < 0.0 { neuron.tau_syn_in_ms } else { neuron.tau_syn_ex_ms };
            psp_mv * psc_over_psp_pa_per_mv(neuron, tau_syn_ms)
        };
        let weight_pa = weight_pa.or(psp_mv.map(from_psp)).unwrap_or(0.0);
        let weight = weight_pa / neuron.c_m_pf;
        let scale = exp2(self.network.formats.current_bits);
        let limit = f64::from(CURRENT_LIMIT - 1);
        Dose::new(weight * scale, limit).ok_or_else(|| {
            let what = "a weight divided by C_m, in mV/ms,";
            self.too_strong(target, what, weight, limit / scale)
        })
    }

    /// What a current adds to V of each neuron in a step.
    fn dc(&self, target: &Target, amplitude_pa: f64) -> Result<Vec<i32>, StimulusError> {
        let population = &self.spec.populations[target.index];
        let (dt_ms, formats) = (self.network.dt_ms, self.network.formats);
        let of_neuron = |own: &LifParameters| {
            dc_per_step(amplitude_pa, own, dt_ms, formats)
                .map_err(|(value, limit)| self.too_strong(target, DC_IN_STEP, value, limit))
        };
        let first_neuron = self.network.populations[target.index].first_neuron;
        match own_parameters(population, first_neuron, self.network.seed) {
            None => Ok(vec![of_neuron(&population.neuron)?; population.neurons as usize]),
            Some(own) => own.map(|own| of_neuron(&own)).collect(),
        }
    }

    fn too_strong(&self, target: &Target, what: &'static str, value: f64, limit: f64) -> StimulusError {
        let population = self.spec.populations[target.index].name();
        StimulusError::TooStrong { stimulus: target.stimulus.clone(), population, what, value, limit }
    }

    fn thresholds(&self, target: &Target, rate_hz: f64) -> Result<Vec<u32>, StimulusError> {
        let step_s = self.network.dt_ms * S_PER_MS;
        let mean_a_step = rate_hz * step_s;
        if mean_a_step > MAX_A_STEP {
            let (stimulus, limit_hz) = (target.stimulus.clone(), MAX_A_STEP / step_s);
            return Err(StimulusError::Rate { stimulus, rate_hz, limit_hz });
        }
        Ok(poisson_thresholds(mean_a_step * f64::from(BLOCK_STEPS)))
    }

    fn note_strongest(&mut self, target: &Target, weight: u64) {
        let strongest = &mut self.strongest[target.index];
        if weight > strongest.0 {
            *strongest = (weight, target.stimulus.clone());
        }
    }

    /// What the network and all stimuli together can bring a neuron of a population in one step, the spikes
    /// of the step with most of them and all that trains can bring in a block, must not reach the limit of currents.
    fn check_sum_of_arrivals(&mut self, population: usize) {
        let spikes = self.at_steps[population].values().copied().max().unwrap_or(0);
        let of_stimuli = (spikes + self.of_trains[population]) as f64;
        let most = self.network.max_arrivals[population] + of_stimuli;
        if of_stimuli > 0.0 && most > ARRIVALS_LIMIT {
            let scale = exp2(self.network.formats.current_bits);
            self.errors.push(StimulusError::TooStrong {
                stimulus: self.strongest[population].1.clone(),
                population: self.spec.populations[population].name(),
                what: "the sum of all weights that can arrive in a step, with all stimuli, divided by C_m, in mV/ms,",
                value: most / scale,
                limit: ARRIVALS_LIMIT / scale,
            });
        }
    }
}

/// What a file has that was read with the configuration.
fn check_is_read(target: &Target, file: &StimulusFile) -> Result<(), StimulusError> {
    if file.is_read() {
        return Ok(());
    }
    let (reason, remedy) = ("has not been read".to_owned(), "call Stimulus::read_file".to_owned());
    let source = StimulusFileError { path: file.path().to_path_buf(), line: None, reason, remedy };
    Err(StimulusError::File { stimulus: target.stimulus.clone(), source })
}

/// What is too strong where a current is.
const DC_IN_STEP: &str = "what a DC input adds to V in a step, in mV,";
