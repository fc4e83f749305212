//! The network in integers: everything an engine needs besides its synapses.

use super::bounds::{Bounds, max_in_degree};
use super::explicit::explicit_rows;
use super::neuron::{ARRIVALS_LIMIT, exp2};
use super::population::Neurons;
use super::tables::Tables;
use super::{
    DELAY_FRACTION_BITS, EvenTargets, FactorTable, Formats, FormatsError, IntegerPopulation, ListedRows,
    MAX_LISTED, NeuronClass, Stimuli, Transmission, WEIGHT_FRACTION_BITS, scaled_draw,
};
use crate::engine::fixed_point::{Arithmetic, nearest_step, whole_steps};
use crate::engine::rng::{Key, Stream, stream_key};
use crate::model::network::{NetworkSpec, Projection, SynapseRule};
use std::sync::Arc;

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
    /// Neuron parameters: distinct ones, and one for each neuron where they are distributed.
    pub classes: Vec<NeuronClass>,
    /// Distinct quantile tables.
    pub tables: Vec<FactorTable>,
    /// How synapses transmit; `None` where they transmit every spike.
    pub transmission: Option<Transmission>,
    /// Whether both currents are kept apart, even if they decay alike.
    pub separate_currents: bool,
    /// What the DC input adds to V of every neuron in each step.
    pub dc: Vec<i32>,
    /// Initial V of every neuron, above E_L.
    pub initial_v_m: Vec<i32>,
    /// Weight of every neuron's external spikes, in the format of currents.
    pub drive_weights: Vec<i32>,
    /// For each population what the network itself can bring a neuron in one step, of one sign, in the format
    /// of currents.
    pub max_arrivals: Vec<f64>,
    /// Input from outside; none if it is not added ([`IntegerNetwork::with_stimuli`]).
    pub stimuli: Stimuli,
}

/// A projection in integers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegerProjection {
    /// Index of the source population.
    pub source: usize,
    /// Index of the target population.
    pub target: usize,
    /// Number of synapses.
    pub synapses: u64,
    /// Magnitude of the mean weight, as [`scaled_draw`] takes it.
    pub scaled_weight: u32,
    /// Whether weights are negative.
    pub inhibitory: bool,
    /// Index of the weights' quantile table.
    pub weight_table: usize,
    /// Mean delay in steps, as [`scaled_draw`] takes it.
    pub scaled_delay: u32,
    /// Index of the delays' quantile table.
    pub delay_table: usize,
    /// Key of the draws that give each synapse its source.
    pub sources_key: Key,
    /// Key of the draws that give each synapse its target, weight and delay.
    pub synapses_key: Key,
    /// Shortest delay, in steps.
    pub min_delay: u32,
    /// Where in-degrees are exact: the targets of synapses, rows laid end to end.
    pub even_targets: Option<EvenTargets>,
    /// The synapses of a rule that needs a list of them.
    pub listed: Option<Arc<ListedRows>>,
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
        check_times(spec, dt_ms)?;
        let formats = Formats::of(spec, dt_ms, arithmetic);
        if formats.weight_bits > formats.current_bits {
            let Formats { weight_bits, current_bits, .. } = formats;
            return Err(FormatsError::WeightBits { weight_bits, current_bits });
        }
        let max_arrivals = max_arrivals(spec, dt_ms, formats)?;
        let mut tables = Tables::default();
        let projections = spec.projections.iter().enumerate().map(|(index, projection)| {
            integer_projection(spec, projection, index as u32, dt_ms, seed, formats, &mut tables)
        });
        let projections = projections.collect::<Result<Vec<_>, _>>()?;
        let Neurons { populations, classes, dc, initial_v_m, drive_weights } =
            Neurons::new(spec, dt_ms, seed, formats, &mut tables)?;
        Ok(Self {
            seed,
            dt_ms,
            formats,
            populations,
            projections,
            classes,
            tables: tables.tables,
            transmission: Transmission::new(spec.p_transmit, seed),
            separate_currents: spec.separate_currents,
            dc,
            initial_v_m,
            drive_weights,
            max_arrivals,
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
    /// every population and are not to be kept apart.
    pub fn has_one_current(&self) -> bool {
        !self.separate_currents && self.classes.iter().all(NeuronClass::has_one_current)
    }

    /// Longest delay that the projections' tables hold, in steps.
    pub fn longest_delay(&self) -> u32 {
        self.projections.iter().map(|p| self.longest_delay_of(p)).max().unwrap_or(1)
    }

    /// Longest delay of one projection, in steps.
    pub fn longest_delay_of(&self, projection: &IntegerProjection) -> u32 {
        match projection.listed.as_ref().and_then(|listed| listed.delays()) {
            Some((_, longest)) => longest,
            None => projection.delay(self.tables[projection.delay_table].greatest()),
        }
    }

    /// Shortest delay of one projection, in steps.
    pub fn shortest_delay_of(&self, projection: &IntegerProjection) -> u32 {
        match projection.listed.as_ref().and_then(|listed| listed.delays()) {
            Some((shortest, _)) => shortest,
            None => projection.delay(self.tables[projection.delay_table].least()),
        }
    }

    /// Greatest magnitude of a weight of one projection.
    pub fn greatest_weight_of(&self, projection: &IntegerProjection) -> u32 {
        let listed = projection.listed.as_ref().and_then(|listed| listed.greatest_weight());
        listed.unwrap_or_else(|| projection.magnitude(self.tables[projection.weight_table].greatest()))
    }

    /// Most synapses of a projection that a neuron can have: exactly, or exceeded with a chance below
    /// 10⁻³⁰ where they are drawn.
    pub fn max_in_degree_of(&self, projection: &IntegerProjection) -> f64 {
        let neurons = self.populations[projection.target].neurons;
        if let Some(listed) = &projection.listed {
            return f64::from(listed.max_in_degree(neurons));
        }
        max_in_degree(projection.synapses, neurons, projection.even_targets.is_some())
    }

    /// A projection whose synapses are listed, so that they cannot be procedural.
    pub fn listed_projection(&self) -> Option<&IntegerProjection> {
        self.projections.iter().find(|projection| projection.listed.is_some())
    }

    /// Whether neurons have the same number of synapses of a projection, or one more.
    pub fn has_exact_in_degrees(&self) -> bool {
        self.projections.iter().any(|projection| projection.even_targets.is_some())
    }

    /// Population that holds `neuron`.
    pub fn population_of(&self, neuron: u32) -> &IntegerPopulation {
        let after = self.populations.partition_point(|p| p.first_neuron <= neuron);
        &self.populations[after - 1]
    }
}

/// What the network can bring a neuron of each population in one step, in the format of currents.
fn max_arrivals(spec: &NetworkSpec, dt_ms: f64, formats: Formats) -> Result<Vec<f64>, FormatsError> {
    let scale = exp2(formats.current_bits);
    let bounds = Bounds::of(spec, dt_ms).arrivals;
    let beyond = |&(_, &most): &(usize, &f64)| most * scale > ARRIVALS_LIMIT;
    match bounds.iter().enumerate().find(beyond) {
        None => Ok(bounds.into_iter().map(|most| most * scale).collect()),
        Some((index, &value)) => Err(FormatsError::Range {
            what: "the sum of all weights that can arrive in a step, divided by C_m, in mV/ms,",
            population: spec.populations[index].name(),
            value,
            limit: ARRIVALS_LIMIT / scale,
            bits: formats.current_bits,
            key: "arithmetic.current_bits",
        }),
    }
}

/// Times of a network are whole numbers of steps; delays that are drawn are rounded to some.
fn check_times(spec: &NetworkSpec, dt_ms: f64) -> Result<(), FormatsError> {
    let on_grid = |key, time_ms, of: &dyn Fn() -> String| match whole_steps(time_ms, dt_ms) {
        Ok(_) => Ok(()),
        Err(nearest) => Err(FormatsError::OffGrid { of: of(), key, time_ms, dt_ms, nearest }),
    };
    for population in &spec.populations {
        on_grid("t_ref_ms", population.neuron.t_ref_ms, &|| format!("population '{}'", population.name()))?;
    }
    for (index, projection) in spec.projections.iter().enumerate() {
        on_grid("delay.min_ms", projection.delay.min_ms, &|| format!("projection {index}"))?;
    }
    Ok(())
}

impl IntegerProjection {
    /// Magnitude of the weight that a quantile of its table makes.
    #[inline(always)]
    pub fn magnitude(&self, factor: u32) -> u32 {
        scaled_draw(self.scaled_weight, factor, WEIGHT_FRACTION_BITS)
    }

    /// The delay that a quantile of its table makes, in steps.
    #[inline(always)]
    pub fn delay(&self, factor: u32) -> u32 {
        scaled_draw(self.scaled_delay, factor, DELAY_FRACTION_BITS).max(self.min_delay)
    }
}

/// The list of a projection's synapses, if its rule needs one.
fn listed(
    spec: &NetworkSpec,
    projection: &Projection,
    index: u32,
    dt_ms: f64,
    seed: u64,
    formats: Formats,
    tables: &mut Tables,
) -> Result<Option<Arc<ListedRows>>, FormatsError> {
    let [source, target] = [projection.source, projection.target].map(|end| &spec.populations[end]);
    if let Some(list) = spec.list_of(projection) {
        return Ok(Some(explicit_rows(list, projection, [source, target], dt_ms, formats, tables)?.into()));
    }
    let Some(rule) = spec.listed_rule_of(projection) else { return Ok(None) };
    if projection.synapses > MAX_LISTED {
        let (synapses, from, onto) = (projection.synapses, source.name(), target.name());
        return Err(FormatsError::TooManySynapses { synapses, from, onto });
    }
    let (sizes, recurrent) = ((source.neurons, target.neurons), projection.source == projection.target);
    Ok(Some(ListedRows::new(&rule, (seed, index), sizes, recurrent, projection.synapses).into()))
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
    let too_long = || FormatsError::Delay {
        delay_ms: projection.delay.mean_ms,
        from: spec.populations[projection.source].name(),
        onto: target.name(),
        dt_ms,
    };
    if !(delay_steps >= 0.0 && delay_steps < exp2(20)) {
        return Err(too_long());
    }
    let weight_table = tables.weights(projection.weight_relative_sd)?;
    let delay_table = tables.delays(&projection.delay, dt_ms)?;
    let scaled_delay = tables.tables[delay_table].scaled_mean(delay_steps, DELAY_FRACTION_BITS);
    let listed = listed(spec, projection, index, dt_ms, seed, formats, tables)?;
    let is_exact = matches!(spec.rule_of(projection), SynapseRule::Drawn(rule) if rule.is_exact());
    let n = match u32::try_from(projection.synapses) {
        Err(_) if is_exact => {
            return Err(FormatsError::TooManySynapses {
                synapses: projection.synapses,
                from: spec.populations[projection.source].name(),
                onto: target.name(),
            });
        }
        synapses => synapses.unwrap_or(u32::MAX),
    };
    let min_delay = nearest_step(projection.delay.min_ms, dt_ms).clamp(1, 1 << 20);
    Ok(IntegerProjection {
        source: projection.source,
        target: projection.target,
        synapses: listed.as_ref().map_or(projection.synapses, |rows| rows.n_synapses()),
        scaled_weight: formats.scaled_weight_onto(
            projection.weight_pa,
            target,
            &tables.tables[weight_table],
        )?,
        inhibitory: projection.weight_pa < 0.0,
        weight_table,
        scaled_delay: scaled_delay.map_err(|_| too_long())?,
        delay_table,
        sources_key: stream_key(seed, Stream::Sources, index),
        synapses_key: stream_key(seed, Stream::Synapses, index),
        min_delay,
        even_targets: (is_exact && n > 0 && target.neurons > 0)
            .then(|| EvenTargets::new(seed, index, n, target.neurons)),
        listed,
    })
}
