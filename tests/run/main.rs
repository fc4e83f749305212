//! Runs and their folders: recorded, stopped, gone on with, found again, swept.

#[path = "../fixtures/mod.rs"]
mod fixtures;

mod bench;
mod changed_files;
mod checkpoints;
mod coarser_formats;
mod continued;
mod faults;
mod folders_of_others;
mod identity;
mod lesion;
mod own_networks;
mod recording_options;
mod run_folder;
mod stimulus_files;
mod sweep;
