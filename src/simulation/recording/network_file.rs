//! `network.ron`: a network with what it was made from, complete and exact.
//!
//! The tables beside it are for people and other programs; this file is what a later run reads.

use super::{NetworkIdentity, NetworkManifest, RecordingError, write_whole};
use crate::disk::{self, Place};
use crate::model::ModelKind;
use crate::model::network::NetworkSpec;
use crate::model::theory::StationaryRates;
use crate::model::{AREAS_FILE, FULL_SCALE_NEURONS_FILE, FULL_SCALE_SYNAPSES_FILE, THEORY_FLOW_FILE};
use ron::extensions::Extensions;
use ron::ser::PrettyConfig;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// File with the network.
pub const NETWORK_FILE: &str = "network.ron";
/// What networks of earlier versions do not have.
const OF_DERIVATION: [&str; 4] =
    [FULL_SCALE_NEURONS_FILE, FULL_SCALE_SYNAPSES_FILE, THEORY_FLOW_FILE, AREAS_FILE];
/// Bytes of the largest such file: ten times that of the full model.
const MAX_BYTES: u64 = 1 << 26;
/// Lists of populations and projections have one entry a line.
const LINES_TO_DEPTH: usize = 3;

/// A network as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredNetwork {
    /// What determines it.
    pub identity: NetworkIdentity,
    /// The full-scale theory behind the DC input; `None` if no DC is needed.
    pub dc_theory: Option<TheoryRecord>,
    /// Theory of the network.
    pub with_dc: TheoryRecord,
    /// Theory of the network without its DC input, as the publication's notebook has it.
    pub without_dc: TheoryRecord,
    /// The network.
    pub network: NetworkSpec,
}

/// Rates by theory and how far they can be trusted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TheoryRecord {
    /// Whether a fixed point was found.
    pub converged: bool,
    /// Largest |−ν + Φ(ν)|, 1/s.
    pub residual_hz: f64,
    /// Pseudo-time that the flow was followed to.
    pub pseudo_time: f64,
    /// Rate of every population, 1/s; not a number if nothing is predicted.
    pub rates_hz: Vec<f64>,
}

/// The folder of the network of the run in `run`, also where that is `.`.
///
/// # Errors
/// A path that the system does not know.
pub fn network_folder_of(run: &Path) -> Result<PathBuf, RecordingError> {
    let whole = std::path::absolute(run).map_err(|source| RecordingError::read(run, source))?;
    Ok(whole.parent().map(Path::to_path_buf).unwrap_or(whole))
}

impl From<&StationaryRates> for TheoryRecord {
    fn from(theory: &StationaryRates) -> Self {
        Self {
            converged: theory.converged,
            residual_hz: theory.residual_hz,
            pseudo_time: theory.pseudo_time,
            rates_hz: theory.rates_hz.clone(),
        }
    }
}

impl TheoryRecord {
    /// No prediction, of a network of that many populations whose synapses are not known.
    pub fn none(populations: usize) -> Self {
        let rates_hz = vec![f64::NAN; populations];
        Self { converged: true, residual_hz: f64::NAN, pseudo_time: 0.0, rates_hz }
    }
}

impl StoredNetwork {
    /// Mean over populations that have neurons of the rates predicted with the DC, 1/s; `None` if nothing is predicted.
    pub fn mean_theory_rate_hz(&self) -> Option<f64> {
        let rates = self.network.populations.iter().zip(&self.with_dc.rates_hz);
        let known =
            rates.map(|(population, &rate)| (population.neurons > 0 && !rate.is_nan()).then_some(rate));
        super::mean_hz(known)
    }

    /// Writes `network.ron`, and the lists of synapses of its network beside it.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, folder: impl Into<Place>) -> Result<(), RecordingError> {
        let folder = folder.into();
        let lists = self.network.write_lists(&folder);
        lists.map_err(|(path, source)| RecordingError::write(&path, source))?;
        let place = folder.join(NETWORK_FILE);
        let layout = PrettyConfig::new().depth_limit(LINES_TO_DEPTH).extensions(Extensions::IMPLICIT_SOME);
        let text = ron::ser::to_string_pretty(self, layout);
        let text = text.map_err(|error| RecordingError::malformed(&place.path(), error))?;
        write_whole(&place, text.as_bytes())
    }

    /// Reads `network.ron` and its lists of synapses, and checks that it and the tables beside it are as they were
    /// written.
    ///
    /// # Errors
    /// A file that cannot be read or understood, and files that were changed.
    pub fn read(folder: &Path) -> Result<Self, RecordingError> {
        let files = NetworkManifest::read(folder)?.files;
        files.check(folder, &[NETWORK_FILE])?;
        let stored = Self::parse(folder)?;
        let is_derived = stored.identity.model.kind != ModelKind::Imported;
        if let Some(missing) = OF_DERIVATION.iter().find(|file| is_derived && files.of(file).is_none()) {
            let reason = format!(
                "an earlier version of the program has made this network, without {missing} (`humam-gpu network` keeps \
                 the runs that are in it)"
            );
            return Err(RecordingError::malformed(folder, reason));
        }
        Ok(stored)
    }

    fn parse(folder: &Path) -> Result<Self, RecordingError> {
        let path = folder.join(NETWORK_FILE);
        let text = disk::read_text_limited(&path, MAX_BYTES);
        let text = text.map_err(|source| RecordingError::read(&path, source))?;
        let mut stored: Self =
            ron::from_str(&text).map_err(|error| RecordingError::malformed(&path, error))?;
        let lists = stored.network.read_lists(folder);
        lists.map_err(|error| RecordingError::malformed(&path, error))?;
        match stored.flaw() {
            Some(flaw) => Err(RecordingError::malformed(&path, flaw)),
            None => Ok(stored),
        }
    }

    /// What does not belong together.
    fn flaw(&self) -> Option<String> {
        let populations = self.network.populations.len();
        let theories = [Some(&self.with_dc), Some(&self.without_dc), self.dc_theory.as_ref()];
        let rates = theories.into_iter().flatten().map(|theory| theory.rates_hz.len());
        let mut other = rates.filter(|&rates| rates != populations);
        let rates = other.next().map(|rates| format!("has {rates} rates for {populations} populations"));
        self.network.check().err().map(|error| error.to_string()).or(rates)
    }
}
