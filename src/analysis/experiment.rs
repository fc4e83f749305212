//! What is simulated beside what was measured in humans.
//!
//! - Spike trains of medial frontal cortex (Minxha et al. 2020) against those of caudalanteriorcingulate
//!   in snippets of 2 s, as long as the trials: 1 − Kolmogorov-Smirnov distance of rates (of trains
//!   with a spike), CV and LvR (of trains with enough spikes).
//! - Resting-state fMRI (Human Connectome Project) of each hemisphere against the correlation of
//!   synaptic input currents: Pearson correlation of what stands below the diagonals, with an interval.

use super::areas::AreaRows;
use super::bootstrap::Replicates;
use super::distance::ks_distance_to_quantiles;
use super::similarity::matrix_similarity;
use super::trains::TrainSums;
use super::{Absence, AnalysisError, Interval, Known, Layout};
use crate::config::{AnalysisOptions, Config};
use crate::engine::fixed_point::nearest_step;
use crate::model::ModelKind;
use crate::model::anatomy::{AREAS, Hemisphere, SpikingQuantiles, Tables, functional_connectivity};
use ndarray::Array2;

/// The area whose spike trains were measured.
pub(super) const MEASURED_AREA: &str = "caudalanteriorcingulate";
/// Length of a trial, ms (Minxha et al. 2020).
const TRIAL_MS: f64 = 2000.0;
const MS_PER_S: f64 = 1000.0;

/// What is simulated beside what was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// Spike trains.
    pub spiking: Known<SpikingComparison>,
    /// Functional connectivity of the left and the right hemisphere.
    pub functional_connectivity: Known<[ConnectivityComparison; 2]>,
}

/// Distributions over single spike trains.
#[derive(Debug, Clone, PartialEq)]
pub struct SpikingComparison {
    /// Area that is compared.
    pub area: String,
    /// Number of snippets of each neuron.
    pub n_snippets: usize,
    /// Simulated values, ascending.
    pub simulated: SpikingSamples,
    /// Measured values as quantiles.
    pub measured: SpikingQuantiles,
    /// 1 − KS distance of the rates.
    pub rate_similarity: Known<f64>,
    /// 1 − KS distance of CV.
    pub cv_similarity: Known<f64>,
    /// 1 − KS distance of LvR.
    pub lvr_similarity: Known<f64>,
}

/// Values of single spike trains.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SpikingSamples {
    /// Rate of trains with a spike, 1/s.
    pub rate_hz: Vec<f64>,
    /// CV of trains with enough spikes.
    pub cv_isi: Vec<f64>,
    /// LvR of the same trains.
    pub lvr: Vec<f64>,
}

/// Functional connectivity of one hemisphere.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectivityComparison {
    /// Hemisphere.
    pub hemisphere: Hemisphere,
    /// Measured correlations, shape [area, area], areas of the run in their order.
    pub measured: Array2<f64>,
    /// Resting-state network of each area (Kabbara et al. 2017).
    pub resting_state_networks: Vec<String>,
    /// Pearson correlation with the simulated matrix, below the diagonals.
    pub similarity: Known<f64>,
    /// Its 95 % confidence interval: of the mean similarity of runs of this length.
    pub interval: Known<Interval>,
}

/// Collects trains of the measured area, snippet by snippet, while spikes stream by.
pub(super) struct Snippets {
    /// First neuron of each population of the area, and the number of its neurons.
    ranges: Vec<(u32, u32)>,
    t_ref_steps: f64,
    from_step: u32,
    steps: u32,
    n_snippets: u32,
    min_spikes: u32,
    current: u32,
    sums: Vec<Vec<TrainSums>>,
    found: SpikingSamples,
}

impl Snippets {
    /// Nothing is collected where the area is not simulated or the run is too short.
    pub fn new(areas: &[AreaRows], layout: &Layout, options: &AnalysisOptions) -> Known<Self> {
        let area = areas.iter().find(|area| area.name == MEASURED_AREA);
        let area = area.ok_or(Absence::NotSimulated { area: MEASURED_AREA.to_owned() })?;
        let window = &layout.window;
        let steps = nearest_step(TRIAL_MS, window.dt_ms);
        let from_step = nearest_step(options.experiment_from_ms, window.dt_ms);
        let n_snippets = window.n_steps.saturating_sub(from_step) / steps;
        if n_snippets == 0 {
            let (from_ms, duration_ms) = (options.experiment_from_ms, window.duration_ms());
            return Err(Absence::TooShort { needed_ms: TRIAL_MS, from_ms, duration_ms });
        }
        let range = |&row: &usize| (layout.populations[row].first_neuron, layout.populations[row].neurons);
        let ranges: Vec<(u32, u32)> = area.rows.iter().map(range).collect();
        Ok(Self {
            sums: ranges.iter().map(|&(_, n)| vec![TrainSums::default(); n as usize]).collect(),
            ranges,
            t_ref_steps: layout.t_ref_ms[area.rows[0]] / window.dt_ms,
            from_step,
            steps,
            n_snippets,
            min_spikes: options.min_spikes,
            current: 0,
            found: SpikingSamples::default(),
        })
    }

    /// Adds the spikes of a step; neurons ascend. Snippets are open at both ends.
    pub fn add_step(&mut self, step: u32, neurons: &[u32]) {
        let Some(since) = step.checked_sub(self.from_step) else { return };
        let (snippet, within) = (since / self.steps, since % self.steps);
        if snippet != self.current {
            self.close();
            self.current = snippet;
        }
        if within == 0 || snippet >= self.n_snippets {
            return;
        }
        for (&(first, n), sums) in self.ranges.iter().zip(&mut self.sums) {
            let start = neurons.partition_point(|&neuron| neuron < first);
            let end = neurons.partition_point(|&neuron| neuron < first + n);
            for neuron in &neurons[start..end] {
                sums[(neuron - first) as usize].add(step, None, self.t_ref_steps);
            }
        }
    }

    /// Ends a snippet.
    fn close(&mut self) {
        for train in self.sums.iter_mut().flatten() {
            if train.spikes > 0 {
                self.found.rate_hz.push(f64::from(train.spikes) / (TRIAL_MS / MS_PER_S));
            }
            if train.spikes >= self.min_spikes {
                self.found.cv_isi.push(train.cv_isi());
                self.found.lvr.push(train.lvr());
            }
            *train = TrainSums::default();
        }
    }

    fn finish(mut self) -> (usize, SpikingSamples) {
        self.close();
        for values in [&mut self.found.rate_hz, &mut self.found.cv_isi, &mut self.found.lvr] {
            values.sort_unstable_by(f64::total_cmp);
        }
        (self.n_snippets as usize, self.found)
    }
}

/// Compares the run with measurements.
pub(super) fn experiment(
    config: &Config,
    areas: &[AreaRows],
    snippets: Known<Snippets>,
    simulated: &Known<Array2<f64>>,
    replicates: &Known<Replicates>,
) -> Result<Experiment, AnalysisError> {
    if config.model != ModelKind::Human {
        let (spiking, functional_connectivity) = (Err(Absence::NotMeasured), Err(Absence::NotMeasured));
        return Ok(Experiment { spiking, functional_connectivity });
    }
    let measured = SpikingQuantiles::load(&config.anatomy)?;
    let spiking = snippets.map(|snippets| {
        let (n_snippets, simulated) = snippets.finish();
        spiking(n_snippets, simulated, measured, config.analysis.min_spikes)
    });
    let hemisphere = |hemisphere| connectivity(config, hemisphere, areas, simulated, replicates);
    let functional_connectivity = Ok([hemisphere(Hemisphere::Left)?, hemisphere(Hemisphere::Right)?]);
    Ok(Experiment { spiking, functional_connectivity })
}

fn spiking(
    n_snippets: usize,
    simulated: SpikingSamples,
    measured: SpikingQuantiles,
    min_spikes: u32,
) -> SpikingComparison {
    let similarity = |values: &[f64], quantile: &[f64], min_spikes| {
        let distance = ks_distance_to_quantiles(values, &measured.quantile, quantile);
        distance.map(|distance| 1.0 - distance).ok_or(Absence::TooFewSpikes { min_spikes })
    };
    SpikingComparison {
        area: MEASURED_AREA.to_owned(),
        n_snippets,
        rate_similarity: similarity(&simulated.rate_hz, &measured.rate_hz, 1),
        cv_similarity: similarity(&simulated.cv_isi, &measured.cv_isi, min_spikes),
        lvr_similarity: similarity(&simulated.lvr, &measured.lvr, min_spikes),
        simulated,
        measured,
    }
}

fn connectivity(
    config: &Config,
    hemisphere: Hemisphere,
    areas: &[AreaRows],
    simulated: &Known<Array2<f64>>,
    replicates: &Known<Replicates>,
) -> Result<ConnectivityComparison, AnalysisError> {
    let anatomy = crate::model::anatomy::Anatomy { hemisphere, ..config.anatomy.clone() };
    let (all, tables) = (functional_connectivity(&anatomy)?, Tables::load(&anatomy)?);
    // Areas of the human model are those of the tables.
    let index = |area: &AreaRows| AREAS.iter().position(|name| *name == area.name);
    let indices: Vec<usize> = areas.iter().filter_map(index).collect();
    let n = indices.len();
    let measured = Array2::from_shape_fn((n, n), |(a, b)| all[[indices[a], indices[b]]]);
    let resting_state_networks =
        indices.iter().map(|&i| tables.areas[i].resting_state_network.clone()).collect();
    let simulated = simulated.as_ref().map_err(Absence::clone);
    let replicates = replicates.as_ref().map_err(Absence::clone);
    let similarity = simulated.clone().and_then(|simulated| matrix_similarity(simulated, &measured));
    let interval = simulated.and_then(|simulated| replicates?.interval(simulated, &measured));
    Ok(ConnectivityComparison { hemisphere, measured, resting_state_networks, similarity, interval })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Window;
    use crate::simulation::recording::PopulationRow;

    fn layout(area: &str, n_steps: u32) -> Layout {
        let row = PopulationRow {
            index: 0,
            area: area.to_owned(),
            layer: "V".to_owned(),
            population: "E".to_owned(),
            first_neuron: 0,
            neurons: 3,
        };
        let window = Window { dt_ms: 0.1, n_steps, from_step: 5000, steps_per_bin: 10 };
        Layout { populations: vec![row], t_ref_ms: vec![2.0], window }
    }

    fn snippets(area: &str, n_steps: u32) -> Known<Snippets> {
        let layout = layout(area, n_steps);
        let areas = crate::analysis::areas::area_rows(&layout.populations);
        Snippets::new(&areas, &layout, &AnalysisOptions::default())
    }

    #[test]
    fn snippets_are_open_at_both_ends_and_trains_without_a_spike_have_no_rate() {
        // Two snippets: from 2500 to 4500 ms and from 4500 to 6500 ms; what comes after is in none.
        let mut snippets = snippets(MEASURED_AREA, 66_000).unwrap();
        for step in [24_999, 25_000, 25_001, 44_999, 45_000, 45_001, 65_000, 65_001] {
            snippets.add_step(step, &[1]);
        }
        let (n_snippets, found) = snippets.finish();
        assert_eq!((n_snippets, found.rate_hz), (2, vec![0.5, 1.0]));
        assert!(found.cv_isi.is_empty());
    }

    #[test]
    fn trains_with_enough_spikes_have_cv_and_lvr() {
        let mut snippets = snippets(MEASURED_AREA, 45_000).unwrap();
        (1..=10).for_each(|i| snippets.add_step(25_000 + 100 * i, &[0, 2]));
        let (_, found) = snippets.finish();
        assert_eq!((found.cv_isi, found.lvr), (vec![0.0; 2], vec![0.0; 2]));
    }

    #[test]
    fn a_short_run_or_another_area_has_no_snippets() {
        assert!(matches!(snippets(MEASURED_AREA, 44_999), Err(Absence::TooShort { .. })));
        assert!(matches!(snippets("cuneus", 66_000), Err(Absence::NotSimulated { .. })));
    }
}
