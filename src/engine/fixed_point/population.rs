//! Populations and their neurons in integers: classes, constant input, initial potentials, external
//! weights.

use super::neuron::{exp2, p20_ms};
use super::tables::Tables;
use super::{
    DC_BITS, FactorTable, Formats, FormatsError, IntegerDrive, NeuronClass, NormalQuantiles, formats,
};
use crate::engine::rng::{Key, Stream, stream_key, threefry};
use crate::model::network::{LifParameters, NetworkSpec, Population};

/// A population in integers.
#[derive(Debug, Clone, PartialEq)]
pub struct IntegerPopulation {
    /// Name, as in the specification.
    pub name: String,
    /// Its first neuron.
    pub first_neuron: u32,
    /// Number of neurons.
    pub neurons: u32,
    /// Index of its neurons' parameters in [`IntegerNetwork::classes`](super::IntegerNetwork::classes),
    /// or of its first neuron's.
    pub class: usize,
    /// Whether each neuron has a class of its own; these follow each other.
    pub is_distributed: bool,
    /// External spikes of each of its neurons.
    pub drive: IntegerDrive,
    /// Where they are drawn from.
    pub streams: DriveStreams,
}

/// The random streams of external spikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DriveStreams {
    /// Key of those that are drawn a block of steps at a time.
    pub block_key: Key,
    /// Key of those that are drawn step by step.
    pub step_key: Key,
    /// Neurons before those that the streams count: those of other networks, in an [`Ensemble`](super::Ensemble).
    pub before: u32,
}

impl DriveStreams {
    /// Those under `seed`, of a network by itself.
    pub fn new(seed: u64) -> Self {
        let [block_key, step_key] =
            [Stream::Drive, Stream::StepwiseDrive].map(|stream| stream_key(seed, stream, 0));
        Self { block_key, step_key, before: 0 }
    }
}

impl IntegerPopulation {
    /// Index of a neuron's parameters in [`IntegerNetwork::classes`](super::IntegerNetwork::classes);
    /// neurons are counted through the network.
    pub fn class_of(&self, neuron: u32) -> usize {
        self.class + if self.is_distributed { (neuron - self.first_neuron) as usize } else { 0 }
    }
}

/// Populations and everything that each neuron has for itself, in the order of neurons.
#[derive(Default)]
pub(super) struct Neurons {
    pub populations: Vec<IntegerPopulation>,
    pub classes: Vec<NeuronClass>,
    pub dc: Vec<i32>,
    pub initial_v_m: Vec<i32>,
    pub drive_weights: Vec<i32>,
}

impl Neurons {
    /// Those of `spec`.
    pub fn new(
        spec: &NetworkSpec,
        dt_ms: f64,
        seed: u64,
        formats: Formats,
        tables: &mut Tables,
    ) -> Result<Self, FormatsError> {
        let mut neurons = Self::default();
        let (key, streams) = (stream_key(seed, Stream::Parameters, 0), DriveStreams::new(seed));
        let grid = Grid { dt_ms, formats, key, streams };
        let quantiles = NormalQuantiles::default();
        let key = stream_key(seed, Stream::Neurons, 0);
        for (population, first_neuron) in spec.populations.iter().zip(spec.first_neurons()) {
            neurons.add_parameters(population, first_neuron, &grid)?;
            neurons.add_potentials(population, key, &quantiles, formats)?;
            neurons.add_drive_weights(population, key, formats, tables)?;
        }
        Ok(neurons)
    }

    fn add_parameters(
        &mut self,
        population: &Population,
        first_neuron: u32,
        grid: &Grid,
    ) -> Result<(), FormatsError> {
        let is_distributed = !population.spread.is_none();
        let class = if is_distributed {
            let spread = Spread::new(population);
            for neuron in first_neuron..first_neuron + population.neurons {
                let own = spread.parameters(population, grid.key, neuron)?;
                self.classes.push(grid.class(population, &own)?);
                self.dc.push(grid.dc(population, &own)?);
            }
            self.classes.len() - population.neurons as usize
        } else {
            let (class, dc) =
                (grid.class(population, &population.neuron)?, grid.dc(population, &population.neuron)?);
            self.dc.resize(self.dc.len() + population.neurons as usize, dc);
            self.classes.iter().position(|c| *c == class).unwrap_or_else(|| {
                self.classes.push(class);
                self.classes.len() - 1
            })
        };
        self.populations.push(IntegerPopulation {
            name: population.name(),
            first_neuron,
            neurons: population.neurons,
            class,
            is_distributed,
            drive: drive(population, grid.dt_ms)?,
            streams: grid.streams,
        });
        Ok(())
    }

    fn add_potentials(
        &mut self,
        population: &Population,
        key: Key,
        quantiles: &NormalQuantiles,
        formats: Formats,
    ) -> Result<(), FormatsError> {
        let scale = exp2(formats.v_m_bits);
        let limit = exp2(31) * 0.875;
        let mean = population.initial_v_m_mv.mean - population.neuron.e_l_mv;
        for _ in 0..population.neurons {
            let [state, _] = threefry(key, [self.initial_v_m.len() as u32, 0]);
            let v_m = (mean + population.initial_v_m_mv.sd * quantiles.at(state)) * scale;
            if v_m.abs() >= limit {
                return Err(FormatsError::Range {
                    what: "the initial potential above E_L, in mV,",
                    population: population.name(),
                    value: v_m / scale,
                    limit: limit / scale,
                    bits: formats.v_m_bits,
                    key: "arithmetic.v_m_bits",
                });
            }
            self.initial_v_m.push(v_m.round_ties_even() as i32);
        }
        Ok(())
    }

    fn add_drive_weights(
        &mut self,
        population: &Population,
        key: Key,
        formats: Formats,
        tables: &mut Tables,
    ) -> Result<(), FormatsError> {
        let n = population.neurons as usize;
        let Some(drive) = population.poisson else {
            self.drive_weights.resize(self.drive_weights.len() + n, 0);
            return Ok(());
        };
        let mean = drive.weight_pa / population.neuron.c_m_pf * exp2(formats.current_bits);
        let index = tables.weights(drive.relative_sd)?;
        let table = &tables.tables[index];
        for _ in 0..n {
            let [_, weight] = threefry(key, [self.drive_weights.len() as u32, 0]);
            let weight = mean * table.factor(table.quantile(weight));
            // Below the limit of currents, as the sum of all that arrives is.
            self.drive_weights.push(weight.round_ties_even() as i32);
        }
        Ok(())
    }
}

/// What turns parameters into integers.
struct Grid {
    dt_ms: f64,
    formats: Formats,
    /// Key of distributed parameters.
    key: Key,
    /// Of external spikes.
    streams: DriveStreams,
}

impl Grid {
    /// The class of a neuron of `population` with its `own` parameters. Currents are divided by the
    /// population's capacitance, and a neuron's own one acts where they become potentials.
    fn class(&self, population: &Population, own: &LifParameters) -> Result<NeuronClass, FormatsError> {
        let Formats { v_m_bits, current_bits, .. } = self.formats;
        let per_current = population.neuron.c_m_pf / own.c_m_pf;
        NeuronClass::new(own, per_current, self.dt_ms, v_m_bits, current_bits).map_err(|factor| {
            FormatsError::Factor { population: population.name(), factor, v_m_bits, current_bits }
        })
    }

    /// What the DC input adds to V in each step.
    fn dc(&self, population: &Population, own: &LifParameters) -> Result<i32, FormatsError> {
        dc_per_step(population.dc_pa, own, self.dt_ms, self.formats).map_err(|(value, limit)| {
            if value.abs() > MAX_DC_MV {
                let population = population.name();
                return FormatsError::Dc { population, value_mv: value, limit_mv: MAX_DC_MV };
            }
            FormatsError::Range {
                what: "what the DC input adds to V in a step, in mV,",
                population: population.name(),
                value,
                limit,
                bits: self.formats.v_m_bits,
                key: "arithmetic.v_m_bits",
            }
        })
    }
}

/// Most that a DC input of [`DC_BITS`] can add to V in a step, mV.
const MAX_DC_MV: f64 = (1 << (30 - DC_BITS)) as f64;

/// Most that DC inputs may add to V in a step, mV: [`DC_BITS`] hold it, and V stays clear of the ends of its
/// range.
pub(super) fn max_dc_mv(formats: Formats) -> f64 {
    MAX_DC_MV.min(exp2(26) / exp2(formats.v_m_bits))
}

/// What a constant current adds to V in each step, with [`DC_BITS`]; `Err` has it in mV with the largest that
/// fits.
pub(super) fn dc_per_step(
    dc_pa: f64,
    neuron: &LifParameters,
    dt_ms: f64,
    formats: Formats,
) -> Result<i32, (f64, f64)> {
    let dc_mv = dc_pa / neuron.c_m_pf * p20_ms(neuron.tau_m_ms, dt_ms);
    let limit_mv = max_dc_mv(formats);
    if dc_mv.abs() > limit_mv {
        return Err((dc_mv, limit_mv));
    }
    Ok((dc_mv * exp2(DC_BITS)).round_ties_even() as i32)
}

/// Parameters of the neurons of a population whose parameters are distributed, under the network's
/// `seed`; `None` if all neurons have the same.
pub fn own_parameters(
    population: &Population,
    first_neuron: u32,
    seed: u64,
) -> Option<impl Iterator<Item = LifParameters>> {
    let spread = (!population.spread.is_none()).then(|| Spread::new(population))?;
    let key = stream_key(seed, Stream::Parameters, 0);
    let neurons = first_neuron..first_neuron + population.neurons;
    Some(neurons.map(move |neuron| spread.drawn(population, key, neuron)))
}

/// Tables from which the distributed parameters of a population are drawn: lognormal, of mean 1.
struct Spread {
    v_th: FactorTable,
    c_m: FactorTable,
    tau_m: FactorTable,
}

impl Spread {
    fn new(population: &Population) -> Self {
        let spread = population.spread;
        let [v_th, c_m, tau_m] = [spread.v_th, spread.c_m, spread.tau_m].map(formats::lognormal);
        Self { v_th, c_m, tau_m }
    }

    /// Parameters of a neuron, which is counted through the network.
    fn drawn(&self, population: &Population, key: Key, neuron: u32) -> LifParameters {
        let factor = |table: &FactorTable, word: u32| table.factor(table.quantile(word));
        let mean = population.neuron;
        let [v_th, c_m] = threefry(key, [neuron, 0]);
        let [tau_m, _] = threefry(key, [neuron, 1]);
        LifParameters {
            v_th_mv: mean.e_l_mv + (mean.v_th_mv - mean.e_l_mv) * factor(&self.v_th, v_th),
            c_m_pf: mean.c_m_pf * factor(&self.c_m, c_m),
            tau_m_ms: mean.tau_m_ms * factor(&self.tau_m, tau_m),
            ..mean
        }
    }

    /// The same, where the neuron can be at rest.
    fn parameters(
        &self,
        population: &Population,
        key: Key,
        neuron: u32,
    ) -> Result<LifParameters, FormatsError> {
        let own = self.drawn(population, key, neuron);
        if own.v_th_mv <= own.v_reset_mv {
            return Err(FormatsError::Threshold {
                population: population.name(),
                v_th_mv: own.v_th_mv,
                v_reset_mv: own.v_reset_mv,
            });
        }
        Ok(own)
    }
}

fn drive(population: &Population, dt_ms: f64) -> Result<IntegerDrive, FormatsError> {
    let Some(poisson) = population.poisson.filter(|_| population.neurons > 0) else {
        return Ok(IntegerDrive::None);
    };
    let rate_hz = poisson.rate_per_neuron_hz(population.neurons);
    let step_s = dt_ms * 1e-3;
    IntegerDrive::of(rate_hz * step_s).ok_or_else(|| FormatsError::DriveRate {
        population: population.name(),
        rate_hz,
        limit_hz: IntegerDrive::MAX_A_STEP / step_s,
    })
}
