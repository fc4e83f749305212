//! Networks: their tables, their theory, and what a run of them takes.

use crate::arrays::{Matrix, Numbers, numbers};
use crate::config::Config;
use crate::errors::OrRaise;
use crate::work::work;
use humam_gpu::config::{Config as Options, warnings};
use humam_gpu::engine::assembly::{
    available_memory_bytes, choose_engine, estimate, estimate_build_s, integer_network,
};
use humam_gpu::model::anatomy::Tables;
use humam_gpu::model::network::{NetworkSpec, Population, Projection};
use humam_gpu::model::theory::{DcInput, StationaryRates, stationary_rates_unless};
use humam_gpu::model::{ModelNetwork, model_network};
use humam_gpu::run::RunError;
use humam_gpu::simulation::recording::RecordingPlan;
use ndarray::Array2;
use numpy::IntoPyArray;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Arc;

/// The network of a configuration, and the model at full scale from which it is made.
#[pyclass(frozen, module = "humam_gpu._native")]
pub struct Network {
    options: Options,
    derived: Arc<ModelNetwork>,
}

/// Area, layer and population of each population, and its number of neurons.
type Populations = (Vec<String>, Vec<String>, Vec<String>, Vec<u32>);
/// A number of each population.
type Columns<'py> = Vec<(&'static str, Numbers<'py>)>;
/// Rates, 1/s; whether they are a fixed point; the residual there, 1/s; every step of the flow to it: pseudo-time, mean
/// rate in 1/s, residual in 1/s.
type Theory<'py> = (Numbers<'py>, bool, f64, Vec<(f64, f64, f64)>);

#[pymethods]
impl Network {
    /// Derives the network of a configuration.
    #[new]
    fn new(py: Python<'_>, config: &Config, progress: Option<Py<PyAny>>) -> PyResult<Self> {
        let options = config.0.config().clone();
        let model = options.model_options();
        let derived = work(py, progress.as_ref(), move |progress| {
            let tables = Tables::load(&model.anatomy).or_raise()?;
            model_network(&model, &tables, progress).or_raise()
        })?;
        Ok(Self { options, derived: Arc::new(derived) })
    }

    /// Its populations.
    fn populations(&self, full: bool) -> Populations {
        let of = |part: fn(&Population) -> String| self.spec(full).populations.iter().map(part).collect();
        (
            of(|population| population.area.clone()),
            of(|population| population.layer.clone()),
            of(|population| population.cell_type.clone()),
            self.spec(full).populations.iter().map(|population| population.neurons).collect(),
        )
    }

    /// Parameters of neurons and drive.
    fn parameters<'py>(&self, py: Python<'py>, full: bool) -> Columns<'py> {
        let of = |part: fn(&Population) -> f64| {
            self.spec(full).populations.iter().map(part).collect::<Vec<_>>().into_pyarray(py)
        };
        vec![
            ("e_l_mv", of(|population| population.neuron.e_l_mv)),
            ("v_th_mv", of(|population| population.neuron.v_th_mv)),
            ("v_reset_mv", of(|population| population.neuron.v_reset_mv)),
            ("c_m_pf", of(|population| population.neuron.c_m_pf)),
            ("tau_m_ms", of(|population| population.neuron.tau_m_ms)),
            ("tau_syn_ex_ms", of(|population| population.neuron.tau_syn_ex_ms)),
            ("tau_syn_in_ms", of(|population| population.neuron.tau_syn_in_ms)),
            ("t_ref_ms", of(|population| population.neuron.t_ref_ms)),
            (
                "external_synapses",
                of(|population| population.poisson.map_or(0.0, |drive| drive.synapses as f64)),
            ),
            ("external_rate_hz", of(|population| population.poisson.map_or(0.0, |drive| drive.rate_hz))),
            ("external_weight_pa", of(|population| population.poisson.map_or(0.0, |drive| drive.weight_pa))),
            ("dc_pa", of(|population| population.dc_pa)),
        ]
    }

    /// Numbers of synapses, shape [target, source].
    fn synapses<'py>(&self, py: Python<'py>, full: bool) -> Bound<'py, numpy::PyArray2<u64>> {
        let spec = self.spec(full);
        let mut synapses = Array2::zeros((spec.populations.len(), spec.populations.len()));
        for projection in &spec.projections {
            synapses[[projection.target, projection.source]] += projection.synapses;
        }
        synapses.into_pyarray(py)
    }

    /// Mean weights, pA, shape [target, source]; NaN where there are no synapses.
    fn weights_pa<'py>(&self, py: Python<'py>, full: bool) -> Matrix<'py> {
        self.mean(py, full, |projection| projection.weight_pa)
    }

    /// Mean delays before they are rounded to steps, ms, shape [target, source]; NaN where there are no synapses.
    fn delays_ms<'py>(&self, py: Python<'py>, full: bool) -> Matrix<'py> {
        self.mean(py, full, |projection| projection.delay.mean_ms)
    }

    /// Stationary rates by mean-field theory.
    fn theory<'py>(&self, py: Python<'py>, full: bool, dc: bool) -> PyResult<Theory<'py>> {
        let found = match (full, dc) {
            (false, true) => self.derived.with_dc.clone(),
            (false, false) => self.derived.without_dc.clone(),
            (true, _) => self.theory_at_full_scale(py, dc)?,
        };
        Ok((numbers(py, &found.rates_hz), found.converged, found.residual_hz, found.history))
    }

    /// What a run takes, before anything is built.
    fn check<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (options, derived) = (self.options.clone(), Arc::clone(&self.derived));
        let Checked { engine, adapter, shards, is_procedural, refusal, buffers, bytes, seconds, warnings } =
            work(py, None, move |_| checked(&options, &derived))?;
        let found = PyDict::new(py);
        found.set_item("engine", engine)?;
        found.set_item("adapter", adapter)?;
        found.set_item("shards", shards)?;
        found.set_item("synapses", if is_procedural { "procedural" } else { "stored" })?;
        found.set_item("refusal", refusal)?;
        found.set_item("host_bytes", bytes.0)?;
        found.set_item("device_bytes", bytes.1)?;
        found.set_item("available_bytes", available_memory_bytes())?;
        found.set_item("build_s", seconds.0)?;
        found.set_item("simulate_s", seconds.1)?;
        found.set_item("buffers", buffers)?;
        found.set_item("warnings", warnings)?;
        Ok(found)
    }
}

impl Network {
    fn spec(&self, full: bool) -> &NetworkSpec {
        if full { &self.derived.full } else { &self.derived.network }
    }

    /// A value of projections; where several lead from one population to another, its mean over their synapses.
    fn mean<'py>(&self, py: Python<'py>, full: bool, value: fn(&Projection) -> f64) -> Matrix<'py> {
        let spec = self.spec(full);
        let mut sums = Array2::zeros((spec.populations.len(), spec.populations.len()));
        let mut synapses = sums.clone();
        for projection in &spec.projections {
            let place = [projection.target, projection.source];
            sums[place] += value(projection) * projection.synapses as f64;
            synapses[place] += projection.synapses as f64;
        }
        (sums / synapses).into_pyarray(py)
    }

    fn theory_at_full_scale(&self, py: Python<'_>, dc: bool) -> PyResult<StationaryRates> {
        let (theory, derived) = (self.options.theory.clone(), Arc::clone(&self.derived));
        let dc = if dc { DcInput::Included } else { DcInput::LeftOut };
        work(py, None, move |progress| {
            stationary_rates_unless(&derived.full, &theory, dc, &progress.interruption()).or_raise()
        })
    }
}

/// What a run takes.
struct Checked {
    engine: &'static str,
    adapter: Option<String>,
    shards: usize,
    is_procedural: bool,
    /// Why it does not fit.
    refusal: Option<String>,
    /// Name, bytes, and whether it is on the device.
    buffers: Vec<(&'static str, u64, bool)>,
    /// On the host and on the device.
    bytes: (u64, u64),
    /// To build, and to simulate on the CPU at the rates of the theory.
    seconds: (f64, f64),
    warnings: Vec<String>,
}

fn checked(options: &Options, derived: &ModelNetwork) -> PyResult<Checked> {
    let network = &derived.network;
    let engine = choose_engine(&options.engine).map_err(RunError::from).or_raise()?;
    let integers = integer_network(network, &options.build_options()).map_err(RunError::from).or_raise()?;
    RecordingPlan::new(&options.recording, network, options.simulation.dt_ms).or_raise()?;
    let plan = engine.plan(&integers);
    let expected = estimate(network, &integers, &plan, &derived.with_dc.rates_hz);
    let refused = plan.check(&options.scaling, available_memory_bytes());
    let buffers = expected.memory.buffers.iter();
    Ok(Checked {
        engine: plan.engine().name(),
        adapter: plan.engine().adapter().map(str::to_owned),
        shards: plan.shards,
        is_procedural: plan.is_procedural(),
        refusal: refused.err().map(|error| error.to_string()),
        buffers: buffers.map(|buffer| (buffer.name, buffer.bytes, buffer.on_device)).collect(),
        bytes: (expected.memory.host_bytes(), expected.memory.device_bytes()),
        seconds: (estimate_build_s(network, &plan), expected.simulate_s(options.simulation.duration_ms)),
        warnings: warnings(options, network).iter().map(ToString::to_string).collect(),
    })
}
