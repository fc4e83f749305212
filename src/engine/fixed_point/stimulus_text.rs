//! Stimuli in words.

use super::{Stimulus, StimulusFile};
use std::fmt::{self, Display, Formatter};

impl Display for Stimulus {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (from_ms, to_ms) = self.window_ms();
        write!(f, "{} into `{}`", self.kind(), self.populations())?;
        match to_ms {
            Some(to_ms) if to_ms == from_ms => write!(f, " at {from_ms} ms")?,
            Some(to_ms) => write!(f, " from {from_ms} to {to_ms} ms")?,
            None => write!(f, " from {from_ms} ms on")?,
        }
        match self {
            Self::Spike { psp_mv, weight_pa, neurons, .. } => {
                strength(f, psp_mv.as_ref(), weight_pa.as_ref())?;
                neurons.map_or(Ok(()), |n| write!(f, ", the first {n} neurons"))
            }
            Self::Poisson { rate_hz, profile, psp_mv, weight_pa, .. } => {
                strength(f, psp_mv.as_ref(), weight_pa.as_ref())?;
                match (rate_hz, profile) {
                    (_, Some(file)) => write!(f, ", rates of {}", name(file)),
                    (Some(rate_hz), None) => write!(f, ", {rate_hz} spikes/s"),
                    (None, None) => Ok(()),
                }
            }
            Self::SpikeTrains { file, psp_mv, weight_pa, .. } => {
                strength(f, psp_mv.as_ref(), weight_pa.as_ref())?;
                write!(f, ", spikes of {}", name(file))
            }
            Self::Dc { amplitude_pa, .. } => write!(f, ": {amplitude_pa} pA"),
            Self::Ramp { from_pa, to_pa, .. } => write!(f, ": {from_pa} to {to_pa} pA"),
            Self::Sinus { amplitude_pa, frequency_hz, phase_deg, offset_pa, .. } => {
                write!(f, ": {offset_pa} ± {amplitude_pa} pA, {frequency_hz} Hz, {phase_deg}°")
            }
            Self::Pulses { amplitude_pa, period_ms, width_ms, .. } => {
                write!(f, ": {amplitude_pa} pA for {width_ms} ms every {period_ms} ms")
            }
        }
    }
}

/// What a spike does.
fn strength(f: &mut Formatter<'_>, psp_mv: Option<&f64>, weight_pa: Option<&f64>) -> fmt::Result {
    match (psp_mv, weight_pa) {
        (Some(psp_mv), _) => write!(f, ": {psp_mv} mV"),
        (None, Some(weight_pa)) => write!(f, ": {weight_pa} pA"),
        (None, None) => Ok(()),
    }
}

/// The first digits of what is in a file, or its path.
fn name(file: &StimulusFile) -> String {
    const DIGITS: usize = "sha256:".len() + 8;
    let identified = file.identified();
    let path = identified.path().display().to_string();
    if file.is_read() { path.chars().take(DIGITS).collect() } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stimuli_are_told_with_what_they_do() {
        for (json, told) in [
            (
                r#"{"spike": {"populations": "a", "time_ms": 5.0, "psp_mv": 1.5, "neurons": 3}}"#,
                "spike into `a` at 5 ms: 1.5 mV, the first 3 neurons",
            ),
            (
                r#"{"poisson": {"populations": "a", "rate_hz": 8.0, "weight_pa": 2.0, "to_ms": 9.0}}"#,
                "poisson into `a` from 0 to 9 ms: 2 pA, 8 spikes/s",
            ),
            (
                r#"{"poisson": {"populations": "a", "profile": "x.csv", "psp_mv": 2.0}}"#,
                "poisson into `a` from 0 ms on: 2 mV, rates of x.csv",
            ),
            (
                r#"{"sinus": {"populations": "a", "amplitude_pa": 2.0, "frequency_hz": 5.0, "from_ms": 3.0}}"#,
                "sinus into `a` from 3 ms on: 0 ± 2 pA, 5 Hz, 0°",
            ),
            (
                r#"{"pulses": {"populations": "a", "amplitude_pa": 2.0, "period_ms": 5.0, "width_ms": 1.0}}"#,
                "pulses into `a` from 0 ms on: 2 pA for 1 ms every 5 ms",
            ),
        ] {
            let stimulus: Stimulus = serde_json::from_str(json).unwrap();
            assert_eq!(stimulus.to_string(), told);
        }
    }
}
