//! What comes in from outside: commands, options, configurations, files.

#[path = "../fixtures/mod.rs"]
mod fixtures;

mod bad_input;
mod campaign;
mod commands;
mod configurations;
mod fuzz_configurations;
mod fuzz_files;
mod init;
mod manual_and_completions;
mod mutation;
mod texts_of_others;
