//! Where a network of one's own is written: in a file, or in the configuration itself.

use ron::value::RawValue;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::path::PathBuf;

/// `network("FILE")`, or `network((populations: […], projections: […]))`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkSource {
    /// A file: as people write networks, or `network.ron` of a run folder.
    File(PathBuf),
    /// The text of such a file, in its place. Files of synapses that it names have absolute paths.
    Text(String),
}

impl NetworkSource {
    /// The network of a file's text as it is read in place, without blanks and comments before and after it; `None` if
    /// the text is no RON.
    pub fn trimmed(text: &str) -> Option<String> {
        // A comment needs the end of its line.
        let value: Box<RawValue> = ron::from_str(&format!("{text}\n")).ok()?;
        Some(value.trim_boxed().get_ron().to_owned())
    }
}

impl<'de> Deserialize<'de> for NetworkSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Box::<RawValue>::deserialize(deserializer)?.trim_boxed();
        let text = value.get_ron();
        if text.starts_with('(') {
            return Ok(Self::Text(text.to_owned()));
        }
        let file = ron::from_str(text);
        file.map(Self::File)
            .map_err(|_| D::Error::custom("expected a file in quotes, or a network in brackets"))
    }
}

impl Serialize for NetworkSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::File(path) => path.serialize(serializer),
            Self::Text(text) => RawValue::from_ron(text).map_err(S::Error::custom)?.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ModelKind;

    fn read(text: &str) -> Result<ModelKind, String> {
        ron::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_or_a_text_is_read_and_written_as_it_stands() {
        let text = "(populations: [(cell_type: \"E\", neurons: 5)], /* none */ projections: [])";
        for (written, source) in [
            ("network(\"a (b).ron\")".to_owned(), NetworkSource::File("a (b).ron".into())),
            (format!("network({text})"), NetworkSource::Text(text.to_owned())),
            (format!("network( // mine\n {text}\n)"), NetworkSource::Text(text.to_owned())),
        ] {
            let model = read(&written).unwrap();
            assert_eq!(model, ModelKind::Network(source), "{written}");
            let again = ron::to_string(&model).unwrap();
            assert_eq!(read(&again).unwrap(), model, "{again}");
        }
        for around in [text.to_owned(), format!("// a\n{text} // b"), format!("/* a */ {text}\r\n\n")] {
            assert_eq!(NetworkSource::trimmed(&around).as_deref(), Some(text), "{around}");
        }
        assert_eq!(NetworkSource::trimmed("(populations: ["), None);
        for wrong in ["network(5)", "network([])", "network((populations: [)", "network()"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
