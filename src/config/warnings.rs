//! What runs, and is most likely not meant.

use super::{Config, Implausible};
use crate::engine::fixed_point::Stimulus;
use crate::model::network::{NetworkSpec, PopulationSelector};
use std::fmt;

/// Something that runs and is most likely not meant; its text is for people.
#[derive(Debug, Clone, PartialEq)]
pub enum Warning {
    /// A value that is most likely in another unit.
    Value(Implausible),
    /// Populations are chosen that have no neurons, as where scaling has left none.
    NoNeurons {
        /// What chooses them, such as `stimuli[0].dc`.
        chosen_by: String,
        /// How many of them have none.
        empty: usize,
        /// How many are chosen.
        chosen: usize,
        /// One of those without.
        example: String,
    },
    /// More neurons of each population are asked for than some have.
    FewerNeurons {
        /// What asks for them.
        chosen_by: String,
        /// Number of neurons asked for.
        asked: u32,
        /// How many populations have fewer, but some.
        smaller: usize,
        /// The smallest one.
        example: String,
        /// Its neurons.
        neurons: u32,
    },
    /// Spikes of a file come after the end of the run.
    AfterTheEnd {
        /// The stimulus.
        stimulus: String,
        /// How many.
        spikes: usize,
        /// How many there are.
        of: usize,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(implausible) => implausible.fmt(f),
            Self::NoNeurons { chosen_by, empty, chosen, example } => {
                match empty == chosen {
                    true => write!(f, "{chosen_by} does nothing: it chooses populations without neurons")?,
                    false => write!(
                        f,
                        "{chosen_by} does nothing in {empty} of its {chosen} populations, which have no neurons"
                    )?,
                }
                write!(f, ", such as `{example}`: raise scaling.n_scaling, or choose others")
            }
            Self::FewerNeurons { chosen_by, asked, smaller, example, neurons } => write!(
                f,
                "{chosen_by} asks for {asked} neurons and takes all there are in {smaller} populations that have \
                 fewer, such as `{example}` with {neurons}"
            ),
            Self::AfterTheEnd { stimulus, spikes, of } => write!(
                f,
                "{spikes} of {of} spikes of {stimulus} come after the end of the run: raise simulation.duration_ms"
            ),
        }
    }
}

/// What is most likely not meant in a run of `config` on `network`, the one that is simulated.
pub fn warnings(config: &Config, network: &NetworkSpec) -> Vec<Warning> {
    let values = config.implausible_values().into_iter().map(Warning::Value);
    let choices = choices(config);
    let choices = choices.iter().flat_map(|choice| choice.warnings(network));
    values.chain(choices).chain(spikes_after_the_end(config)).collect()
}

fn spikes_after_the_end(config: &Config) -> impl Iterator<Item = Warning> {
    let end_ms = config.simulation.duration_ms + 0.5 * config.simulation.dt_ms;
    config.stimuli.iter().enumerate().filter_map(move |(index, stimulus)| {
        let Stimulus::SpikeTrains { file, .. } = stimulus else { return None };
        let spikes = file.rows().iter().filter(|row| row.time_ms > end_ms).count();
        let of = file.rows().len();
        (spikes > 0).then(|| Warning::AfterTheEnd { stimulus: stimulus.name(index), spikes, of })
    })
}

/// A key that chooses populations, or so many neurons of each of them.
struct Choice<'a> {
    key: String,
    populations: &'a PopulationSelector,
    neurons: Option<u32>,
}

fn choices(config: &Config) -> Vec<Choice<'_>> {
    let numbered = |list: &str, index: usize| format!("{list}[{index}]");
    let dc = config.drive.dc.iter().enumerate().map(|(index, dc)| Choice {
        key: numbered("drive.dc", index),
        populations: &dc.populations,
        neurons: None,
    });
    let stimuli = config.stimuli.iter().enumerate().map(|(index, stimulus)| Choice {
        key: stimulus.name(index),
        populations: stimulus.populations(),
        neurons: match stimulus {
            Stimulus::Spike { neurons, .. } => *neurons,
            _ => None,
        },
    });
    let recorded = config.recording.populations.iter().flatten().enumerate();
    let recorded = recorded.map(|(index, populations)| Choice {
        key: numbered("recording.populations", index),
        populations,
        neurons: None,
    });
    let voltmeters = config.recording.voltmeter.iter().enumerate().map(|(index, voltmeter)| Choice {
        key: numbered("recording.voltmeter", index),
        populations: &voltmeter.populations,
        neurons: voltmeter.neurons,
    });
    let means = config.recording.means.iter().map(|means| Choice {
        key: "recording.means".to_owned(),
        populations: &means.populations,
        neurons: None,
    });
    let manipulations = config.manipulations.iter().enumerate().flat_map(|(index, manipulation)| {
        let name = manipulation.name(index);
        let selectors = manipulation.selectors().into_iter();
        selectors.map(move |(key, populations)| Choice {
            key: format!("{name}.{key}"),
            populations,
            neurons: None,
        })
    });
    let overrides = config.neurons.overrides.iter().enumerate().map(|(index, change)| Choice {
        key: numbered("neurons.overrides", index),
        populations: &change.populations,
        neurons: None,
    });
    dc.chain(overrides)
        .chain(manipulations)
        .chain(stimuli)
        .chain(recorded)
        .chain(voltmeters)
        .chain(means)
        .collect()
}

impl Choice<'_> {
    fn warnings(&self, network: &NetworkSpec) -> impl Iterator<Item = Warning> {
        // A selector that chooses nothing is an error elsewhere.
        let chosen = network.chosen(self.populations);
        let chosen: Vec<_> = chosen.into_iter().map(|index| &network.populations[index]).collect();
        let empty: Vec<_> = chosen.iter().filter(|population| population.neurons == 0).collect();
        let no_neurons = empty.first().map(|first| Warning::NoNeurons {
            chosen_by: self.key.clone(),
            empty: empty.len(),
            chosen: chosen.len(),
            example: first.name(),
        });
        let asked = self.neurons.unwrap_or(0);
        let smaller = || chosen.iter().filter(|p| p.neurons > 0 && p.neurons < asked);
        let fewer =
            smaller().min_by_key(|population| population.neurons).map(|smallest| Warning::FewerNeurons {
                chosen_by: self.key.clone(),
                asked,
                smaller: smaller().count(),
                example: smallest.name(),
                neurons: smallest.neurons,
            });
        no_neurons.into_iter().chain(fewer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::network::{LifParameters, Population};

    /// Warnings of the default configuration with these stimuli, recordings and the like, on a network with
    /// populations of 0, 3 and 20 neurons.
    fn told(text: &str) -> Vec<String> {
        let names = [("a V E", 0), ("a V I", 3), ("b V E", 20)];
        let populations = names.map(|(name, n)| Population::new(name, n, LifParameters::default()));
        let network = NetworkSpec::new(populations.to_vec(), Vec::new());
        let layout = ron::Options::default();
        let layout = layout.with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME);
        let config: Config = layout.from_str(text).unwrap();
        warnings(&config, &network).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_chooses_populations_without_neurons_is_told() {
        let found = told(
            r#"(stimuli: [dc(populations: "b", amplitude_pa: 5.0), dc(populations: "a V E", amplitude_pa: 5.0)])"#,
        );
        assert_eq!(
            found,
            ["stimuli[1].dc does nothing: it chooses populations without neurons, such as `a V E`: raise \
              scaling.n_scaling, or choose others"]
        );
        let found = told(r#"(stimuli: [poisson(populations: "*", rate_hz: 5.0, psp_mv: 1.0)])"#);
        assert_eq!(
            found,
            [
                "stimuli[0].poisson does nothing in 1 of its 3 populations, which have no neurons, such as `a V E`: \
              raise scaling.n_scaling, or choose others"
            ]
        );
        for (text, key) in [
            (r#"(drive: (dc: [(populations: "a V E", amplitude_pa: 5.0)]))"#, "drive.dc[0]"),
            (r#"(recording: (populations: ["b", "a V E"]))"#, "recording.populations[1]"),
            (
                r#"(recording: (voltmeter: [(populations: "a V E", neurons: 1, interval_ms: 1.0)]))"#,
                "recording.voltmeter[0]",
            ),
        ] {
            let found = told(text);
            assert!(found.len() == 1 && found[0].starts_with(&format!("{key} does nothing: ")), "{found:?}");
        }
        assert_eq!(told(r#"(stimuli: [dc(populations: "a V I", amplitude_pa: 5.0)])"#), [""; 0]);
    }

    #[test]
    fn more_neurons_than_there_are_are_told() {
        let spike = |n| {
            told(&format!(
                r#"(stimuli: [spike(populations: "* V", time_ms: 1.0, psp_mv: 1.0, neurons: {n})])"#
            ))
        };
        let found = spike(10);
        assert!(found[1].ends_with("in 1 populations that have fewer, such as `a V I` with 3"), "{found:?}");
        assert_eq!(spike(3).len(), 1);
    }
}
