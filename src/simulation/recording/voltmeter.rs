//! Membrane potentials and synaptic currents on disk, while a run goes on.

use super::npy::{NpyReader, NpyWriter};
use super::{PopulationRow, RecordingError, RecordingPlan, RunFiles, RunPosition, VoltmeterPlan, write_csv};
use crate::disk::Place;
use crate::engine::fixed_point::{IntegerNetwork, NeuronClass};
use crate::engine::{NeuronState, Probe, Samples};
use crate::model::network::NetworkSpec;
use ndarray::Array2;
use std::path::Path;

/// What the names of all files of voltmeters begin with.
pub const VOLTMETER_FILES: &str = "voltmeter_";
/// Table of the neurons of all voltmeters.
const NEURONS_FILE: &str = "voltmeter_neurons.csv";

/// All voltmeters of a run. Voltmeter *k* has files `voltmeter_k_….npy` of f64:
///
/// | file | shape | content |
/// |---|---|---|
/// | `time_ms` | \[sample\] | times, multiples of the interval |
/// | `v_m_mv` | \[sample, neuron\] | membrane potentials at these times, V_reset while refractory |
/// | `current_pa` | \[sample, neuron\] | synaptic currents, where both kinds decay alike and are one |
/// | `current_ex_pa`, `current_in_pa` | \[sample, neuron\] | the two, if they do not |
///
/// Columns are the rows of `voltmeter_neurons.csv` with that `voltmeter`.
#[derive(Debug)]
pub struct VoltmeterWriter {
    probe: Probe,
    voltmeters: Vec<Voltmeter>,
    dt_ms: f64,
}

#[derive(Debug)]
struct Voltmeter {
    interval_steps: u32,
    /// For each neuron its place in the probe and what its integers mean.
    neurons: Vec<(usize, Meaning)>,
    time_ms: NpyWriter<f64>,
    v_m_mv: NpyWriter<f64>,
    /// Of one current or of two.
    current_pa: Vec<NpyWriter<f64>>,
}

/// What a neuron's integers mean.
#[derive(Debug, Clone, Copy)]
struct Meaning {
    class: NeuronClass,
    e_l_mv: f64,
    c_m_pf: f64,
    formats: crate::engine::fixed_point::Formats,
}

impl Meaning {
    fn v_m_mv(&self, state: &NeuronState) -> f64 {
        self.formats.v_m_mv(self.class.potential(state.v_m)) + self.e_l_mv
    }

    fn current_pa(&self, state: &NeuronState, kind: usize) -> f64 {
        self.formats.current_pa(state.current[kind], self.c_m_pf)
    }
}

impl VoltmeterWriter {
    /// Creates the files of the plan's voltmeters; `None` if it has none.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn create(
        files: RunFiles<'_>,
        plan: &RecordingPlan,
        spec: &NetworkSpec,
        network: &IntegerNetwork,
        rows: &[PopulationRow],
    ) -> Result<Option<Self>, RecordingError> {
        if plan.voltmeters.is_empty() {
            return Ok(None);
        }
        let neurons: Vec<u32> = plan.voltmeters.iter().flat_map(|v| v.neurons.iter().copied()).collect();
        let interval = plan.voltmeters.iter().map(|v| v.interval_steps).reduce(greatest_common_divisor);
        let probe = Probe::new(&neurons, interval.unwrap_or(1));
        let create = |(index, plan): (usize, &VoltmeterPlan)| {
            Voltmeter::create(&files, index, plan, &probe, spec, network)
        };
        let voltmeters = plan.voltmeters.iter().enumerate().map(create).collect::<Result<_, _>>()?;
        write_neurons(&files.folder().join(NEURONS_FILE), plan, rows)?;
        Ok(Some(Self { probe, voltmeters, dt_ms: network.dt_ms }))
    }

    /// What the engine is asked for.
    pub fn probe(&self) -> &Probe {
        &self.probe
    }

    /// Writes the samples of a batch.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn extend(&mut self, samples: Samples<'_>) -> Result<(), RecordingError> {
        for (step, states) in samples.iter() {
            for voltmeter in self.voltmeters.iter_mut().filter(|v| step.is_multiple_of(v.interval_steps)) {
                voltmeter.write(f64::from(step) * self.dt_ms, states)?;
            }
        }
        Ok(())
    }

    /// Makes what has been written whole files, and notes them in `position`.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn save(&mut self, position: &mut RunPosition) -> Result<(), RecordingError> {
        for Voltmeter { time_ms, v_m_mv, current_pa, .. } in &mut self.voltmeters {
            for file in [time_ms, v_m_mv].into_iter().chain(current_pa) {
                position.arrays.extend([file.save()?]);
            }
        }
        Ok(())
    }

    /// Completes the files.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn finish(self) -> Result<(), RecordingError> {
        for Voltmeter { time_ms, v_m_mv, current_pa, .. } in self.voltmeters {
            for file in [time_ms, v_m_mv].into_iter().chain(current_pa) {
                file.finish()?;
            }
        }
        Ok(())
    }
}

impl Voltmeter {
    fn create(
        files: &RunFiles<'_>,
        index: usize,
        plan: &VoltmeterPlan,
        probe: &Probe,
        spec: &NetworkSpec,
        network: &IntegerNetwork,
    ) -> Result<Self, RecordingError> {
        let name = |what: &str| file_name(index, what);
        let n = plan.neurons.len();
        let currents = current_names(network);
        let samples = |step: u32| step / plan.interval_steps;
        let neuron = |&neuron: &u32| {
            let place = probe.neurons().partition_point(|&n| n < neuron);
            (place, meaning(spec, network, neuron))
        };
        Ok(Self {
            interval_steps: plan.interval_steps,
            neurons: plan.neurons.iter().map(neuron).collect(),
            time_ms: files.rows(&name("time_ms"), None, samples)?,
            v_m_mv: files.rows(&name("v_m_mv"), Some(n), samples)?,
            current_pa: currents
                .iter()
                .map(|what| files.rows(&name(what), Some(n), samples))
                .collect::<Result<_, _>>()?,
        })
    }

    fn write(&mut self, time_ms: f64, states: &[NeuronState]) -> Result<(), RecordingError> {
        let values = |of: &dyn Fn(&Meaning, &NeuronState) -> f64| -> Vec<f64> {
            self.neurons.iter().map(|(place, meaning)| of(meaning, &states[*place])).collect()
        };
        self.time_ms.extend(&[time_ms])?;
        self.v_m_mv.extend(&values(&|meaning, state| meaning.v_m_mv(state)))?;
        for (kind, file) in self.current_pa.iter_mut().enumerate() {
            file.extend(&values(&|meaning, state| meaning.current_pa(state, kind)))?;
        }
        Ok(())
    }
}

/// Membrane potentials that voltmeter `index` of the run in `folder` has recorded between two times: when, ms, and
/// those of some of its `n_neurons` neurons, by their columns, mV, shape \[neuron, sample\].
///
/// # Errors
/// Files that cannot be read, or of another number of neurons or samples.
pub fn read_potentials(
    folder: &Path,
    index: usize,
    n_neurons: usize,
    columns: &[usize],
    (from_ms, to_ms): (f64, f64),
) -> Result<(Vec<f64>, Array2<f64>), RecordingError> {
    let mut times = NpyReader::<f64>::open(&folder.join(file_name(index, "time_ms")))?;
    let path = folder.join(file_name(index, "v_m_mv"));
    let mut potentials = NpyReader::<f64>::open_rows(&path, n_neurons)?;
    if potentials.left() != times.left().saturating_mul(n_neurons as u64) {
        return Err(RecordingError::malformed(
            &path,
            "it has another number of samples than there are times",
        ));
    }
    let mut time_ms = Vec::new();
    while times.left() > 0 {
        time_ms.extend_from_slice(times.next_chunk()?);
    }
    let first = time_ms.partition_point(|&time_ms| time_ms < from_ms);
    let end = time_ms.partition_point(|&time_ms| time_ms <= to_ms).max(first);
    let mut v_m_mv = Array2::zeros((columns.len(), end - first));
    let mut element = 0;
    while potentials.left() > 0 && element < end * n_neurons {
        for &potential in potentials.next_chunk()? {
            let (sample, column) = (element / n_neurons, element % n_neurons);
            element += 1;
            let row = columns.iter().position(|&wanted| wanted == column);
            if let Some(row) = row.filter(|_| (first..end).contains(&sample)) {
                v_m_mv[[row, sample - first]] = potential;
            }
        }
    }
    Ok((time_ms[first..end].to_vec(), v_m_mv))
}

/// What the files of the currents of a network are called.
pub(super) fn current_names(network: &IntegerNetwork) -> &'static [&'static str] {
    if network.has_one_current() { &["current_pa"] } else { &["current_ex_pa", "current_in_pa"] }
}

fn file_name(index: usize, what: &str) -> String {
    format!("{VOLTMETER_FILES}{index}_{what}.npy")
}

fn meaning(spec: &NetworkSpec, network: &IntegerNetwork, neuron: u32) -> Meaning {
    let index = network.populations.partition_point(|p| p.first_neuron <= neuron) - 1;
    // Currents are divided by the population's mean capacitance, whatever the neuron's own.
    let (integers, parameters) = (&network.populations[index], &spec.populations[index].neuron);
    Meaning {
        class: network.classes[integers.class_of(neuron)],
        e_l_mv: parameters.e_l_mv,
        c_m_pf: parameters.c_m_pf,
        formats: network.formats,
    }
}

fn write_neurons(place: &Place, plan: &RecordingPlan, rows: &[PopulationRow]) -> Result<(), RecordingError> {
    let all = plan.voltmeters.iter().enumerate();
    let all =
        all.flat_map(|(voltmeter, plan)| (0..).zip(&plan.neurons).map(move |(k, &n)| (voltmeter, k, n)));
    let lines = all.map(|(voltmeter, column, neuron): (usize, usize, u32)| {
        let row = &rows[rows.partition_point(|row| row.first_neuron <= neuron).saturating_sub(1)];
        let numbers = [voltmeter.to_string(), column.to_string(), neuron.to_string()];
        [&numbers[..], &[&row.area, &row.layer, &row.population].map(Clone::clone)].concat()
    });
    write_csv(place, &["voltmeter", "column", "neuron", "area", "layer", "population"], lines)
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
