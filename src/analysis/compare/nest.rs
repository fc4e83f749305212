//! Output of NEST as a run that is compared.

use super::Member;
use crate::analysis::{AnalysisError, Layout};
use crate::config::AnalysisOptions;
use crate::recording::{NestFolder, PopulationRow, SpikeGrid};
use std::path::Path;

/// Statistics of the output, in the window of `like`, with the refractory period of its populations.
pub(super) fn read(folder: &Path, like: &Layout, options: &AnalysisOptions) -> Result<Member, AnalysisError> {
    let nest = NestFolder::open(folder, &like.populations)?;
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
