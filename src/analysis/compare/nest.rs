//! Output of NEST as a run that is compared.

use super::Member;
use crate::analysis::{AnalysisError, Layout, Window};
use crate::config::{AnalysisOptions, Config};
use crate::model::ModelKind;
use crate::model::network::NetworkSpec;
use crate::simulation::recording::{MANIFEST_FILE, NestFolder, PopulationRow, SpikeGrid};
use std::path::Path;

/// How many times the neurons of the run that it is compared with output may have.
const MAX_TIMES: u64 = 100;

/// What output of NEST lacks: the populations, what part of the time counts, and how it is analysed.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    layout: Layout,
    options: AnalysisOptions,
    /// Whether output may lack its table of populations.
    is_own: bool,
}

impl Reference {
    /// That of runs of `config` on `network`.
    pub fn new(network: &NetworkSpec, config: &Config) -> Self {
        let options = config.analysis.clone();
        let layout = Layout::new(network, Window::new(&config.simulation, &options));
        Self { layout, options, is_own: config.model == ModelKind::Imported }
    }

    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(super) fn options(&self) -> &AnalysisOptions {
        &self.options
    }

    /// Whether a folder is output of NEST.
    pub(super) fn is_nest(&self, path: &Path) -> bool {
        NestFolder::is_at(path) || self.is_own && !path.join(MANIFEST_FILE).is_file()
    }
}

/// Statistics of the output, in the window of `reference`, with the refractory period of its populations.
pub(super) fn read(folder: &Path, reference: &Reference) -> Result<Member, AnalysisError> {
    let Reference { layout: like, options, is_own } = reference;
    let nest = match is_own {
        true => NestFolder::open_or_number(folder, &like.populations)?,
        false => NestFolder::open(folder, &like.populations)?,
    };
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
