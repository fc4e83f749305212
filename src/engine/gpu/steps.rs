//! Records the commands of steps.

use super::BufferRole;
use super::DelayWindow;
use super::buffers::Buffers;
use super::clock::{GpuStage, GpuStageClock};
use super::device::Device;
use super::kernels::{APPEND_HISTORY, CURRENTS, DELIVER, DELIVER_PROCEDURAL, DRIVE, UPDATE};
use super::layout::{Visit, lanes};
use super::pipelines::Pipeline;
use super::probing::Taking;
use super::rows::ShardRows;
use super::workgroups::Workgroups;
use crate::engine::fixed_point::{BLOCK_STEPS, IntegerNetwork};
use crate::engine::synapses::{CsrShard, Synapses};
use std::mem::offset_of;

/// What is needed to record any step.
#[derive(Debug)]
pub struct Steps {
    drive: Pipeline,
    /// If there are currents from outside.
    currents: Option<Pipeline>,
    update: Pipeline,
    /// From the spikes of a step to the rings.
    delivery: Synapses<Pipeline, ProceduralDelivery>,
    shards: Vec<ShardSteps>,
}

/// What delivers spikes through procedural rows.
#[derive(Debug)]
struct ProceduralDelivery {
    append_history: Pipeline,
    /// Of `append_history`, for an even and an odd number of steps done.
    groups: [wgpu::BindGroup; 2],
    /// Workgroups of `append_history`.
    history_groups: u32,
    deliver: Pipeline,
    /// What `append_history` leaves for it.
    visit: wgpu::Buffer,
    window: DelayWindow,
}

/// Steps that are submitted together.
#[derive(Debug, Clone, Copy)]
pub struct Stretch<'a> {
    /// Steps done before.
    pub done: u32,
    /// How many follow.
    pub steps: u32,
    /// Whether [`Steps::begin_block`] has been recorded for the block that starts with them.
    pub has_begun: bool,
    /// Numbers of steps done before those in which currents from outside are at other levels, ascending.
    pub changes: &'a [u32],
    /// Where samples and sums go, if there are any.
    pub taking: Option<Taking<'a>>,
}

impl Stretch<'_> {
    /// Where a pass that begins after `from` steps ends: with a block, with what is taken then, or with the stretch.
    fn pass_end(&self, from: u32) -> u32 {
        let block_end = (from + 1).next_multiple_of(BLOCK_STEPS);
        let taken = self.taking.map_or(u32::MAX, |taking| taking.next_step(from));
        block_end.min(taken).min(self.done + self.steps)
    }
}

/// The part of a shard. Bind groups come in pairs: for an even and an odd number of steps done.
#[derive(Debug)]
struct ShardSteps {
    drive: Option<[wgpu::BindGroup; 2]>,
    currents: Option<[wgpu::BindGroup; 2]>,
    update: [wgpu::BindGroup; 2],
    deliver: [wgpu::BindGroup; 2],
    drive_groups: u32,
    update_groups: u32,
    deliver_groups: [u32; 2],
    ring: wgpu::Buffer,
    slots: u32,
    slot_bytes: u64,
}

/// Synapses that an invocation of `deliver` takes at a time.
const SYNAPSES_PER_TURN: u64 = 4;
/// Workgroups of `append_history`, if no more are needed.
const HISTORY_GROUPS: u32 = 16;
/// Parts into which rows are split, at most.
const ROW_PARTS: u64 = 64;

impl Steps {
    /// Compiles the shaders with these constants and binds `buffers`; a `window` is there where synapses are
    /// procedural.
    pub fn new(
        device: &Device,
        constants: &[(&str, f64)],
        buffers: &Buffers,
        network: &IntegerNetwork,
        shards: &[ShardRows<'_>],
        workgroups: Workgroups,
        window: Option<DelayWindow>,
    ) -> Self {
        let [drive, update] = [&DRIVE, &UPDATE].map(|kernel| Pipeline::new(device, kernel, constants));
        let delivery = match window {
            None => Synapses::Stored(Pipeline::new(device, &DELIVER, constants)),
            Some(window) => {
                let append_history = Pipeline::new(device, &APPEND_HISTORY, constants);
                Synapses::Procedural(ProceduralDelivery {
                    groups: append_history.bind_both(&device.device, buffers, 0),
                    history_groups: history_groups(network, workgroups),
                    append_history,
                    deliver: Pipeline::new(device, &DELIVER_PROCEDURAL, constants),
                    visit: buffers.common(BufferRole::Visit).clone(),
                    window,
                })
            }
        };
        let has_currents = !network.stimuli.currents(0..network.n_neurons()).is_empty();
        let currents = has_currents.then(|| Pipeline::new(device, &CURRENTS, constants));
        let mut steps = Self { drive, currents, update, delivery, shards: Vec::new() };
        let shards = shards.iter().enumerate();
        steps.shards = shards
            .map(|(index, rows)| steps.shard(device, buffers, network, index, rows, workgroups))
            .collect();
        steps
    }

    fn shard(
        &self,
        device: &Device,
        buffers: &Buffers,
        network: &IntegerNetwork,
        index: usize,
        ShardRows { size, rows }: &ShardRows<'_>,
        workgroups: Workgroups,
    ) -> ShardSteps {
        let populations = &network.populations[size.shard.populations.clone()];
        let is_driven = populations.iter().any(|p| !p.drive.block_thresholds().is_empty());
        let bind = |pipeline: &Pipeline| pipeline.bind_both(&device.device, buffers, index);
        let (deliver, window) = match &self.delivery {
            Synapses::Stored(deliver) => (deliver, None),
            Synapses::Procedural(delivery) => (&delivery.deliver, Some(delivery.window)),
        };
        let deliver_groups = match rows {
            Synapses::Stored(csr) => deliver_groups(network, csr, workgroups),
            // The device chooses.
            Synapses::Procedural(_) => [0, 0],
        };
        let (lanes, receptors) = (lanes(size.shard.neurons), if network.has_one_current() { 1 } else { 2 });
        ShardSteps {
            drive: is_driven.then(|| bind(&self.drive)),
            currents: self.currents.as_ref().map(bind),
            update: bind(&self.update),
            deliver: bind(deliver),
            drive_groups: size.shard.neurons.div_ceil(workgroups.neurons),
            update_groups: lanes.div_ceil(workgroups.neurons),
            deliver_groups,
            ring: buffers.of_shard(BufferRole::Ring, index).clone(),
            slots: size.slots(window),
            slot_bytes: receptors * u64::from(lanes) * 16,
        }
    }

    /// Records a stretch of steps, with timestamps if there is a clock.
    pub fn record(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        stretch: &Stretch<'_>,
        mut clock: Option<&mut GpuStageClock>,
    ) {
        let mut from = stretch.done;
        while from < stretch.done + stretch.steps {
            let to = stretch.pass_end(from);
            let is_block_start = from.is_multiple_of(BLOCK_STEPS);
            if is_block_start && !(stretch.has_begun && from == stretch.done) {
                self.begin_block(encoder, from);
            }
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            mark(&mut clock, &mut pass, GpuStage::Clear);
            if is_block_start {
                self.record_block_start(&mut pass, from, &mut clock);
            }
            for step in from..to {
                if stretch.changes.binary_search(&step).is_ok() {
                    self.record_currents(&mut pass, step);
                }
                self.record_step(&mut pass, step, &mut clock);
            }
            drop(pass);
            if let Some(taking) = &stretch.taking {
                taking.record(encoder, to);
            }
            from = to;
        }
    }

    /// Records what makes the rings ready for the block of steps that starts after `done` ones.
    pub fn begin_block(&self, encoder: &mut wgpu::CommandEncoder, done: u32) {
        if done > 0 {
            self.clear_slots(encoder, done);
        }
    }

    /// Clears the slots of the block of steps that ended with `done`: nothing has been delivered to
    /// their next turn yet, because a ring holds a block more than its longest delay, or because
    /// delivery ends with the window.
    fn clear_slots(&self, encoder: &mut wgpu::CommandEncoder, done: u32) {
        for shard in self.shards.iter().filter(|s| s.slot_bytes > 0) {
            let first = (done + 1 - BLOCK_STEPS) % shard.slots;
            let until_end = BLOCK_STEPS.min(shard.slots - first);
            let mut clear = |slot: u32, slots: u32| {
                let bytes = u64::from(slots) * shard.slot_bytes;
                encoder.clear_buffer(&shard.ring, u64::from(slot) * shard.slot_bytes, Some(bytes));
            };
            clear(first, until_end);
            if until_end < BLOCK_STEPS {
                clear(0, BLOCK_STEPS - until_end);
            }
        }
    }

    /// What goes before the first step of a block: where a window starts, the spikes in reach are
    /// visited again; then the external spikes.
    fn record_block_start(
        &self,
        pass: &mut wgpu::ComputePass<'_>,
        done: u32,
        clock: &mut Option<&mut GpuStageClock>,
    ) {
        if let Synapses::Procedural(delivery) = &self.delivery
            && done > 0
            && delivery.is_window_end(done)
        {
            self.record_visit_of(delivery, pass);
            mark(clock, pass, GpuStage::Revisit);
        }
        pass.set_pipeline(&self.drive.compute);
        for shard in &self.shards {
            if let Some(groups) = &shard.drive {
                pass.set_bind_group(0, &groups[(done % 2) as usize], &[]);
                pass.dispatch_workgroups(shard.drive_groups, 1, 1);
            }
        }
        mark(clock, pass, GpuStage::Drive);
    }

    /// Records the DC inputs of the step after `done` ones.
    fn record_currents(&self, pass: &mut wgpu::ComputePass<'_>, done: u32) {
        let Some(currents) = &self.currents else { return };
        pass.set_pipeline(&currents.compute);
        for shard in &self.shards {
            if let Some(groups) = &shard.currents {
                pass.set_bind_group(0, &groups[(done % 2) as usize], &[]);
                pass.dispatch_workgroups(shard.update_groups, 1, 1);
            }
        }
    }

    fn record_step(
        &self,
        pass: &mut wgpu::ComputePass<'_>,
        done: u32,
        clock: &mut Option<&mut GpuStageClock>,
    ) {
        let parity = (done % 2) as usize;
        pass.set_pipeline(&self.update.compute);
        for shard in &self.shards {
            pass.set_bind_group(0, &shard.update[parity], &[]);
            pass.dispatch_workgroups(shard.update_groups, 1, 1);
        }
        mark(clock, pass, GpuStage::Update);
        match &self.delivery {
            Synapses::Stored(deliver) => self.record_deliver(pass, deliver, done),
            Synapses::Procedural(delivery) => {
                pass.set_pipeline(&delivery.append_history.compute);
                pass.set_bind_group(0, &delivery.groups[parity], &[]);
                pass.dispatch_workgroups(delivery.history_groups, 1, 1);
                // Nothing of the last step of a window arrives in it.
                if !delivery.is_window_end(done + 1) {
                    self.record_visit_of(delivery, pass);
                }
            }
        }
        mark(clock, pass, GpuStage::Deliver);
    }

    /// Records that the spikes of `steps` steps after `done` ones, as they lie in the batch, are delivered
    /// again through rows that are stored.
    pub fn record_in_flight(&self, encoder: &mut wgpu::CommandEncoder, done: u32, steps: u32) {
        let Synapses::Stored(deliver) = &self.delivery else { return };
        let mut from = done;
        while from < done + steps {
            let to = (from + 1).next_multiple_of(BLOCK_STEPS).min(done + steps);
            if from.is_multiple_of(BLOCK_STEPS) && from > 0 {
                self.clear_slots(encoder, from);
            }
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            (from..to).for_each(|step| self.record_deliver(&mut pass, deliver, step));
            from = to;
        }
    }

    /// Records a visit of the history after `done` steps, if one is not due anyway because a window
    /// starts there.
    pub fn record_visit(&self, encoder: &mut wgpu::CommandEncoder, done: u32) {
        let Synapses::Procedural(delivery) = &self.delivery else { return };
        if !delivery.is_window_end(done) {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            self.record_visit_of(delivery, &mut pass);
        }
    }

    fn record_deliver(&self, pass: &mut wgpu::ComputePass<'_>, deliver: &Pipeline, done: u32) {
        pass.set_pipeline(&deliver.compute);
        for shard in &self.shards {
            pass.set_bind_group(0, &shard.deliver[(done % 2) as usize], &[]);
            pass.dispatch_workgroups(shard.deliver_groups[0], shard.deliver_groups[1], 1);
        }
    }

    /// Delivers the spikes that `append_history` chose, on the grid that it chose.
    fn record_visit_of(&self, delivery: &ProceduralDelivery, pass: &mut wgpu::ComputePass<'_>) {
        pass.set_pipeline(&delivery.deliver.compute);
        for shard in &self.shards {
            // What it sees does not depend on the parity.
            pass.set_bind_group(0, &shard.deliver[0], &[]);
            pass.dispatch_workgroups_indirect(&delivery.visit, offset_of!(Visit, spike_groups) as u64);
        }
    }
}

impl ProceduralDelivery {
    fn is_window_end(&self, done: u32) -> bool {
        done.is_multiple_of(self.window.steps)
    }
}

/// Workgroups among which the spikes of a step are dealt out, and parts of their stored rows.
fn deliver_groups(network: &IntegerNetwork, csr: &CsrShard, workgroups: Workgroups) -> [u32; 2] {
    let neurons = u64::from(network.n_neurons().max(1));
    let row = csr.synapses.len() as u64 / neurons;
    let parts = row.div_ceil(u64::from(workgroups.synapses * workgroups.delivery)).clamp(1, ROW_PARTS);
    // As many as all neurons need that spike in one step.
    let turns = neurons * (1 + row.div_ceil(SYNAPSES_PER_TURN * parts * u64::from(workgroups.delivery)));
    let needed = workgroups.max_turns.map_or(1, |most| turns.div_ceil(u64::from(most)));
    let most = u64::from(workgroups.stored).div_ceil(parts).min(u64::from(workgroups.spikes));
    let wanted = neurons.div_ceil(u64::from(workgroups.neurons_per_spikes)).min(most);
    [wanted.max(needed) as u32, parts as u32]
}

/// Workgroups of `append_history`, so many that all neurons may spike in one step: for each spike the population is
/// looked for.
fn history_groups(network: &IntegerNetwork, workgroups: Workgroups) -> u32 {
    let turns = 1 + u64::from(usize::BITS - network.populations.len().leading_zeros());
    let turns = turns * u64::from(network.n_neurons().div_ceil(workgroups.delivery));
    let needed = workgroups.max_turns.map_or(1, |most| turns.div_ceil(u64::from(most)));
    needed.max(u64::from(HISTORY_GROUPS)) as u32
}

/// Records that `stage` ends here, where someone asks for it.
fn mark(clock: &mut Option<&mut GpuStageClock>, pass: &mut wgpu::ComputePass<'_>, stage: GpuStage) {
    if let Some(clock) = clock {
        clock.mark(pass, stage);
    }
}
