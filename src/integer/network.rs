//! The network in integers: everything an engine needs besides its synapses.

use super::formats::weight_mv_per_ms;
use super::neuron::{exp2, p20_ms};
use super::{
    Drive, FACTOR_BITS, FactorTable, Formats, FormatsError, NeuronClass, Stimuli, TABLE_BITS, scaled_draw,
};
use crate::config::Arithmetic;
use crate::network::{Delay, DelayDistribution, NetworkSpec, Population, Projection};
use crate::rng::{Key, Stream, stream_key, threefry};

/// A network on the grid of time and in fixed point. Neurons are numbered through the
/// populations in order.
#[derive(Debug, Clone)]
pub struct IntegerNetwork {
    /// Seed of every stream.
    pub seed: u64,
    /// Resolution, ms.
    pub dt_ms: f64,
    /// Fractional bits.
    pub formats: Formats,
    /// Populations in the order of the specification.
    pub populations: Vec<IntegerPopulation>,
    /// Projections in the order of the specification.
    pub projections: Vec<IntegerProjection>,
    /// Distinct neuron parameters.
    pub classes: Vec<NeuronClass>,
    /// Distinct quantile tables.
    pub tables: Vec<FactorTable>,
    /// Initial V of every neuron, above E_L.
    pub initial_v_m: Vec<i32>,
    /// Weight of every neuron's external spikes.
    pub drive_weights: Vec<i32>,
    /// Key of the external spikes that are drawn a block of steps at a time.
    pub drive_key: Key,
    /// Key of the external spikes that are drawn step by step.
    pub stepwise_key: Key,
    /// Input from outside; none where it is not added ([`IntegerNetwork::with_stimuli`]).
    pub stimuli: Stimuli,
}

/// A population in integers.
#[derive(Debug, Clone, PartialEq)]
pub struct IntegerPopulation {
    /// Name, as in the specification.
    pub name: String,
    /// Its first neuron.
    pub first_neuron: u32,
    /// Number of neurons.
    pub neurons: u32,
    /// Index of its neuron parameters in [`IntegerNetwork::classes`].
    pub class: usize,
    /// What the DC input adds to V in each step.
    pub dc: i32,
    /// External spikes of each of its neurons.
    pub drive: Drive,
}

/// A projection in integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntegerProjection {
    /// Index of the source population.
    pub source: usize,
    /// Index of the target population.
    pub target: usize,
    /// Number of synapses.
    pub synapses: u64,
    /// Magnitude of the mean weight, with the 6 more bits that [`scaled_draw`] takes.
    pub scaled_weight: u32,
    /// Whether weights are negative.
    pub inhibitory: bool,
    /// Index of the weights' quantile table.
    pub weight_table: usize,
    /// Mean delay in steps, with the 6 more bits that [`scaled_draw`] takes.
    pub scaled_delay: u32,
    /// Index of the delays' quantile table.
    pub delay_table: usize,
    /// Key of the draws that give each synapse its source.
    pub sources_key: Key,
    /// Key of the draws that give each synapse its target, weight and delay.
    pub synapses_key: Key,
}

impl IntegerNetwork {
    /// Puts `spec` on a grid of `dt_ms` under `seed`.
    ///
    /// # Errors
    /// What the fixed-point formats cannot hold, with the config key to change.
    pub fn new(
        spec: &NetworkSpec,
        dt_ms: f64,
        seed: u64,
        arithmetic: &Arithmetic,
    ) -> Result<Self, FormatsError> {
        let formats = Formats::of(spec, dt_ms, arithmetic);
        if formats.weight_bits > formats.current_bits {
            let Formats { weight_bits, current_bits, .. } = formats;
            return Err(FormatsError::WeightBits { weight_bits, current_bits });
        }
        let mut classes = Vec::new();
        let mut tables = Tables::default();
        let first_neurons = spec.first_neurons();
        let populations = spec.populations.iter().zip(first_neurons).map(|(population, first_neuron)| {
            integer_population(population, first_neuron, dt_ms, formats, &mut classes)
        });
        let populations = populations.collect::<Result<Vec<_>, _>>()?;
        let projections = spec.projections.iter().enumerate().map(|(index, projection)| {
            integer_projection(spec, projection, index as u32, dt_ms, seed, formats, &mut tables)
        });
        let projections = projections.collect::<Result<Vec<_>, _>>()?;
        let (initial_v_m, drive_weights) = initial_neurons(spec, seed, formats, &mut tables)?;
        Ok(Self {
            seed,
            dt_ms,
            formats,
            populations,
            projections,
            classes,
            tables: tables.tables,
            initial_v_m,
            drive_weights,
            drive_key: stream_key(seed, Stream::Drive, 0),
            stepwise_key: stream_key(seed, Stream::StepwiseDrive, 0),
            stimuli: Stimuli::default(),
        })
    }

    /// Number of neurons.
    pub fn n_neurons(&self) -> u32 {
        self.initial_v_m.len() as u32
    }

    /// Number of recurrent synapses.
    pub fn n_synapses(&self) -> u64 {
        self.projections.iter().map(|p| p.synapses).sum()
    }

    /// Whether excitatory and inhibitory currents are one variable, because they decay alike in
    /// every population.
    pub fn has_one_current(&self) -> bool {
        self.classes.iter().all(NeuronClass::has_one_current)
    }

    /// Longest delay that the projections' tables hold, in steps.
    pub fn longest_delay(&self) -> u32 {
        self.projections.iter().map(|p| self.longest_delay_of(p)).max().unwrap_or(1)
    }

    /// Longest delay of one projection, in steps.
    pub fn longest_delay_of(&self, projection: &IntegerProjection) -> u32 {
        let longest = self.tables[projection.delay_table].entries().last().copied().unwrap_or(0);
        scaled_draw(projection.scaled_delay, longest).max(1)
    }

    /// Population that holds `neuron`.
    pub fn population_of(&self, neuron: u32) -> &IntegerPopulation {
        let after = self.populations.partition_point(|p| p.first_neuron <= neuron);
        &self.populations[after - 1]
    }
}

/// Quantile tables, each made once.
#[derive(Default)]
struct Tables {
    keys: Vec<Shape>,
    tables: Vec<FactorTable>,
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
    fn weights(&mut self, relative_sd: f64) -> Result<usize, FormatsError> {
        self.index(Shape { distribution: None, relative_sd, half_step: 0.0 })
    }

    /// Index of the table of delays.
    fn delays(&mut self, delay: &Delay, dt_ms: f64) -> Result<usize, FormatsError> {
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

fn integer_population(
    population: &Population,
    first_neuron: u32,
    dt_ms: f64,
    formats: Formats,
    classes: &mut Vec<NeuronClass>,
) -> Result<IntegerPopulation, FormatsError> {
    let Formats { v_m_bits, current_bits, .. } = formats;
    let name = population.name.clone();
    let class = NeuronClass::new(&population.neuron, dt_ms, v_m_bits, current_bits).map_err(|factor| {
        FormatsError::Factor { population: name.clone(), factor, v_m_bits, current_bits }
    })?;
    let class = classes.iter().position(|c| *c == class).unwrap_or_else(|| {
        classes.push(class);
        classes.len() - 1
    });
    let dc_mv = population.dc_pa / population.neuron.c_m_pf * p20_ms(population.neuron.tau_m_ms, dt_ms);
    let dc_limit_mv = exp2(26) / exp2(v_m_bits);
    if dc_mv.abs() > dc_limit_mv {
        let what = "what the DC input adds to V in a step, in mV,";
        let key = "arithmetic.v_m_bits";
        return Err(FormatsError::Range {
            what,
            population: name,
            value: dc_mv,
            limit: dc_limit_mv,
            bits: v_m_bits,
            key,
        });
    }
    Ok(IntegerPopulation {
        name,
        first_neuron,
        neurons: population.neurons,
        class,
        dc: (dc_mv * exp2(v_m_bits)).round_ties_even() as i32,
        drive: drive(population, dt_ms)?,
    })
}

fn drive(population: &Population, dt_ms: f64) -> Result<Drive, FormatsError> {
    let Some(poisson) = population.poisson.filter(|_| population.neurons > 0) else { return Ok(Drive::None) };
    let rate_hz = poisson.rate_per_neuron_hz(population.neurons);
    let step_s = dt_ms * 1e-3;
    Drive::of(rate_hz * step_s).ok_or_else(|| FormatsError::DriveRate {
        population: population.name.clone(),
        rate_hz,
        limit_hz: Drive::MOST_A_STEP / step_s,
    })
}

fn integer_projection(
    spec: &NetworkSpec,
    projection: &Projection,
    index: u32,
    dt_ms: f64,
    seed: u64,
    formats: Formats,
    tables: &mut Tables,
) -> Result<IntegerProjection, FormatsError> {
    let target = &spec.populations[projection.target];
    let delay_steps = projection.delay.mean_ms / dt_ms;
    if !(delay_steps >= 0.0 && delay_steps < exp2(20)) {
        return Err(FormatsError::Delay {
            delay_ms: projection.delay.mean_ms,
            from: spec.populations[projection.source].name.clone(),
            onto: target.name.clone(),
            dt_ms,
        });
    }
    Ok(IntegerProjection {
        source: projection.source,
        target: projection.target,
        synapses: projection.synapses,
        scaled_weight: scaled_weight(projection.weight_pa, target, formats)?,
        inhibitory: projection.weight_pa < 0.0,
        weight_table: tables.weights(projection.weight_relative_sd)?,
        scaled_delay: (delay_steps * exp2(32 - FACTOR_BITS)).round_ties_even() as u32,
        delay_table: tables.delays(&projection.delay, dt_ms)?,
        sources_key: stream_key(seed, Stream::Sources, index),
        synapses_key: stream_key(seed, Stream::Synapses, index),
    })
}

fn scaled_weight(weight_pa: f64, target: &Population, formats: Formats) -> Result<u32, FormatsError> {
    let weight = weight_mv_per_ms(weight_pa, target);
    formats.scaled_weight(weight).map_err(|limit| FormatsError::Range {
        what: "a weight divided by C_m, in mV/ms,",
        population: target.name.clone(),
        value: weight,
        limit,
        bits: formats.weight_bits,
        key: "arithmetic.weight_bits",
    })
}

/// Initial potentials and external weights of all neurons.
fn initial_neurons(
    spec: &NetworkSpec,
    seed: u64,
    formats: Formats,
    tables: &mut Tables,
) -> Result<(Vec<i32>, Vec<i32>), FormatsError> {
    let key = stream_key(seed, Stream::Neurons, 0);
    let quantiles = FactorTable::normal_quantile_table();
    let scale = exp2(formats.v_m_bits);
    let (mut potentials, mut weights) = (Vec::new(), Vec::new());
    for population in &spec.populations {
        let drive = match population.poisson {
            None => None,
            Some(d) => {
                Some((scaled_weight(d.weight_pa, population, formats)?, tables.weights(d.relative_sd)?))
            }
        };
        let sign = if population.poisson.is_some_and(|d| d.weight_pa < 0.0) { -1 } else { 1 };
        let mean = population.initial_v_m_mv.mean - population.neuron.e_l_mv;
        for _ in 0..population.neurons {
            let [state, weight] = threefry(key, [potentials.len() as u32, 0]);
            let v_m = (mean
                + population.initial_v_m_mv.sd * quantiles[(state >> (u32::BITS - TABLE_BITS)) as usize])
                * scale;
            if v_m.abs() >= exp2(31) * 0.875 {
                return Err(FormatsError::Range {
                    what: "the initial potential above E_L, in mV,",
                    population: population.name.clone(),
                    value: v_m / scale,
                    limit: exp2(31) * 0.875 / scale,
                    bits: formats.v_m_bits,
                    key: "arithmetic.v_m_bits",
                });
            }
            potentials.push(v_m.round_ties_even() as i32);
            weights.push(drive.map_or(0, |(mean, table)| {
                sign * scaled_draw(mean, tables.tables[table].by_high_bits(weight)) as i32
            }));
        }
    }
    Ok((potentials, weights))
}
