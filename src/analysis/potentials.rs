//! Membrane potentials of a few recorded neurons, as they are shown.

use super::{AnalysisError, RunFolder};
use crate::simulation::recording::{PopulationRow, VoltmeterPlan, read_potentials};
use ndarray::Array2;

/// Most neurons of a voltmeter that are kept, evenly spread over those that it records.
const NEURONS: usize = 3;

/// What a voltmeter has recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Potentials {
    /// Neurons that are kept, and the rows of their populations in [`RunFolder::populations`].
    pub neurons: Vec<(u32, usize)>,
    /// Times of the samples, ms.
    pub time_ms: Vec<f64>,
    /// Membrane potentials, mV, shape [neuron, sample].
    pub v_m_mv: Array2<f64>,
}

/// Those of each voltmeter of a run, in the time of the rasters.
pub(super) fn potentials(run: &RunFolder) -> Result<Vec<Potentials>, AnalysisError> {
    let times = run.config.analysis.raster_times_ms(run.config.simulation.duration_ms);
    run.voltmeters.iter().enumerate().map(|(index, plan)| of_voltmeter(run, index, plan, times)).collect()
}

fn of_voltmeter(
    run: &RunFolder,
    index: usize,
    plan: &VoltmeterPlan,
    times: (f64, f64),
) -> Result<Potentials, AnalysisError> {
    let n = plan.neurons.len();
    let columns: Vec<usize> = (0..n).step_by(n.div_ceil(NEURONS).max(1)).collect();
    let (time_ms, v_m_mv) = read_potentials(&run.path, index, n, &columns, times)?;
    let row = |neuron: u32| {
        let after = run.populations.partition_point(|row: &PopulationRow| row.first_neuron <= neuron);
        (neuron, after.saturating_sub(1))
    };
    let neurons = columns.iter().map(|&column| row(plan.neurons[column])).collect();
    Ok(Potentials { neurons, time_ms, v_m_mv })
}
