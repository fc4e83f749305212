//! How much memory a network takes, before it is built.

use super::BuildError;
use crate::disk;
use crate::engine::fixed_point::{
    IntegerNetwork, IntegerProjection, ListedRows, NeuronClass, Stimulus, stimuli_bytes,
};
use crate::model::network::{NetworkSpec, Projection, Scaling, SynapseList};
use std::path::Path;

/// Bytes of a synapse: target and delay, weight.
const SYNAPSE_BYTES: u64 = 8;
/// Bytes of a synapse while its list is made: its number in each column; and, before rows are put in order, its ends.
const LISTED_BYTES: u64 = 4;
const UNORDERED_BYTES: u64 = 8;
/// Bytes of a row's length, if synapses are procedural.
const ROW_COUNT_BYTES: u64 = 2;
/// The buffer of stored synapses, that of lists of them, and that of stimuli.
const SYNAPSES: &str = "synapses";
const LISTS: &str = "lists of synapses";
const STIMULI: &str = "stimuli";
/// Synaptic events on their way.
pub(super) const IN_FLIGHT: &str = "events in flight";
/// Bytes of an index or a count.
const INDEX_BYTES: u64 = 4;
/// Bytes of a neuron outside of the engine: initial potential, external weight, DC input.
const SETUP_BYTES: u64 = 12;
/// Bytes of the parameters of neurons that have their own: outside of the engine, and within it.
const OWN_PARAMETERS_BYTES: u64 = size_of::<NeuronClass>() as u64 + 16;
/// Bytes of what a synapse transmits by, where not all spikes pass.
const TAG_BYTES: u64 = 4;
/// Bytes of where a row starts among a projection's synapses, where in-degrees are exact.
const ROW_PLACE_BYTES: u64 = 4;
/// Bytes of a neuron in an engine: potential and DC input; and for each current itself and a sum of arrivals.
const STATE_BYTES: u64 = 8;
const CURRENT_BYTES: u64 = 8;
/// Bytes of the program itself, with its tables, buffers of files and threads: what runs of networks hold that
/// take next to nothing (measured on Linux).
const PROGRAM_BYTES: u64 = 13_000_000;
/// Bytes of a projection: in the network, in integers, and in the parameters of an engine's rows.
const PROJECTION_BYTES: u64 = (size_of::<Projection>() + 2 * size_of::<IntegerProjection>()) as u64;
/// Bytes of a spike that waits to be written: with the thread that found it, in the batch, and in a file's
/// buffer.
const WAITING_SPIKE_BYTES: u64 = 12;
/// Bytes of a spike that a checkpoint would need because it is still in flight: a list a step, which grows
/// by doubling.
const REACHING_SPIKE_BYTES: u64 = 8;
/// Bytes of a neuron in a checkpoint that is written: its state, and the same as bytes of a file.
const CHECKPOINT_BYTES: u64 = 24;

/// A part of the memory that a network takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buffer {
    /// What it holds.
    pub name: &'static str,
    /// Its size.
    pub bytes: u64,
    /// Whether it is on the accelerator and not in the host's memory.
    pub on_device: bool,
    /// When it is held.
    pub held: Held,
}

/// When a part of the memory is held: what is held while synapses are made and what is held while the network
/// runs do not meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// From the build to the end.
    Throughout,
    /// Until the engine starts.
    Building,
    /// From then on.
    Running,
}

/// Memory that a network takes, buffer by buffer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemoryPlan {
    /// The buffers.
    pub buffers: Vec<Buffer>,
}

impl MemoryPlan {
    /// With `buffers` too.
    pub(super) fn and(mut self, buffers: Vec<Buffer>) -> Self {
        self.buffers.extend(buffers);
        self
    }

    /// Without the buffers of that name.
    pub(super) fn without(&self, name: &str) -> Self {
        Self { buffers: self.buffers.iter().filter(|buffer| buffer.name != name).cloned().collect() }
    }

    /// The same with everything in the host's memory, where the accelerator is the host.
    pub(super) fn on_host(&self) -> Self {
        let buffers = self.buffers.iter().map(|buffer| Buffer { on_device: false, ..buffer.clone() });
        Self { buffers: buffers.collect() }
    }

    /// Bytes in the host's memory, where most of it is held.
    pub fn host_bytes(&self) -> u64 {
        let bytes = |held: Held| {
            let buffers = self.buffers.iter().filter(move |buffer| !buffer.on_device && buffer.held == held);
            buffers.map(|buffer| buffer.bytes).sum::<u64>()
        };
        bytes(Held::Throughout) + bytes(Held::Building).max(bytes(Held::Running))
    }

    /// Bytes on the accelerator.
    pub fn device_bytes(&self) -> u64 {
        self.buffers.iter().filter(|buffer| buffer.on_device).map(|buffer| buffer.bytes).sum()
    }
}

/// What `network` takes in the host's memory without its synapses and without what depends on its activity; with a
/// ring of so many input slots, if there is one.
pub(super) fn host_plan(network: &IntegerNetwork, ring_slots: Option<u32>) -> MemoryPlan {
    let neurons = u64::from(network.n_neurons());
    let currents = if network.has_one_current() { 1 } else { 2 };
    let projections = network.projections.len() as u64;
    let mut buffers = vec![
        host("program and network", PROGRAM_BYTES + PROJECTION_BYTES * projections),
        host("neurons", (SETUP_BYTES + STATE_BYTES + CURRENT_BYTES * currents) * neurons),
    ];
    let lists = network.projections.iter().filter_map(|p| p.listed.as_deref()).map(ListedRows::bytes).sum();
    if lists > 0 {
        buffers.push(host(LISTS, lists));
    }
    let own =
        network.populations.iter().filter(|p| p.is_distributed).map(|p| u64::from(p.neurons)).sum::<u64>();
    if own > 0 {
        buffers.push(host("parameters of neurons", OWN_PARAMETERS_BYTES * own));
    }
    if let Some(slots) = ring_slots {
        buffers.push(host("ring of input slots", INDEX_BYTES * u64::from(slots) * currents * neurons));
    }
    MemoryPlan { buffers }
}

/// What the host holds of spikes, `per_step` of them in a step, on their way to files: those of a batch, and
/// those that a checkpoint would need; and a checkpoint that is written.
pub(super) fn spikes_plan(
    network: &IntegerNetwork,
    per_step: f64,
    batch_steps: u32,
    has_checkpoints: bool,
) -> Vec<Buffer> {
    let spikes = |steps: u32| (per_step * f64::from(steps)) as u64;
    let longest = network.longest_delay();
    let waiting = WAITING_SPIKE_BYTES * spikes(batch_steps) + REACHING_SPIKE_BYTES * spikes(longest);
    let mut buffers = vec![running("spikes to be written", waiting)];
    if has_checkpoints {
        buffers.push(running("checkpoint", CHECKPOINT_BYTES * u64::from(network.n_neurons())));
    }
    buffers
}

/// A part of the memory that is held while the network runs.
pub(super) fn running(name: &'static str, bytes: u64) -> Buffer {
    Buffer { held: Held::Running, ..host(name, bytes) }
}

/// What the neurons of `network`, its lists of synapses and its stimuli take outside of an engine, known before they are
/// in integers.
pub(super) fn setup_plan(network: &NetworkSpec, stimuli: &[Stimulus], dt_ms: f64) -> MemoryPlan {
    let own = network.populations.iter().filter(|p| !p.spread.is_none()).map(|p| u64::from(p.neurons));
    let own = OWN_PARAMETERS_BYTES * own.sum::<u64>();
    let neurons = host("neurons", SETUP_BYTES * network.n_neurons() + own);
    let stimuli = host(STIMULI, stimuli_bytes(network, stimuli, dt_ms));
    MemoryPlan { buffers: vec![neurons, host(LISTS, listing_bytes(network)), stimuli] }
}

/// What lists of synapses take, with what the longest one takes while its rows are put in order.
fn listing_bytes(network: &NetworkSpec) -> u64 {
    let listed = || network.projections.iter().filter(|projection| network.is_listed(projection));
    let columns = |projection: &Projection| {
        let given = network.list_of(projection).map(SynapseList::columns);
        let given = given.map_or([false; 2], |list| [list.weights_pa.is_some(), list.delays_ms.is_some()]);
        1 + given.into_iter().map(u64::from).sum::<u64>()
    };
    let lists = listed().map(|projection| LISTED_BYTES * columns(projection) * projection.synapses);
    let longest = listed().map(|projection| projection.synapses).max().unwrap_or(0);
    lists.sum::<u64>() + UNORDERED_BYTES * longest
}

/// What the host holds of stored synapses, and what counting their rows takes.
pub(super) fn store_plan(network: &IntegerNetwork, shards: usize) -> MemoryPlan {
    let tag_bytes = if network.transmission.is_some() { TAG_BYTES } else { 0 };
    let starts = INDEX_BYTES * shards as u64 * (u64::from(network.n_neurons()) + 1);
    let counts = INDEX_BYTES * n_rows(network);
    let buffers = vec![
        host(SYNAPSES, (SYNAPSE_BYTES + tag_bytes) * network.n_synapses()),
        host("row starts", starts),
        Buffer { held: Held::Building, ..host("row counts while building", counts) },
    ];
    MemoryPlan { buffers }
}

/// What the host holds of procedural synapses.
pub(super) fn row_counts_plan(network: &IntegerNetwork) -> MemoryPlan {
    let place_bytes = if network.has_exact_in_degrees() { ROW_PLACE_BYTES } else { 0 };
    MemoryPlan { buffers: vec![host("row counts", (ROW_COUNT_BYTES + place_bytes) * n_rows(network))] }
}

/// Pairs of source neuron and projection.
fn n_rows(network: &IntegerNetwork) -> u64 {
    network.projections.iter().map(|p| u64::from(network.populations[p.source].neurons)).sum()
}

fn host(name: &'static str, bytes: u64) -> Buffer {
    Buffer { name, bytes, on_device: false, held: Held::Throughout }
}

/// Stops where the host's memory cannot hold the network.
///
/// # Errors
/// [`BuildError::TooLarge`], with the scale that would fit.
pub(super) fn check_memory(
    plan: &MemoryPlan,
    scaling: &Scaling,
    available_bytes: Option<u64>,
) -> Result<(), BuildError> {
    let needed_bytes = plan.host_bytes();
    match available_bytes {
        Some(available_bytes) if needed_bytes > available_bytes => {
            let remedy = remedy(plan, scaling, available_bytes);
            Err(BuildError::TooLarge { needed_bytes, available_bytes, remedy })
        }
        _ => Ok(()),
    }
}

/// Scales that fit: synapses and their events go with the product of both scales, everything else with that of
/// neurons.
fn remedy(plan: &MemoryPlan, scaling: &Scaling, available_bytes: u64) -> String {
    let bytes = |name: &str| {
        let named = plan.buffers.iter().filter(|buffer| buffer.name == name && !buffer.on_device);
        named.map(|buffer| buffer.bytes).sum::<u64>() as f64
    };
    let (all, stored, lists) = (plan.host_bytes() as f64, bytes(SYNAPSES), bytes(LISTS));
    if 2.0 * bytes(STIMULI) > all {
        return "give fewer stimuli, to fewer populations, or of lower rates".to_owned();
    }
    let synapses = stored + lists + bytes(IN_FLIGHT);
    let others = (all - synapses).max(0.0);
    // The positive root of synapses · f² + others · f = available.
    let available = available_bytes as f64;
    let factor = 2.0 * available / (others + libm::sqrt(others * others + 4.0 * synapses * available));
    let [n, k] = [scaling.n_scaling, scaling.k_scaling].map(|scale| rounded_down(scale * factor));
    let procedural = if stored > 0.0 && lists == 0.0 { "set engine.synapses = procedural, or " } else { "" };
    format!(
        "scaling.n_scaling = {n} with scaling.k_scaling = {k} would fit, or {procedural}simulate fewer areas \
         (areas: [...])"
    )
}

/// Two leading digits, rounded down.
fn rounded_down(x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    // Powers of ten below one are not exact, so the digits go through text.
    let exponent = libm::floor(libm::log10(x)) as i32 - 1;
    let digits = libm::floor(x / libm::pow(10.0, f64::from(exponent)));
    format!("{digits}e{exponent}").parse().unwrap_or(x)
}

/// Memory that can still be taken, bytes; `None` if the system does not tell.
///
/// On Linux the smallest of what the machine has left, of what the control group allows, and of what is left
/// of the process's address space where that is limited (`ulimit -v`).
pub fn available_memory_bytes() -> Option<u64> {
    let machine = kilobytes_in("/proc/meminfo", "MemAvailable:")?;
    let group = read("/sys/fs/cgroup/memory.max");
    let group = group.and_then(|text| text.trim().parse::<u64>().ok());
    [group, address_space_left_bytes()].into_iter().flatten().chain([machine]).min()
}

/// Addresses that a thread takes: its stack, and what glibc's allocator sets apart for it.
#[cfg(target_os = "linux")]
const THREAD_ADDRESS_BYTES: u64 = (64 + 2) << 20;

/// What the process may still map, without what threads will; `None` if there is no limit.
#[cfg(target_os = "linux")]
fn address_space_left_bytes() -> Option<u64> {
    let mut limit = libc::rlimit64 { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `getrlimit64` writes the struct that it is given, and nothing else.
    let failed = unsafe { libc::getrlimit64(libc::RLIMIT_AS, &raw mut limit) } != 0;
    if failed || limit.rlim_cur == libc::RLIM64_INFINITY {
        return None;
    }
    let mapped = kilobytes_in("/proc/self/status", "VmSize:")?;
    // One more, because what is set apart is cut from a piece that is larger at first.
    let threads = 1 + std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    Some(limit.rlim_cur.saturating_sub(mapped + threads * THREAD_ADDRESS_BYTES))
}

/// What the process may still map; `None` if there is no limit.
#[cfg(not(target_os = "linux"))]
fn address_space_left_bytes() -> Option<u64> {
    None
}

/// Most memory that this process has held, bytes; `None` if the system does not tell.
pub fn peak_memory_bytes() -> Option<u64> {
    kilobytes_in("/proc/self/status", "VmHWM:")
}

/// The text of a file of the system.
fn read(file: &str) -> Option<String> {
    const MAX_BYTES: u64 = 1 << 20;
    disk::read_text_limited(Path::new(file), MAX_BYTES).ok()
}

/// The number after `label`, in bytes.
fn kilobytes_in(file: &str, label: &str) -> Option<u64> {
    let text = read(file)?;
    let line = text.lines().find_map(|line| line.strip_prefix(label))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
