//! Runs: made, found, opened.

use crate::analysis::Analysis;
use crate::arrays::{Numbers, numbers};
use crate::config::{Assignment, Config, overrides};
use crate::errors::{OrRaise, wrong_input};
use crate::work::work;
use humam_gpu::analysis::{self, RunFolder as Opened};
use humam_gpu::config::Traced;
use humam_gpu::disk::Place;
use humam_gpu::model::network::PopulationSelector;
use humam_gpu::output::export::{self, Format, Options};
use humam_gpu::progress::Stage;
use humam_gpu::run::{self, Outcome, Output};
use humam_gpu::simulation::recording::PopulationRow;
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

/// Most synapses that an export to SONATA has, as of the program.
const MAX_EDGES: u64 = 10_000_000;

/// Area, layer and population of each row, its first neuron, and its number of neurons.
pub type Populations = (Vec<String>, Vec<String>, Vec<String>, Vec<u32>, Vec<u32>);

/// Rows of populations, column by column.
pub fn columns(rows: &[PopulationRow]) -> Populations {
    (
        rows.iter().map(|row| row.area.clone()).collect(),
        rows.iter().map(|row| row.layer.clone()).collect(),
        rows.iter().map(|row| row.population.clone()).collect(),
        rows.iter().map(|row| row.first_neuron).collect(),
        rows.iter().map(|row| row.neurons).collect(),
    )
}

/// Rows of the populations that a selector chooses.
pub fn select(rows: &[PopulationRow], selector: String) -> PyResult<Vec<usize>> {
    let selector = PopulationSelector(selector);
    let names: Vec<String> = rows.iter().map(PopulationRow::name).collect();
    let is_chosen = |row: &usize| !selector.is_empty() && selector.matches(&names[*row]);
    let chosen: Vec<usize> = (0..rows.len()).filter(is_chosen).collect();
    if chosen.is_empty() {
        let nearest = selector.nearest(names.iter().map(String::as_str)).unwrap_or_default();
        return Err(wrong_input(format!("no population is called `{selector}`: the nearest is `{nearest}`")));
    }
    Ok(chosen)
}

/// Runs a configuration, or finds the run in `folder`, the folder of all runs; returns the folder of the run, and
/// whether it was `made`, `reused` or `confirmed`.
#[pyfunction]
pub fn make_run(
    py: Python<'_>,
    config: &Config,
    folder: PathBuf,
    force: bool,
    start_from: Option<PathBuf>,
    progress: Option<Py<PyAny>>,
) -> PyResult<(PathBuf, &'static str)> {
    let config = config.0.config().clone();
    let report = work(py, progress.as_ref(), move |progress| {
        let output = Output { folder, force };
        match start_from {
            Some(start) => run::run_from(&config, &output, &start, progress),
            None => run::run(&config, &output, progress),
        }
        .or_raise()
    })?;
    let outcome = match report.outcome {
        Outcome::Made => "made",
        Outcome::Reused => "reused",
        Outcome::Confirmed => "confirmed",
    };
    Ok((report.folder, outcome))
}

/// Writes what a stopped run has saved as a run that ends there; returns its folder, or nothing if nothing was saved.
#[pyfunction]
pub fn saved_run(py: Python<'_>, folder: PathBuf) -> PyResult<Option<PathBuf>> {
    let found = work(py, None, move |progress| run::up_to_checkpoint(&folder, progress).or_raise())?;
    Ok(found.map(|found| found.folder))
}

/// The folder of a run, opened: its files are there, unchanged, and belong together.
#[pyclass(frozen, module = "humam_gpu._native")]
pub struct RunFolder(Arc<Opened>);

#[pymethods]
impl RunFolder {
    /// Opens a folder; assignments replace keys of its configuration.
    #[new]
    fn new(py: Python<'_>, folder: PathBuf, assignments: Vec<Assignment>) -> PyResult<Self> {
        let overrides = overrides(assignments);
        let opened = work(py, None, move |_| Opened::open(&folder, &overrides).or_raise())?;
        Ok(Self(Arc::new(opened)))
    }

    #[getter]
    fn path(&self) -> PathBuf {
        self.0.path.clone()
    }

    /// Its configuration.
    fn config(&self) -> PyResult<Config> {
        Traced::load(&self.0.path.join("config.ron")).or_raise().map(Config)
    }

    /// Its manifest, in JSON.
    fn manifest(&self) -> String {
        serde_json::json!(self.0.manifest).to_string()
    }

    /// Populations that have neurons.
    fn populations(&self) -> Populations {
        columns(&self.0.populations)
    }

    /// Rates by theory of these, 1/s; NaN if nothing is predicted.
    fn theory_rates_hz<'py>(&self, py: Python<'py>) -> Numbers<'py> {
        let all = &self.0.stored.with_dc.rates_hz;
        let rates: Vec<f64> = self.0.populations.iter().map(|row| all[row.index]).collect();
        numbers(py, &rates)
    }

    /// The neurons of each voltmeter.
    fn voltmeters(&self) -> Vec<Vec<u32>> {
        self.0.voltmeters.iter().map(|voltmeter| voltmeter.neurons.clone()).collect()
    }

    /// Rows of the populations that a selector chooses, such as `precuneus II/III E` or `* V`.
    fn select(&self, selector: String) -> PyResult<Vec<usize>> {
        select(&self.0.populations, selector)
    }

    /// Writes the run for another program into the folder `target`: `nest`, `sonata`, `parquet` or `npz`.
    fn export(
        &self,
        py: Python<'_>,
        format: &str,
        target: PathBuf,
        force: bool,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<()> {
        let formats = [Format::Nest, Format::Sonata, Format::Parquet, Format::Npz];
        let format = formats.into_iter().find(|known| known.name() == format).ok_or_else(|| {
            wrong_input(format!("there is no format {format}: choose nest, sonata, parquet or npz"))
        })?;
        let run = Arc::clone(&self.0);
        work(py, progress.as_ref(), move |progress| {
            let options = Options { max_synapses: Some(MAX_EDGES), force };
            export::export(&run, format, &Place::from(&target), options, progress).or_raise().map(drop)
        })
    }

    /// All statistics of the run.
    fn analyse(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> PyResult<Analysis> {
        let run = Opened::clone(&self.0);
        work(py, progress.as_ref(), move |progress| {
            progress.stage(Stage::Analysis);
            analysis::analyse(run).or_raise().map(Analysis::new)
        })
    }
}
