//! The GPU engine: compute shaders through wgpu, the same on every adapter.
//!
//! The host stays out of the loop. It records the commands of a batch of steps, submits them, and
//! submits the next batch before it reads the spikes of the previous one. Where the device stands is
//! kept on the device (`layout::Clock`).
//!
//! A step is two dispatches a shard, `update` and `deliver`; every 64th step `drive` goes before
//! them, and the slots of the ring that have been read are cleared. The shaders lie in `shaders/`;
//! [`ReferenceEngine`](super::reference::ReferenceEngine) has a function for each under its name.
//!
//! Synapses are stored, or procedural, drawn anew with every spike: then `row_counts` counts rows at the
//! start, `append_history` and `deliver_procedural` take the place of `deliver`, and `history.rs` tells how delays
//! are kept.
mod adapter;
mod batch;
mod buffers;
mod clock;
mod counting;
#[cfg(test)]
mod counting_tests;
mod device;
mod error;
#[cfg(test)]
mod fault_tests;
mod fit;
mod history;
mod injection;
mod kernels;
mod layout;
mod pipelines;
mod plan;
mod probing;
mod procedural;
mod restore;
mod roles;
mod rows;
mod sampler;
#[cfg(test)]
mod shader_tests;
mod sizes;
mod steps;
mod submissions;
mod sums;
#[cfg(test)]
mod translation_tests;
#[cfg(test)]
mod wide_tests;
mod window;
mod workgroups;

pub use adapter::{
    AdapterInfo, AdapterKind, AdapterLimits, AdapterSelection, GpuAdapter, MESA_ENVIRONMENT, WGPU_VERSION,
    adapters, is_named,
};
pub use error::GpuError;
#[cfg(test)]
pub(crate) use fault_tests::lose_device_after;
pub use fit::{Fit, fit, open_with_less_memory};
pub use plan::{DEFAULT_BATCH_STEPS, DevicePlan, GpuOptions, PlannedBuffer};
pub use roles::BufferRole;
#[cfg(test)]
pub(crate) use shader_tests::adapter::test_adapter;
pub use sizes::{NetworkSizes, ProceduralRowSizes, ProceduralSizes, ShardSizes, StoredRowSizes};
pub use window::DelayWindow;
pub use workgroups::WorkgroupSizes;

use super::end_of;
use super::input::{check_arrivals, check_dc, check_probe};
use super::spikes_in_flight::check_in_flight;
use super::{Description, Engine, EngineError, Memory, OnBatch, Probe, SpikesInFlight, StageTime, State};
use crate::engine::fixed_point::{Arrival, Currents, IntegerNetwork};
use crate::engine::synapses::{CsrStore, Synapses};
use crate::progress::Interruption;
use batch::{BatchFailure, BatchInFlight};
use buffers::{Buffers, write_dc};
use clock::GpuStageClock;
use counting::count_rows;
use device::Device;
use history::HistoryWatch;
use injection::Injection;
use probing::{Probing, ProbingPlan};
use rows::ShardRows;
use std::ops::ControlFlow;
use std::time::Instant;
use steps::Steps;
use submissions::SubmissionLength;
use workgroups::{VisitGroups, Workgroups};

/// Compute shaders over a ring of input slots a shard.
#[derive(Debug)]
pub struct GpuEngine<'a> {
    network: &'a IntegerNetwork,
    info: AdapterInfo,
    device: Device,
    plan: DevicePlan,
    buffers: Buffers,
    steps: Steps,
    /// Values of the shaders' constants.
    constants: Vec<(&'static str, f64)>,
    /// Invocations of a workgroup of the shaders that go over neurons.
    neuron_workgroup: u32,
    /// From the first arrivals from outside on.
    visits: VisitGroups,
    injection: Option<Injection>,
    /// Currents from outside, at the last step that was submitted.
    currents: Currents<'a>,
    /// Where states or sums are asked for.
    probing: Option<Probing>,
    /// If synapses are procedural.
    history: Option<HistoryWatch>,
    /// Steps handed over.
    step: u32,
    /// Which of the two read-back buffers the next batch goes to.
    reads_even: bool,
    submission_length: SubmissionLength,
    failure: Option<BatchFailure>,
    clock: Option<GpuStageClock>,
    /// What the start was spent on.
    started: [StageTime; 4],
}

/// Time since the last lap.
struct Stopwatch(Instant);

impl Stopwatch {
    fn lap(&mut self, name: &'static str) -> StageTime {
        let started = std::mem::replace(&mut self.0, Instant::now());
        StageTime { name, ns: self.0.duration_since(started).as_nanos() as u64 }
    }
}

impl<'a> GpuEngine<'a> {
    /// An engine at step 0, on the adapter that [`fit`] has made `plan` for. Stored synapses, in the shards of
    /// the plan, are copied to the device, and `synapses` are not needed afterwards; where they are procedural the
    /// device counts the rows.
    ///
    /// # Errors
    /// A buffer beyond the adapter's limits, too little memory, a device that failed, rows too long for their counts,
    /// or someone who asks to stop.
    ///
    /// # Panics
    /// If stored synapses are in other shards than those of the plan.
    pub fn new(
        network: &'a IntegerNetwork,
        synapses: Synapses<&CsrStore>,
        adapter: &GpuAdapter,
        plan: &DevicePlan,
        interruption: &Interruption,
    ) -> Result<Self, GpuError> {
        let plan = plan.clone();
        let info = adapter.info().clone();
        plan.check(&info.limits)?;
        let shards = ShardRows::new(network, synapses, &plan);
        let target_bits = match synapses {
            Synapses::Stored(store) => store.target_bits,
            Synapses::Procedural(()) => 0,
        };
        let sizes = plan.workgroups.unwrap_or(match info.kind {
            AdapterKind::Software => WorkgroupSizes::Software,
            _ => WorkgroupSizes::Hardware,
        });
        let workgroups = Workgroups::of(sizes);
        let mut watch = Stopwatch(Instant::now());
        let device = Device::open(adapter, plan.int64)?;
        let opened = watch.lap("device");
        let buffers = Buffers::allocate(&device, &plan)?;
        buffers.fill(&device, network, &shards, &plan)?;
        let filled = watch.lap("buffers");
        let visits = VisitGroups::new(workgroups, info.limits.workgroups, &shards, plan.window);
        let constants = pipelines::constants(network, target_bits, &plan, workgroups, visits);
        let steps = Steps::new(&device, &constants, &buffers, network, &shards, workgroups, plan.window);
        device.check()?;
        let compiled = watch.lap("shaders");
        count_rows(&device, &buffers, network, &shards, &constants, interruption)?;
        let counted = watch.lap("row counts");
        let history = plan.window.map(|w| HistoryWatch::new(w.history_spikes, w.reach_steps));
        Ok(Self {
            network,
            info,
            device,
            plan,
            buffers,
            steps,
            constants,
            neuron_workgroup: workgroups.neurons,
            visits,
            injection: None,
            currents: network.stimuli.currents(0..network.n_neurons()),
            probing: None,
            history,
            step: 0,
            reads_even: true,
            submission_length: SubmissionLength::new(),
            failure: None,
            clock: None,
            started: [opened, filled, compiled, counted],
        })
    }

    /// Steps of a batch.
    fn batch_steps(&self) -> u32 {
        let most = self.probing.as_ref().map_or(u32::MAX, Probing::max_steps);
        self.plan.batch_steps.min(most)
    }

    /// Keeps arrivals for the block that starts next.
    fn add_arrivals(&mut self, arrivals: &[Arrival]) {
        if arrivals.is_empty() {
            return;
        }
        let injection = self.injection.get_or_insert_with(|| {
            let n_shards = self.plan.sizes.shards.len();
            Injection::new(&self.device, &self.buffers, n_shards, &self.constants, self.neuron_workgroup)
        });
        injection.add(arrivals);
    }

    /// Shards and buffers as they are.
    pub fn plan(&self) -> &DevicePlan {
        &self.plan
    }
}

impl Engine for GpuEngine<'_> {
    fn description(&self) -> Description {
        let (adapter, driver) = (self.info.to_string(), self.info.driver.clone());
        Description { engine: "gpu".into(), adapter, driver }
    }

    fn step(&self) -> u32 {
        self.step
    }

    fn advance(&mut self, steps: u32, on_batch: &mut OnBatch<'_>) -> Result<(), EngineError> {
        let end = end_of(self.step, steps)?;
        if let Some(failure) = &self.failure {
            return Err(failure.error(self.network));
        }
        let mut submitted = self.step;
        let mut in_flight: Option<BatchInFlight> = None;
        let mut flow = ControlFlow::Continue(());
        loop {
            let mut next = None;
            if flow.is_continue() && submitted < end {
                let steps = self.batch_steps().min(end - submitted);
                next = Some(self.submit(submitted, steps)?);
                submitted += steps;
            } else if in_flight.is_none() {
                return Ok(());
            }
            if let Some(batch) = std::mem::replace(&mut in_flight, next) {
                flow = self.hand_over(batch, on_batch)?;
            }
            #[cfg(test)]
            fault_tests::lose_if_due(self.step, &self.device);
        }
    }

    fn inject(&mut self, arrivals: &[Arrival]) -> Result<(), EngineError> {
        check_arrivals(self.step, self.network.n_neurons(), arrivals)?;
        self.add_arrivals(arrivals);
        Ok(self.device.check()?)
    }

    fn set_dc(&mut self, dc: &[i32]) -> Result<(), EngineError> {
        check_dc(dc, self.network.n_neurons())?;
        let mut all = dc.to_vec();
        self.currents.set(dc, &mut all);
        for (index, size) in self.plan.sizes.shards.iter().enumerate() {
            let own = size.shard.neuron_range();
            write_dc(&self.device, self.buffers.of_shard(BufferRole::Inputs, index), &all[own.clone()])?;
            if !self.currents.is_empty() {
                write_dc(&self.device, self.buffers.of_shard(BufferRole::Peaks, index), &dc[own])?;
            }
        }
        Ok(self.device.check()?)
    }

    fn probe(&mut self, probe: Probe) -> Result<(), EngineError> {
        check_probe(&probe, self.network)?;
        let probing = ProbingPlan::new(probe, self.network, &self.plan.sizes);
        let added = probing.buffers(self.plan.batch_steps);
        let mut plan = self.plan.clone();
        plan.replace(&added);
        plan.check(&self.info.limits)?;
        self.buffers.add(&self.device, &plan, &added)?;
        let probing = probing.open(&self.device, &self.buffers, &self.constants)?;
        self.device.check()?;
        (self.plan, self.probing) = (plan, Some(probing));
        Ok(())
    }

    fn restore(&mut self, state: &State, in_flight: &SpikesInFlight) -> Result<(), EngineError> {
        check_in_flight(self.network, self.step, state, in_flight)?;
        Ok(self.take_up(state, in_flight)?)
    }

    fn state(&mut self) -> Result<State, EngineError> {
        Ok(self.read_state()?)
    }

    fn memory(&self) -> Memory {
        Memory { device_bytes: self.plan.device_bytes(), host_bytes: 0 }
    }

    fn clock_stages(&mut self) {
        self.clock = GpuStageClock::new(&self.device);
    }

    fn stages(&self) -> Vec<StageTime> {
        self.clock.as_ref().map_or_else(Vec::new, GpuStageClock::stages)
    }

    fn start_stages(&self) -> Vec<StageTime> {
        self.started.to_vec()
    }
}
