//! A run that leaves its fixed-point formats starts again with coarser ones, and one whose graphics device is lost
//! goes on with another device.

use super::{FoundNetwork, RunError};
use crate::config::Config;
use crate::engine::EngineError;
use crate::engine::assembly::integer_network;
use crate::engine::fixed_point::{Arithmetic, Formats, IntegerNetwork};
use crate::engine::gpu::GpuError;
use crate::progress::Progress;
use crate::simulation::recording::Checkpoint;

/// The network in formats that may hold.
pub(super) struct Attempt {
    /// The configuration with everything filled in that decides the spikes.
    pub config: Config,
    pub integers: IntegerNetwork,
}

impl Attempt {
    /// The network of `integers` in those formats.
    pub fn new(
        config: &Config,
        network: &FoundNetwork,
        integers: IntegerNetwork,
        formats: Formats,
    ) -> Result<Self, RunError> {
        let weights = config.weights.resolved();
        let config = Config { arithmetic: Arithmetic::from(formats), weights, ..config.clone() };
        let integers = match integers.formats == formats {
            true => integers,
            false => integer_network(&network.stored.network, &config.build_options())?,
        };
        Ok(Self { config, integers })
    }

    /// What to try after `error`; `None` if no coarser format helps.
    pub fn coarser(
        &self,
        error: &RunError,
        network: &FoundNetwork,
        progress: &mut dyn Progress,
    ) -> Result<Option<Self>, RunError> {
        let RunError::Engine(EngineError::Overflow { quantity, neuron, population, step, .. }) = error else {
            return Ok(None);
        };
        let Some(formats) = self.integers.formats.coarser() else { return Ok(None) };
        progress.notice(&format!(
            "{quantity} of neuron {neuron} ('{population}') left its range in step {step}: the run starts again with \
             coarser formats, {formats}"
        ));
        let config = Config { arithmetic: Arithmetic::from(formats), ..self.config.clone() };
        let integers = integer_network(&network.stored.network, &config.build_options())?;
        Ok(Some(Self { config, integers }))
    }
}

/// Losses of the graphics device.
#[derive(Debug, Default)]
pub(super) struct Losses(u32);

impl Losses {
    /// Most losses in a run that goes on by itself.
    const MOST: u32 = 3;

    /// Whether a run that failed so goes on by itself.
    pub fn is_bearable(&mut self, error: &RunError) -> bool {
        let is_loss = matches!(error, RunError::Engine(EngineError::Gpu(GpuError::Lost(_))));
        self.0 += u32::from(is_loss);
        is_loss && self.0 <= Self::MOST
    }
}

/// Tells on which engine and from where a run goes on whose graphics device was lost.
pub(super) fn tell_of_loss(engine: &str, checkpoint: Option<&Checkpoint>, progress: &mut dyn Progress) {
    let from = match checkpoint {
        Some(checkpoint) => format!("goes on from its checkpoint at step {}", checkpoint.step()),
        None => "begins again, as it has no checkpoint".to_owned(),
    };
    progress.notice(&format!("the graphics device was lost: the run {from}, on the engine `{engine}`"));
}

/// Tells if the formats that were asked for are not those that are taken.
pub(super) fn tell_of_formats(
    config: &Config,
    network: &FoundNetwork,
    taken: Formats,
    progress: &mut dyn Progress,
) {
    let asked = Formats::of(&network.stored.network, config.simulation.dt_ms, &config.arithmetic);
    if asked != taken {
        progress.notice(&format!(
            "{asked} cannot hold all that may arrive at a neuron in a step: coarser formats are taken, {taken}"
        ));
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{self, Override};
    use crate::engine::gpu::{lose_device_after, test_adapter};
    use crate::progress::{Progress, Stage};
    use crate::run::{Output, run};
    use std::path::Path;

    /// What is told.
    #[derive(Default)]
    struct Told(Vec<String>);

    impl Progress for Told {
        fn stage(&mut self, _stage: Stage) {}

        fn simulated(&mut self, _step: u32, _n_steps: u32, _dt_ms: f64) {}

        fn notice(&mut self, text: &str) {
            self.0.push(text.to_owned());
        }
    }

    /// Spikes of a run on that engine whose device is lost after so many steps, once for each, and what is told of it;
    /// `None` if there is no GPU.
    fn spikes(engine: &str, lost_after: &[u32], checkpoints: &str) -> Option<(Vec<u8>, Vec<String>)> {
        let adapter = match engine {
            "gpu" => test_adapter()?.info().name.clone(),
            _ => "none".to_owned(),
        };
        let adapter = format!("engine.adapter={adapter:?}");
        let set = [
            &adapter,
            "simulation.duration_ms=60",
            "simulation.statistics_from_ms=0",
            "engine.batch_steps=64",
            checkpoints,
            &format!("engine.engine={engine}"),
        ];
        let overrides: Vec<Override> = set.iter().map(|text| Override::set(text).expect("a key")).collect();
        let config = config::load(Path::new("builtin:tiny"), &overrides).expect("a configuration");
        let folder = tempfile::tempdir().expect("a folder");
        let output = Output { folder: folder.path().to_owned(), force: false };
        lose_device_after(lost_after);
        let mut told = Told::default();
        let made = run(&config, &output, &mut told);
        lose_device_after(&[]);
        let report = made.unwrap_or_else(|error| panic!("{error}"));
        Some((std::fs::read(report.folder.join("spikes_neuron.npy")).expect("spikes"), told.0))
    }

    #[test]
    fn a_run_whose_device_is_lost_goes_on_by_itself_with_the_same_spikes() {
        let (expected, _) = spikes("cpu", &[], "engine.checkpoint_every_ms=None").expect("a run");
        for (checkpoints, told) in [
            ("engine.checkpoint_every_ms=None", "begins again, as it has no checkpoint"),
            ("engine.checkpoint_every_ms=12.8", "goes on from its checkpoint at step 128"),
        ] {
            let Some((found, notices)) = spikes("gpu", &[192, 320], checkpoints) else { return };
            assert!(found == expected, "other spikes");
            assert!(notices.iter().any(|notice| notice.contains(told)), "{notices:?}");
            let losses = notices.iter().filter(|notice| notice.contains("was lost")).count();
            assert_eq!(losses, 2, "{notices:?}");
        }
    }
}
