//! The configuration of a run in its folder, with copies of the files of stimuli beside it.

use crate::config::{self, Config};
use crate::disk::Place;
use crate::engine::fixed_point::Stimulus;
use crate::simulation::recording::{RecordingError, write_whole};

/// Writes `config.ron` into the folder of a run, and beside it what its stimuli have read.
///
/// # Errors
/// Files that cannot be written.
pub(super) fn write_config(folder: &Place, config: &Config) -> Result<(), RecordingError> {
    let files =
        config.stimuli.iter().enumerate().filter_map(|(index, stimulus)| Some((index, stimulus.file()?.0)));
    for (index, file) in files.filter(|(_, file)| file.is_read()) {
        write_whole(folder.join(copy_of(index)), file.text().as_bytes())?;
    }
    write_whole(folder.join("config.ron"), config_text(config).as_bytes())
}

/// The text of the configuration, in which stimuli have the copies beside it.
pub(super) fn config_text(config: &Config) -> String {
    let mut config = config.clone();
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

/// Name of the copy of what the stimulus of that number has read.
fn copy_of(index: usize) -> String {
    format!("stimulus_{index}.csv")
}
