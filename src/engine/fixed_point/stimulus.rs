//! Options of stimuli: input from outside the network, in chosen populations at chosen times.

use super::{StimulusColumn, StimulusFile, StimulusFileError};
use crate::model::network::PopulationSelector;
use serde::{Deserialize, Serialize};

/// Input from outside that is no part of the network.
///
/// Step n leads from (n − 1) dt to n dt. What arrives at a time t changes the current at the end of the
/// step that ends at t, and the potential from the next step on, as a spike through a synapse does. A
/// window from `from_ms` to `to_ms` holds the steps that lead from one to the other: a DC acts on the
/// potential in each of them, spikes arrive at the end of each of them. Times are whole steps.
///
/// A current is constant in a step and has the value of the time at which the step starts. That is what NEST's
/// `dc_generator`, `step_current_generator` and `ac_generator` do where the delay of their connections is one step;
/// with a longer one theirs come so much later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Stimulus {
    /// One spike that arrives at each of some neurons: a perturbation.
    Spike {
        /// Populations that receive it.
        populations: PopulationSelector,
        /// When it arrives, ms.
        time_ms: f64,
        /// Peak postsynaptic potential of a neuron with its population's mean parameters, mV; or give
        /// `weight_pa`.
        #[serde(default)]
        psp_mv: Option<f64>,
        /// Postsynaptic current, pA.
        #[serde(default)]
        weight_pa: Option<f64>,
        /// The first so many neurons of each population; `None` takes all.
        #[serde(default)]
        neurons: Option<u32>,
    },
    /// A Poisson spike train for each neuron, independent of all others.
    Poisson {
        /// Populations that receive it.
        populations: PopulationSelector,
        /// Rate of each train, 1/s; or give `profile`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rate_hz: Option<f64>,
        /// CSV file with the columns `time_ms,rate_hz`: each line's rate holds from its time until that of the next line,
        /// the last one's until the end; before the first there are no spikes. Lines ascend.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        profile: Option<StimulusFile>,
        /// Peak postsynaptic potential of a neuron with its population's mean parameters, mV; or give
        /// `weight_pa`.
        #[serde(default)]
        psp_mv: Option<f64>,
        /// Postsynaptic current, pA.
        #[serde(default)]
        weight_pa: Option<f64>,
        /// Start of the window, ms.
        #[serde(default)]
        from_ms: f64,
        /// End of the window, ms; `None` is the end of the run.
        #[serde(default)]
        to_ms: Option<f64>,
    },
    /// Spikes at given times, the same for the neuron of a number in each population.
    SpikeTrains {
        /// Populations that receive them.
        populations: PopulationSelector,
        /// CSV file with the columns `time_ms,neuron`, a line a spike, in any order. Neurons are numbered within their
        /// population, from 0. What comes after the end of the run waits for a longer one.
        file: StimulusFile,
        /// Peak postsynaptic potential of a neuron with its population's mean parameters, mV; or give
        /// `weight_pa`.
        #[serde(default)]
        psp_mv: Option<f64>,
        /// Postsynaptic current, pA.
        #[serde(default)]
        weight_pa: Option<f64>,
    },
    /// A constant current, on top of what the network has: a step up at the start of its window, and down at its end.
    Dc {
        /// Populations that receive it.
        populations: PopulationSelector,
        /// The current, pA.
        amplitude_pa: f64,
        /// Start of the window, ms.
        #[serde(default)]
        from_ms: f64,
        /// End of the window, ms; `None` is the end of the run.
        #[serde(default)]
        to_ms: Option<f64>,
    },
    /// A current that goes from one value to another in a straight line, and then ends.
    Ramp {
        /// Populations that receive it.
        populations: PopulationSelector,
        /// The current in the first step of the window, pA.
        from_pa: f64,
        /// The current that the line would reach at the end of the window, pA.
        to_pa: f64,
        /// Start of the window, ms.
        #[serde(default)]
        from_ms: f64,
        /// End of the window, ms.
        to_ms: f64,
    },
    /// A current of `offset_pa` + `amplitude_pa` · sin(2π `frequency_hz` t + `phase_deg`), with t from the start of the
    /// run, whenever the window starts: NEST's `ac_generator`.
    Sinus {
        /// Populations that receive it.
        populations: PopulationSelector,
        /// Amplitude, pA.
        amplitude_pa: f64,
        /// Frequency, 1/s.
        frequency_hz: f64,
        /// Phase at the start of the run, degrees.
        #[serde(default)]
        phase_deg: f64,
        /// Mean current, pA.
        #[serde(default)]
        offset_pa: f64,
        /// Start of the window, ms.
        #[serde(default)]
        from_ms: f64,
        /// End of the window, ms; `None` is the end of the run.
        #[serde(default)]
        to_ms: Option<f64>,
    },
    /// Rectangular pulses of current, the first of which begins with the window.
    Pulses {
        /// Populations that receive it.
        populations: PopulationSelector,
        /// The current of a pulse, pA.
        amplitude_pa: f64,
        /// From the start of one pulse to that of the next, ms.
        period_ms: f64,
        /// Length of a pulse, ms.
        width_ms: f64,
        /// Start of the window, ms.
        #[serde(default)]
        from_ms: f64,
        /// End of the window, which cuts a pulse off, ms; `None` is the end of the run.
        #[serde(default)]
        to_ms: Option<f64>,
    },
}

impl Stimulus {
    /// Populations that receive it.
    pub fn populations(&self) -> &PopulationSelector {
        match self {
            Self::Spike { populations, .. }
            | Self::Poisson { populations, .. }
            | Self::SpikeTrains { populations, .. }
            | Self::Dc { populations, .. }
            | Self::Ramp { populations, .. }
            | Self::Sinus { populations, .. }
            | Self::Pulses { populations, .. } => populations,
        }
    }

    /// Start and end of its window, ms; `None` is the end of the run. That of a spike has no length, and that of spike
    /// trains goes from their first spike to their last.
    pub fn window_ms(&self) -> (f64, Option<f64>) {
        match *self {
            Self::Spike { time_ms, .. } => (time_ms, Some(time_ms)),
            Self::SpikeTrains { ref file, .. } => {
                let times_ms = || file.rows().iter().map(|row| row.time_ms);
                let first_ms = times_ms().fold(f64::INFINITY, f64::min);
                if first_ms.is_finite() {
                    (first_ms, Some(times_ms().fold(first_ms, f64::max)))
                } else {
                    (0.0, None)
                }
            }
            Self::Ramp { from_ms, to_ms, .. } => (from_ms, Some(to_ms)),
            Self::Poisson { from_ms, to_ms, .. }
            | Self::Dc { from_ms, to_ms, .. }
            | Self::Sinus { from_ms, to_ms, .. }
            | Self::Pulses { from_ms, to_ms, .. } => (from_ms, to_ms),
        }
    }

    /// Whether it has an effect on the state at `end_ms`.
    pub fn acts_up_to(&self, end_ms: f64) -> bool {
        match self {
            Self::Spike { .. } | Self::SpikeTrains { .. } => self.window_ms().0 <= end_ms,
            _ => self.window_ms().0 < end_ms,
        }
    }

    /// Its file, and what that holds beside times.
    pub fn file(&self) -> Option<(&StimulusFile, StimulusColumn)> {
        match self {
            Self::Poisson { profile: Some(file), .. } => Some((file, StimulusColumn::Rates)),
            Self::SpikeTrains { file, .. } => Some((file, StimulusColumn::Neurons)),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn file_mut(&mut self) -> Option<(&mut StimulusFile, StimulusColumn)> {
        match self {
            Self::Poisson { profile: Some(file), .. } => Some((file, StimulusColumn::Rates)),
            Self::SpikeTrains { file, .. } => Some((file, StimulusColumn::Neurons)),
            _ => None,
        }
    }

    /// Reads its file, if it has one.
    ///
    /// # Errors
    /// [`StimulusFileError`]
    pub fn read_file(&mut self) -> Result<(), StimulusFileError> {
        self.file_mut().map_or(Ok(()), |(file, column)| file.read(column))
    }

    /// The same with what is in its file in place of the path: what runs are named by.
    #[must_use]
    pub fn identified(&self) -> Self {
        let mut identified = self.clone();
        if let Some((file, _)) = identified.file_mut() {
            *file = file.identified();
        }
        identified
    }

    /// Key of its file, where it is number `index` of the list.
    pub fn file_key(&self, index: usize) -> String {
        let key = if matches!(self, Self::SpikeTrains { .. }) { "file" } else { "profile" };
        format!("{}.{key}", self.name(index))
    }

    /// Its kind, as configurations have it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Spike { .. } => "spike",
            Self::Poisson { .. } => "poisson",
            Self::SpikeTrains { .. } => "spike_trains",
            Self::Dc { .. } => "dc",
            Self::Ramp { .. } => "ramp",
            Self::Sinus { .. } => "sinus",
            Self::Pulses { .. } => "pulses",
        }
    }

    /// Its name in messages, where it is number `index` of the list.
    pub fn name(&self, index: usize) -> String {
        format!("stimuli[{index}].{}", self.kind())
    }
}
