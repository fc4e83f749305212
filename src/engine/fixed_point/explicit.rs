//! Synapses that are given one by one, in integers: each has the weight and the delay that a projection would have
//! whose weights and delays are all like that.

use super::tables::Tables;
use super::{
    DELAY_FRACTION_BITS, Formats, FormatsError, ListedRows, WEIGHT_FRACTION_BITS, scaled_draw, whole_steps,
};
use crate::model::network::{Delay, ListedSynapseError, Population, Projection, SynapseList};

/// Steps of the shortest delay that is too long.
const TOO_MANY_STEPS: f64 = (1 << 20) as f64;

/// The rows of a list of synapses from `source` to `target`.
pub(super) fn explicit_rows(
    list: &SynapseList,
    projection: &Projection,
    [source, target]: [&Population; 2],
    dt_ms: f64,
    formats: Formats,
    tables: &mut Tables,
) -> Result<ListedRows, FormatsError> {
    let constant = tables.weights(0.0)?;
    let table = &tables.tables[constant];
    let factor = table.quantile(0);
    let magnitude = |weight_pa| -> Result<u32, FormatsError> {
        let scaled = formats.scaled_weight_onto(weight_pa, target, table)?;
        Ok(scaled_draw(scaled, factor, WEIGHT_FRACTION_BITS))
    };
    let weights = list.weights_pa(projection.weight_pa).map(|weights| weights.map(magnitude).collect());
    let weights = weights.transpose()?;
    let delays = list.columns().delays_ms.as_deref();
    let delays =
        delays.map(|delays_ms| delays_in_steps(list.name(), delays_ms, dt_ms, tables)).transpose()?;
    Ok(ListedRows::of_list(list, source.neurons, weights, delays))
}

fn delays_in_steps(
    name: &str,
    delays_ms: &[f64],
    dt_ms: f64,
    tables: &mut Tables,
) -> Result<Vec<u32>, FormatsError> {
    let constant = tables.delays(&Delay::constant(dt_ms), dt_ms)?;
    let table = &tables.tables[constant];
    let factor = table.quantile(0);
    let steps = |(index, &delay_ms): (usize, &f64)| {
        let steps = delay_ms / dt_ms;
        let told = |what: &str| {
            let reason = format!("delay_ms = {delay_ms} is {what} at dt_ms = {dt_ms}: change one of them");
            FormatsError::Listed(ListedSynapseError { name: name.to_owned(), index, reason })
        };
        if steps < 1.0 && whole_steps(delay_ms, dt_ms) != Ok(1) {
            return Err(told("below a step"));
        }
        let too_long = || told("too long");
        if steps >= TOO_MANY_STEPS {
            return Err(too_long());
        }
        let scaled = table.scaled_mean(steps, DELAY_FRACTION_BITS).map_err(|_| too_long())?;
        Ok(scaled_draw(scaled, factor, DELAY_FRACTION_BITS).max(1))
    };
    delays_ms.iter().enumerate().map(steps).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fixed_point::{Arithmetic, IntegerNetwork};
    use crate::model::network::{LifParameters, NetworkSpec, SynapseColumns, SynapseRule};

    const DT_MS: f64 = 0.1;

    fn network(columns: SynapseColumns, neurons: u32) -> NetworkSpec {
        let list = SynapseList::new("list.csv", columns).unwrap();
        let population = |name: &str| Population::new(name, neurons, LifParameters::default());
        let projection = Projection {
            source: 0,
            target: 1,
            synapses: list.n_synapses(),
            rule: Some(SynapseRule::Explicit(0)),
            weight_pa: list.mean_weight_pa().unwrap_or(10.0),
            weight_relative_sd: 0.0,
            delay: list.mean_delay().unwrap_or(Delay::constant(1.5)),
        };
        let network = NetworkSpec::new(vec![population("a"), population("b")], vec![projection]);
        NetworkSpec { lists: vec![list.into()], ..network }
    }

    fn columns(delays_ms: Vec<f64>) -> SynapseColumns {
        let weights_pa = Some((0..delays_ms.len()).map(|k| -10.0 - k as f64).collect());
        let (sources, targets) = (vec![2, 0, 2, 0], vec![1, 2, 0, 2]);
        SynapseColumns { sources, targets, weights_pa, delays_ms: Some(delays_ms) }
    }

    fn integers(spec: &NetworkSpec) -> Result<IntegerNetwork, FormatsError> {
        IntegerNetwork::new(spec, DT_MS, 1, &Arithmetic::default())
    }

    #[test]
    fn every_synapse_is_in_the_row_of_its_source_with_its_weight_and_delay() {
        let spec = network(columns(vec![0.1, 1.44, 1.46, 100.0]), 3);
        let network = integers(&spec).unwrap();
        let projection = &network.projections[0];
        let rows = projection.listed.as_deref().unwrap();
        assert_eq!(rows.counts(), [2, 0, 2]);
        let found = [(0, 0), (0, 1), (2, 0), (2, 1)].map(|(source, index)| {
            let (weight, delay) = (rows.weight(source, index).unwrap(), rows.delay(source, index).unwrap());
            (rows.target(source, index), weight, delay)
        });
        assert_eq!(found.map(|(target, _, delay)| (target, delay)), [(2, 14), (2, 1000), (1, 1), (0, 15)]);
        let weights_pa = found.map(|(_, weight, _)| network.formats.weight_pa(weight as i32, 250.0));
        for (found, expected) in weights_pa.into_iter().zip([11.0, 13.0, 10.0, 12.0]) {
            assert!((found - expected).abs() < 1e-4, "{found} and {expected}");
        }
        assert!(projection.inhibitory);
        assert_eq!((network.shortest_delay_of(projection), network.longest_delay_of(projection)), (1, 1000));
        assert_eq!(network.max_in_degree_of(projection), 2.0);
        assert_eq!(network.greatest_weight_of(projection), found[1].1);
    }

    #[test]
    fn a_weight_is_that_of_a_projection_with_this_weight() {
        let spec = network(columns(vec![1.0; 4]), 3);
        let network = integers(&spec).unwrap();
        let mut constant = spec;
        constant.projections[0].rule = None;
        constant.projections[0].weight_pa = -13.0;
        let arithmetic = Arithmetic::from(network.formats);
        let constant = IntegerNetwork::new(&constant, DT_MS, 1, &arithmetic).unwrap();
        let strongest = network.greatest_weight_of(&network.projections[0]);
        assert_eq!(strongest, constant.greatest_weight_of(&constant.projections[0]));
    }

    #[test]
    fn formats_hold_what_arrives_at_the_neuron_with_most_synapses() {
        // 900 synapses onto one of 1000 neurons, and as many onto a neuron that is alone.
        let all = |target: u32| SynapseColumns {
            sources: (0..900).collect(),
            targets: vec![target; 900],
            weights_pa: Some(vec![200.0; 900]),
            delays_ms: None,
        };
        let (of_many, mut alone) = (network(all(7), 1000), network(all(0), 1000));
        alone.populations[1].neurons = 1;
        let [of_many, alone] = [of_many, alone].map(|spec| integers(&spec).unwrap());
        assert_eq!(of_many.max_arrivals, alone.max_arrivals);
        assert_eq!(of_many.formats.current_bits, alone.formats.current_bits);
        let expected = 900.0 * 200.0 / 250.0 * f64::from(1 << of_many.formats.current_bits);
        assert!((of_many.max_arrivals[1] / expected - 1.0).abs() < 1e-9);
        let counted = network(SynapseColumns { weights_pa: None, ..all(7) }, 1000);
        let counted = integers(&counted).unwrap();
        let expected = 900.0 * 10.0 / 250.0 * f64::from(1 << counted.formats.current_bits);
        assert!((counted.max_arrivals[1] / expected - 1.0).abs() < 1e-9);
    }

    #[test]
    fn delays_that_are_no_number_of_steps_are_told() {
        for (delay_ms, told) in [
            (0.09, "list.csv: line 4: delay_ms = 0.09 is below a step at dt_ms = 0.1"),
            (2e5, "list.csv: line 4: delay_ms = 200000 is too long at dt_ms = 0.1"),
        ] {
            let error =
                integers(&network(columns(vec![1.0, 1.0, delay_ms, 1.0]), 3)).unwrap_err().to_string();
            assert!(error.starts_with(told), "{error}");
        }
    }
}
