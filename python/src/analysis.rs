//! Statistics of a run, as arrays. What does not exist is NaN, or `NoStatistic` with the reason.

use crate::arrays::{Matrix, Numbers, known, matrix, numbers};
use crate::errors::{OrRaise, wrong_input};
use crate::figure::Figure;
use crate::work::work;
use humam_gpu::analysis::{
    self, Analysis as Found, AreaStatistics, Known, PopulationStatistics, key_figures,
};
use humam_gpu::output::figures::{self, Format};
use humam_gpu::output::report;
use humam_gpu::progress::Stage;
use ndarray::Array2;
use numpy::{IntoPyArray, PyArray2};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

/// All statistics of a run.
#[pyclass(frozen, module = "humam_gpu._native")]
pub struct Analysis(Arc<Found>);

/// A statistic of each row.
type Columns<'py> = Vec<(&'static str, Numbers<'py>)>;
/// A number that sums a run up: what it is, its value, or why there is none.
type KeyFigure = (&'static str, Option<f64>, Option<String>);

impl Analysis {
    /// Those found.
    pub fn new(found: Found) -> Self {
        Self(Arc::new(found))
    }

    fn of_populations<'py>(
        &self,
        py: Python<'py>,
        value: fn(&PopulationStatistics) -> &Known<f64>,
    ) -> Numbers<'py> {
        known(py, self.0.spikes.populations.iter().map(|found| value(found).clone()))
    }

    fn of_areas<'py>(&self, py: Python<'py>, value: fn(&AreaStatistics) -> &Known<f64>) -> Numbers<'py> {
        known(py, self.0.areas.iter().map(|found| value(found).clone()))
    }
}

#[pymethods]
impl Analysis {
    /// Statistics of populations.
    fn populations<'py>(&self, py: Python<'py>) -> Columns<'py> {
        vec![
            ("rate_hz", self.of_populations(py, |found| &found.rate_hz)),
            ("cv_isi", self.of_populations(py, |found| &found.cv_isi)),
            ("lvr", self.of_populations(py, |found| &found.lvr)),
            ("correlation", self.of_populations(py, |found| &found.correlation)),
        ]
    }

    /// Names of areas.
    fn area_names(&self) -> Vec<String> {
        self.0.areas.iter().map(|area| area.name.clone()).collect()
    }

    /// Statistics of areas.
    fn areas<'py>(&self, py: Python<'py>) -> Columns<'py> {
        vec![
            ("rate_hz", self.of_areas(py, |found| &found.rate_hz)),
            ("cv_isi", self.of_areas(py, |found| &found.cv_isi)),
            ("lvr", self.of_areas(py, |found| &found.lvr)),
            ("correlation", self.of_areas(py, |found| &found.correlation)),
        ]
    }

    /// Distributions over the neurons, or pairs of neurons, of a population.
    fn samples<'py>(&self, py: Python<'py>, row: usize) -> PyResult<Columns<'py>> {
        let found =
            self.0.spikes.samples.get(row).ok_or_else(|| wrong_input("there is no such population"))?;
        Ok(vec![
            ("rate_hz", numbers(py, &found.rate_hz)),
            ("cv_isi", numbers(py, &found.cv_isi)),
            ("lvr", numbers(py, &found.lvr)),
            ("correlation", numbers(py, &found.correlation)),
        ])
    }

    /// Numbers that sum the run up.
    fn key_figures(&self) -> Vec<KeyFigure> {
        let row = |figure: analysis::KeyFigure| match figure.value {
            Ok(value) => (figure.quantity, Some(value), None),
            Err(absence) => (figure.quantity, None, Some(absence.to_string())),
        };
        key_figures(&self.0).into_iter().map(row).collect()
    }

    /// Width of bins and start of what counts, ms.
    fn window(&self) -> (f64, f64) {
        (self.0.window.bin_ms(), self.0.window.from_ms())
    }

    /// Spikes in bins from 0 on, shape [population, bin].
    fn spike_counts<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<u32>> {
        self.0.spikes.counts.clone().into_pyarray(py)
    }

    /// Signals in bins from 0 on, shape [population or area, bin].
    fn signal<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Matrix<'py>> {
        let found = match name {
            "population_rates_hz" => &self.0.rates.populations_hz,
            "area_rates_hz" => &self.0.rates.areas_hz,
            "synaptic_currents_pa_per_s" => &self.0.currents.pa_per_s,
            "bold" => &self.0.bold.signal,
            _ => return Err(wrong_input(format!("there is no signal {name}"))),
        };
        Ok(matrix(py, found))
    }

    /// Correlations of areas, shape [area, area].
    fn correlations<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Matrix<'py>> {
        let found: &Known<Array2<f64>> = match name {
            "functional_connectivity" => &self.0.currents.correlation,
            "bold" => &self.0.bold.correlation,
            _ => return Err(wrong_input(format!("there are no correlations of {name}"))),
        };
        Ok(matrix(py, found.as_ref().map_err(Clone::clone).or_raise()?))
    }

    /// Functional connectivity that was measured in the left, or else the right hemisphere, shape [area, area], and the
    /// resting-state network of each area.
    fn measured_connectivity<'py>(
        &self,
        py: Python<'py>,
        left: bool,
    ) -> PyResult<(Matrix<'py>, Vec<String>)> {
        let found = self.0.experiment.functional_connectivity.as_ref().map_err(Clone::clone).or_raise()?;
        let hemisphere = &found[usize::from(!left)];
        Ok((matrix(py, &hemisphere.measured), hemisphere.resting_state_networks.clone()))
    }

    /// Frequencies, Hz, and power spectral densities of the areas' rates, (1/s)²/Hz, shape [area, frequency].
    fn spectra<'py>(&self, py: Python<'py>) -> PyResult<(Numbers<'py>, Matrix<'py>)> {
        let found = self.0.spectra.as_ref().map_err(Clone::clone).or_raise()?;
        Ok((numbers(py, &found.frequency_hz), matrix(py, &found.density)))
    }

    /// The community of each area, from 0, and the modularity of the partition.
    fn communities(&self) -> PyResult<(Vec<usize>, f64)> {
        let found = self.0.communities.as_ref().map_err(Clone::clone).or_raise()?;
        Ok((found.of_area.clone(), found.modularity))
    }

    /// Draws a figure.
    fn figure(&self, py: Python<'_>, name: String) -> PyResult<Figure> {
        let found = Arc::clone(&self.0);
        work(py, None, move |_| {
            let shown = figures::figure(&found, &name).or_raise()?;
            let shown = shown.ok_or_else(|| wrong_input(format!("there is no figure {name}")))?;
            Figure::of(shown)
        })
    }

    /// Writes statistics, figures and report into the run's folder, as the program does.
    fn write(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> PyResult<PathBuf> {
        let found = Arc::clone(&self.0);
        work(py, progress.as_ref(), move |progress| {
            analysis::write(&found).or_raise()?;
            progress.stage(Stage::Figures);
            let shown = figures::figures(&found).or_raise()?;
            figures::write(&shown, &found.run.path, &[Format::Png, Format::Svg]).or_raise()?;
            report::write(&found, &shown).or_raise()
        })
    }
}
