//! A network of one's own → engine at step 0, in one call each.

use super::{
    BuildError, BuildOptions, BuiltSynapses, EnginePlan, available_memory_bytes, choose_engine,
    integer_network,
};
use crate::engine::fixed_point::IntegerNetwork;
use crate::engine::{Engine, State};
use crate::model::network::NetworkSpec;
use crate::progress::Interruption;

/// A network on the grid of time with all its synapses: what engines are opened on.
#[derive(Debug)]
pub struct BuiltNetwork {
    integers: IntegerNetwork,
    plan: EnginePlan,
    synapses: BuiltSynapses,
    /// Leak potential of each population, mV.
    e_l_mv: Vec<f64>,
}

impl BuiltNetwork {
    /// Builds `network` as `options` say.
    ///
    /// # Errors
    /// Everything that is wrong with the options, or with the network; a network that cannot be built, or an
    /// engine that this machine lacks.
    pub fn new(network: &NetworkSpec, options: &BuildOptions) -> Result<Self, BuildError> {
        Self::new_unless(network, options, &Interruption::default())
    }

    /// As [`BuiltNetwork::new`], unless someone asks to stop.
    ///
    /// # Errors
    /// As there, and [`BuildError::Interrupted`].
    pub fn new_unless(
        network: &NetworkSpec,
        options: &BuildOptions,
        interruption: &Interruption,
    ) -> Result<Self, BuildError> {
        options.check()?;
        network.check()?;
        let integers = integer_network(network, options)?;
        let plan = choose_engine(&options.engine)?.plan(&integers);
        plan.check(&options.scaling, available_memory_bytes())?;
        let synapses = plan.synapses_unless(&integers, interruption)?;
        let e_l_mv = network.populations.iter().map(|population| population.neuron.e_l_mv).collect();
        Ok(Self { integers, plan, synapses, e_l_mv })
    }

    /// An engine at step 0. Each has its own state, and the same spikes.
    ///
    /// # Errors
    /// A device that fails or cannot hold the network.
    pub fn engine(&self) -> Result<Box<dyn Engine + '_>, BuildError> {
        self.plan.open(&self.integers, &self.synapses)
    }

    /// The network in integers.
    pub fn integers(&self) -> &IntegerNetwork {
        &self.integers
    }

    /// Membrane potential of every neuron, mV; V_reset where it is refractory.
    pub fn v_m_mv(&self, state: &State) -> Vec<f64> {
        let IntegerNetwork { populations, classes, formats, .. } = &self.integers;
        let neurons = populations.iter().zip(&self.e_l_mv).flat_map(|(population, &e_l_mv)| {
            let neurons = population.first_neuron..population.first_neuron + population.neurons;
            neurons.map(move |neuron| (&classes[population.class_of(neuron)], e_l_mv))
        });
        let v_m_mv = |(&v_m, (class, e_l_mv)): (&i32, (&crate::engine::fixed_point::NeuronClass, f64))| {
            e_l_mv + formats.v_m_mv(class.potential(v_m))
        };
        state.v_m.iter().zip(neurons).map(v_m_mv).collect()
    }
}
