//! Which network output of NEST is of, as it is told on the command line.

use super::arguments::set;
use anyhow::Result;
use clap::Args;
use humam_gpu::analysis::RunFolder;
use humam_gpu::analysis::compare::Reference;
use humam_gpu::config::{self, Config, ConfigError, Override, Problem};
use humam_gpu::model::anatomy::Tables;
use humam_gpu::model::{OwnPopulations, model_network};
use humam_gpu::progress::Progress;
use humam_gpu::run::RunError;
use std::path::PathBuf;

/// The key of the model time.
const DURATION: &str = "simulation.duration_ms";

/// The network that NEST simulated.
#[derive(Debug, Args)]
pub struct NestNetworkArguments {
    /// Run folder, or configuration, of the network that NEST simulated
    #[arg(long, value_name = "RUN_DIR|CONFIG", conflicts_with = "populations")]
    pub like: Option<PathBuf>,

    /// Table of the populations of a network of one's own: CSV with the columns population and neurons, and if there
    /// are any area, layer and t_ref_ms
    #[arg(long, value_name = "FILE")]
    pub populations: Option<PathBuf>,

    /// Give any key of the configuration another value; may be repeated, the last one counts
    #[arg(long, value_name = "KEY.PATH=VALUE")]
    pub set: Vec<String>,

    /// Model time that NEST simulated, in ms [key: simulation.duration_ms]; `--populations` needs it
    #[arg(long, value_name = "MS", allow_negative_numbers = true)]
    pub duration_ms: Option<f64>,
}

/// A network that NEST simulated.
pub struct NestNetwork {
    pub config: Config,
    /// Its populations, if it is none of the models'.
    pub own: Option<OwnPopulations>,
}

impl NestNetworkArguments {
    /// The network; `None` if none is named.
    pub fn read(&self) -> Result<Option<NestNetwork>> {
        let mut overrides = set(&self.set)?;
        let duration_ms = self.duration_ms.iter();
        overrides.extend(duration_ms.map(|ms| Override::option("--duration-ms", DURATION, ms)));
        if let Some(table) = &self.populations
            && overrides.iter().all(|set| set.key != DURATION)
        {
            return Err(ConfigError::from(Problem::Override {
                option: format!("--populations {}", table.display()),
                reason: "a table does not tell for how long NEST simulated".to_owned(),
                remedy: "give --duration-ms, too".to_owned(),
            })
            .into());
        }
        let (config, own) = match (&self.like, &self.populations) {
            (Some(folder), _) if folder.is_dir() => (RunFolder::open(folder, &overrides)?.config, None),
            (Some(file), _) => (config::load(file, &overrides)?, None),
            (None, Some(table)) => {
                (config::of_own_network(table, &overrides)?, Some(OwnPopulations::read(table)?))
            }
            (None, None) => return Ok(None),
        };
        Ok(Some(NestNetwork { config, own }))
    }

    /// What output of NEST is compared by; `None` if no network is named.
    pub fn reference(&self, progress: &mut dyn Progress) -> Result<Option<Reference>> {
        let Some(NestNetwork { config, own }) = self.read()? else { return Ok(None) };
        if let Some(own) = own {
            return Ok(Some(Reference::new(&own.network, &config)));
        }
        let tables = Tables::load(&config.anatomy).map_err(RunError::from)?;
        let derived = model_network(&config.model_options(), &tables, progress).map_err(RunError::from)?;
        Ok(Some(Reference::new(&derived.network, &config)))
    }
}
