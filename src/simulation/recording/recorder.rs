//! Everything that is recorded of a run, taken batch by batch.

use super::counts::CountWriter;
use super::means::MeansWriter;
use super::voltmeter::VoltmeterWriter;
use super::{PopulationRow, RateCounter, RecordingError, RecordingPlan, RunFiles, RunPosition, SpikeWriter};
use crate::engine::fixed_point::{IntegerNetwork, Simulation};
use crate::engine::{Probe, SpikeBatch};
use crate::model::network::NetworkSpec;

/// Writes what a plan asks for while a run goes on, and counts rates.
#[derive(Debug)]
pub struct Recorder {
    spikes: SpikeWriter,
    counts: Option<CountWriter>,
    voltmeter: Option<VoltmeterWriter>,
    means: Option<MeansWriter>,
    rates: RateCounter,
    n_spikes: u64,
}

/// What was recorded, besides the files.
#[derive(Debug)]
pub struct Recorded {
    /// Rates of all populations, whatever was kept of them.
    pub rates: RateCounter,
    /// Number of spikes.
    pub n_spikes: u64,
    /// Number of spikes that were kept.
    pub n_spikes_recorded: u64,
}

impl Recorder {
    /// Opens the files of a run that begins or goes on. `network` was made from `spec`, and `rows` are its populations.
    ///
    /// # Errors
    /// Files that cannot be written, or a checkpoint that does not fit what is recorded after its steps.
    pub fn create(
        files: RunFiles<'_>,
        plan: &RecordingPlan,
        spec: &NetworkSpec,
        network: &IntegerNetwork,
        rows: &[PopulationRow],
        simulation: &Simulation,
    ) -> Result<Self, RecordingError> {
        let kept = (!plan.keeps_all()).then(|| plan.kept_neurons(spec));
        let counts = plan
            .counts_bin_steps
            .map(|bin_steps| CountWriter::create(files.clone(), rows, bin_steps, simulation.n_steps()));
        let mut rates = RateCounter::new(spec.first_neurons(), simulation);
        let mut n_spikes = 0;
        if let Some(checkpoint) = files.checkpoint() {
            let RunPosition { n_spikes: told, rate_spikes, counts, .. } = &checkpoint.position;
            let disagreement = |what: &str| files.disagreement(format!("{what} cannot be"));
            if counts.is_some() != plan.counts_bin_steps.is_some() {
                return Err(disagreement("spike counts, which the run has or has not,"));
            }
            let counted = rates.from_counted(rate_spikes, checkpoint.step());
            rates = counted.ok_or_else(|| disagreement("its numbers of spikes of populations"))?;
            n_spikes = *told;
            let most = spec.n_neurons() * u64::from(checkpoint.step());
            if !(rates.counted().iter().sum()..=most).contains(&n_spikes) {
                return Err(disagreement("its number of spikes"));
            }
        }
        let means = plan.means.as_ref().map(|means| MeansWriter::create(&files, means, spec, network, rows));
        Ok(Self {
            means: means.transpose()?,
            spikes: SpikeWriter::create(files.clone(), kept)?,
            counts: counts.transpose()?,
            voltmeter: VoltmeterWriter::create(files.clone(), plan, spec, network, rows)?,
            rates,
            n_spikes,
        })
    }

    /// States and sums that the engine is to be asked for.
    pub fn probe(&self) -> Option<Probe> {
        let states = self.voltmeter.as_ref().map(|voltmeter| voltmeter.probe().clone());
        let Some(plan) = self.means.as_ref().map(MeansWriter::plan) else { return states };
        let probe = states.unwrap_or_else(|| Probe::new(&[], 1));
        Some(probe.with_sums(&plan.populations, plan.interval_steps))
    }

    /// Takes a batch.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn take(&mut self, batch: SpikeBatch<'_>) -> Result<(), RecordingError> {
        self.n_spikes += batch.neurons.len() as u64;
        self.spikes.extend(batch)?;
        for (step, neurons) in batch.steps() {
            self.rates.count(step, neurons);
            if let Some(counts) = &mut self.counts {
                counts.count(step, neurons)?;
            }
        }
        if let Some(voltmeter) = &mut self.voltmeter {
            voltmeter.extend(batch.samples)?;
        }
        if let Some(means) = &mut self.means {
            means.extend(batch.samples.sums)?;
        }
        Ok(())
    }

    /// Makes what has been recorded whole files on disk; returns where it ends.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn save(&mut self) -> Result<RunPosition, RecordingError> {
        let mut position = RunPosition {
            n_spikes: self.n_spikes,
            rate_spikes: self.rates.counted().to_vec(),
            ..RunPosition::default()
        };
        self.spikes.save(&mut position)?;
        if let Some(counts) = &mut self.counts {
            counts.save(&mut position)?;
        }
        if let Some(voltmeter) = &mut self.voltmeter {
            voltmeter.save(&mut position)?;
        }
        if let Some(means) = &mut self.means {
            means.save(&mut position)?;
        }
        Ok(position)
    }

    /// Completes the files.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn finish(self) -> Result<Recorded, RecordingError> {
        let n_spikes_recorded = self.spikes.finish()?;
        self.counts.map_or(Ok(()), CountWriter::finish)?;
        self.voltmeter.map_or(Ok(()), VoltmeterWriter::finish)?;
        self.means.map_or(Ok(()), MeansWriter::finish)?;
        Ok(Recorded { rates: self.rates, n_spikes: self.n_spikes, n_spikes_recorded })
    }
}
