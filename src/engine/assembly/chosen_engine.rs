//! Which engine runs.

use crate::engine::gpu::{AdapterKind, AdapterSelection, GpuAdapter, is_named};
use crate::engine::{Description, EngineError, EngineKind, EngineOptions};

/// An engine that this machine has, with its options.
#[derive(Debug, Clone)]
pub struct ChosenEngine {
    pub(super) kind: Kind,
    pub(super) options: EngineOptions,
    pub(super) threads: usize,
    /// Networks that it computes together.
    pub(super) networks: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Cpu,
    Gpu(GpuAdapter),
    Reference,
}

/// The engine that `options` ask for. `auto` takes a hardware GPU, or the adapter that is named,
/// else the CPU engine; `gpu` takes a software adapter if there is no hardware one.
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
    let threads = options.threads.unwrap_or(cores);
    Ok(ChosenEngine { kind, options: options.clone(), threads, networks: 1 })
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

    /// Name of the GPU adapter, if there is one.
    pub fn adapter(&self) -> Option<&str> {
        match &self.kind {
            Kind::Gpu(adapter) => Some(&adapter.info().name),
            _ => None,
        }
    }

    /// Whether it is an adapter whose memory is the host's.
    pub(super) fn is_software(&self) -> bool {
        matches!(&self.kind, Kind::Gpu(adapter) if adapter.info().kind == AdapterKind::Software)
    }

    /// Whether the cores of this machine compute its steps: a GPU engine's, if the adapter is software.
    pub fn is_on_cores(&self) -> bool {
        matches!(self.kind, Kind::Cpu) || self.is_software()
    }

    /// The same on so many threads.
    pub fn with_threads(self, threads: usize) -> Self {
        Self { threads, ..self }
    }

    /// The same for so many networks, put together into one.
    pub(super) fn with_networks(self, networks: usize) -> Self {
        Self { networks, ..self }
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
        let is_asked_for = |words: &String| is_named(&made_by.adapter, words);
        let is_adapter = made_by.engine != "gpu" || options.adapter.as_ref().is_none_or(is_asked_for);
        asked.is_none_or(|engine| engine == made_by.engine) && is_adapter
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
