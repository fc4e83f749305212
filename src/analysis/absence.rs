//! Why a statistic does not exist.

use thiserror::Error;

const MS_PER_S: f64 = 1000.0;

/// A statistic, or why there is none.
pub type Known<T> = Result<T, Absence>;

/// Why a statistic does not exist; its text is for people.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Absence {
    /// Nothing is left of the run after the start of statistics.
    #[error("the run ends at {duration_ms} ms and statistics start at {from_ms} ms")]
    NothingLeft {
        /// Start of statistics, ms.
        from_ms: f64,
        /// End of the run, ms.
        duration_ms: f64,
    },
    /// The run is too short.
    #[error("it needs {needed_ms} ms from {from_ms} ms on, and the run ends at {duration_ms} ms")]
    TooShort {
        /// Time that is needed, ms.
        needed_ms: f64,
        /// From when on, ms.
        from_ms: f64,
        /// End of the run, ms.
        duration_ms: f64,
    },
    /// Nothing is left of a signal after its transient.
    #[error(
        "the first {} s are the transient of the signal from rest, and the run ends at {} s",
        transient_ms / MS_PER_S, duration_ms / MS_PER_S
    )]
    Transient {
        /// How long it takes, ms.
        transient_ms: f64,
        /// End of the run, ms.
        duration_ms: f64,
    },
    /// Its spikes were not kept.
    #[error("spikes were not recorded")]
    NotRecorded,
    /// The means of no area's excitatory populations were kept.
    #[error(
        "of no area the mean currents of all excitatory populations were recorded: set recording.means to \
         (populations: \"*\")"
    )]
    NotAveraged,
    /// Currents of both signs were kept as one.
    #[error("excitatory and inhibitory currents were recorded as one: set neurons.separate_currents = true")]
    OneCurrent,
    /// A delay between two samples.
    #[error(
        "the samples of every {interval_ms} ms are not {delay_ms} ms apart: set recording.means.interval_ms to a part of \
         it, such as 1.0"
    )]
    SamplingInterval {
        /// Time between two samples, ms.
        interval_ms: f64,
        /// The delay, ms.
        delay_ms: f64,
    },
    /// Too little of the run lies before a stimulus.
    #[error(
        "a baseline takes {needed_ms} ms before the stimulus, which begins at {onset_ms} ms, or between its pulses"
    )]
    NoBaseline {
        /// Time that is needed, ms.
        needed_ms: f64,
        /// Start of the stimulus, ms.
        onset_ms: f64,
    },
    /// No bin after a stimulus differs from those before it.
    #[error("no bin of {within_ms} ms after the stimulus differs from those before it at α = {alpha}")]
    NoResponse {
        /// Time after the onset that was looked at, ms.
        within_ms: f64,
        /// Probability of a response that is none.
        alpha: f64,
    },
    /// Too few areas have both a latency and synapses from what is stimulated, or all have the same.
    #[error("fewer than three areas have a latency and synapses from what is stimulated")]
    TooFewLatencies,
    /// No neuron has enough spikes.
    #[error("no neuron has {min_spikes} spikes")]
    TooFewSpikes {
        /// Spikes that are needed.
        min_spikes: u32,
    },
    /// Fewer than two neurons have a count that changes over time.
    #[error("fewer than two neurons have a count that changes")]
    NoPair,
    /// Fewer than two areas have a signal that changes over time.
    #[error("fewer than two areas have a signal that changes")]
    NoPairOfAreas,
    /// Too few pairs of areas have both a simulated and a measured correlation that vary.
    #[error("fewer than three pairs of areas have a correlation")]
    TooFewPairsOfAreas,
    /// The area with which experiments are compared is not simulated.
    #[error("{area} is not simulated")]
    NotSimulated {
        /// Area.
        area: String,
    },
    /// There are no measurements of what is simulated.
    #[error("measurements are of the areas of the human model")]
    NotMeasured,
}
