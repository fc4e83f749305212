//! A run that is compared: its populations with their statistics and distributions.

use super::nest::{self, Reference};
use crate::analysis::{
    AnalysisError, Layout, PopulationSamples, PopulationStatistics, RunFolder, SpikeSource, memory,
    spike_statistics,
};
use crate::config::AnalysisOptions;
use crate::simulation::recording::{NestFolder, PopulationRow};
use std::path::{Path, PathBuf};

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// Rates of neurons, 1/s.
    Rate,
    /// CV of interspike intervals.
    CvIsi,
    /// Revised local variation.
    Lvr,
    /// Pearson coefficients of pairs.
    Correlation,
}

impl Statistic {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Rate, Self::CvIsi, Self::Lvr, Self::Correlation];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rate => "rate_hz",
            Self::CvIsi => "cv_isi",
            Self::Lvr => "lvr",
            Self::Correlation => "correlation",
        }
    }

    fn of(self, statistics: &PopulationStatistics) -> Option<f64> {
        let known = match self {
            Self::Rate => &statistics.rate_hz,
            Self::CvIsi => &statistics.cv_isi,
            Self::Lvr => &statistics.lvr,
            Self::Correlation => &statistics.correlation,
        };
        known.as_ref().ok().copied()
    }
}

/// A run that is compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// How it was named.
    pub name: String,
    /// Its stimuli, in words; `None` if they are not known.
    pub stimuli: Option<Vec<String>>,
    /// Its populations.
    pub populations: Vec<PopulationRow>,
    /// Value of each statistic, in the order of [`Statistic::ALL`], for each population.
    pub values: Vec<[Option<f64>; 4]>,
    /// Distributions in the same order, each ascending.
    pub samples: Vec<[Vec<f64>; 4]>,
}

impl Member {
    /// Statistics of spikes.
    pub(super) fn new(
        name: String,
        spikes: &dyn SpikeSource,
        layout: Layout,
        options: &AnalysisOptions,
    ) -> Result<Self, AnalysisError> {
        memory::check(&layout)?;
        let found = spike_statistics(spikes, &layout, options, &mut |_, _| {})?;
        let values = found.populations.iter().map(|p| Statistic::ALL.map(|statistic| statistic.of(p)));
        let sorted = |samples: PopulationSamples| {
            let PopulationSamples { rate_hz, cv_isi, lvr, correlation } = samples;
            let mut samples = [rate_hz, cv_isi, lvr, correlation];
            samples.iter_mut().for_each(|values| values.sort_unstable_by(f64::total_cmp));
            samples
        };
        Ok(Self {
            name,
            stimuli: None,
            values: values.collect(),
            samples: found.samples.into_iter().map(sorted).collect(),
            populations: layout.populations,
        })
    }

    /// Row of a population of that name.
    pub(super) fn row(&self, like: &PopulationRow) -> Option<usize> {
        let name = |row: &PopulationRow| (row.area.clone(), row.layer.clone(), row.population.clone());
        let wanted = name(like);
        self.populations.iter().position(|row| name(row) == wanted)
    }
}

/// Reads what is compared: run folders, or output of the model's NEST implementation. The settings of
/// `reference` hold for all, its duration and resolution too; if there is none, those of the first run folder.
///
/// # Errors
/// A folder that is twice among several, folders that are neither, files that cannot be read, runs of different duration
/// or resolution, and NEST output without a reference or a run folder.
pub fn load(paths: &[PathBuf], reference: Option<&Reference>) -> Result<Vec<Member>, AnalysisError> {
    let is_earlier = |index: usize| paths[..index].iter().any(|path| is_same(path, &paths[index]));
    // A run and itself have no distance, which is what they are compared for; among several it would count twice.
    if let Some(twice) = (0..paths.len()).find(|&index| paths.len() > 2 && is_earlier(index)) {
        return Err(AnalysisError::Incomparable {
            reason: format!("{} is named twice", paths[twice].display()),
            remedy: "compare runs with others, such as other seeds".to_owned(),
        });
    }
    let is_nest = |path: &Path| reference.map_or_else(|| NestFolder::is_at(path), |own| own.is_nest(path));
    let runs = paths.iter().filter(|path| !is_nest(path)).map(|path| RunFolder::open(path, &[]));
    let runs: Vec<RunFolder> = runs.collect::<Result<_, _>>()?;
    let first = || runs.first().map(|run| Reference::new(&run.stored.network, &run.config));
    let Some(reference) = reference.cloned().or_else(first) else {
        return Err(AnalysisError::Incomparable {
            reason: "there is no run folder among what is compared, and NEST output does not tell its duration and \
                     resolution"
                .to_owned(),
            remedy: "name a run folder too, or with --like one or a configuration of the same network, or with \
                     --populations a table of its populations"
                .to_owned(),
        });
    };
    // Run folders come in the same order.
    let mut runs = runs.iter();
    let mut next_run = |path: &Path| if is_nest(path) { None } else { runs.next() };
    let member = |path: &PathBuf| match next_run(path) {
        Some(run) => of_run(run, path, &reference),
        None => nest::read(path, &reference),
    };
    paths.iter().map(member).collect()
}

/// Whether two paths lead to the same folder.
fn is_same(a: &Path, b: &Path) -> bool {
    a == b || a.canonicalize().is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b))
}

fn of_run(run: &RunFolder, path: &Path, reference: &Reference) -> Result<Member, AnalysisError> {
    let (mut layout, like) = (run.layout(), reference.layout());
    let (own, other) = (&layout.window, &like.window);
    if (own.dt_ms, own.n_steps) != (other.dt_ms, other.n_steps) {
        return Err(AnalysisError::Incomparable {
            reason: format!(
                "{} lasts {} ms in steps of {} ms, another {} ms in steps of {} ms",
                path.display(),
                own.duration_ms(),
                own.dt_ms,
                other.duration_ms(),
                other.dt_ms
            ),
            remedy: "compare runs of the same duration and resolution, on which statistics depend".to_owned(),
        });
    }
    layout.window = like.window;
    let mut member = Member::new(path.display().to_string(), &run.spikes(), layout, reference.options())?;
    member.stimuli = Some(run.config.stimuli.iter().map(ToString::to_string).collect());
    // Populations of which no spikes were kept are not silent, but unknown.
    for row in (0..run.recorded.len()).filter(|&row| !run.recorded[row]) {
        member.values[row] = Default::default();
        member.samples[row] = Default::default();
    }
    Ok(member)
}
