//! How an engine will hold a network, and the engine at step 0 that follows from it.

use super::activity::{external_in_block, in_flight_at, in_flight_at_start, spikes_per_step};
use super::chosen_engine::{ChosenEngine, Kind};
use super::memory::{
    Buffer, Held, IN_FLIGHT, MemoryPlan, check_memory, host_plan, row_counts_plan, running, spikes_plan,
    store_plan,
};
use super::{BuildError, STATED_RATES_HZ, available_memory_bytes};
use crate::engine::cpu::{CpuEngine, CpuOptions, DEFAULT_BATCH_STEPS, EventsInFlight};
use crate::engine::fixed_point::IntegerNetwork;
use crate::engine::gpu::{self, AdapterInfo, AdapterKind, DevicePlan, Fit, GpuEngine, GpuError, GpuOptions};
use crate::engine::reference::ReferenceEngine;
use crate::engine::synapses::{CsrStore, ProceduralStore, Shard, Synapses, shards};
use crate::engine::{Engine, EngineError, EngineKind, EngineOptions, SynapseStorage};
use crate::model::network::Scaling;
use crate::progress::Interruption;

/// How an engine will hold a network.
#[derive(Debug, Clone)]
pub struct EnginePlan {
    engine: ChosenEngine,
    /// Shards of target neurons.
    pub shards: usize,
    synapses: Synapses,
    /// Memory, buffer by buffer.
    pub memory: MemoryPlan,
    /// Buffers of the GPU engine.
    device: Option<Fit>,
}

/// The synapses of a network, for an engine to open on: of procedural ones the row counts, unless the engine counts
/// rows itself.
pub type BuiltSynapses = Synapses<CsrStore, Option<ProceduralStore>>;

impl BuiltSynapses {
    /// For engines that count rows themselves.
    fn without_counts(&self) -> Synapses<&CsrStore> {
        match self {
            Self::Stored(store) => Synapses::Stored(store),
            Self::Procedural(_) => Synapses::Procedural(()),
        }
    }
}

impl ChosenEngine {
    /// How the engine will hold `network`: shards, synapses, memory. An adapter that was taken
    /// because it is there, and that cannot hold the network, gives way to the CPU engine. Whether the network fits is
    /// for [`EnginePlan::check`] to say.
    pub fn plan(&self, network: &IntegerNetwork) -> EnginePlan {
        let was_asked_for = self.options.engine != EngineKind::Auto || self.options.adapter.is_some();
        let plan = self.clone().planned(network);
        if plan.refusal().is_some() && !was_asked_for {
            return Self { kind: Kind::Cpu, ..self.clone() }.planned(network);
        }
        plan
    }

    fn planned(self, network: &IntegerNetwork) -> EnginePlan {
        match &self.kind {
            Kind::Reference | Kind::Cpu => self.planned_on_host(network),
            Kind::Gpu(adapter) => {
                let info = adapter.info().clone();
                self.planned_on_device(network, &info)
            }
        }
    }

    /// `auto` stores synapses if the memory holds them.
    fn planned_on_host(self, network: &IntegerNetwork) -> EnginePlan {
        let plan = |synapses: Synapses| {
            let shards = self.shards_on_host(network, synapses);
            let held = match synapses {
                Synapses::Stored(()) => store_plan(network, shards),
                Synapses::Procedural(()) => row_counts_plan(network),
            };
            let in_flight = self.at_start(network, &self.cut(network, shards, synapses));
            let memory =
                held.and(host_plan(network, self.ring_slots(network, synapses)).and(in_flight).buffers);
            EnginePlan { engine: self.clone(), shards, synapses, memory, device: None }
        };
        match self.options.synapses {
            SynapseStorage::Stored => plan(Synapses::STORED),
            SynapseStorage::Procedural => plan(Synapses::PROCEDURAL),
            // Listed synapses cannot be procedural.
            SynapseStorage::Auto => Some(plan(Synapses::STORED))
                .filter(|stored| has_lists(network) || !is_beyond_available(stored.memory.host_bytes()))
                .unwrap_or_else(|| plan(Synapses::PROCEDURAL)),
        }
    }

    fn shards_on_host(&self, network: &IntegerNetwork, synapses: Synapses) -> usize {
        match (&self.kind, self.options.shards) {
            (Kind::Reference, _) => 1,
            (_, Some(shards)) => shards,
            _ => CpuEngine::shards_for(network, synapses, self.threads),
        }
    }

    /// The shards of a plan.
    fn cut(&self, network: &IntegerNetwork, n: usize, synapses: Synapses) -> Vec<Shard> {
        match self.kind {
            Kind::Cpu => CpuEngine::cut(network, synapses, n),
            Kind::Gpu(_) | Kind::Reference => shards(network, n),
        }
    }

    /// Slots of a ring of input slots in the host's memory; the CPU engine has none.
    fn ring_slots(&self, network: &IntegerNetwork, synapses: Synapses) -> Option<u32> {
        matches!(self.kind, Kind::Reference).then(|| ReferenceEngine::slots(network, synapses))
    }

    /// `auto` stores synapses if adapter and memory hold them: that of the host, which draws them,
    /// and that of the device, which is the host's where the adapter is software. A GPU that would need more shards
    /// for that than there are networks draws them faster than it goes through shards (measured on an H100: the
    /// microcircuit 0.18 s a model second drawn in one shard, 0.19 to 0.21 s stored in two; assumed for other cards).
    pub(super) fn planned_on_device(self, network: &IntegerNetwork, info: &AdapterInfo) -> EnginePlan {
        let options = self.gpu_options();
        let plan = |synapses: Synapses| {
            let fit = gpu::fit(network, synapses, self.options.shards, &info.limits, &options);
            let shards = fit.n_shards;
            let on_host = match synapses {
                Synapses::Stored(()) => store_plan(network, shards),
                Synapses::Procedural(()) => MemoryPlan::default(),
            };
            let memory = on_host.and(host_plan(network, None).buffers).and(device_buffers(&fit.plan));
            EnginePlan { engine: self.clone(), shards, synapses, memory, device: Some(fit) }
        };
        let holds = |plan: &EnginePlan| {
            let EnginePlan { memory, .. } = plan;
            let is_software = info.kind == AdapterKind::Software;
            let shared = if is_software { memory.device_bytes() } else { 0 };
            plan.refusal().is_none()
                && (is_software || plan.shards <= self.networks || self.options.shards.is_some())
                && memory.device_bytes() <= options.memory_bytes
                && !is_beyond_available(memory.host_bytes() + shared)
        };
        match self.options.synapses {
            SynapseStorage::Stored => plan(Synapses::STORED),
            SynapseStorage::Procedural => plan(Synapses::PROCEDURAL),
            SynapseStorage::Auto if has_lists(network) => plan(Synapses::STORED),
            SynapseStorage::Auto => {
                Some(plan(Synapses::STORED)).filter(holds).unwrap_or_else(|| plan(Synapses::PROCEDURAL))
            }
        }
    }

    /// What is in flight after the first step, whatever the activity is later; engines with rings of input slots
    /// have room for all.
    fn at_start(&self, network: &IntegerNetwork, shards: &[Shard]) -> Vec<Buffer> {
        self.in_flight(network, shards, &in_flight_at_start(network, shards))
    }

    fn in_flight(
        &self,
        network: &IntegerNetwork,
        shards: &[Shard],
        events: &[EventsInFlight],
    ) -> Vec<Buffer> {
        match self.kind {
            Kind::Cpu => {
                let external = EXTERNAL_BYTES * external_in_block(network) as u64;
                let bytes = CpuEngine::bytes_in_flight(network, shards, events, self.threads) + external;
                vec![running(IN_FLIGHT, bytes)]
            }
            _ => Vec::new(),
        }
    }

    fn gpu_options(&self) -> GpuOptions {
        let EngineOptions { batch_steps, history_spikes, gpu_memory_gib, gpu_int64: int64, .. } =
            self.options;
        let memory_bytes = (gpu_memory_gib * BYTES_PER_GIB) as u64;
        GpuOptions { batch_steps, history_spikes, memory_bytes, int64, ..GpuOptions::default() }
    }
}

/// Whether some synapses are listed.
fn has_lists(network: &IntegerNetwork) -> bool {
    network.listed_projection().is_some()
}

impl EnginePlan {
    /// The engine.
    pub fn engine(&self) -> &ChosenEngine {
        &self.engine
    }

    /// Whether synapses are procedural, and not stored.
    pub fn is_procedural(&self) -> bool {
        self.synapses.is_procedural()
    }

    /// Why the adapter cannot hold the network.
    fn refusal(&self) -> Option<&GpuError> {
        self.device.as_ref()?.refusal.as_ref()
    }

    /// Whether memory and adapter can hold the network; `available_bytes` is the host's memory, where
    /// it is known.
    ///
    /// # Errors
    /// A buffer beyond the adapter's limits, or [`BuildError::TooLarge`] with the scale that would fit.
    pub fn check(&self, scaling: &Scaling, available_bytes: Option<u64>) -> Result<(), BuildError> {
        match self.refusal() {
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
        let shards = self.engine.cut(network, self.shards, self.synapses);
        let states = [in_flight_at_start(network, &shards), in_flight_at(network, &shards, rates_hz)];
        // What the one has left the other uses.
        let in_flight = states.map(|events| self.engine.in_flight(network, &shards, &events));
        let in_flight =
            in_flight.into_iter().max_by_key(|buffers| buffers.iter().map(|b| b.bytes).sum::<u64>());
        let in_flight = in_flight.unwrap_or_default();
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
        let events = in_flight_at_start(network, &self.engine.cut(network, self.shards, self.synapses));
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
    pub fn synapses(&self, network: &IntegerNetwork) -> Result<BuiltSynapses, BuildError> {
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
    ) -> Result<BuiltSynapses, BuildError> {
        if let Some(projection) = network.listed_projection().filter(|_| self.is_procedural()) {
            let [from, onto] =
                [projection.source, projection.target].map(|end| network.populations[end].name.clone());
            return Err(BuildError::Listed { from, onto });
        }
        let threads = self.engine.threads;
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|error| BuildError::Threads { threads, reason: error.to_string() })?;
        pool.install(|| match (self.synapses, &self.engine.kind) {
            (Synapses::Stored(()), Kind::Cpu) => {
                Ok(Synapses::Stored(CsrStore::build_parts_unless(network, self.shards, interruption)?))
            }
            (Synapses::Stored(()), Kind::Gpu(_) | Kind::Reference) => {
                Ok(Synapses::Stored(CsrStore::build_unless(network, self.shards, interruption)?))
            }
            (Synapses::Procedural(()), Kind::Cpu) => {
                let store = ProceduralStore::build_unless(network, self.shards, interruption)?;
                Ok(Synapses::Procedural(Some(store)))
            }
            (Synapses::Procedural(()), Kind::Gpu(_) | Kind::Reference) => Ok(Synapses::Procedural(None)),
        })
    }

    /// The engine at step 0, with synapses of this plan.
    ///
    /// # Errors
    /// A device that fails or cannot hold the network.
    ///
    /// # Panics
    /// If `synapses` are of another plan.
    pub fn open<'a>(
        &self,
        network: &'a IntegerNetwork,
        synapses: &'a BuiltSynapses,
    ) -> Result<Box<dyn Engine + 'a>, BuildError> {
        self.open_unless(network, synapses, &Interruption::default())
    }

    /// As [`open`](Self::open), unless someone asks to stop.
    ///
    /// # Errors
    /// As there, and the wish to stop.
    ///
    /// # Panics
    /// As there.
    pub fn open_unless<'a>(
        &self,
        network: &'a IntegerNetwork,
        synapses: &'a BuiltSynapses,
        interruption: &Interruption,
    ) -> Result<Box<dyn Engine + 'a>, BuildError> {
        let ChosenEngine { kind, options, threads, .. } = &self.engine;
        let EngineOptions { vectors, batch_steps, .. } = *options;
        Ok(match (kind, &self.device) {
            (Kind::Reference, _) => {
                Box::new(ReferenceEngine::new(network, synapses.without_counts(), batch_steps))
            }
            (Kind::Gpu(adapter), Some(fit)) => {
                let synapses = synapses.without_counts();
                let (limits, options) = (&adapter.info().limits, self.engine.gpu_options());
                let engine = gpu::open_with_less_memory(network, fit, limits, &options, |plan| {
                    GpuEngine::new(network, synapses, adapter, plan, interruption)
                });
                Box::new(engine.map_err(EngineError::from)?)
            }
            (Kind::Cpu | Kind::Gpu(_), _) => {
                let options = CpuOptions { threads: *threads, vectors, batch_steps };
                Box::new(match synapses {
                    Synapses::Stored(store) => CpuEngine::new(network, store, options)?,
                    Synapses::Procedural(counts) => {
                        let counts = counts.as_ref().expect("the row counts of this plan");
                        CpuEngine::new(network, counts, options)?
                    }
                })
            }
        })
    }
}

/// Bytes of an external spike of the block that is computed, in a list that grows by doubling.
const EXTERNAL_BYTES: u64 = 12;
const BYTES_PER_GIB: f64 = 1_073_741_824.0;

fn is_beyond_available(bytes: u64) -> bool {
    available_memory_bytes().is_some_and(|available| bytes > available)
}

/// Buffers of the same kind are one line, whatever the number of shards.
fn device_buffers(plan: &DevicePlan) -> Vec<Buffer> {
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
