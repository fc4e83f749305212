//! Output of NEST as a run that is compared.

use super::Member;
use crate::analysis::{AnalysisError, Layout};
use crate::config::AnalysisOptions;
use crate::simulation::recording::{NestFolder, PopulationRow, SpikeGrid};
use std::path::Path;

/// How many times the neurons of the run that it is compared with output may have.
const MAX_TIMES: u64 = 100;

/// Statistics of the output, in the window of `like`, with the refractory period of its populations.
pub(super) fn read(folder: &Path, like: &Layout, options: &AnalysisOptions) -> Result<Member, AnalysisError> {
    let nest = NestFolder::open(folder, &like.populations)?;
    check_size(folder, nest.populations(), &like.populations)?;
    let of = |row: &PopulationRow| {
        let same = |other: &&PopulationRow| other.layer == row.layer && other.population == row.population;
        let at = like.populations.iter().position(|other| same(&other)).unwrap_or(0);
        like.t_ref_ms.get(at).copied().unwrap_or(0.0)
    };
    let (populations, window) = (nest.populations().to_vec(), like.window);
    let spikes = nest.spikes(SpikeGrid { dt_ms: window.dt_ms, n_steps: window.n_steps })?;
    let layout = Layout { t_ref_ms: populations.iter().map(of).collect(), populations, window };
    Member::new(folder.display().to_string(), &spikes.as_slice(), layout, options)
}

/// What is kept of each neuron is allocated before a spike is read, and no file's length tells whether
/// there are as many as the output says.
fn check_size(folder: &Path, rows: &[PopulationRow], like: &[PopulationRow]) -> Result<(), AnalysisError> {
    let neurons = |rows: &[PopulationRow]| rows.iter().map(|row| u64::from(row.neurons)).sum::<u64>();
    let (found, run) = (neurons(rows), neurons(like));
    if found <= MAX_TIMES * run {
        return Ok(());
    }
    Err(AnalysisError::Incomparable {
        reason: format!("{} has {found} neurons, and the run has {run}", folder.display()),
        remedy: format!("compare networks of a like size, at most {MAX_TIMES} times as large"),
    })
}
