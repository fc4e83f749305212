//! Analysis of a run → pictures.
//!
//! [`figures`] draws everything that a run has to show, each figure in a file of its own; [`write()`]
//! puts them into `figures/` of the run folder. A figure consists of marks ([`Picture`]), of which
//! [`svg`] and [`png`] make files, always the same ones from the same data. Words are set in a font
//! that is part of the program, so neither fonts nor a display are needed.
//!
//! The same pieces draw figures of one's own: a [`Picture`] with a [`heading`] and a [`Plot`] for each panel,
//! made into a file by [`png`] or [`svg`].
//!
//! What a model has nothing of is [`LeftOut`], with the reason; if a statistic is absent, the
//! figure says so in words.

mod activity;
mod axis;
mod bold;
mod box_plot;
pub mod colours;
mod comparison;
mod connections;
mod connectivity_panel;
mod distributions;
mod figure_data;
mod font;
mod functional_connectivity;
mod heat_map;
mod in_degrees;
mod journey;
mod latency_panel;
mod lfp;
mod neuron_numbers;
mod picture;
mod plot;
mod png;
mod population_rates;
mod potentials;
mod rasters;
mod responses;
mod spectra;
mod stimulus_windows;
mod svg;
mod sweep;
mod theory;
mod write;

pub use axis::{Axis, thousands};
pub use comparison::comparison;
pub use connections::{connections, mean_and_sd};
pub use figure_data::FiguresError;
pub use journey::{AreaReached, spike_journey};
pub use picture::{Anchor, DENSITY, Frame, Mark, Part, Picture, Point, Text};
pub use plot::{Plot, heading, legend, panel_title};
pub use png::{PictureError, png};
pub use svg::{escaped, part_svg, svg};
pub use sweep::{SweptAxis, SweptStatistic, sweep};
pub use write::{FOLDER, Format, NAMES, write, written};

use crate::analysis::Analysis;
use figure_data::FigureData;
use rayon::prelude::*;

/// Where what a figure shows comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataOrigin {
    /// Derived from published tables of anatomy.
    Derived,
    /// Predicted by mean-field theory.
    Predicted,
    /// Simulated.
    Simulated,
    /// Measured in humans.
    Measured,
}

impl DataOrigin {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Derived => "derived",
            Self::Predicted => "predicted",
            Self::Simulated => "simulated",
            Self::Measured => "measured",
        }
    }
}

/// A figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Its name, which its files have too.
    pub name: &'static str,
    /// Its title.
    pub title: String,
    /// What stands under the title.
    pub subtitle: String,
    /// What there is to see.
    pub caption: String,
    /// Where what it shows comes from.
    pub origins: Vec<DataOrigin>,
    /// The picture.
    pub picture: Picture,
}

/// A figure that does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name.
    pub name: &'static str,
    /// Why there is nothing to show.
    pub reason: String,
}

/// A figure as files.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// The figure.
    pub figure: Figure,
    /// It as an SVG document.
    pub svg: String,
    /// It as a PNG file.
    pub png: Vec<u8>,
    /// Its parts as SVG elements.
    pub parts: Vec<String>,
}

impl Rendered {
    /// Makes the files.
    ///
    /// # Errors
    /// A picture that cannot be drawn.
    pub fn new(figure: Figure) -> Result<Self, PictureError> {
        let (picture, title) = (&figure.picture, &figure.title);
        let parts =
            picture.parts.iter().map(|part| part_svg(picture, part, title)).collect::<Result<_, _>>()?;
        Ok(Self { svg: svg(picture, title)?, png: png(picture)?, parts, figure })
    }
}

/// A figure, or why there is none.
type Drawn = Result<Figure, LeftOut>;
/// A figure as files, or why there is none.
pub type Shown = Result<Rendered, LeftOut>;

/// How a figure is drawn.
type Draw = fn(&FigureData<'_>) -> Drawn;

/// In the order of the report.
const FIGURES: [Draw; NAMES.len()] = [
    neuron_numbers::draw,
    in_degrees::draw,
    theory::draw,
    activity::draw,
    population_rates::draw,
    rasters::draw,
    potentials::draw,
    responses::draw,
    distributions::draw,
    functional_connectivity::draw,
    functional_connectivity::draw_communities,
    spectra::draw,
    lfp::draw,
    bold::draw,
    bold::draw_correlation,
];

/// Draws all figures of a run.
///
/// # Errors
/// A configuration that does not lead to its network any more, as where its tables have gone; a picture that
/// cannot be drawn.
pub fn figures(analysis: &Analysis) -> Result<Vec<Shown>, FiguresError> {
    let data = FigureData::new(analysis)?;
    FIGURES.par_iter().with_max_len(1).map(|draw| shown(*draw, &data)).collect()
}

/// Draws the figure of that name, one of [`NAMES`]; `None` if there is none.
///
/// # Errors
/// As [`figures`].
pub fn figure(analysis: &Analysis, name: &str) -> Result<Option<Shown>, FiguresError> {
    let Some(at) = NAMES.iter().position(|known| *known == name) else { return Ok(None) };
    shown(FIGURES[at], &FigureData::new(analysis)?).map(Some)
}

fn shown(draw: Draw, data: &FigureData<'_>) -> Result<Shown, FiguresError> {
    match draw(data) {
        Ok(figure) => Ok(Ok(Rendered::new(figure)?)),
        Err(left_out) => Ok(Err(left_out)),
    }
}
