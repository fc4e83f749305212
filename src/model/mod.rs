//! The models at full scale: anatomy + neurons, weights, delays and drive → network.
//!
//! This is the one place that knows both brains and networks. Scaling, theory and simulation work on
//! the [`NetworkSpec`] that comes out of it; [`write_network_folder`] puts a scaled network back into
//! the model's slots, 272 or 8, and writes it as tables.
//!
//! Sources: Pronold et al. 2024 (doi:10.1093/cercor/bhae409) for the Human Multi-Area Model, Potjans &
//! Diesmann 2014 (doi:10.1093/cercor/bhs358) for the [`MicrocircuitModel`].

pub mod anatomy;
pub mod network;
pub mod theory;

mod derivation;
mod derivation_tables;
mod drive;
mod folder;
mod microcircuit;
mod options;
mod own;
mod own_network;
mod weights;

pub use derivation::{
    DerivationError, GROUND_STATE_CHI, GROUND_STATE_CHI_I, ModelNetwork, model_network, model_of,
};
pub use derivation_tables::{
    AREAS_FILE, FULL_SCALE_NEURONS_FILE, FULL_SCALE_SYNAPSES_FILE, THEORY_FLOW_FILE, write_derivation,
};
pub use folder::{FolderError, FolderRates, ModelTables, write_network_folder};
pub use microcircuit::MicrocircuitModel;
pub use options::{
    Background, DcDrive, DelayShape, Delays, Drive, Microcircuit, ModelKind, ModelOptions, NetworkSource,
    Neurons, ReplaceMissingAreas, Weights,
};
pub use own::{OwnPopulations, OwnTableError};
pub use own_network::{
    OwnNetworkError, described_network, in_place, network_digest, network_of, source_digest,
};

use crate::model::anatomy::{
    AREAS, AnatomyError, CellType, Connectome, Cytoarchitecture, N_AREAS, N_SLOTS, Slot, Tables, area_meant,
};
use crate::model::network::{
    Delay, DelayDistribution, MAX_SYNAPSES, NetworkSpec, NeuronParameters, Normal, ParameterSpread,
    PoissonDrive, Population, Projection,
};
use ndarray::Array2;
use thiserror::Error;

/// A model at full scale.
#[derive(Debug, Clone, PartialEq)]
pub enum Model {
    /// The Human Multi-Area Model.
    Human(Box<HumanModel>),
    /// The microcircuit.
    Microcircuit(Box<MicrocircuitModel>),
    /// A network of one's own.
    Own(Box<NetworkSpec>),
}

impl Model {
    /// The model that `options` asks for, from tables already read.
    ///
    /// # Errors
    /// [`ModelError`] if the tables do not lead to a network.
    pub fn new(options: &ModelOptions, tables: &Tables) -> Result<Self, ModelError> {
        Ok(match &options.model {
            ModelKind::Human => {
                let cytoarchitecture = Cytoarchitecture::new(tables, &options.anatomy);
                let connectome = Connectome::new(tables, &cytoarchitecture, &options.connectivity)?;
                Self::Human(HumanModel::assemble(tables, &cytoarchitecture, connectome, options)?.into())
            }
            ModelKind::Microcircuit => Self::Microcircuit(MicrocircuitModel::new(tables, options)?.into()),
            ModelKind::Network(source) => Self::Own(network_of(source)?.into()),
            ModelKind::Imported => return Err(ModelError::Imported),
        })
    }

    /// The network of the populations that have neurons.
    pub fn network(&self) -> NetworkSpec {
        match self {
            Self::Human(model) => model.network(),
            Self::Microcircuit(model) => model.network(),
            Self::Own(network) => network.as_ref().clone(),
        }
    }

    /// The same model with these multipliers of weights, which the human model alone has.
    pub fn with_weights(&self, weights: &Weights) -> Self {
        match self {
            Self::Human(model) => Self::Human(model.with_weights(weights).into()),
            Self::Microcircuit(_) | Self::Own(_) => self.clone(),
        }
    }
}

/// Which populations of the human model's network lie in the areas of these names.
///
/// # Errors
/// [`ModelError::UnknownArea`]
pub fn populations_in(network: &NetworkSpec, areas: &[String]) -> Result<Vec<bool>, ModelError> {
    if let Some(name) = areas.iter().find(|name| !AREAS.contains(&name.as_str())) {
        return Err(ModelError::UnknownArea { name: name.clone(), nearest: area_meant(name) });
    }
    Ok(network.populations.iter().map(|population| areas.contains(&population.area)).collect())
}

/// The human model at full scale. Matrices are [target, source]; per-slot vectors have length 272.
#[derive(Debug, Clone, PartialEq)]
pub struct HumanModel {
    /// Area, layer and cell type of every slot, in canonical order.
    pub slots: Vec<Slot>,
    /// Neurons of each slot; 0 if it is empty.
    pub neurons: Vec<u64>,
    /// Recurrent synapses, shape [272, 272].
    pub synapses: Array2<u64>,
    /// External synapses of each slot.
    pub external_synapses: Vec<u64>,
    /// Mean weight of a synapse with its multipliers, pA, shape [272, 272]; filled in all cells.
    pub weights_pa: Array2<f64>,
    /// Mean weight of an external synapse with its multiplier, pA; filled in all slots.
    pub external_weights_pa: Vec<f64>,
    /// ν_ext, the rate of each external synapse, 1/s; 0 in empty slots.
    pub external_rates_hz: Vec<f64>,
    /// Mean delay between areas, ms, shape [34, 34]; diagonal 0.
    pub cc_delay_mean_ms: Array2<f64>,
    /// Parameters of both neuron types and the initial membrane potential.
    pub neuron_parameters: Neurons,
    /// Delays within areas, and the spread of all delays.
    pub delays: Delays,
    /// Standard deviation of a recurrent weight relative to its mean.
    pub weight_relative_sd: f64,
    /// Standard deviation of an external weight over neurons, relative to its mean.
    pub external_weight_relative_sd: f64,
}

/// What keeps a configuration from becoming a model.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ModelError {
    /// A network of one's own.
    #[error(transparent)]
    Own(#[from] OwnNetworkError),
    /// Neuron or synapse numbers cannot be computed.
    #[error(transparent)]
    Anatomy(#[from] AnatomyError),
    /// A network of which only the populations are known.
    #[error(
        "model = imported is a network that was imported from another program, and its synapses are not known: it can be \
         analysed and not run; choose human, microcircuit or network(\"FILE\")"
    )]
    Imported,
    /// The conversion from postsynaptic potential to current is not defined.
    #[error(
        "the {neurons} neurons' tau_syn_ex_ms = {tau_syn_ex_ms}, tau_syn_in_ms = {tau_syn_in_ms} and \
         tau_m_ms = {tau_m_ms} do not convert PSP into PSC: keep them above 0"
    )]
    Conversion {
        /// Neuron type.
        neurons: &'static str,
        /// Time constant of excitatory synaptic currents, ms.
        tau_syn_ex_ms: f64,
        /// Time constant of inhibitory synaptic currents, ms.
        tau_syn_in_ms: f64,
        /// Membrane time constant, ms.
        tau_m_ms: f64,
    },
    /// An area that does not exist.
    #[error("areas: unknown area `{name}`: the nearest known one is `{nearest}`")]
    UnknownArea {
        /// Its name.
        name: String,
        /// The known one most like it.
        nearest: &'static str,
    },
    /// A selector that chooses no population.
    #[error("{key}: no population is called `{selector}`: the nearest is `{nearest}`")]
    NoSuchPopulation {
        /// The key.
        key: &'static str,
        /// The selector.
        selector: String,
        /// The population whose name is most like it.
        nearest: String,
    },
    /// Synapses are counted with 53 bits.
    #[error(
        "{synapses} synapses are more than {MAX_SYNAPSES}: lower connectivity.synapse_density_per_mm3 or what the \
         tables tell"
    )]
    TooManySynapses {
        /// Synapses at full scale, external ones included.
        synapses: u64,
    },
    /// Neurons are numbered with 32 bits.
    #[error("{neurons} neurons are more than 4294967295: lower anatomy.surface_area_mm2")]
    TooManyNeurons {
        /// Neurons at full scale.
        neurons: u64,
    },
}

impl HumanModel {
    /// Reads the tables and computes the model at full scale, whatever `options.scaling` says.
    ///
    /// # Errors
    /// [`ModelError`] if tables are wrong or do not lead to a network.
    pub fn new(options: &ModelOptions) -> Result<Self, ModelError> {
        let tables = Tables::load(&options.anatomy)?;
        let cytoarchitecture = Cytoarchitecture::new(&tables, &options.anatomy);
        let connectome = Connectome::new(&tables, &cytoarchitecture, &options.connectivity)?;
        Self::assemble(&tables, &cytoarchitecture, connectome, options)
    }

    /// Adds weights, delays and drive to neurons and synapses.
    ///
    /// # Errors
    /// [`ModelError::Conversion`] and [`ModelError::TooManyNeurons`].
    pub fn assemble(
        tables: &Tables,
        cytoarchitecture: &Cytoarchitecture,
        connectome: Connectome,
        options: &ModelOptions,
    ) -> Result<Self, ModelError> {
        let neurons = cytoarchitecture.neurons.iter().fold(0, |sum: u64, &n| sum.saturating_add(n));
        if neurons > u64::from(u32::MAX) {
            return Err(ModelError::TooManyNeurons { neurons });
        }
        check_synapses(connectome.synapses.iter().chain(&connectome.external_synapses))?;
        weights::check_conversion(&options.neurons)?;
        let mut model = Self {
            slots: Slot::all().collect(),
            neurons: cytoarchitecture.neurons.clone(),
            synapses: connectome.synapses,
            external_synapses: connectome.external_synapses,
            weights_pa: weights::weights_pa(&options.neurons, &options.weights),
            external_weights_pa: drive::external_weights_pa(&options.neurons, &options.drive),
            external_rates_hz: vec![0.0; N_SLOTS],
            cc_delay_mean_ms: cc_delay_mean_ms(tables, &options.delays),
            neuron_parameters: options.neurons.clone(),
            delays: options.delays.clone(),
            weight_relative_sd: options.weights.relative_sd,
            external_weight_relative_sd: options.drive.relative_sd,
        };
        model.external_rates_hz = drive::external_rates_hz(&model, &options.drive);
        Ok(model)
    }

    /// The same model with other weights and multipliers, such as those of the ground state.
    pub fn with_weights(&self, weights: &Weights) -> Self {
        Self {
            weights_pa: weights::weights_pa(&self.neuron_parameters, weights),
            weight_relative_sd: weights.relative_sd,
            ..self.clone()
        }
    }

    /// The network of the populations that have neurons, named as in `precuneus II/III E`.
    /// Projections without synapses are left out.
    pub fn network(&self) -> NetworkSpec {
        let occupied: Vec<usize> = (0..N_SLOTS).filter(|slot| self.neurons[*slot] > 0).collect();
        let populations = occupied.iter().map(|slot| self.population(*slot)).collect();
        let mut projections = Vec::new();
        for (target, &target_slot) in occupied.iter().enumerate() {
            for (source, &source_slot) in occupied.iter().enumerate() {
                if self.synapses[[target_slot, source_slot]] > 0 {
                    projections.push(Projection {
                        rule: None,
                        source,
                        target,
                        synapses: self.synapses[[target_slot, source_slot]],
                        weight_pa: self.weights_pa[[target_slot, source_slot]],
                        weight_relative_sd: self.weight_relative_sd,
                        delay: self.delay(target_slot, source_slot),
                    });
                }
            }
        }
        NetworkSpec::new(populations, projections)
    }

    fn population(&self, slot: usize) -> Population {
        let (place, synapses) = (self.slots[slot], self.external_synapses[slot]);
        Population {
            area: place.area_name().to_owned(),
            layer: place.layer.name().to_owned(),
            cell_type: place.cell_type.name().to_owned(),
            neurons: u32::try_from(self.neurons[slot]).unwrap_or(u32::MAX), // checked in `assemble`
            neuron: self.neuron(slot).into(),
            spread: parameter_spread(self.neuron(slot)),
            initial_v_m_mv: Normal {
                mean: self.neuron_parameters.initial_v_m_mean_mv,
                sd: self.neuron_parameters.initial_v_m_sd_mv,
            },
            poisson: (synapses > 0).then(|| PoissonDrive {
                synapses,
                rate_hz: self.external_rates_hz[slot],
                weight_pa: self.external_weights_pa[slot],
                relative_sd: self.external_weight_relative_sd,
            }),
            dc_pa: 0.0,
        }
    }

    fn neuron(&self, slot: usize) -> &NeuronParameters {
        neuron(&self.neuron_parameters, self.slots[slot].cell_type)
    }

    fn delay(&self, target: usize, source: usize) -> Delay {
        let (target, source) = (self.slots[target], self.slots[source]);
        let distribution = match self.delays.distribution {
            DelayShape::Lognormal => DelayDistribution::Lognormal,
            DelayShape::Normal => DelayDistribution::Normal,
        };
        let min_ms = if target.area == source.area { 0.0 } else { self.delays.cc_min_ms };
        let mean_ms = match source.cell_type {
            _ if target.area != source.area => self.cc_delay_mean_ms[[target.area, source.area]],
            CellType::E => self.delays.local_excitatory_ms,
            CellType::I => self.delays.local_inhibitory_ms,
        };
        Delay { mean_ms, min_ms, relative_sd: self.delays.relative_sd, distribution }
    }
}

/// Synapses are counted with 53 bits, which floats hold exactly.
fn check_synapses<'n>(numbers: impl Iterator<Item = &'n u64>) -> Result<(), ModelError> {
    let synapses = numbers.fold(0, |sum: u64, &n| sum.saturating_add(n));
    if synapses > MAX_SYNAPSES { Err(ModelError::TooManySynapses { synapses }) } else { Ok(()) }
}

/// Fibre length over conduction velocity, ms, shape [34, 34].
fn cc_delay_mean_ms(tables: &Tables, delays: &Delays) -> Array2<f64> {
    debug_assert_eq!(tables.fiber_length_mm.dim(), (N_AREAS, N_AREAS));
    tables.fiber_length_mm.mapv(|length_mm| length_mm / delays.conduction_velocity_mm_per_ms)
}

/// Parameters of a cell type.
fn neuron(neurons: &Neurons, cell_type: CellType) -> &NeuronParameters {
    match cell_type {
        CellType::E => &neurons.excitatory,
        CellType::I => &neurons.inhibitory,
    }
}

/// How options distribute a neuron's parameters.
fn parameter_spread(neuron: &NeuronParameters) -> ParameterSpread {
    ParameterSpread {
        v_th: neuron.v_th_relative_sd,
        c_m: neuron.c_m_relative_sd,
        tau_m: neuron.tau_m_relative_sd,
    }
}
