//! What can go wrong with a GPU.

use crate::engine::synapses::ProceduralError;
use thiserror::Error;

/// Why the GPU engine cannot start or go on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GpuError {
    /// No adapter that may be used.
    #[error(
        "no hardware GPU adapter was found{}: install a Vulkan, Metal or DirectX 12 driver, or use --engine cpu",
        list(.software, "; software adapters, used only when named, are ", "")
    )]
    NoHardware {
        /// Names of the software adapters that are there.
        software: Vec<String>,
    },
    /// No adapter at all.
    #[error(
        "no GPU adapter was found: install a Vulkan, Metal or DirectX 12 driver (on Linux a software one comes with \
         Mesa: libvulkan1 and mesa-vulkan-drivers), or use --engine cpu. A card that is there can be hidden: in a \
         container without the graphics capability (NVIDIA_DRIVER_CAPABILITIES=all), by a driver for computing alone, \
         or by VK_ICD_FILENAMES or VK_DRIVER_FILES; vulkaninfo lists what Vulkan sees"
    )]
    NoAdapter,
    /// No adapter with that name.
    #[error(
        "no GPU adapter has '{part}' in its name or interface{}",
        list(.names, ": set engine.adapter to words of one of ", ": none was found; use --engine cpu")
    )]
    NoSuchAdapter {
        /// What was looked for.
        part: String,
        /// Names and interfaces of all adapters.
        names: Vec<String>,
    },
    /// A buffer that the adapter cannot hold, or that a shader cannot see as a whole, told before anything is
    /// allocated, with the keys to change.
    #[error(
        "buffer '{buffer}'{} needs {bytes} bytes, and the adapter's limit is {limit} bytes: {remedy}",
        shard.map_or(String::new(), |s| format!(" of shard {s}"))
    )]
    TooLarge {
        /// Name of the buffer.
        buffer: &'static str,
        /// Shard it belongs to, if it belongs to one.
        shard: Option<usize>,
        /// Its size.
        bytes: u64,
        /// Largest size.
        limit: u64,
        /// What to change.
        remedy: &'static str,
    },
    /// The device has not enough memory: do not write synapses down, plan with less memory, make the network
    /// smaller, or use the CPU engine.
    #[error(
        "the device has not enough memory for {bytes} bytes: set engine.synapses = procedural, lower \
         engine.gpu_memory_gib or scaling.n_scaling, simulate fewer areas, or use --engine cpu"
    )]
    OutOfMemory {
        /// Bytes asked for.
        bytes: u64,
    },
    /// More spikes in a batch than its buffer holds: none of that batch is handed over. Shorter batches hold
    /// them.
    #[error(
        "steps {first_step} to {last_step} had {spikes} spikes, more than the {capacity} that the buffer of a batch \
         holds: set engine.batch_steps = {lower}"
    )]
    TooManySpikes {
        /// First step of the batch.
        first_step: u32,
        /// Its last step.
        last_step: u32,
        /// Spikes in it.
        spikes: u64,
        /// Spikes that fit.
        capacity: u32,
        /// Steps a batch with which they are likely to fit.
        lower: u32,
    },
    /// More spikes in reach of the longest delay than the history holds: none of that batch is handed over.
    /// The message tells a size that is likely to do.
    #[error(
        "the {reach_steps} steps up to step {step}, as far back as the longest delay reaches, had {spikes} spikes, \
         more than the {capacity} that the history holds: set engine.history_spikes = {enough}"
    )]
    HistoryTooSmall {
        /// Step at which there were too many.
        step: u32,
        /// Longest delay, in steps.
        reach_steps: u32,
        /// Spikes in reach.
        spikes: u64,
        /// Spikes that fit.
        capacity: u32,
        /// Spikes that are likely to be enough.
        enough: u64,
    },
    /// Synapses that cannot be procedural.
    #[error(transparent)]
    Synapses(#[from] ProceduralError),
    /// The graphics device is gone: its driver was reset, or it was taken away. No later call gives anything
    /// but this. What it computed before was complete, so that a run with a checkpoint goes on from there.
    #[error(
        "the graphics device was lost{}: run again, or go on with another engine (--engine cpu)",
        if .0.is_empty() { String::new() } else { format!(" ({})", .0) }
    )]
    Lost(String),
    /// A part of a batch that should take a tenth of a second is not done after minutes.
    #[error(
        "the GPU has not answered for {seconds} s: its driver hangs, or it is far too slow for the network; run again, \
         restart the machine if it stays so, or use --engine cpu"
    )]
    Timeout {
        /// How long it was waited for, s.
        seconds: u64,
    },
    /// More workgroups than a dispatch can have.
    #[error(
        "shard {shard} has {neurons} neurons, and the adapter dispatches {limit} at most: raise engine.shards, or use \
         --engine cpu"
    )]
    TooManyNeurons {
        /// The shard.
        shard: usize,
        /// Its neurons.
        neurons: u32,
        /// Most neurons of a shard.
        limit: u64,
    },
    /// The device failed otherwise.
    #[error("the GPU failed: {0}: run again, or go on with another engine (--engine cpu)")]
    Device(String),
}

impl GpuError {
    pub(super) fn device(error: impl std::fmt::Display) -> Self {
        Self::Device(error.to_string())
    }
}

fn list(names: &[String], before: &str, otherwise: &str) -> String {
    if names.is_empty() { otherwise.to_owned() } else { format!("{before}'{}'", names.join("', '")) }
}
