//! `completions` and `man`: what shells and manuals want to know of the command line.

use anyhow::{Context, Result};
use clap::{Args, Command};
use clap_complete::Shell;
use clap_mangen::Man;
use humam_gpu::disk::Place;
use humam_gpu::simulation::recording::write_whole;
use std::path::{Path, PathBuf};

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
pub struct ManArguments {
    /// Write a page for the program and one for each command into this folder
    #[arg(long, value_name = "FOLDER")]
    pub to: Option<PathBuf>,
}

/// `completions`.
pub fn completions(arguments: &CompletionsArguments, mut command: Command) -> Result<String> {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, name, &mut script);
    Ok(String::from_utf8(script)?)
}

/// `man`.
pub fn man(arguments: &ManArguments, program: Command) -> Result<String> {
    let mut program = program.disable_help_subcommand(true);
    program.build();
    match &arguments.to {
        Some(folder) => write_pages(program, folder),
        None => whole_manual(&program),
    }
}

/// A page for each command in a file of its own.
fn write_pages(program: Command, folder: &Path) -> Result<String> {
    Place::folder(folder).make_folders().with_context(|| {
        format!("cannot make the folder {}: choose another --to, or allow writing there", folder.display())
    })?;
    let commands: Vec<Command> = program.get_subcommands().cloned().collect();
    for command in std::iter::once(program).chain(commands) {
        let page = Man::new(command);
        let mut text = Vec::new();
        page.render(&mut text)?;
        write_whole(&folder.join(page.get_filename()), &text)?;
    }
    Ok(format!("manual directory: {}\n", folder.display()))
}

/// One page of the program with a section for each command.
fn whole_manual(program: &Command) -> Result<String> {
    let page = Man::new(program.clone());
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    page.render_options_section(&mut text)?;
    page.render_subcommands_section(&mut text)?;
    for command in program.get_subcommands() {
        text.extend(section(command)?.bytes());
    }
    page.render_extra_section(&mut text)?;
    page.render_version_section(&mut text)?;
    Ok(String::from_utf8(text)?)
}

/// A command's own page as a section of the program's: what is a section there is part of one here.
fn section(command: &Command) -> Result<String> {
    let page = Man::new(command.clone());
    let mut text = Vec::new();
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    page.render_options_section(&mut text)?;
    let parts = String::from_utf8(text)?.replace("\n.SH ", "\n.SS ");
    Ok(format!(".SH \"{}\"\n{parts}", command.get_name().to_uppercase()))
}
