//! Mean membrane potentials and synaptic currents of populations, on disk while a run goes on.

use super::npy::{NpyReader, NpyWriter};
use super::voltmeter::current_names;
use super::{MeansPlan, PopulationRow, RecordingError, RunFiles, RunPosition, write_csv};
use crate::disk::Place;
use crate::engine::fixed_point::{Formats, IntegerNetwork};
use crate::engine::{StateSum, Sums};
use crate::model::network::NetworkSpec;
use ndarray::Array2;
use std::path::Path;

/// What the names of all files of means begin with.
pub const MEANS_FILES: &str = "means_";
/// Table of the populations whose means are recorded.
const POPULATIONS_FILE: &str = "means_populations.csv";

/// Means over all neurons of populations, in files of f64:
///
/// | file | shape | content |
/// |---|---|---|
/// | `means_time_ms.npy` | \[sample\] | times, multiples of the interval |
/// | `means_v_m_mv.npy` | \[sample, population\] | mean membrane potentials, in which a refractory neuron has V_reset |
/// | `means_current_pa.npy` | \[sample, population\] | mean synaptic currents, where the network has one |
/// | `means_current_ex_pa.npy`, `means_current_in_pa.npy` | \[sample, population\] | the two, where it has both |
///
/// Columns are the rows of `means_populations.csv`. Engines sum integers, so that means do not depend on an order and
/// are the same from each.
#[derive(Debug)]
pub struct MeansWriter {
    plan: MeansPlan,
    columns: Vec<Meaning>,
    dt_ms: f64,
    time_ms: NpyWriter<f64>,
    v_m_mv: NpyWriter<f64>,
    /// Of one current or of two.
    current_pa: Vec<NpyWriter<f64>>,
}

/// What the sums of a population mean.
#[derive(Debug, Clone, Copy)]
struct Meaning {
    neurons: f64,
    e_l_mv: f64,
    c_m_pf: f64,
    formats: Formats,
}

impl Meaning {
    fn v_m_mv(&self, sum: &StateSum) -> f64 {
        sum.v_m as f64 / self.neurons * self.formats.v_m_mv(1) + self.e_l_mv
    }

    fn current_pa(&self, sum: &StateSum, kind: usize) -> f64 {
        sum.current[kind] as f64 / self.neurons * self.formats.current_pa(1, self.c_m_pf)
    }
}

impl MeansWriter {
    /// Creates the files of the means that `plan` asks for, on a network that was made from `spec` with the populations
    /// `rows`.
    ///
    /// # Errors
    /// Files that cannot be written, or a checkpoint that does not fit.
    pub fn create(
        files: &RunFiles<'_>,
        plan: &MeansPlan,
        spec: &NetworkSpec,
        network: &IntegerNetwork,
        rows: &[PopulationRow],
    ) -> Result<Self, RecordingError> {
        let samples = |step: u32| step / plan.interval_steps;
        let columns = Some(plan.populations.len());
        let currents = current_names(network);
        write_populations(&files.folder().join(POPULATIONS_FILE), plan, rows)?;
        Ok(Self {
            plan: plan.clone(),
            columns: plan.populations.iter().map(|&index| meaning(spec, network, index)).collect(),
            dt_ms: network.dt_ms,
            time_ms: files.rows(&means_file("time_ms"), None, samples)?,
            v_m_mv: files.rows(&means_file("v_m_mv"), columns, samples)?,
            current_pa: currents
                .iter()
                .map(|what| files.rows(&means_file(what), columns, samples))
                .collect::<Result<_, _>>()?,
        })
    }

    /// What is recorded.
    pub fn plan(&self) -> &MeansPlan {
        &self.plan
    }

    /// Writes the means of a batch.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn extend(&mut self, sums: Sums<'_>) -> Result<(), RecordingError> {
        for (step, sums) in sums.iter() {
            let means = |of: &dyn Fn(&Meaning, &StateSum) -> f64| -> Vec<f64> {
                self.columns.iter().zip(sums).map(|(meaning, sum)| of(meaning, sum)).collect()
            };
            self.time_ms.extend(&[f64::from(step) * self.dt_ms])?;
            self.v_m_mv.extend(&means(&Meaning::v_m_mv))?;
            for (kind, file) in self.current_pa.iter_mut().enumerate() {
                file.extend(&means(&|meaning, sum| meaning.current_pa(sum, kind)))?;
            }
        }
        Ok(())
    }

    /// Makes what has been written whole files, and notes them in `position`.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn save(&mut self, position: &mut RunPosition) -> Result<(), RecordingError> {
        let Self { time_ms, v_m_mv, current_pa, .. } = self;
        for file in [time_ms, v_m_mv].into_iter().chain(current_pa) {
            position.arrays.extend([file.save()?]);
        }
        Ok(())
    }

    /// Completes the files.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn finish(self) -> Result<(), RecordingError> {
        let Self { time_ms, v_m_mv, current_pa, .. } = self;
        for file in [time_ms, v_m_mv].into_iter().chain(current_pa) {
            file.finish()?;
        }
        Ok(())
    }
}

/// Columns of means with the factors of their sum.
pub type Weighted = Vec<(usize, f64)>;

/// Sums over columns of the means of `n_populations` populations that the run in `folder` has recorded: of `v_m_mv`,
/// `current_pa`, `current_ex_pa` or `current_in_pa`, shape \[sum, sample\].
///
/// # Errors
/// A file that cannot be read, or of another number of populations.
pub fn read_means(
    folder: &Path,
    quantity: &str,
    n_populations: usize,
    sums: &[Weighted],
) -> Result<Array2<f64>, RecordingError> {
    let path = folder.join(means_file(quantity));
    let mut file = NpyReader::<f64>::open_rows(&path, n_populations)?;
    let n_samples = (file.left() / n_populations.max(1) as u64) as usize;
    let (mut found, mut row, mut sample) = (Array2::zeros((sums.len(), n_samples)), Vec::new(), 0);
    while file.left() > 0 {
        for &value in file.next_chunk()? {
            row.push(value);
            if row.len() == n_populations {
                for (sum, columns) in sums.iter().enumerate() {
                    found[[sum, sample]] = columns.iter().map(|&(column, factor)| factor * row[column]).sum();
                }
                row.clear();
                sample += 1;
            }
        }
    }
    Ok(found)
}

/// The file of the means of a quantity.
pub fn means_file(quantity: &str) -> String {
    format!("{MEANS_FILES}{quantity}.npy")
}

fn meaning(spec: &NetworkSpec, network: &IntegerNetwork, index: usize) -> Meaning {
    let population = &spec.populations[index];
    Meaning {
        neurons: f64::from(population.neurons),
        e_l_mv: population.neuron.e_l_mv,
        c_m_pf: population.neuron.c_m_pf,
        formats: network.formats,
    }
}

fn write_populations(place: &Place, plan: &MeansPlan, rows: &[PopulationRow]) -> Result<(), RecordingError> {
    let of = |index: &usize| rows.iter().find(|row| row.index == *index);
    let lines = (0..).zip(plan.populations.iter().filter_map(of)).map(|(column, row): (usize, _)| {
        let PopulationRow { area, layer, population, neurons, .. } = row;
        vec![column.to_string(), area.clone(), layer.clone(), population.clone(), neurons.to_string()]
    });
    write_csv(place, &["column", "area", "layer", "population", "neurons"], lines)
}
