//! Checkpoints: all that a run needs to go on after its process has ended.
//!
//! `checkpoint.bin` lies in the folder of a run that is being made, and appears whole or not at all:
//!
//! ```text
//! humam-checkpoint 3\n
//! length of the head, u64
//! head, JSON: which run, step, spikes in flight, where its files end
//! V of every neuron, i32
//! currents of every neuron, excitatory and inhibitory, i32
//! neurons of the spikes in flight, u32
//! SHA-256 of all of that
//! ```
//!
//! Numbers have their lowest byte first. What is in flight is kept as the spikes of the last steps
//! ([`SpikesInFlight`]), so that a checkpoint is 12 bytes a neuron and little more, and any engine can go on from
//! one that another engine has left.
//!
//! A run that is complete keeps its last one as `state.bin`, from which longer ones go on.

use super::RecordingError;
use super::npy::ArrayPosition;
use super::written::CHECKPOINT_FILE;
use crate::disk::{self, Begun, Place};
use crate::engine::fixed_point::{Formats, MAX_STEPS};
use crate::engine::{SpikesInFlight, State};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

const MAGIC: &[u8] = b"humam-checkpoint 3\n";
const HASH_BYTES: usize = 32;
/// Words that are written at once.
const WORDS_AT_ONCE: usize = 1 << 14;
/// Bytes of a neuron: potential and two currents.
const NEURON_BYTES: u64 = 12;

/// What has been recorded of a run so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RunPosition {
    /// What each array file holds.
    pub arrays: BTreeMap<String, ArrayPosition>,
    /// Spikes of the run.
    pub n_spikes: u64,
    /// Spikes of each population that count for its rate.
    pub rate_spikes: Vec<u64>,
    /// The bin of spike counts that is not written yet, and the counts in it.
    pub counts: Option<(u32, Vec<u32>)>,
}

/// A run at the end of a block of steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Hash of the run.
    pub simulation_hash: String,
    /// Formats of the state: coarser ones than the run began with, if it has left those.
    pub formats: Formats,
    /// Wall-clock time of the simulation so far, s, in microseconds.
    pub simulated_us: u64,
    /// State of every neuron.
    pub state: State,
    /// Spikes in flight, and the step.
    pub in_flight: SpikesInFlight,
    /// What has been recorded.
    pub position: RunPosition,
}

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    simulation_hash: String,
    formats: Formats,
    simulated_us: u64,
    n_neurons: u64,
    first_step: u32,
    ends: Vec<u32>,
    position: RunPosition,
}

impl Checkpoint {
    /// Steps done.
    pub fn step(&self) -> u32 {
        self.in_flight.last_step()
    }

    /// Writes the file, in place of an earlier one.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, folder: impl Into<Place>) -> Result<(), RecordingError> {
        self.write_as(folder, CHECKPOINT_FILE)
    }

    /// As [`write`](Self::write), under another name.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write_as(&self, folder: impl Into<Place>, name: &str) -> Result<(), RecordingError> {
        let place = folder.into().join(name);
        let head = Head {
            simulation_hash: self.simulation_hash.clone(),
            formats: self.formats,
            simulated_us: self.simulated_us,
            n_neurons: self.state.v_m.len() as u64,
            first_step: self.in_flight.first_step,
            ends: self.in_flight.ends.clone(),
            position: self.position.clone(),
        };
        let head =
            serde_json::to_vec(&head).map_err(|error| RecordingError::malformed(&place.path(), error))?;
        let written = |source| RecordingError::write(&place.path(), source);
        let mut file = HashedFile::new(&place).map_err(written)?;
        file.put(MAGIC).map_err(written)?;
        file.put(&(head.len() as u64).to_le_bytes()).map_err(written)?;
        file.put(&head).map_err(written)?;
        file.words(&self.state.v_m, |v| v.to_le_bytes()).map_err(written)?;
        file.words(self.state.current.as_flattened(), |current| current.to_le_bytes()).map_err(written)?;
        file.words(&self.in_flight.neurons, |neuron| neuron.to_le_bytes()).map_err(written)?;
        file.finish().map_err(written)
    }

    /// Reads the file; `None` if there is none.
    ///
    /// # Errors
    /// A file that cannot be read, or is not what was written.
    pub fn read(folder: &Path) -> Result<Option<Self>, RecordingError> {
        Self::read_as(folder, CHECKPOINT_FILE)
    }

    /// As [`read`](Self::read), of a file of another name.
    ///
    /// # Errors
    /// As there.
    pub fn read_as(folder: &Path, name: &str) -> Result<Option<Self>, RecordingError> {
        let path = folder.join(name);
        let bytes = match disk::read_limited(&path, u64::MAX) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|source| RecordingError::read(&path, source))?,
        };
        Self::parse(&bytes).map(Some).map_err(|reason| RecordingError::malformed(&path, reason))
    }

    fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        const DAMAGED: &str = "it is damaged";
        let rest = bytes.strip_prefix(MAGIC).ok_or("it is no checkpoint of this version")?;
        let split = bytes.len().checked_sub(HASH_BYTES).ok_or(DAMAGED)?;
        if Sha256::digest(&bytes[..split])[..] != bytes[split..] {
            return Err(DAMAGED);
        }
        let rest = &rest[..rest.len() - HASH_BYTES];
        let (length, rest) = rest.split_first_chunk().ok_or(DAMAGED)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| DAMAGED)?;
        let (head, rest) = rest.split_at_checked(length).ok_or(DAMAGED)?;
        let head: Head = serde_json::from_slice(head).map_err(|_| DAMAGED)?;
        let end = u64::from(head.first_step) + head.ends.len() as u64;
        if head.first_step == 0 || head.ends.is_empty() || end > MAX_STEPS.into() || !head.ends.is_sorted() {
            return Err(DAMAGED);
        }
        let n_spikes = u64::from(head.ends.last().copied().unwrap_or(0));
        let told = head.n_neurons.checked_mul(NEURON_BYTES).and_then(|n| n.checked_add(4 * n_spikes));
        if told != Some(rest.len() as u64) {
            return Err(DAMAGED);
        }
        let (words, _) = rest.as_chunks();
        let (v_m, rest) = words.split_at(head.n_neurons as usize);
        let (currents, neurons) = rest.split_at(2 * v_m.len());
        let number = |word: &[u8; 4]| i32::from_le_bytes(*word);
        let (pairs, _) = currents.as_chunks();
        Ok(Self {
            simulation_hash: head.simulation_hash,
            formats: head.formats,
            simulated_us: head.simulated_us,
            state: State {
                v_m: v_m.iter().map(number).collect(),
                current: pairs
                    .iter()
                    .map(|[excitatory, inhibitory]| [number(excitatory), number(inhibitory)])
                    .collect(),
            },
            in_flight: SpikesInFlight {
                first_step: head.first_step,
                ends: head.ends,
                neurons: neurons.iter().map(|neuron| u32::from_le_bytes(*neuron)).collect(),
            },
            position: head.position,
        })
    }
}

/// A file that ends with the SHA-256 of what stands before. It is written part by part, so that a checkpoint takes no
/// more memory than it holds.
struct HashedFile {
    file: Begun,
    hash: Sha256,
}

impl HashedFile {
    fn new(place: &Place) -> std::io::Result<Self> {
        Ok(Self { file: Begun::new(place, &[])?, hash: Sha256::new() })
    }

    fn put(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.hash.update(bytes);
        self.file.append(bytes)
    }

    fn words<T>(&mut self, words: &[T], bytes: impl Fn(&T) -> [u8; 4]) -> std::io::Result<()> {
        words.chunks(WORDS_AT_ONCE).try_for_each(|some| {
            let bytes: Vec<u8> = some.iter().flat_map(&bytes).collect();
            self.put(&bytes)
        })
    }

    /// Ends the file, which is on disk then.
    fn finish(mut self) -> std::io::Result<()> {
        let hash = self.hash.finalize();
        self.file.append(&hash)?;
        self.file.finish(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            simulation_hash: "abc".into(),
            formats: Formats { v_m_bits: 13, current_bits: 14, weight_bits: 9 },
            simulated_us: 5,
            state: State { v_m: vec![i32::MIN, 7], current: vec![[1, -1], [i32::MAX, 0]] },
            in_flight: SpikesInFlight {
                first_step: 1,
                ends: (0..64).map(|step| step / 30).collect(),
                neurons: vec![1, 0],
            },
            position: RunPosition {
                arrays: [("a.npy".to_owned(), ArrayPosition { elements: 3, crc32: 7 })].into(),
                n_spikes: u64::MAX,
                rate_spikes: vec![1, 2],
                counts: Some((7, vec![0, 9])),
            },
        }
    }

    #[test]
    fn a_checkpoint_reads_back_and_none_is_none() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Checkpoint::read(folder.path()).unwrap(), None);
        checkpoint().write(folder.path()).unwrap();
        assert_eq!(Checkpoint::read(folder.path()).unwrap(), Some(checkpoint()));
        assert_eq!(checkpoint().step(), 64);
    }

    #[test]
    fn any_damage_is_told() {
        let folder = tempfile::tempdir().unwrap();
        checkpoint().write(folder.path()).unwrap();
        let path = folder.path().join(CHECKPOINT_FILE);
        let good = std::fs::read(&path).unwrap();
        for damaged in 0..good.len() {
            let mut bytes = good.clone();
            bytes[damaged] ^= 1;
            assert!(Checkpoint::parse(&bytes).is_err(), "byte {damaged}");
            assert!(Checkpoint::parse(&good[..damaged]).is_err(), "cut after {damaged}");
        }
        std::fs::write(&path, b"no").unwrap();
        assert!(Checkpoint::read(folder.path()).unwrap_err().to_string().contains("checkpoint.bin"));
    }
}
