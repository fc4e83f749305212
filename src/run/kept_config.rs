//! The configuration of a run in its folder, which needs no other file: a network of one's own stands in it, and copies
//! of the files of stimuli lie beside it.

use crate::config::{self, Config};
use crate::disk::Place;
use crate::engine::fixed_point::Stimulus;
use crate::model::{ModelKind, in_place, network_digest};
use crate::simulation::recording::{NetworkIdentity, RecordingError, write_whole};

/// Writes `config.ron` into the folder of a run on the network `identity`, and beside it what its stimuli have read.
///
/// # Errors
/// Files that cannot be written.
pub(super) fn write_config(
    folder: &Place,
    config: &Config,
    identity: &NetworkIdentity,
) -> Result<(), RecordingError> {
    let files =
        config.stimuli.iter().enumerate().filter_map(|(index, stimulus)| Some((index, stimulus.file()?.0)));
    for (index, file) in files.filter(|(_, file)| file.is_read()) {
        write_whole(folder.join(copy_of(index)), file.text().as_bytes())?;
    }
    write_whole(folder.join("config.ron"), config_text(config, identity).as_bytes())
}

/// The text of the configuration, with the network in it and stimuli from the copies beside it.
pub(super) fn config_text(config: &Config, identity: &NetworkIdentity) -> String {
    let mut config = config.clone();
    if let Some(model) = network_in_place(&config, identity) {
        config.model = model;
    }
    for (index, (file, _)) in config
        .stimuli
        .iter_mut()
        .map(Stimulus::file_mut)
        .enumerate()
        .filter_map(|(index, file)| Some((index, file?)))
    {
        file.set_path(copy_of(index).into());
    }
    config::to_ron(&config)
}

/// The text of a network of one's own; `None` if it needs files of synapses, or is not the one of `identity` any more.
fn network_in_place(config: &Config, identity: &NetworkIdentity) -> Option<ModelKind> {
    let ModelKind::Network(source) = &config.model else { return None };
    let text = in_place(source).ok()??;
    let digest = network_digest(&text).ok()?;
    (NetworkIdentity::new(&config.model_options(), &digest) == *identity).then_some(ModelKind::Network(text))
}

/// Name of the copy of what the stimulus of that number has read.
fn copy_of(index: usize) -> String {
    format!("stimulus_{index}.csv")
}
