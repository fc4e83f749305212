//! Which engine runs, and how it is made.

use super::BuildError;
use crate::config::{EngineKind, EngineOptions};
use crate::engine::cpu::{CpuEngine, CpuOptions};
use crate::engine::reference::ReferenceEngine;
use crate::engine::{Description, Engine, EngineError};
use crate::integer::IntegerNetwork;
use crate::synapses::CsrStore;

/// An engine that this machine has, with its options.
#[derive(Debug, Clone)]
pub struct ChosenEngine {
    kind: Kind,
    options: EngineOptions,
    threads: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Cpu,
    Reference,
}

/// The engine that `options` ask for.
///
/// # Errors
/// An engine or adapter that this machine lacks.
pub fn choose_engine(options: &EngineOptions) -> Result<ChosenEngine, EngineError> {
    let kind = match options.engine {
        EngineKind::Reference => Kind::Reference,
        EngineKind::Cpu | EngineKind::Auto => Kind::Cpu,
        EngineKind::Gpu => {
            let message = "this build has no GPU engine: choose --engine cpu or auto";
            return Err(EngineError::Device(message.to_owned()));
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
            Kind::Reference => "reference",
        }
    }

    /// Threads of set-up and of the CPU engine.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Shards of target neurons: as configured, else what suits the engine.
    pub fn shards(&self, network: &IntegerNetwork) -> usize {
        let suited = match self.kind {
            Kind::Cpu => CpuEngine::shards_for(network, self.threads),
            Kind::Reference => 1,
        };
        self.options.shards.unwrap_or(suited)
    }

    /// Writes down every synapse, on the engine's threads.
    ///
    /// # Errors
    /// Synapses that do not fit their 32 bits, or threads that cannot be started.
    pub fn store(&self, network: &IntegerNetwork) -> Result<CsrStore, BuildError> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads).build();
        let pool =
            pool.map_err(|error| BuildError::Threads { threads: self.threads, reason: error.to_string() })?;
        Ok(pool.install(|| CsrStore::build(network, self.shards(network)))?)
    }

    /// The engine at step 0.
    ///
    /// # Errors
    /// A device that fails or cannot hold the network.
    pub fn open<'a>(
        &self,
        network: &'a IntegerNetwork,
        store: &'a CsrStore,
    ) -> Result<Box<dyn Engine + 'a>, EngineError> {
        let EngineOptions { vectors, batch_steps, .. } = self.options;
        Ok(match self.kind {
            Kind::Cpu => {
                let options = CpuOptions { threads: self.threads, vectors, batch_steps };
                Box::new(CpuEngine::new(network, store, options)?)
            }
            Kind::Reference => Box::new(ReferenceEngine::new(network, store, batch_steps)),
        })
    }

    /// Whether `made_by` is what `options` ask for: any engine where they leave the choice open, else
    /// the same one, and an adapter with the given part of the name.
    pub fn is_satisfied_by(options: &EngineOptions, made_by: &Description) -> bool {
        let asked = match options.engine {
            EngineKind::Auto => None,
            EngineKind::Gpu => Some("gpu"),
            EngineKind::Cpu => Some("cpu"),
            EngineKind::Reference => Some("reference"),
        };
        let names = |part: &String| made_by.adapter.to_lowercase().contains(&part.to_lowercase());
        asked.is_none_or(|engine| engine == made_by.engine) && options.adapter.as_ref().is_none_or(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_satisfies_who_asks_for_its_engine_or_for_any() {
        let made_by = Description { engine: "gpu".into(), adapter: "NVIDIA X".into(), driver: String::new() };
        let asks = |engine, adapter: Option<&str>| {
            let options =
                EngineOptions { engine, adapter: adapter.map(str::to_owned), ..EngineOptions::default() };
            ChosenEngine::is_satisfied_by(&options, &made_by)
        };
        assert!(asks(EngineKind::Auto, None));
        assert!(asks(EngineKind::Gpu, None));
        assert!(asks(EngineKind::Gpu, Some("nvidia")));
        assert!(!asks(EngineKind::Gpu, Some("llvmpipe")));
        assert!(!asks(EngineKind::Cpu, None));
        assert!(!asks(EngineKind::Reference, None));
    }
}
