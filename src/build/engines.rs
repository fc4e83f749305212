//! Which engine runs, and how it is made.

use super::memory::{Buffer, MemoryPlan, check_memory, host_plan, with_store};
use super::{BuildError, available_memory_bytes};
use crate::config::{EngineKind, EngineOptions, Scaling, SynapseStorage};
use crate::engine::cpu::{CpuEngine, CpuOptions};
use crate::engine::gpu::{self, AdapterSelection, GpuAdapter, GpuEngine, GpuError, GpuOptions, NetworkSizes};
use crate::engine::reference::ReferenceEngine;
use crate::engine::{Description, Engine, EngineError};
use crate::integer::IntegerNetwork;
use crate::synapses::{CsrStore, ProceduralStore};

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
    /// Synapses that the engine cannot draw again. Whether the network fits is for
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
        let mut memory = host_plan(network, self.name() == "reference");
        let mut refusal = None;
        let shards = match &self.kind {
            Kind::Reference => self.options.shards.unwrap_or(1),
            Kind::Cpu => self.options.shards.unwrap_or_else(|| CpuEngine::shards_for(network, self.threads)),
            Kind::Gpu(adapter) => {
                let (limits, options) = (adapter.info().limits, self.gpu_options());
                let needed = || gpu::shards_needed(network, &limits, &options);
                // Where no number of shards is enough, the most there can be shows by how much.
                let most = network.populations.len();
                let shards = self.options.shards.unwrap_or_else(|| needed().unwrap_or(most));
                let plan = gpu::memory_plan(&NetworkSizes::before_build(network, shards), &options);
                refusal = plan.check(&limits).err();
                memory.buffers.extend(device_buffers(&plan));
                shards
            }
        };
        let is_procedural = self.is_procedural(&with_store(&memory, network, shards, false))?;
        let memory = with_store(&memory, network, shards, is_procedural);
        Ok(EnginePlan { engine: self, shards, is_procedural, memory, refusal })
    }

    /// Whether synapses are drawn again; `stored` is what the network takes where they are not.
    fn is_procedural(&self, stored: &MemoryPlan) -> Result<bool, BuildError> {
        let can = matches!(self.kind, Kind::Cpu);
        match self.options.synapses {
            SynapseStorage::Stored => Ok(false),
            SynapseStorage::Procedural if !can => Err(BuildError::NotProcedural { engine: self.name() }),
            SynapseStorage::Procedural => Ok(true),
            SynapseStorage::Auto => {
                Ok(can && available_memory_bytes().is_some_and(|available| stored.host_bytes() > available))
            }
        }
    }

    fn gpu_options(&self) -> GpuOptions {
        GpuOptions { batch_steps: self.options.batch_steps, ..GpuOptions::default() }
    }
}

/// Buffers of the same kind are one line, whatever the number of shards.
fn device_buffers(plan: &gpu::MemoryPlan) -> Vec<Buffer> {
    let mut buffers: Vec<Buffer> = Vec::new();
    for planned in &plan.buffers {
        let name = planned.role.name();
        match buffers.iter_mut().find(|buffer| buffer.name == name) {
            Some(buffer) => buffer.bytes += planned.bytes,
            None => buffers.push(Buffer { name, bytes: planned.bytes, on_device: true }),
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
    /// Whether synapses are drawn again with every spike, and not written down.
    pub is_procedural: bool,
    /// Memory, buffer by buffer.
    pub memory: MemoryPlan,
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
            None => check_memory(&self.memory, scaling, available_bytes),
        }
    }

    /// Draws every synapse, or counts them, on the engine's threads.
    ///
    /// # Errors
    /// Synapses that do not fit their integers, or threads that cannot be started.
    pub fn synapses(&self, network: &IntegerNetwork) -> Result<Synapses, BuildError> {
        let threads = self.engine.threads;
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|error| BuildError::Threads { threads, reason: error.to_string() })?;
        pool.install(|| match self.is_procedural {
            true => Ok(Synapses::Procedural(ProceduralStore::build(network, self.shards)?)),
            false => Ok(Synapses::Stored(CsrStore::build(network, self.shards)?)),
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
        let ChosenEngine { kind, options, threads } = &self.engine;
        let EngineOptions { vectors, batch_steps, .. } = *options;
        let cpu = CpuOptions { threads: *threads, vectors, batch_steps };
        Ok(match (kind, synapses) {
            (Kind::Cpu, Synapses::Stored(store)) => Box::new(CpuEngine::new(network, store, cpu)?),
            (Kind::Cpu, Synapses::Procedural(store)) => Box::new(CpuEngine::new(network, store, cpu)?),
            (Kind::Gpu(adapter), Synapses::Stored(store)) => {
                let options = self.engine.gpu_options();
                let engine = GpuEngine::new(network, store, adapter, &options);
                Box::new(engine.map_err(EngineError::from)?)
            }
            (Kind::Reference, Synapses::Stored(store)) => {
                Box::new(ReferenceEngine::new(network, store, batch_steps))
            }
            (_, Synapses::Procedural(_)) => {
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
