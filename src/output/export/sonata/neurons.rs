//! Parameters that differ from neuron to neuron: `dynamics_params` of `nodes.h5`.

use super::UNITS;
use crate::engine::fixed_point::{IntegerNetwork, own_parameters};
use crate::model::network::{LifParameters, NetworkSpec, Population};
use crate::output::export::hdf5::{Attribute, Dataset, Datatype, Group};

/// SONATA's name of the group.
const GROUP: &str = "dynamics_params";

/// A parameter that differs from neuron to neuron in some population.
pub(super) struct Parameter<'a> {
    /// Its name in NEST; external spikes have none there.
    pub name: &'static str,
    unit: &'static str,
    value: Value,
    spec: &'a NetworkSpec,
    network: &'a IntegerNetwork,
}

/// Where a parameter's values come from.
#[derive(Clone, Copy)]
enum Value {
    /// From the draws of distributed parameters.
    Drawn(fn(&LifParameters) -> f64),
    InitialPotential,
    ExternalWeight,
}

/// A parameter: its name, its unit, where its values come from, whether it differs between neurons of a population.
type Kind = (&'static str, &'static str, Value, fn(&Population) -> bool);

const KINDS: [Kind; 5] = [
    ("V_th", "mV", Value::Drawn(|own| own.v_th_mv), |population| population.spread.v_th > 0.0),
    ("C_m", "pF", Value::Drawn(|own| own.c_m_pf), |population| population.spread.c_m > 0.0),
    ("tau_m", "ms", Value::Drawn(|own| own.tau_m_ms), |population| population.spread.tau_m > 0.0),
    ("V_m", "mV", Value::InitialPotential, |population| population.initial_v_m_mv.sd > 0.0),
    ("poisson_weight", "pA", Value::ExternalWeight, |population| {
        population.poisson.is_some_and(|drive| drive.relative_sd > 0.0)
    }),
];

/// Parameters of the neurons of `network`, which was made of `spec`, that are not the same in every population.
pub(super) fn differing<'a>(spec: &'a NetworkSpec, network: &'a IntegerNetwork) -> Vec<Parameter<'a>> {
    let differs = |differs: fn(&Population) -> bool| spec.populations.iter().any(differs);
    let kinds = KINDS.into_iter().filter(|(.., of_population)| differs(*of_population));
    kinds.map(|(name, unit, value, _)| Parameter { name, unit, value, spec, network }).collect()
}

/// The group with an array for each parameter.
pub(super) fn group_of(parameters: &[Parameter<'_>]) -> Group {
    let dataset = |parameter: &Parameter<'_>| {
        let n_neurons = u64::from(parameter.network.n_neurons());
        let mut values = Dataset::new(parameter.name, Datatype::F64, &[n_neurons]);
        values.attributes.push(Attribute::text(UNITS, parameter.unit));
        values
    };
    Group { datasets: parameters.iter().map(dataset).collect(), ..Group::new(GROUP) }
}

impl Parameter<'_> {
    /// The value of every neuron, in their order.
    pub fn values(&self) -> impl Iterator<Item = f64> {
        let populations = self.spec.populations.iter().zip(self.spec.first_neurons());
        populations.flat_map(|(population, first)| self.of_population(population, first))
    }

    fn of_population(&self, population: &Population, first: u32) -> Vec<f64> {
        let neurons = first as usize..(first + population.neurons) as usize;
        let formats = &self.network.formats;
        match self.value {
            Value::Drawn(value) => match own_parameters(population, first, self.network.seed) {
                Some(own) => own.map(|own| value(&own)).collect(),
                None => vec![value(&population.neuron); neurons.len()],
            },
            Value::InitialPotential => {
                let v_m = self.network.initial_v_m[neurons].iter();
                v_m.map(|&v_m| formats.v_m_mv(v_m) + population.neuron.e_l_mv).collect()
            }
            Value::ExternalWeight => {
                let weights = self.network.drive_weights[neurons].iter();
                weights.map(|&weight| formats.current_pa(weight, population.neuron.c_m_pf)).collect()
            }
        }
    }
}
