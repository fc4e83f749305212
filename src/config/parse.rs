//! RON text → [`Config`], with the place of every key.

use super::origins::Origins;
use super::{Config, ConfigError, Origin, Problem, keys, remedy};
use crate::telling::MAX_TOLD;
use ron::Options;
use ron::error::{Error, Position, SpannedError};
use ron::extensions::Extensions;

/// A configuration as written.
#[derive(Debug)]
pub(super) struct Parsed {
    /// Its values; what the text leaves out has its default.
    pub config: Config,
    /// Where they were set.
    pub origins: Origins,
}

/// How configurations are read.
pub(super) fn options() -> Options {
    Options::default().with_default_extension(Extensions::IMPLICIT_SOME)
}

/// Parses the content of `file`.
pub(super) fn parse(text: &str, file: &str) -> Result<Parsed, ConfigError> {
    let origins = Origins::of(text, file);
    match options().from_str(text) {
        Ok(config) => Ok(Parsed { config, origins }),
        Err(_) if origins.are_of_sweep() => Err(Problem::Sweep { file: file.to_owned() }.into()),
        Err(error) => match unknown_keys(&origins) {
            unknown if is_unknown_key(&error) && !unknown.is_empty() => Err(ConfigError(unknown)),
            _ => Err(syntax(&error, text, file).into()),
        },
    }
}

fn is_unknown_key(error: &SpannedError) -> bool {
    matches!(error.code, Error::NoSuchStructField { .. })
}

/// The keys of the text that do not exist, without those inside of sections that do not exist.
fn unknown_keys(origins: &Origins) -> Vec<Problem> {
    let known = keys::all();
    let is_known = |key: &str| known.iter().any(|k| k == key);
    let unknown = origins.keys().filter(|(key, _)| {
        let section = key.rsplit_once('.').map(|(section, _)| section);
        !is_known(key) && section.is_none_or(|section| is_known(section) && !keys::is_list(section))
    });
    let problem = |(index, (key, origin)): (usize, (&str, &Origin))| Problem::UnknownKey {
        origin: origin.clone(),
        key: key.to_owned(),
        // Nobody is told of more.
        nearest: if index < MAX_TOLD { keys::nearest(key) } else { String::new() },
    };
    unknown.enumerate().map(problem).collect()
}

fn syntax(error: &SpannedError, text: &str, file: &str) -> Problem {
    let decimal = || decimal_comma(text, error.span.start).map(|number| remedy::decimal_point(&number));
    let shown = || "configs/downscaled.ron shows how each key is written".to_owned();
    let remedy = remedy::of_error(&error.code).or_else(decimal).unwrap_or_else(shown);
    let start = error.span.start;
    Problem::Syntax {
        file: file.to_owned(),
        line: start.line,
        column: start.col,
        reason: error.code.to_string(),
        remedy,
    }
}

/// The number with a point, if the place at which `text` is no RON is within one with a comma.
fn decimal_comma(text: &str, place: Position) -> Option<String> {
    let line = text.lines().nth(place.line.checked_sub(1)?)?;
    let at = line.char_indices().nth(place.col.checked_sub(1)?)?.0;
    let is_outside = |c: char| !(c.is_ascii_digit() || "+-,".contains(c));
    let start = line[..at].rfind(is_outside).map_or(0, |before| before + 1);
    let end = line[at..].find(is_outside).map_or(line.len(), |end| at + end);
    remedy::with_point(line.get(start..end)?.trim_end_matches(','))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        parse(text, "x.ron").unwrap_err().to_string()
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let parsed = parse("(weights: (chi: 2.5), engine: (threads: 2))", "x.ron").unwrap();
        assert_eq!(parsed.config.weights.chi, 2.5);
        assert_eq!(parsed.config.weights.psp_mv, 0.1);
        assert_eq!(parsed.config.engine.threads, Some(2));
    }

    #[test]
    fn all_unknown_keys_are_named_with_line_and_nearest() {
        let message = error("(\n  weights: (chii: 1.0),\n  simulaton: (seed: 1),\n  drive: (eta: 1.0),\n)");
        assert_eq!(
            message,
            "x.ron:2: unknown key `weights.chii`: the nearest known one is `weights.chi`\n\
             x.ron:3: unknown key `simulaton`: the nearest known one is `simulation`"
        );
    }

    #[test]
    fn a_sweep_is_told_from_a_configuration() {
        let message = error(include_str!("../../configs/sweeps/chi.ron"));
        assert_eq!(
            message,
            "x.ron is a sweep, which varies a configuration: make its runs with `humam-gpu sweep x.ron`"
        );
    }

    #[test]
    fn malformed_text_has_its_place() {
        let cases = [
            ("(\n  weights: (chi: abc),\n)", "x.ron:2:17: "),
            ("(\n  weights: (chi: \"abc\"),\n)", "x.ron:2:17: "),
            ("(\n  simulation: (seed: -3),\n)", "x.ron:2:23: "),
            ("(\n  simulation: (seed: 2.5),\n)", "x.ron:2:23: "),
            ("(\n  weights: (chi 1.0),\n)", "x.ron:2:16: "),
            ("(\n  weights: (chi: 1.0\n", "x.ron:2:21: "),
            ("", "x.ron:1:1: "),
        ];
        for (text, place) in cases {
            let error = error(text);
            assert!(error.starts_with(place), "{error}");
        }
    }

    #[test]
    fn an_unknown_value_names_the_nearest() {
        let message = error("(scaling: (method: liner))");
        assert!(message.ends_with("the nearest known value is `linear`"), "{message}");
    }

    #[test]
    fn an_unknown_key_of_a_list_s_item_has_its_place_and_nearest() {
        let message = error("(\n  stimuli: [dc(populations: \"*\", amplitud_pa: 1.0)],\n)");
        assert!(message.starts_with("x.ron:2:"), "{message}");
        assert!(message.ends_with("the nearest known key is `amplitude_pa`"), "{message}");
        let message = error("(\n  stimuli: [sine(populations: \"*\")],\n)");
        assert!(message.contains("the nearest known value is"), "{message}");
    }

    #[test]
    fn keys_of_a_list_s_items_are_not_taken_for_unknown_ones() {
        let message = error("(stimuli: [dc(populations: \"*\", amplitude_pa: 1.0)], weights: (chii: 1.0))");
        assert_eq!(message, "x.ron:1: unknown key `weights.chii`: the nearest known one is `weights.chi`");
    }

    #[test]
    fn a_section_that_is_written_in_part_has_the_defaults_of_its_place() {
        let text = "(neurons: (inhibitory: (v_th_mv: -50.0)), microcircuit: (neuron: (tau_m_ms: 9.0)))";
        let mut expected = Config::default();
        expected.neurons.inhibitory.v_th_mv = -50.0;
        expected.microcircuit.neuron.tau_m_ms = 9.0;
        assert_eq!(parse(text, "x.ron").unwrap().config, expected);
        let message = error("(neurons: (excitatory: (v_t_mv: -50.0)))");
        assert!(message.contains("unknown key `neurons.excitatory.v_t_mv`"), "{message}");
        let message = error("(neurons: (excitatory: (v_th_mv: high)))");
        assert!(message.starts_with("x.ron:1:33: Expected float"), "{message}");
    }

    #[test]
    fn a_decimal_comma_is_told() {
        let message = error("(\n  weights: (psp_mv: 0.1, chi: 2,5, g: -5.0),\n)");
        assert!(message.starts_with("x.ron:2:"), "{message}");
        assert!(message.ends_with("numbers have a decimal point: write 2.5"), "{message}");
    }
}
