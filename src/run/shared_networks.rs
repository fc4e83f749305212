//! Networks that runs of one process share: each is made, or read from its folder and checked, once.

use super::{FoundNetwork, Output, RunError, find_or_make_network, network};
use crate::config::Config;
use crate::progress::Progress;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// A network, once someone has found or made it.
type Shared = Arc<Mutex<Option<FoundNetwork>>>;

/// The networks that were asked for last.
pub(crate) struct SharedNetworks {
    latest: Mutex<VecDeque<(PathBuf, Shared)>>,
    /// How many are kept.
    most: usize,
}

impl SharedNetworks {
    /// Of runs that are made so many at a time.
    pub fn of_runs(at_a_time: usize) -> Self {
        Self { latest: Mutex::default(), most: at_a_time }
    }

    /// As [`find_or_make_network`]; where another thread is at the same network, waits for it.
    pub fn find_or_make(
        &self,
        config: &Config,
        output: &Output,
        progress: &mut dyn Progress,
    ) -> Result<FoundNetwork, RunError> {
        let started = Instant::now();
        let shared = self.shared(network::folder(config, output)?);
        let mut network = locked(&shared);
        if let Some(known) = &*network {
            let seconds = started.elapsed().as_secs_f64();
            return Ok(FoundNetwork { reused: true, seconds, ..known.clone() });
        }
        Ok(network.insert(find_or_make_network(config, output, progress)?).clone())
    }

    fn shared(&self, folder: PathBuf) -> Shared {
        let mut latest = locked(&self.latest);
        if let Some((_, shared)) = latest.iter().find(|(known, _)| *known == folder) {
            return shared.clone();
        }
        if latest.len() >= self.most {
            latest.pop_front();
        }
        let shared = Shared::default();
        latest.push_back((folder, shared.clone()));
        shared
    }
}

/// Who panicked has left a network that is whole, or none.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
