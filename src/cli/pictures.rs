//! Files of single pictures.

use super::arguments::file;
use anyhow::Result;
use humam_gpu::output::figures::{Figure, Rendered};
use humam_gpu::simulation::recording::write_whole;
use std::path::{Path, PathBuf};

/// A file that can be written later, of a picture.
pub fn picture(text: &str) -> Result<PathBuf, String> {
    let path = file(text)?;
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("png" | "svg") => Ok(path),
        _ => Err("must end in .png or .svg".to_owned()),
    }
}

/// Writes the figure in the format that the name of the file ends in.
pub fn write_picture(path: &Path, figure: Figure) -> Result<()> {
    let Rendered { svg, png, .. } = Rendered::new(figure)?;
    let is_svg = path.extension().is_some_and(|extension| extension == "svg");
    let content = if is_svg { svg.into_bytes() } else { png };
    Ok(write_whole(path, &content)?)
}
