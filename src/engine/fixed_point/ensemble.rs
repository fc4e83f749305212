//! Several networks as one, for an engine that computes them together: none has a synapse onto another, and each draws
//! what it draws by itself, so that its spikes are the same.
//!
//! Synapses are drawn by projection and by neurons within populations, external spikes by the streams of populations
//! ([`DriveStreams`](super::DriveStreams)). What rounding adds to a neuron repeats every [`ROUNDING_NEURONS`] neurons, so
//! that each network begins at a multiple of them: neurons without input and synapses fill the gaps.

use super::currents::CurrentInput;
use super::{IntegerDrive, IntegerNetwork, IntegerPopulation, ROUNDING_NEURONS, Stimuli};
use std::ops::Range;
use thiserror::Error;

/// Networks that are one network.
#[derive(Debug, Clone)]
pub struct Ensemble {
    /// All of them, one after the other; of their stimuli the currents.
    pub network: IntegerNetwork,
    /// The neurons of each.
    pub members: Vec<Range<u32>>,
    /// The populations of each.
    pub populations: Vec<Range<usize>>,
}

/// A network that cannot be computed together with another one.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum NotTogether {
    /// Its integers or its grid of time are others.
    #[error("its {what} differ from those of the first network: compute it by itself")]
    Differs {
        /// What differs.
        what: &'static str,
    },
    /// Transmission is drawn by the numbers of neurons.
    #[error("its synapses do not transmit every spike (connectivity.p_transmit): compute it by itself")]
    Transmission,
    /// There are too many neurons.
    #[error("the networks have more than {limit} neurons together: compute fewer at a time")]
    TooMany {
        /// The most there can be.
        limit: u32,
    },
}

/// Most neurons: numbers of range faults have a bit more.
const MAX_NEURONS: u32 = i32::MAX as u32;

impl Ensemble {
    /// Puts networks together, at least one.
    ///
    /// # Errors
    /// One that cannot go with the first one, by its index, or too many neurons.
    pub fn new(networks: &[&IntegerNetwork]) -> Result<Self, (usize, NotTogether)> {
        let first = networks[0];
        let mut ensemble = Self { network: empty(first), members: Vec::new(), populations: Vec::new() };
        for (index, network) in networks.iter().enumerate() {
            check(first, network).and_then(|()| ensemble.add(network)).map_err(|error| (index, error))?;
        }
        Ok(ensemble)
    }

    /// The network that holds `neuron`; `None` if it only fills a gap.
    pub fn member_of(&self, neuron: u32) -> Option<usize> {
        let member = self.members.partition_point(|neurons| neurons.end <= neuron);
        self.members.get(member).filter(|neurons| neurons.contains(&neuron)).map(|_| member)
    }

    fn add(&mut self, added: &IntegerNetwork) -> Result<(), NotTogether> {
        let all = &mut self.network;
        fill_gap(all);
        let before = all.n_neurons();
        let too_many = NotTogether::TooMany { limit: MAX_NEURONS };
        let end = before.checked_add(added.n_neurons()).filter(|&end| end <= MAX_NEURONS - ROUNDING_NEURONS);
        let neurons = before..end.ok_or(too_many)?;
        let first_class = place(&mut all.classes, &added.classes);
        let first_table = place(&mut all.tables, &added.tables);
        let first_population = all.populations.len();
        for population in &added.populations {
            let mut population = population.clone();
            population.first_neuron += before;
            population.class += first_class;
            population.streams.before += before;
            all.populations.push(population);
        }
        for projection in &added.projections {
            let mut projection = projection.clone();
            projection.source += first_population;
            projection.target += first_population;
            projection.weight_table += first_table;
            projection.delay_table += first_table;
            all.projections.push(projection);
        }
        all.dc.extend(&added.dc);
        all.initial_v_m.extend(&added.initial_v_m);
        all.drive_weights.extend(&added.drive_weights);
        all.max_arrivals.extend(&added.max_arrivals);
        for (index, current) in added.stimuli.currents.iter().enumerate() {
            add_current(&mut all.stimuli.currents, index, current, before);
        }
        self.members.push(neurons);
        self.populations.push(first_population..all.populations.len());
        Ok(())
    }
}

/// A network without neurons, on the grid and in the formats of another one.
fn empty(network: &IntegerNetwork) -> IntegerNetwork {
    IntegerNetwork {
        seed: network.seed,
        dt_ms: network.dt_ms,
        formats: network.formats,
        populations: Vec::new(),
        projections: Vec::new(),
        classes: Vec::new(),
        tables: Vec::new(),
        transmission: None,
        separate_currents: network.separate_currents,
        dc: Vec::new(),
        initial_v_m: Vec::new(),
        drive_weights: Vec::new(),
        max_arrivals: Vec::new(),
        stimuli: Stimuli::default(),
    }
}

fn check(first: &IntegerNetwork, network: &IntegerNetwork) -> Result<(), NotTogether> {
    let differs = |what| Err(NotTogether::Differs { what });
    match network {
        _ if network.transmission.is_some() => Err(NotTogether::Transmission),
        _ if network.dt_ms != first.dt_ms => differs("steps (simulation.dt_ms)"),
        _ if network.formats != first.formats => differs("fixed-point formats (arithmetic)"),
        _ if network.has_one_current() != first.has_one_current() => {
            differs("synaptic time constants, equal in the one and not in the other,")
        }
        _ => Ok(()),
    }
}

/// Where `added` stand among `all`: where they are already, or at the end.
fn place<T: Clone + PartialEq>(all: &mut Vec<T>, added: &[T]) -> usize {
    let found = all.windows(added.len().max(1)).position(|known| known == added);
    found.unwrap_or_else(|| {
        all.extend_from_slice(added);
        all.len() - added.len()
    })
}

/// Adds number `index` of the currents into a network that begins at neuron `before`: to the same one into the networks
/// before it, if that has the same course.
fn add_current(all: &mut Vec<CurrentInput>, index: usize, current: &CurrentInput, before: u32) {
    let peaks = current.peaks.iter().map(|(first, peaks)| (before + first, peaks.clone()));
    let is_same = |known: &&mut CurrentInput| known.steps == current.steps && known.wave == current.wave;
    match all.get_mut(index).filter(is_same) {
        Some(known) => known.peaks.extend(peaks),
        None => all.push(CurrentInput { peaks: peaks.collect(), ..current.clone() }),
    }
}

/// Adds a population whose neurons fill a gap: they receive nothing, and lead nowhere.
fn fill_gap(network: &mut IntegerNetwork) {
    let n = network.n_neurons();
    let end = n.next_multiple_of(ROUNDING_NEURONS);
    let Some(last) = network.populations.last().filter(|_| end > n) else { return };
    let population = IntegerPopulation {
        name: "none".to_owned(),
        first_neuron: n,
        neurons: end - n,
        class: last.class,
        is_distributed: false,
        drive: IntegerDrive::None,
        streams: last.streams,
    };
    network.populations.push(population);
    for neurons in [&mut network.dc, &mut network.initial_v_m, &mut network.drive_weights] {
        neurons.resize(end as usize, 0);
    }
    network.max_arrivals.push(0.0);
}
