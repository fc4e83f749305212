//! Which engine runs, and how it is made.

use super::activity::{external_in_block, in_flight_at, in_flight_at_start, spikes_per_step};
use super::memory::{
    Buffer, Held, IN_FLIGHT, MemoryPlan, Store, check_memory, host_plan, running, spikes_plan, with_store,
};
use super::{BuildError, STATED_RATES_HZ, available_memory_bytes};
use crate::engine::cpu::{CpuEngine, CpuOptions, DEFAULT_BATCH_STEPS, InFlight};
use crate::engine::fixed_point::IntegerNetwork;
use crate::engine::gpu::{
    self, AdapterInfo, AdapterKind, AdapterSelection, Fit, GpuAdapter, GpuEngine, GpuError, GpuOptions,
    Storage,
};
use crate::engine::reference::ReferenceEngine;
use crate::engine::synapses::{CsrStore, ProceduralStore, Shard, shards};
use crate::engine::{Description, Engine, EngineError, EngineKind, EngineOptions, SynapseStorage};
use crate::model::network::Scaling;
use crate::progress::Interruption;

/// An engine that this machine has, with its options.
#[derive(Debug, Clone)]
pub struct ChosenEngine {
    kind: Kind,
    options: EngineOptions,
    threads: usize,
}

#[derive(Debug, Clone)]
enum Kind {
    Cpu,
    Gpu(GpuAdapter),
    Reference,
}

/// The engine that `options` ask for. `auto` takes a hardware GPU, or the adapter that is named,
/// else the CPU engine; `gpu` takes a software adapter where there is no hardware one.
///
/// # Errors
/// An engine or adapter that this machine lacks.
pub fn choose_engine(options: &EngineOptions) -> Result<ChosenEngine, EngineError> {
    let named = options.adapter.as_deref().map(AdapterSelection::Named);
    let kind = match (options.engine, named) {
        (EngineKind::Reference, _) => Kind::Reference,
        (EngineKind::Cpu, _) => Kind::Cpu,
        (EngineKind::Gpu, named) => Kind::Gpu(GpuAdapter::select(named.unwrap_or(AdapterSelection::Any))?),
        (EngineKind::Auto, Some(named)) => Kind::Gpu(GpuAdapter::select(named)?),
        (EngineKind::Auto, None) => {
            GpuAdapter::select(AdapterSelection::Hardware).map_or(Kind::Cpu, Kind::Gpu)
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Ok(ChosenEngine { kind, options: options.clone(), threads: options.threads.unwrap_or(cores) })
}

impl ChosenEngine {
    /// `reference`, `cpu` or `gpu`.
    pub fn name(&self) -> &'static str {
        match self.kind {
            Kind::Cpu => "cpu",
            Kind::Gpu(_) => "gpu",
            Kind::Reference => "reference",
        }
    }

    /// Name of the GPU adapter, where there is one.
    pub fn adapter(&self) -> Option<&str> {
        match &self.kind {
            Kind::Gpu(adapter) => Some(&adapter.info().name),
            _ => None,
        }
    }

    /// Whether it is an adapter whose memory is the host's.
    fn is_software(&self) -> bool {
        matches!(&self.kind, Kind::Gpu(adapter) if adapter.info().kind == AdapterKind::Software)
    }

    /// Threads of set-up and of the CPU engine.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Whether `made_by` is what `options` ask for: any engine where they leave the choice open, else
    /// the same one, and an adapter with the given part of the name.
    pub fn is_satisfied_by(options: &EngineOptions, made_by: &Description) -> bool {
        let asked = match options.engine {
            EngineKind::Auto => options.adapter.as_ref().map(|_| "gpu"),
            EngineKind::Gpu => Some("gpu"),
            EngineKind::Cpu => Some("cpu"),
            EngineKind::Reference => Some("reference"),
        };
        let names = |part: &String| made_by.adapter.to_lowercase().contains(&part.to_lowercase());
        let is_named = made_by.engine != "gpu" || options.adapter.as_ref().is_none_or(names);
        asked.is_none_or(|engine| engine == made_by.engine) && is_named
    }

    /// How the engine will hold `network`: shards, synapses, memory. An adapter that was taken
    /// because it is there, and that cannot hold the network, gives way to the CPU engine.
    ///
    /// # Errors
    /// Synapses that the reference engine cannot draw again. Whether the network fits is for
    /// [`EnginePlan::check`] to say.
    pub fn plan(&self, network: &IntegerNetwork) -> Result<EnginePlan, BuildError> {
        let was_asked_for = self.options.engine != EngineKind::Auto || self.options.adapter.is_some();
        let plan = self.clone().planned(network)?;
        if plan.refusal.is_some() && !was_asked_for {
            return Self { kind: Kind::Cpu, ..self.clone() }.planned(network);
        }
        Ok(plan)
    }

    fn planned(self, network: &IntegerNetwork) -> Result<EnginePlan, BuildError> {
        match &self.kind {
            Kind::Reference => {
                let shards = self.options.shards.unwrap_or(1);
                self.planned_on_host(network, shards, false)
            }
            Kind::Cpu => {
                let shards = self.options.shards;
                let shards = shards.unwrap_or_else(|| CpuEngine::shards_for(network, self.threads));
                self.planned_on_host(network, shards, true)
            }
            Kind::Gpu(adapter) => {
                let info = adapter.info().clone();
                Ok(self.planned_on_device(network, &info))
            }
        }
    }

    /// `can_draw` tells whether the engine can draw synapses again.
    fn planned_on_host(
        self,
        network: &IntegerNetwork,
        shards: usize,
        can_draw: bool,
    ) -> Result<EnginePlan, BuildError> {
        let others = host_plan(network, self.name() == "reference");
        let others = others.and(self.at_start(network, shards));
        let stored = with_store(&others, network, shards, Store::Stored);
        let is_procedural = match self.options.synapses {
            SynapseStorage::Stored => false,
            SynapseStorage::Procedural if !can_draw => {
                return Err(BuildError::NotProcedural { engine: self.name() });
            }
            SynapseStorage::Procedural => true,
            SynapseStorage::Auto => can_draw && is_beyond_available(stored.host_bytes()),
        };
        let memory = match is_procedural {
            true => with_store(&others, network, shards, Store::RowCounts),
            false => stored,
        };
        let gpu_options = self.gpu_options();
        Ok(EnginePlan { engine: self, shards, is_procedural, memory, gpu_options, refusal: None })
    }

    /// `auto` stores synapses where adapter and memory hold them: that of the host, which draws them,
    /// and that of the device, which is the host's where the adapter is software.
    fn planned_on_device(self, network: &IntegerNetwork, info: &AdapterInfo) -> EnginePlan {
        let others = host_plan(network, false);
        let fits =
            |storage| gpu::fit(network, storage, self.options.shards, &info.limits, &self.gpu_options());
        let stored = (self.options.synapses != SynapseStorage::Procedural).then(|| {
            let fit = fits(Storage::Stored);
            let memory = with_store(&others, network, fit.shards, Store::Stored);
            (memory.and(device_buffers(&fit.plan)), fit)
        });
        let holds = |memory: &MemoryPlan, fit: &Fit| {
            let shared = if info.kind == AdapterKind::Software { memory.device_bytes() } else { 0 };
            fit.refusal.is_none()
                && memory.device_bytes() <= self.gpu_options().memory_bytes
                && !is_beyond_available(memory.host_bytes() + shared)
        };
        let must_store = self.options.synapses == SynapseStorage::Stored;
        let stored = stored.filter(|(memory, fit)| must_store || holds(memory, fit));
        let is_procedural = stored.is_none();
        let (memory, fit) = stored.unwrap_or_else(|| {
            let fit = fits(Storage::Procedural);
            let memory = with_store(&others, network, fit.shards, Store::OnDevice);
            (memory.and(device_buffers(&fit.plan)), fit)
        });
        let Fit { shards, options: gpu_options, refusal, .. } = fit;
        EnginePlan { engine: self, shards, is_procedural, memory, gpu_options, refusal }
    }

    /// What is in flight after the first step, whatever the activity is later; engines with rings of input slots
    /// have room for all.
    fn at_start(&self, network: &IntegerNetwork, n_shards: usize) -> Vec<Buffer> {
        let shards = shards(network, n_shards);
        self.in_flight(network, &shards, &in_flight_at_start(network, &shards))
    }

    fn in_flight(&self, network: &IntegerNetwork, shards: &[Shard], events: &[InFlight]) -> Vec<Buffer> {
        match self.kind {
            Kind::Cpu => {
                let external = EXTERNAL_BYTES * external_in_block(network) as u64;
                let bytes = CpuEngine::bytes_in_flight(network, shards, events) + external;
                vec![running(IN_FLIGHT, bytes)]
            }
            _ => Vec::new(),
        }
    }

    fn gpu_options(&self) -> GpuOptions {
        let EngineOptions { batch_steps, history_spikes, gpu_memory_gib, .. } = self.options;
        let memory_bytes = (gpu_memory_gib * BYTES_PER_GIB) as u64;
        GpuOptions { batch_steps, history_spikes, memory_bytes, ..GpuOptions::default() }
    }
}

/// Bytes of an external spike of the block that is computed, in a list that grows by doubling.
const EXTERNAL_BYTES: u64 = 12;
const BYTES_PER_GIB: f64 = 1_073_741_824.0;

fn is_beyond_available(bytes: u64) -> bool {
    available_memory_bytes().is_some_and(|available| bytes > available)
}

/// Buffers of the same kind are one line, whatever the number of shards.
fn device_buffers(plan: &gpu::DevicePlan) -> Vec<Buffer> {
    let mut buffers: Vec<Buffer> = Vec::new();
    for planned in &plan.buffers {
        let name = planned.role.name();
        match buffers.iter_mut().find(|buffer| buffer.name == name) {
            Some(buffer) => buffer.bytes += planned.bytes,
            None => {
                buffers.push(Buffer { name, bytes: planned.bytes, on_device: true, held: Held::Throughout });
            }
        }
    }
    buffers
}

/// How an engine will hold a network.
#[derive(Debug, Clone)]
pub struct EnginePlan {
    engine: ChosenEngine,
    /// Shards of target neurons.
    pub shards: usize,
    /// Whether synapses are procedural, and not stored.
    pub is_procedural: bool,
    /// Memory, buffer by buffer.
    pub memory: MemoryPlan,
    /// How the GPU engine uses its device.
    gpu_options: GpuOptions,
    /// Why the adapter cannot hold it.
    refusal: Option<GpuError>,
}

/// The synapses of a network.
#[derive(Debug)]
pub enum Synapses {
    /// Written down.
    Stored(CsrStore),
    /// Drawn again from row counts.
    Procedural(ProceduralStore),
    /// Drawn again from row counts that the GPU engine makes.
    OnDevice,
}

impl EnginePlan {
    /// The engine.
    pub fn engine(&self) -> &ChosenEngine {
        &self.engine
    }

    /// Whether memory and adapter can hold the network; `available_bytes` is the host's memory, where
    /// it is known.
    ///
    /// # Errors
    /// A buffer beyond the adapter's limits, or [`BuildError::TooLarge`] with the scale that would fit.
    pub fn check(&self, scaling: &Scaling, available_bytes: Option<u64>) -> Result<(), BuildError> {
        match &self.refusal {
            Some(error) => Err(BuildError::Engine(error.clone().into())),
            None if self.engine.is_software() => {
                check_memory(&self.memory.on_host(), scaling, available_bytes)
            }
            None => check_memory(&self.memory, scaling, available_bytes),
        }
    }

    /// The memory that a run takes where neurons of each population spike at `rates_hz`: what grows with
    /// activity with it.
    pub fn memory_at(&self, network: &IntegerNetwork, rates_hz: &[f64]) -> MemoryPlan {
        let shards = shards(network, self.shards);
        let (start, later) = (in_flight_at_start(network, &shards), in_flight_at(network, &shards, rates_hz));
        let most = start
            .iter()
            .zip(&later)
            .map(|(a, b)| InFlight { near: a.near.max(b.near), far: a.far.max(b.far) });
        let in_flight = self.engine.in_flight(network, &shards, &most.collect::<Vec<_>>());
        let EngineOptions { batch_steps, checkpoint_every_ms, .. } = self.engine.options;
        let batch_steps = batch_steps.unwrap_or(DEFAULT_BATCH_STEPS);
        let spikes = spikes_plan(
            network,
            spikes_per_step(network, rates_hz),
            batch_steps,
            checkpoint_every_ms.is_some(),
        );
        self.memory.without(IN_FLIGHT).and(in_flight).and(spikes)
    }

    /// Synaptic events of the first step.
    pub(super) fn events_at_start(&self, network: &IntegerNetwork) -> u64 {
        let events = in_flight_at_start(network, &shards(network, self.shards));
        events.iter().map(|events| events.near + events.far).sum()
    }

    /// What to tell before a run that fits, because later it might not: at the theory's rates `theory_hz`, or at
    /// stated higher ones, it would need more memory than there is.
    pub fn warning(
        &self,
        network: &IntegerNetwork,
        theory_hz: &[f64],
        available_bytes: Option<u64>,
    ) -> Option<String> {
        let available_bytes = available_bytes?;
        let at = |what: String, rates_hz: &[f64]| (what, self.memory_at(network, rates_hz).host_bytes());
        let stated = STATED_RATES_HZ.iter().map(|rate_hz| {
            at(format!("{rate_hz} spikes/s a neuron"), &vec![*rate_hz; network.populations.len()])
        });
        let mut states = std::iter::once(at("the rates of the theory".to_owned(), theory_hz)).chain(stated);
        let (state, bytes) = states.find(|(_, bytes)| *bytes > available_bytes)?;
        Some(format!(
            "events in flight grow with rates: at {state} the run would take {:.1} GB, and {:.1} GB are available",
            bytes as f64 * 1e-9,
            available_bytes as f64 * 1e-9
        ))
    }

    /// Draws every synapse, or counts them, on the engine's threads.
    ///
    /// # Errors
    /// Synapses that do not fit their integers, or threads that cannot be started.
    pub fn synapses(&self, network: &IntegerNetwork) -> Result<Synapses, BuildError> {
        self.synapses_unless(network, &Interruption::default())
    }

    /// As [`synapses`](Self::synapses), unless someone asks to stop.
    ///
    /// # Errors
    /// As there, and the wish to stop.
    pub fn synapses_unless(
        &self,
        network: &IntegerNetwork,
        interruption: &Interruption,
    ) -> Result<Synapses, BuildError> {
        let threads = self.engine.threads;
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|error| BuildError::Threads { threads, reason: error.to_string() })?;
        pool.install(|| match self.is_procedural {
            true if self.engine.name() == "gpu" => Ok(Synapses::OnDevice),
            true => {
                Ok(Synapses::Procedural(ProceduralStore::build_unless(network, self.shards, interruption)?))
            }
            false => Ok(Synapses::Stored(CsrStore::build_unless(network, self.shards, interruption)?)),
        })
    }

    /// The engine at step 0.
    ///
    /// # Errors
    /// A device that fails or cannot hold the network.
    pub fn open<'a>(
        &self,
        network: &'a IntegerNetwork,
        synapses: &'a Synapses,
    ) -> Result<Box<dyn Engine + 'a>, BuildError> {
        self.open_unless(network, synapses, &Interruption::default())
    }

    /// As [`open`](Self::open), unless someone asks to stop.
    ///
    /// # Errors
    /// As there, and the wish to stop.
    pub fn open_unless<'a>(
        &self,
        network: &'a IntegerNetwork,
        synapses: &'a Synapses,
        interruption: &Interruption,
    ) -> Result<Box<dyn Engine + 'a>, BuildError> {
        let ChosenEngine { kind, options, threads } = &self.engine;
        let EngineOptions { vectors, batch_steps, .. } = *options;
        let cpu = CpuOptions { threads: *threads, vectors, batch_steps };
        Ok(match (kind, synapses) {
            (Kind::Cpu, Synapses::Stored(store)) => Box::new(CpuEngine::new(network, store, cpu)?),
            (Kind::Cpu, Synapses::Procedural(store)) => Box::new(CpuEngine::new(network, store, cpu)?),
            (Kind::Gpu(adapter), Synapses::Stored(store)) => {
                let engine = GpuEngine::new(network, store, adapter, &self.gpu_options);
                Box::new(engine.map_err(EngineError::from)?)
            }
            (Kind::Gpu(adapter), _) => {
                let engine = GpuEngine::procedural_unless(
                    network,
                    self.shards,
                    adapter,
                    &self.gpu_options,
                    interruption,
                );
                Box::new(engine.map_err(EngineError::from)?)
            }
            (Kind::Reference, Synapses::Stored(store)) => {
                Box::new(ReferenceEngine::new(network, store, batch_steps))
            }
            (Kind::Cpu | Kind::Reference, Synapses::Procedural(_) | Synapses::OnDevice) => {
                return Err(BuildError::NotProcedural { engine: self.engine.name() });
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_satisfies_who_asks_for_its_engine_or_for_any() {
        let made_by = |engine: &str| Description {
            engine: engine.into(),
            adapter: "NVIDIA X".into(),
            driver: String::new(),
        };
        let asks = |kind, adapter: Option<&str>, by: &str| {
            let adapter = adapter.map(str::to_owned);
            let options = EngineOptions { engine: kind, adapter, ..EngineOptions::default() };
            ChosenEngine::is_satisfied_by(&options, &made_by(by))
        };
        assert!(asks(EngineKind::Auto, None, "gpu"));
        assert!(asks(EngineKind::Auto, None, "reference"));
        assert!(asks(EngineKind::Auto, Some("nvidia"), "gpu"));
        assert!(!asks(EngineKind::Auto, Some("nvidia"), "cpu"));
        assert!(asks(EngineKind::Gpu, None, "gpu"));
        assert!(asks(EngineKind::Gpu, Some("nvidia"), "gpu"));
        assert!(!asks(EngineKind::Gpu, Some("llvmpipe"), "gpu"));
        assert!(!asks(EngineKind::Cpu, None, "gpu"));
        assert!(!asks(EngineKind::Reference, None, "gpu"));
        assert!(asks(EngineKind::Cpu, Some("no matter"), "cpu"));
    }
}
